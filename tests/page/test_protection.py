"""Other sites can do nothing with the page, over plain HTTP and without a browser that would help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import urllib3

from cloudspot.sandbox import Sandbox

ORIGIN = "http://evil.test"


@dataclass
class Caller:
    """Asks for pages without being a browser."""

    sandbox: Sandbox
    pool: urllib3.PoolManager

    @property
    def root(self) -> str:
        return self.sandbox.base_url.removesuffix("/api/v1")

    def ask(self, method: str, path: str, fields: dict | None = None, **headers: str) -> urllib3.BaseHTTPResponse:
        named = {"Accept": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
        body = None if fields is None else urlencode(fields)
        if body is not None:
            named["Content-Type"] = "application/x-www-form-urlencoded"
        return self.pool.request(method, self.root + path, body=body, headers=named, redirect=False, retries=False)

    def opened(self, path: str = "/users/+new") -> tuple[str, str]:
        """The cookie and the token of somebody who opened a page."""
        answer = self.ask("GET", path)
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        token = re.search(rb'name="csrf" value="([0-9a-f]+)"', answer.data)
        assert token is not None
        return cookie, token[1].decode()


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    with urllib3.PoolManager(timeout=10) as pool:
        yield Caller(sandbox, pool)


NEW = {"email": "an@sandbox.test"}


def test_a_form_of_the_page_is_taken(caller: Caller, sandbox: Sandbox) -> None:
    cookie, token = caller.opened()
    answer = caller.ask("POST", "/users/+new", NEW | {"csrf": token}, Cookie=cookie, Origin=caller.root)
    assert (answer.status, answer.headers["Location"]) == (303, "/users")
    assert sandbox.users.get("an@sandbox.test")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ORIGIN},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:1"},
    ],
    ids=str,
)
def test_a_form_of_another_site_is_refused(caller: Caller, sandbox: Sandbox, headers: dict) -> None:
    cookie, token = caller.opened()
    answer = caller.ask("POST", "/users/+new", NEW | {"csrf": token}, Cookie=cookie, **headers)
    assert answer.status == 403
    assert len(sandbox.users.list()) == 3


@pytest.mark.parametrize("lacking", ["token", "cookie", "both"])
def test_without_its_token_or_cookie_a_form_is_refused(caller: Caller, sandbox: Sandbox, lacking: str) -> None:
    cookie, token = caller.opened()
    fields = NEW if lacking != "cookie" else NEW | {"csrf": token}
    headers = {} if lacking != "token" else {"Cookie": cookie}
    answer = caller.ask("POST", "/users/+new", fields, **headers)
    assert answer.status == 403
    assert len(sandbox.users.list()) == 3


def test_a_token_is_good_for_one_browser_and_one_sandbox(caller: Caller) -> None:
    cookie, token = caller.opened()
    other_cookie, other_token = caller.opened()
    assert token != other_token
    assert caller.ask("POST", "/users/+new", NEW | {"csrf": token}, Cookie=other_cookie).status == 403
    with Sandbox(artikels=1, klanten=1) as other:
        there = Caller(other, caller.pool)
        assert there.ask("POST", "/users/+new", NEW | {"csrf": token}, Cookie=cookie).status == 403


def test_an_invented_cookie_opens_nothing(caller: Caller) -> None:
    _, token = caller.opened()
    for invented in ("cloudspot_sandbox=id%3Dx", "cloudspot_sandbox=", "cloudspot_sandbox=%FF%00", "x" * 4000):
        assert caller.ask("POST", "/users/+new", NEW | {"csrf": token}, Cookie=invented).status == 403


@pytest.mark.parametrize("path", ["/", "/static/style.css", "/nothing", "/users/nobody@sandbox.test"])
def test_every_answer_says_what_browsers_may_not_do(caller: Caller, path: str) -> None:
    headers = caller.ask("GET", path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in headers


def test_the_cookie_stays_here(caller: Caller) -> None:
    cookie = caller.ask("GET", "/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize(
    "back", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "evil", "/x\r\nX-Y: 1", "//["]
)
def test_no_form_sends_the_browser_elsewhere(caller: Caller, back: str) -> None:
    cookie, token = caller.opened()
    answer = caller.ask("POST", "/settings", {"csrf": token, "theme": "dark", "back": back}, Cookie=cookie)
    assert answer.status == 303
    assert answer.headers["Location"] in {"/", "/x%0D%0AX-Y:%201"}


def test_what_is_said_once_can_not_be_made_up_into_markup(caller: Caller) -> None:
    said = urlencode({"id": "x", "said": '["users.created", {"user": "<script>1</script>"}]'})
    assert b"<script>1" not in caller.ask("GET", "/", Cookie=f"cloudspot_sandbox={said}").data
    for senseless in (
        '["users.created", {}]',
        '["no.such", {}]',
        "[1]",
        '["users.created", 5]',
        "{",
        '["help.title"]',
        '["users.created", {"x": 1}]',
        '["users.created", {"key": 1, "language": 2, "self": 3}]',
    ):
        wrong = urlencode({"id": "x", "said": senseless})
        assert caller.ask("GET", "/", Cookie=f"cloudspot_sandbox={wrong}").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(caller: Caller, method: str) -> None:
    assert caller.ask(method, "/users").status in {403, 405}


def test_a_program_that_lost_its_way_gets_no_page(caller: Caller) -> None:
    answer = caller.ask("GET", "/artikels/", Accept="application/json")
    assert answer.status == 404
    assert answer.json() == {"message": "There is nothing at /artikels/."}


def test_static_files_are_kept_by_browsers_until_they_change(caller: Caller) -> None:
    page = caller.ask("GET", "/").data.decode()
    address = re.search(r'href="(/static/style\.css\?[0-9a-f]+)"', page)
    assert address is not None
    assert "immutable" in caller.ask("GET", address[1]).headers["Cache-Control"]
    assert caller.ask("GET", "/static/style.css").headers["Cache-Control"] == "no-cache"
    assert caller.ask("GET", "/static/../__init__.py").status == 404
    assert caller.ask("GET", "/static/%2e%2e/visit.py").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/artikels?page=0",
        "/artikels?page=99999999",
        "/artikels?page=x&sort=nothing&descending=1&status=NO",
        "/artikels?company=nobody",
        "/artikels?edit=x",
        "/klanten?is_bedrijf=maybe",
        "/users?company=nobody&application=none&slugs=%00%20a",
        "/events?page=-1&status=x",
        "/events/x",
        "/events/99999999999999999999",
        "/artikels/x",
        "/artikels/99999999999999999999",
        "/companies/x",
        "/users/%00@x",
        "/%00",
        "/artikels?q=%00",
        "/artikels?q=" + "a+" * 200,
    ],
)
def test_senseless_addresses_are_answered(caller: Caller, path: str) -> None:
    assert caller.ask("GET", path).status in {200, 400, 404}
