"""What somebody tries who is not the user: each is refused, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.asgi.conftest import HTML, JAN, KEY, KIST, LAMPE, MARIE, PASSWORD, SITE, Browser, Clock, application

from cloudspot.asgi import CloudspotLogin, Kept, Limit, Limits, MemoryStore
from cloudspot.asgi.keys import Keys
from cloudspot.asgi.requests import Place, is_own, parsed
from cloudspot.errors import ConfigurationError
from cloudspot.sandbox import Sandbox

Make = Callable[..., CloudspotLogin]
Open = Callable[..., Browser]

SESSION, VISITOR = "__Host-cloudspot", "__Host-cloudspot-form"


class Watched(MemoryStore):
    """Notes what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name in {"create", "load", "replace", "delete", "ring", "count", "claim", "forget"}:
            self.asked.append(name)
        return super().__getattribute__(name)


# Other sites

FOREIGN = [
    {"Origin": "https://evil.test"},
    {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://shop.portal.test", "Sec-Fetch-Site": "same-site"},
    {"Origin": "null"},
    {"Origin": "https://portal.test.evil.test"},
    {"Origin": "https://evil.test#portal.test"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": ""},
    {"Origin": "https://[portal.test"},
]
OWN = [{}, {"Origin": SITE}, {"Origin": SITE, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_forms_of_other_sites_do_nothing(browser: Browser, headers: dict[str, str]) -> None:
    token = await browser.token()
    form = {"csrf": token, "username": MARIE, "password": PASSWORD}
    assert (await browser.post("/auth/login", data=form, headers=headers)).status_code == 403
    assert SESSION not in browser.cookies
    await browser.log_in()
    await browser.choose(KIST)
    token = await browser.token("/auth/logout")
    for path, form in [("/auth/company", {"company": LAMPE}), ("/auth/logout", {})]:
        sent = await browser.post(path, data={"csrf": token, **form}, headers=headers)
        assert sent.headers["location"] == "/auth/login"
    assert await browser.works_in() == "Kist & Vijs BV"


@pytest.mark.parametrize("headers", FOREIGN)
async def test_other_sites_can_do_nothing_in_the_application_either(browser: Browser, headers: dict[str, str]) -> None:
    await browser.log_in()
    await browser.choose(KIST)
    assert (await browser.post("/edit", headers=headers)).status_code == 401
    assert (await browser.post("/edit")).status_code == 200


@pytest.mark.parametrize("headers", OWN)
async def test_ones_own_pages_can(browser: Browser, headers: dict[str, str]) -> None:
    await browser.log_in()
    form = {"csrf": await browser.token("/auth/company"), "company": KIST}
    assert (await browser.post("/auth/company", data=form, headers=headers)).headers["location"] == "/"
    assert (await browser.post("/edit", headers=headers)).status_code == 200


async def test_trusted_sites_can(make_login: Make, open_browser: Open) -> None:
    browser = open_browser(application(make_login(trusted_origins=["https://shop.portal.test"])))
    await browser.log_in()
    await browser.choose(KIST)
    headers = {"Origin": "https://shop.portal.test", "Sec-Fetch-Site": "same-site"}
    assert (await browser.post("/edit", headers=headers)).status_code == 200


async def test_a_form_without_this_browsers_token_does_nothing(
    browser: Browser, open_browser: Open, login: CloudspotLogin
) -> None:
    other = open_browser(application(login))
    of_other_visitor = await other.token()
    await other.log_in(MARIE)
    of_other_user = await other.token("/auth/logout")
    form = {"username": MARIE, "password": PASSWORD}
    for token in ("", "x", "é", of_other_visitor, of_other_user):
        await browser.token()
        refused = await browser.post("/auth/login", data={**form, "csrf": token})
        assert refused.status_code == 403
        assert "too old" in refused.text
    await browser.log_in()
    await browser.choose(KIST)
    for token in ("", "x", of_other_visitor, of_other_user):
        assert (await browser.post("/auth/company", data={"csrf": token, "company": LAMPE})).status_code == 403
        assert (await browser.post("/auth/logout", data={"csrf": token})).status_code == 403
    assert await browser.works_in() == "Kist & Vijs BV"


async def test_logging_in_needs_a_page_that_was_shown(browser: Browser) -> None:
    refused = await browser.post("/auth/login", data={"username": MARIE, "password": PASSWORD})
    assert refused.status_code == 403
    assert VISITOR in refused.headers["set-cookie"]


@given(st.text(), st.none() | st.text(), st.none() | st.text())
def test_only_the_own_host_or_no_browser_is_own(host: str, origin: str | None, site: str | None) -> None:
    if is_own(Place(host, origin, site)):
        assert site in {"same-origin", "none"} if site is not None else origin is None or host.lower() in origin.lower()


# Sessions


PLANTED = {
    "a text": "chosen",
    "two texts": "a.b",
    "a long text": "x" * 5000,
    "other letters": "é",
    "one of another application": Keys(["other" * 10]).new_cookie(),
    "one that is nobody's": Keys([KEY]).new_cookie(),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
async def test_no_cookie_that_was_planted_becomes_a_session(
    browser: Browser, login: CloudspotLogin, planted: str
) -> None:
    cookie = f"{SESSION}={planted}".encode()
    token, visitor = await browser.token(), browser.cookies[VISITOR]
    form = {"csrf": token, "username": MARIE, "password": PASSWORD}
    headers = [(b"cookie", cookie + f"; {VISITOR}={visitor}".encode())]
    came = await browser.post("/auth/login", data=form, headers=headers)  # type: ignore[arg-type]
    assert came.status_code == 303
    assert f"{SESSION}={planted}" not in came.headers["set-cookie"]
    browser.cookies.clear()
    assert (await browser.get("/who", headers=[(b"cookie", cookie)])).status_code == 401  # type: ignore[arg-type]


async def test_the_session_that_a_browser_had_ends_when_somebody_logs_in(
    browser: Browser, login: CloudspotLogin, open_browser: Open
) -> None:
    attacker = open_browser(application(login))
    await attacker.log_in(MARIE)
    planted = attacker.cookies[SESSION]
    victim = browser
    token = await victim.token()
    victim.cookies.set(SESSION, planted, domain="portal.test")
    form = {"csrf": token, "username": JAN, "password": PASSWORD}
    assert (await victim.post("/auth/login", data=form)).status_code == 303
    assert await attacker.works_in() is None
    assert len(login.store) == 1  # type: ignore[arg-type]


async def test_cookies_of_others_are_not_even_looked_up(make_login: Make, open_browser: Open) -> None:
    store = Watched()
    browser = open_browser(application(make_login(store=store)))
    for cookie in ("x", "x.y", Keys(["other" * 10]).new_cookie(), "é", "." * 100):
        await browser.get("/who", headers=[(b"cookie", f"{SESSION}={cookie}".encode())])  # type: ignore[arg-type]
    assert store.asked == []


async def test_cookies_are_for_this_host_over_https_and_not_for_scripts(browser: Browser) -> None:
    page = await browser.get("/auth/login")
    assert page.headers["set-cookie"].startswith(f"{VISITOR}=")
    assert page.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=lax; Secure")
    came = await browser.log_in(MARIE)
    assert came.headers["set-cookie"].startswith(f"{SESSION}=")
    assert came.headers["set-cookie"].endswith("; Path=/; Max-Age=43200; HttpOnly; SameSite=lax; Secure")
    seen = await browser.get("/who")
    assert (seen.headers["vary"], seen.headers["cache-control"]) == ("Cookie", "private")


async def test_the_store_shows_nothing(browser: Browser, login: CloudspotLogin) -> None:
    await browser.log_in()
    store: Any = login.store
    ((name, kept),) = store._sessions.items()
    cookie = browser.cookies[SESSION]
    token = json.loads(login.keys.unseal(kept.sealed) or b"")["session"]["token"]
    for secret in (token, JAN, "Janssens", "Lampe", KIST, cookie, cookie.partition(".")[0]):
        assert secret not in repr((name, kept, store._counted))


async def test_a_session_at_anothers_place_in_the_store_is_none(
    browser: Browser, login: CloudspotLogin, open_browser: Open
) -> None:
    other = open_browser(application(login))
    await browser.log_in(JAN)
    await other.log_in(MARIE)
    store: Any = login.store
    (first, of_jan), (second, of_marie) = store._sessions.items()
    store._sessions.update({first: of_marie, second: replace(of_jan, sealed=b"nonsense")})
    assert (await browser.get("/who")).status_code == 401
    assert (await other.get("/who")).status_code == 401


# Where a browser goes


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/\t/evil.test",
        "javascript:alert(1)",
        "/%0d%0aX: y\r\nX: y",
        "///evil.test",
        " //evil.test",
        "https:evil.test",
        "x",
        "",
    ],
)
async def test_nobody_is_sent_elsewhere(browser: Browser, target: str) -> None:
    page = await browser.get("/auth/login", params={"next": target})
    assert 'name="next" value="/"' in page.text
    assert (await browser.log_in(MARIE, next=target)).headers["location"] == "/"
    assert (await browser.get("/auth/login", params={"next": target})).headers["location"] == "/"
    assert (await browser.choose(KIST, next=target)).headers["location"] == "/"


# Bodies


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"a=" + b"x" * 20_000, {}, 413),
        (b"&".join(b"a%d=1" % n for n in range(100)), {}, 400),
        (b'{"username": "x"}', {"Content-Type": "application/json"}, 400),
        (b"--x\r\n", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (b"username=\xff", {}, 400),
        (b"username=%ff", {}, 400),
        (b"", {"Content-Length": "99999999999999999999999"}, 413),
        (b"", {"Content-Length": "-1"}, 413),
        (b"", {}, 403),
    ],
)
async def test_what_is_no_form_is_refused(browser: Browser, body: bytes, headers: dict[str, str], status: int) -> None:
    sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    assert (await browser.post("/auth/login", content=body, headers=sent)).status_code == status


@given(st.dictionaries(st.text(), st.text(), max_size=5))
def test_forms_are_read_as_they_were_meant(fields: dict[str, str]) -> None:
    encodable = {k: v for k, v in fields.items() if (k + v).isprintable()}
    assert parsed(urlencode(encodable).encode()) == encodable


@pytest.mark.parametrize("field", ["username", "password"])
async def test_names_and_passwords_without_end_are_not_sent(browser: Browser, sandbox: Sandbox, field: str) -> None:
    form = {"username": JAN, "password": "x", field: "x" * 5000}
    assert (await browser.post("/auth/login", data={"csrf": await browser.token(), **form})).status_code == 400
    assert not [each for each in sandbox.requests.list() if "authenticate" in each.path]


# Names from elsewhere

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "'; DROP TABLE users; --",
    "\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("name", NASTY)
async def test_names_are_shown_and_do_nothing(browser: Browser, sandbox: Sandbox, name: str) -> None:
    sandbox.users.create(email="x@sandbox.test", first_name=name, last_name="X", password=PASSWORD)
    sandbox.companies.create(naam=name)
    company = next(each.id for each in sandbox.companies.list() if each.naam == name)
    for each in (company, LAMPE):
        sandbox.permissions.set("x@sandbox.test", str(each), ["use_app"])
    await browser.log_in("x@sandbox.test")
    for path in ("/auth/company", "/auth/logout", "/edit"):
        page = await browser.get(path, headers=HTML, follow_redirects=True)
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert ">49" not in page.text
        assert "x@sandbox.test" in page.text
    await browser.choose(str(company))
    assert await browser.works_in() == name


async def test_a_user_name_that_was_typed_is_shown_and_does_nothing(browser: Browser) -> None:
    for name in NASTY:
        page = await browser.log_in(name, "x")
        assert "<script" not in page.text
        assert "<img" not in page.text


async def test_pages_run_no_script_and_are_in_no_frame(browser: Browser) -> None:
    pages = [await browser.get("/auth/login"), await browser.log_in(JAN, "wrong")]
    await browser.log_in()
    pages += [await browser.get("/auth/company"), await browser.get("/auth/logout")]
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert not [word for word in ("<script", "style=", " on") if word in page.text.replace(" only", "")]


# What can be learnt


async def test_the_same_is_done_for_known_and_unknown_users(
    make_login: Make, open_browser: Open, sandbox: Sandbox
) -> None:
    done = []
    for name in (JAN, "nobody@sandbox.test"):
        store = Watched()
        browser = open_browser(application(make_login(store=store)))
        token, before = await browser.token(), len(sandbox.requests.list())
        await browser.post("/auth/login", data={"csrf": token, "username": name, "password": "wrong"})
        done.append((store.asked, [each.path for each in sandbox.requests.list()][before:]))
    assert done[0] == done[1]


def shown(traceback: TracebackType | None) -> str:
    texts = []
    while traceback is not None:
        for value in traceback.tb_frame.f_locals.values():
            try:
                texts.append(repr(value))
                texts.append(repr(vars(value)))
            except Exception:
                continue
        traceback = traceback.tb_next
    return "\n".join(texts)


@pytest.mark.parametrize("fails", ["count", "create", "load"])
async def test_no_crash_report_shows_a_password_or_a_token(make_login: Make, open_browser: Open, fails: str) -> None:
    class Failing(MemoryStore):
        is_down = False

        async def create(self, name: str, kept: Kept) -> None:
            self.fail("create")
            await super().create(name, kept)

        async def load(self, name: str) -> Kept | None:
            self.fail("load")
            return await super().load(name)

        async def count(self, name: str, by: int, until: float) -> int:
            self.fail("count")
            return await super().count(name, by, until)

        def fail(self, where: str) -> None:
            if where == fails and self.is_down:
                raise ConnectionError("the database is gone")

    store = Failing()
    login = make_login(store=store)
    inner, secret = application(login), "pw-Zomer2026-geheim"
    await login.aclose()
    reports = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await inner(scope, receive, send)
        except ConnectionError as error:
            reports.append(shown(error.__traceback__))
            raise

    browser = open_browser(app)
    sandbox_user = {"username": "zomer@sandbox.test", "password": secret}
    await browser.log_in(MARIE)
    (kept,) = store._sessions.values()
    token = json.loads(login.keys.unseal(kept.sealed) or b"")["session"]["token"]
    if fails != "load":
        browser.cookies.clear()
    form = {"csrf": await browser.token(), **sandbox_user} if fails != "load" else {}
    if fails == "create":
        form |= {"username": JAN, "password": PASSWORD}
    store.is_down = True
    with pytest.raises(ConnectionError):
        await (browser.get("/who") if fails == "load" else browser.post("/auth/login", data=form))
    assert reports
    for word in (secret, PASSWORD, token, KEY):
        assert word not in reports[0]


# Settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret_keys": []},
        {"secret_keys": ["short"]},
        {"secret_keys": KEY},
        {"path": "auth"},
        {"path": "/"},
        {"path": "/a b"},
        {"home": "//evil.test"},
        {"languages": ["de"]},
        {"languages": []},
        {"templates": "/nowhere"},
        {"lifetime": 0},
        {"cookie": "a b"},
        {"same_site": "none"},
        {"trusted_origins": "https://x.test"},
        {"trusted_origins": ["x.test"]},
        {"proxies": -1},
        {"limits": Limits(pair=Limit(0, 60))},
        {"limits": Limits(address=Limit(1, 0))},
        {"webhook_secrets": ["no key"]},
        {"base_url": "http://license.example.com"},
    ],
)
def test_settings_that_can_not_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        CloudspotLogin("my-app", **{"secret_keys": [KEY], **wrong})


def test_no_repr_shows_a_secret(clock: Clock) -> None:
    login = CloudspotLogin("my-app", secret_keys=[KEY], webhook_url_secrets=["hidden-part"])
    for each in (login, *vars(login).values()):
        assert KEY not in repr(each) + repr(getattr(each, "__dict__", ""))
        assert "hidden-part" not in repr(each) + repr(getattr(each, "__dict__", ""))


# What the published packages do wrong, and is tested nowhere else


async def test_no_page_fails_for_whoever_comes(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    pages = [("GET", "login"), ("POST", "login"), ("GET", "company"), ("POST", "company"), ("GET", "logout")]
    pages += [("POST", "logout"), ("GET", "webhook"), ("DELETE", "login"), ("GET", "impersonation/token"), ("GET", "x")]
    pages += [("GET", "static/../login.py"), ("GET", "%2e%2e/login.py"), ("GET", "login/"), ("HEAD", "login")]

    async def statuses() -> set[int]:
        return {(await browser.request(method, f"/auth/{page}")).status_code for method, page in pages}

    assert await statuses() <= {200, 303, 307, 400, 403, 404, 405}
    await browser.log_in()
    assert await statuses() <= {200, 303, 307, 400, 403, 404, 405}
    sandbox.user_tokens.expire(user=JAN)
    clock.now += 301
    assert await statuses() <= {200, 303, 307, 400, 403, 404, 405}
    assert await browser.works_in() is None


async def test_who_is_deactivated_is_out_and_stays_out(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await browser.log_in(MARIE)
    sandbox.users.update(MARIE, is_active=False)
    clock.now += 301
    assert await browser.works_in() is None
    assert (await browser.log_in(MARIE)).status_code == 400
    assert sandbox.users.get(MARIE).is_active is False


async def test_an_event_costs_the_same_however_much_is_in_it(make_login: Make, open_browser: Open) -> None:
    done = []
    for count in (1, 50):
        store = Watched()
        browser = open_browser(application(make_login(store=store)))
        await browser.log_in()
        browser.cookies.clear()  # the License server has none
        store.asked.clear()
        companies = [{"company_id": f"{n:032x}", "company_name": f"{n}"} for n in range(count)]
        slugs = [f"right_{n}" for n in range(count)]
        data = {"username": JAN, "company_id": KIST, "permissions": slugs, "available_companies": companies}
        answer = await browser.post("/auth/webhook", json={"event": "permissions.updated", "data": data})
        assert answer.status_code == 200
        done.append(store.asked)
    assert done == [["ring", "ring"], ["ring", "ring"]]  # the user's sessions, and those of supporters
