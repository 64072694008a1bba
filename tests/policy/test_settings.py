"""What a client may be told, and what it refuses before anything is sent."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from cloudspot import ConfigurationError, Timeout
from cloudspot.secret import Secret
from cloudspot.settings import (
    ERP_URL,
    TEST_URL,
    Settings,
    checked_proxy,
    is_loopback,
    make_settings,
    origin,
    proxy_from,
)


def settings(token: str | None = "tok", environ: dict[str, str] | None = None, **options: Any) -> Settings:
    return make_settings(token, options, environ or {})  # type: ignore[arg-type]


def test_what_nobody_says() -> None:
    made = settings()
    assert made.base_url == ERP_URL == "https://erp.cloudspot.be/api/v1"
    assert made.timeout == Timeout(connect=5, read=60, total=None)
    assert made.retries == 2
    assert made.headers == {}


def test_the_environment() -> None:
    environ = {"CLOUDSPOT_TOKEN": "env-token", "CLOUDSPOT_BASE_URL": "https://erp.example/api/v2/"}
    made = settings(None, environ)
    assert (made.token, made.base_url) == ("env-token", "https://erp.example/api/v2")
    made = settings("own", environ, base_url="https://other.example")
    assert (made.token, made.base_url) == ("own", "https://other.example")
    assert settings(None, environ, test_mode=True).base_url == TEST_URL == "http://localhost:8000/api/v1"
    assert settings("own", {"CLOUDSPOT_BASE_URL": ""}).base_url == ERP_URL
    with pytest.raises(ConfigurationError):
        settings("", environ)


@pytest.mark.parametrize("token", ["abc\n", "\tabc", " abc ", "abc\r\n"])
def test_a_token_from_a_file_has_a_line_break(token: str) -> None:
    assert settings(token).token == "abc"
    assert settings(None, {"CLOUDSPOT_TOKEN": token}).token == "abc"


@pytest.mark.parametrize(
    "token", [None, "", " ", "\n", "a\nb", "a\r\nX-Evil: 1", "a b", "a\x00b", "tok€n", "a\tb", "\u200babc"]
)
def test_no_token(token: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(token)
    assert isinstance(caught.value, ValueError)
    assert not token or not token.strip() or token not in f"{caught.value!s}{caught.value!r}"


def test_a_token_is_not_shown() -> None:
    made = settings("tok-123")
    assert "tok-123" not in repr(made)
    assert repr(Secret("tok-123")) == "[redacted]"
    assert "tok-123" not in repr({"a": [Secret("tok-123")]})
    assert Secret("tok-123") == "tok-123"
    assert repr(pickle.loads(pickle.dumps(Secret("tok-123")))) == "[redacted]"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://erp.example/api/v1/", "https://erp.example/api/v1"), ("https://erp.example", "https://erp.example"),
        ("HTTPS://ERP.example:8443//", "HTTPS://ERP.example:8443"), ("http://localhost:8000/api", "http://localhost:8000/api"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"), ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("http://127.9.9.9/x", "http://127.9.9.9/x"), (" https://erp.example/api\n", "https://erp.example/api"),
    ],
)  # fmt: skip
def test_base_urls(url: str, kept: str) -> None:
    assert settings(base_url=url).base_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "erp.example", "ftp://erp.example", "//erp.example", "https://", "https:///x", "https://erp.example:0",
        "https://erp.example:99999", "https://[::1", "https://user:pw@erp.example", "https://user@erp.example",
        "https://erp.example/?a=1", "https://erp.example/#x", "http://erp.example", "http://localhost.evil.example",
        "http://127.0.0.1.evil.example", "http://0x7f000001", "http://10.0.0.1", "https://erp.example/a b",
        "https://erp.exa\nmple/", "file:///etc/passwd", "https://erp.example/a\x00b",
    ],
)  # fmt: skip
def test_no_base_urls(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(base_url=url)
    assert "pw" not in str(caught.value)


def test_plain_http_when_asked_for() -> None:
    assert settings(base_url="http://erp.example", allow_http=True).base_url == "http://erp.example"


def test_contradictions() -> None:
    with pytest.raises(ConfigurationError, match="Both test_mode and base_url"):
        settings(base_url="https://erp.example", test_mode=True)
    with pytest.raises(TypeError, match="unknown option: retrys"):
        settings(retrys=3)
    for retries in (-1, "3", 1.5, True, None):
        with pytest.raises(ConfigurationError, match="retries"):
            settings(retries=retries)
    assert settings(retries=0).retries == 0


def test_timeouts() -> None:
    assert settings(timeout=3).timeout == Timeout(connect=3, read=3, total=None)
    assert settings(timeout=None).timeout == Timeout(None, None, None)
    assert settings(timeout=Timeout(total=9)).timeout == Timeout(5, 60, 9)
    bad: list[Any] = [0, -1, "3", float("nan"), float("inf"), 1e30, True, Timeout(total=0), Timeout(read=-1)]
    for timeout in bad:
        with pytest.raises(ConfigurationError, match="timeout"):
            settings(timeout=timeout)


def test_no_wait_is_longer_than_what_is_left() -> None:
    inf = float("inf")
    assert Timeout(5, 60).within(inf) == Timeout(5, 60, None)
    assert Timeout(5, 60, 100).within(7) == Timeout(5, 7, 7)
    assert Timeout(None, None).within(inf) == Timeout(None, None, None)
    assert Timeout(None, None, 8).within(8) == Timeout(8, 8, 8)


def test_headers() -> None:
    assert settings(headers={"X-Shop": "a b é"}).headers == {"X-Shop": "a b é"}
    assert settings(headers={"user-agent": "mine"}).headers == {"User-Agent": "mine"}
    for name, value in [
        ("X\n", "a"),
        ("", "a"),
        ("X Y", "a"),
        ("X", "a\r\nY: b"),
        ("X", "€"),
        ("X:", "a"),
        ("X", "a\x00"),
    ]:
        with pytest.raises(ConfigurationError, match="character"):
            settings(headers={name: value})
    for name in ("X-ERP-TOKEN", "x-erp-token", "X-Request-Id", "content-length", "Accept-Encoding"):
        with pytest.raises(ConfigurationError, match="client's own"):
            settings(headers={name: "a"})


def test_loopback() -> None:
    assert all(map(is_loopback, ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"]))
    assert not any(
        map(is_loopback, ["", "0.0.0.0", "localhost.", "127.0.0.1.x", "128.0.0.1", "10.0.0.1", "erp.example"])
    )


def test_origin() -> None:
    assert origin("https://ERP.example/x") == ("https", "erp.example", 443) == origin("https://erp.example:443")
    assert origin("http://erp.example") == ("http", "erp.example", 80)
    assert origin("http://user@erp.example:81") == ("http", "erp.example", 81)


def test_proxies_of_the_environment() -> None:
    def never(host: str) -> bool:
        return False

    proxies = {"https": "http://p:1", "all": "http://q:2"}
    assert proxy_from(proxies, "https://erp.example", bypass=never) == "http://p:1"
    assert proxy_from(proxies, "http://erp.example", bypass=never) == "http://q:2"
    assert proxy_from({}, "https://erp.example", bypass=never) is None
    assert proxy_from(proxies, "http://127.0.0.1:80", bypass=never) is None
    assert proxy_from(proxies, "http://localhost:80", bypass=never) is None
    assert proxy_from(proxies, "https://erp.example", bypass=lambda host: host == "erp.example:443") is None


def test_proxies() -> None:
    assert checked_proxy(None) is None
    assert checked_proxy("") is None
    assert checked_proxy("proxy.example:3128") == "http://proxy.example:3128"
    assert checked_proxy("https://u:p@proxy.example") == "https://u:p@proxy.example"
    for proxy in ("socks5://u:geheim@proxy.example", "http://", "http://[::1", "http://proxy:99999"):
        with pytest.raises(ConfigurationError) as caught:
            checked_proxy(proxy)
        assert "geheim" not in str(caught.value)
