"""Requests, redirects, repeats and what an answer means: all without I/O."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any

import pytest

from cloudspot import (
    CloudspotError,
    ConfigurationError,
    DocumentCutOff,
    InvalidDocument,
    NotAuthorised,
    NotFound,
    NotTrusted,
    RateLimited,
    RequestRefused,
    ServerTrouble,
    TimedOut,
    Unreachable,
    policy,
)
from cloudspot.errors import Where
from cloudspot.policy import Reply, Request
from cloudspot.settings import make_settings

TOKEN = "tok-3f9c1e77aa5b4d"
SETTINGS = make_settings(TOKEN, {"base_url": "https://erp.example/api/v1", "headers": {"X-Shop": "1"}}, {})


def request(path: str = "/artikels/", query: str = "") -> Request:
    return policy.make_request(SETTINGS, path, query, request_id="abc")


def test_a_request() -> None:
    made = request(query="id=125")
    assert made.method == "GET"
    assert made.url == "https://erp.example/api/v1/artikels/?id=125"
    assert made.path == "/artikels/?id=125"
    assert made.headers["X-ERP-TOKEN"] == TOKEN
    assert made.headers["X-Request-ID"] == "abc"
    assert made.headers["Content-Type"] == "application/json"
    assert made.headers["X-Shop"] == "1"
    assert "If-None-Match" not in made.headers
    assert TOKEN not in made.url
    assert TOKEN not in repr(made)
    tagged = policy.make_request(SETTINGS, "/x/", request_id="abc", etag='W/"1"')
    assert tagged.headers["If-None-Match"] == 'W/"1"'


def test_only_what_can_be_unpacked_is_asked_for() -> None:
    asked = {word.strip() for word in request().headers["Accept-Encoding"].split(",")}
    assert {"gzip", "deflate"} <= asked <= {"gzip", "deflate", "br", "zstd"}
    for encoding in ("", "identity", "gzip", "GZIP", " br "):
        policy.check_encoding(Reply(200, {"content-encoding": encoding}))
    policy.check_encoding(Reply(200, {}))
    for encoding in ("compress", "gzip, br", "x", "sdch", "a" * 1000):
        with pytest.raises(ServerTrouble, match="not asked for") as caught:
            policy.check_encoding(Reply(200, {"content-encoding": encoding}), Where(status=200))
        assert caught.value.status == 200
        assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/api/v1/artikels/", "https://erp.example/api/v1/artikels/"), ("?page=2", "https://erp.example/api/v1/artikels?page=2"),
        ("https://erp.example/x", "https://erp.example/x"), ("https://ERP.example:443/x", "https://ERP.example:443/x"),
        ("//erp.example/x", "https://erp.example/x"), ("../v2/artikels/", "https://erp.example/api/v2/artikels/"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_within_the_server(location: str, url: str, status: int) -> None:
    further = policy.redirected(request("/artikels"), Reply(status, {"location": location}))
    assert further is not None
    assert further.url == url
    assert further.path == "/artikels"


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/api/v1/", "http://erp.example/api/v1/", "https://erp.example:444/", "//evil.example/",
        "https://erp.example.evil.example/", "https://erp.example@evil.example/", "ftp://erp.example/", "javascript:x",
        "https://[::1", "https://erp.example:x/", "https://erp.example:99999/", "\\\\evil.example/",
        "https://evil.example\\@erp.example/", "https://user:pw@erp.example/x", "/a b", "/a\\b",
    ],
)  # fmt: skip
def test_no_redirects_elsewhere(location: str) -> None:
    with pytest.raises(RequestRefused, match="does not get the token") as caught:
        policy.redirected(request(), Reply(302, {"location": location}))
    assert caught.value.status == 302
    assert "evil" not in str(caught.value)


def test_no_redirects() -> None:
    assert policy.redirected(request(), Reply(302, {})) is None
    assert policy.redirected(request(), Reply(200, {"location": "https://evil.example"})) is None
    assert policy.redirected(request(), Reply(304, {"location": "/x"})) is None


@pytest.mark.parametrize(
    ("error", "repeated"),
    [
        (Unreachable("x"), True), (TimedOut("x"), True), (NotTrusted("x"), False), (DocumentCutOff("x"), True),
        (InvalidDocument("x"), False), (ConfigurationError("x"), False),
        (RateLimited("x", where=Where(status=429)), True),
        *((ServerTrouble("x", where=Where(status=status)), True) for status in (502, 503, 504)),
        *((ServerTrouble("x", where=Where(status=status)), False) for status in (500, 501, 505, 200)),
        *((RequestRefused("x", where=Where(status=status)), False) for status in (400, 401, 404, 405, 302)),
    ],
)  # fmt: skip
def test_what_is_repeated(error: CloudspotError, repeated: bool) -> None:
    assert (policy.pause(error, 1, 2, 0.5) is not None) is repeated
    assert policy.pause(error, 3, 2, 0.5) is None
    assert policy.pause(error, 1, 0, 0.5) is None


def test_pauses_grow() -> None:
    pauses = [policy.pause(Unreachable("x"), attempt, 99, 1.0) for attempt in range(1, 8)]
    assert pauses == [0.5, 1, 2, 4, 8, 8, 8]
    assert policy.pause(Unreachable("x"), 1, 2, 0.0) == 0
    assert policy.pause(Unreachable("x"), 5000, 9999, 0.5) == 4


@pytest.mark.parametrize(("asked", "pause"), [(0.0, 0.0), (7.0, 7.0), (120.0, 120.0), (120.5, None), (1e9, None)])
def test_a_pause_that_is_asked_for(asked: float, pause: float | None) -> None:
    for error in (
        RateLimited("x", where=Where(status=429), retry_after=asked),
        ServerTrouble("x", where=Where(status=503), retry_after=asked),
    ):
        assert policy.pause(error, 1, 2, 0.5) == pause
    assert policy.pause(ServerTrouble("x", where=Where(status=500), retry_after=asked), 1, 2, 0.5) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0), ("17", 17), (" 17 ", 17), ("999999999", 999999999), ("-1", None), ("1.5", None), ("", None),
        (None, None),
        ("morgen", None), ("9" * 50, None), ("1e5", None), ("Fri, 99 Foo 2026", None), ("١٧", None), ("\x00", None),
    ],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: float | None) -> None:
    parsed = policy.parse_retry_after(value, 1000.0)
    assert parsed == seconds


def test_retry_after_a_date() -> None:
    now = 1_800_000_000.0
    assert policy.parse_retry_after(formatdate(now + 30, usegmt=True), now) == 30
    assert policy.parse_retry_after(formatdate(now - 30, usegmt=True), now) == 0
    assert policy.parse_retry_after("Mon, 01 Jan 0001 00:00:00 GMT", now) in (0, None)


BODIES: list[tuple[bytes, str]] = [
    (b'{"message": "neen"}', "neen"),
    (b'{"status": "NOT_FOUND", "error": {"message": "neen"}}', "neen"),
    (b'{"error": "neen"}', "neen"),
    (b'{"detail": "neen"}', "neen"),
    (b'{"status": "NOT_FOUND"}', "NOT_FOUND"),
    (b"<html><head><title>\n 502  Bad\nGateway</title>", "502 Bad Gateway"),
    (b"<h1 class='x'>neen</h1>", "neen"),
    (b"<TITLE>neen\xff</TITLE>", "neen\ufffd"),
    (b"", ""), (b"{", ""), (b"[]", ""), (b"[1]", ""), (b"17", ""), (b"null", ""), (b"\xff\xfe", ""), (b"{}", ""),
    (b'{"message": 5}', ""), (b'{"message": {"message": {"message": "neen"}}}', "neen"), (b'{"message": ""}', ""),
    (b"[" * 100_000, ""), (b'{"message":' * 100_000, ""), (b"plain text", ""), (b"1" * 5000, ""),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said"), BODIES)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestRefused), (401, NotAuthorised), (403, NotAuthorised), (404, NotFound), (405, RequestRefused),
        (429, RateLimited), (500, ServerTrouble), (502, ServerTrouble), (599, ServerTrouble), (302, RequestRefused),
    ],
)  # fmt: skip
def test_refusals(status: int, kind: type[CloudspotError], body: bytes, said: str) -> None:
    error = policy.refusal(
        request(), Reply(status, {"retry-after": "7"}), body, right="see all", missing="There is none.", now=0
    )
    assert type(error) is kind
    assert error.status == status
    assert error.request_id == "abc"
    assert said in error.message
    assert (" says: " in error.message) is bool(said)
    assert str(error).startswith(f"[abc GET /artikels/ → {status}] ")
    if isinstance(error, RateLimited | ServerTrouble):
        assert error.retry_after == 7
    if isinstance(error, NotAuthorised):
        assert "see all" in error.message
    if isinstance(error, NotFound):
        assert error.message.startswith("There is none.")


def test_long_texts_are_cut() -> None:
    assert len(policy.said_by(json.dumps({"message": "x" * 10_000}).encode())) == 300
    assert len(policy.said_by(b"<title>" + b"x" * 10_000 + b"</title>")) == 300


def test_the_request_id_of_the_server() -> None:
    def named(given: str) -> str:
        return policy.where(request(), Reply(500, {"x-request-id": given})).request_id

    assert named("srv-1.2:3_4") == "srv-1.2:3_4"
    for given in ("", "a b", "a\n", "x" * 81, "é!", "<b>"):
        assert named(given) == "abc"
    assert policy.where(request()).status is None


def test_redaction() -> None:
    assert policy.redacted(f"a {TOKEN} b{TOKEN}", SETTINGS) == "a [redacted] b[redacted]"
    assert policy.redacted("nothing", SETTINGS) == "nothing"
    for token in ("x" * 64, "sandbox-token", "a.b*c(d[e\\f", "short"):
        settings = make_settings(token, {}, {})
        assert policy.redacted(f"<{token}>", settings).startswith("<[redacted]")
        assert token[:12] not in policy.redacted(f"it starts with {token[:40]!s}", settings)
    assert policy.redacted("sandbox-artikels", make_settings("sandbox-token", {}, {})) == "sandbox-artikels"


def test_every_option_is_known() -> None:
    options: Any = {"base_url": "https://erp.example", "timeout": 3, "retries": 1, "proxy": None, "ca": None}
    assert make_settings("x", options, {}).retries == 1
