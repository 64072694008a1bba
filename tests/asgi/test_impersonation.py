"""Supporters who act as a user: asked first, noted, in one company, over by itself, and no matter to the user."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from tests.asgi.conftest import JAN, KIST, LAMPE, MARIE, PIET, Browser, Clock, application
from tests.hostile import Asked, Hostile, answer

from cloudspot.asgi import CloudspotLogin, User
from cloudspot.errors import ConfigurationError
from cloudspot.sandbox import Sandbox

Make = Callable[..., CloudspotLogin]
Open = Callable[..., Browser]

WHY = {"supporter": "Sofie", "reason": "ticket <12>"}


@pytest.fixture
def supported(make_login: Make) -> CloudspotLogin:
    return make_login(impersonation=True, home="/who")


@pytest.fixture
def supporter(supported: CloudspotLogin, open_browser: Open) -> Browser:
    return open_browser(application(supported))


async def begin(browser: Browser, token: str, **form: str) -> Any:
    csrf = await browser.token(f"/auth/impersonation/{token}")
    return await browser.post("/auth/impersonation", data={"csrf": csrf, "token": token, **WHY, **form})


async def test_it_is_off_by_default(browser: Browser, sandbox: Sandbox) -> None:
    token = sandbox.user_tokens.impersonate(JAN, "Lampe SA")
    assert (await browser.get("/auth/impersonation")).status_code == 404
    assert (await browser.get(f"/auth/impersonation/{token}")).status_code == 404
    assert (await browser.post("/auth/impersonation", data={"token": token, **WHY})).status_code == 404


async def test_a_supporter_acts_as_a_user_in_one_company(
    supporter: Browser, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await supporter.get("/auth/impersonation")).json() == {"status": "operational"}
    token = sandbox.user_tokens.impersonate(JAN, "Lampe SA")
    began = await begin(supporter, token)
    assert (began.status_code, began.headers["location"]) == (303, "/who")
    assert (await supporter.get("/who")).json() == {
        "user": JAN,
        "company": "Lampe SA",
        "permissions": ["use_app", "view_artikels"],
    }
    page = await supporter.get("/auth/logout")
    assert "Sofie acts as this user: ticket &lt;12&gt;" in page.text
    assert (await supporter.get("/auth/company")).status_code == 403
    csrf = await supporter.token("/auth/logout")
    assert (await supporter.post("/auth/company", data={"csrf": csrf, "company": KIST})).status_code == 403
    assert await supporter.works_in() == "Lampe SA"
    await supporter.post("/auth/logout", data={"csrf": csrf})
    assert await supporter.works_in() is None
    ours = "\n".join(each.getMessage() for each in caplog.records if each.name.startswith("cloudspot"))
    assert f"'Sofie' acts as '{JAN}' in {LAMPE}, from 192.0.2.7: 'ticket <12>'" in ours
    assert "'Sofie' does not act as a user any more" in ours
    assert token not in ours


async def test_opening_the_link_begins_nothing(supporter: Browser, sandbox: Sandbox, supported: CloudspotLogin) -> None:
    token = sandbox.user_tokens.impersonate(JAN, "Lampe SA")
    for _ in range(2):
        page = await supporter.get(f"/auth/impersonation/{token}")
        assert page.headers["referrer-policy"] == "strict-origin"
    for missing in WHY:
        assert (await begin(supporter, token, **{missing: " "})).status_code == 400
    refused = await supporter.post("/auth/impersonation", data={"token": token, **WHY})
    assert refused.status_code == 403
    assert len(supported.store) == 0  # type: ignore[arg-type]
    assert (await begin(supporter, token)).status_code == 303


async def test_other_sites_begin_nothing(supporter: Browser, sandbox: Sandbox) -> None:
    token = sandbox.user_tokens.impersonate(JAN, "Lampe SA")
    form = {"csrf": await supporter.token(f"/auth/impersonation/{token}"), "token": token, **WHY}
    headers = {"Origin": "https://evil.test"}
    assert (await supporter.post("/auth/impersonation", data=form, headers=headers)).status_code == 403


async def test_a_link_is_good_once_and_for_those_who_belong_together(supporter: Browser, sandbox: Sandbox) -> None:
    token = sandbox.user_tokens.impersonate(JAN, "Lampe SA")
    assert (await begin(supporter, token)).status_code == 303
    supporter.cookies.clear()
    gone = sandbox.user_tokens.impersonate(JAN, "Lampe SA")
    sandbox.permissions.set(JAN, LAMPE, [])
    for refused in (token, "made-up", "é", gone, sandbox.user_tokens.impersonate(PIET, "Kist & Vijs BV")):
        answer = await begin(supporter, refused)
        assert answer.status_code in {403, 429}
        assert "That is not possible" in answer.text or answer.status_code == 429
    assert await supporter.works_in() is None


async def test_tokens_can_not_be_guessed_without_end(supporter: Browser) -> None:
    assert [(await begin(supporter, f"guess-{n}")).status_code for n in range(7)] == [403] * 5 + [429] * 2


async def test_it_ends_by_itself(supporter: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await begin(supporter, sandbox.user_tokens.impersonate(JAN, "Lampe SA"))
    clock.now += 29 * 60
    assert await supporter.works_in() == "Lampe SA"
    clock.now += 60
    assert await supporter.works_in() is None


async def test_it_ends_where_the_user_may_not_work_in_the_company_any_more(
    supporter: Browser, sandbox: Sandbox, clock: Clock
) -> None:
    await begin(supporter, sandbox.user_tokens.impersonate(JAN, "Lampe SA"))
    sandbox.permissions.set(JAN, LAMPE, [])
    await supporter.post(
        "/auth/webhook", json={"event": "permissions.updated", "data": {"username": JAN, "company_id": LAMPE}}
    )
    assert (await supporter.get("/who")).status_code == 401


async def test_the_users_own_sessions_stay_as_they_are(
    supporter: Browser, supported: CloudspotLogin, open_browser: Open, sandbox: Sandbox, clock: Clock
) -> None:
    user = open_browser(application(supported))
    await user.log_in()
    await user.choose(KIST)
    before = dict(user.cookies)
    tokens = {each.id for each in sandbox.user_tokens.list(user=JAN)}
    await begin(supporter, sandbox.user_tokens.impersonate(JAN, "Lampe SA"))
    (of_supporter,) = {each.id for each in sandbox.user_tokens.list(user=JAN)} - tokens
    sandbox.user_tokens.revoke(id=of_supporter)
    clock.now += 301
    assert await supporter.works_in() is None
    assert await user.works_in() == "Kist & Vijs BV"
    assert dict(user.cookies) == before


async def test_without_a_record_none_begins(make_login: Make, open_browser: Open, sandbox: Sandbox) -> None:
    records: list[User] = []

    async def record(user: User) -> None:
        records.append(user)
        raise ConnectionError("the record can't be kept")

    login = make_login(impersonation=True, on_impersonation=record)
    browser = open_browser(application(login))
    with pytest.raises(ConnectionError):
        await begin(browser, sandbox.user_tokens.impersonate(MARIE, "Kist & Vijs BV"))
    assert len(login.store) == 0  # type: ignore[arg-type]
    (user,) = records
    assert user.acting
    assert (user.email, user.acting.supporter, user.acting.reason) == (MARIE, "Sofie", "ticket <12>")
    assert user.company
    assert user.company.company_id == KIST


async def test_the_license_server_is_down(supporter: Browser, sandbox: Sandbox) -> None:
    token = sandbox.user_tokens.impersonate(JAN, "Lampe SA")
    sandbox.faults.add(status=502, times=None)
    assert (await begin(supporter, token)).status_code == 503


@pytest.mark.parametrize(("user", "company"), [(MARIE, KIST), (JAN, LAMPE), (JAN, "Kist"), (JAN, "")])
async def test_what_does_not_belong_together_is_refused(
    make_login: Make, open_browser: Open, user: str, company: str
) -> None:
    """Whatever the License server says: the token is Jan's, who may work in Kist alone."""
    answers = {
        "impersonation-validation": {"auth_token": "tok-of-jan", "user": user, "company": company},
        "get-permissions": {"permissions": [{"company_id": KIST, "company_name": "Kist", "permissions": ["use_app"]}]},
        "profile": {"first_name": "Jan", "last_name": "J", "email": JAN, "pin": None},
    }

    def script(asked: Asked) -> list[bytes]:
        return [answer(answers[asked.target.rstrip("/").rpartition("/")[2]])]

    with Hostile(script) as server:
        login = make_login(impersonation=True, base_url=server.url)
        browser = open_browser(application(login))
        assert (await begin(browser, "token")).status_code == 403
        assert await browser.works_in() is None
        answers["impersonation-validation"] |= {"user": JAN.upper(), "company": KIST}
        assert (await begin(browser, "token")).status_code == 303
        await login.aclose()


def test_minutes_that_can_not_be_are_refused(make_login: Make) -> None:
    with pytest.raises(ConfigurationError):
        make_login(impersonation_minutes=0)
