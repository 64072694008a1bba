"""Sign in, choice of a company, log out, and what a page demands."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.asgi.conftest import HTML, JAN, KIST, LAMPE, MARIE, PASSWORD, PIET, Browser, Clock, application

from cloudspot.asgi import CloudspotLogin, Limit, Limits, MemoryStore
from cloudspot.sandbox import Sandbox

Make = Callable[..., CloudspotLogin]
Open = Callable[..., Browser]


async def test_whoever_is_not_logged_in_is_sent_to_the_login_and_back(browser: Browser) -> None:
    sent = await browser.get("/who?a=1&b=%2F", headers=HTML)
    assert (sent.status_code, sent.headers["location"]) == (303, "/auth/login?next=%2Fwho%3Fa%3D1%26b%3D%252F")
    page = await browser.get(sent.headers["location"])
    assert 'name="next" value="/who?a=1&amp;b=%2F"' in page.text
    came = await browser.log_in(MARIE, next="/who?a=1&b=%2F")
    assert (came.status_code, came.headers["location"]) == (303, "/who?a=1&b=%2F")
    assert (await browser.get("/who")).json() == {
        "user": MARIE,
        "company": "Kist & Vijs BV",
        "permissions": ["is_superuser", "use_app"],
    }


async def test_programs_get_json(browser: Browser) -> None:
    refused = await browser.get("/who")
    assert (refused.status_code, refused.json()) == (401, {"detail": "You are not logged in."})
    assert (await browser.get("/")).json() == {"is_authenticated": False, "name": ""}


async def test_a_company_is_chosen_where_there_are_several(browser: Browser) -> None:
    came = await browser.log_in(next="/who")
    assert came.headers["location"] == "/auth/company?next=%2Fwho"
    assert (await browser.get("/who", headers=HTML)).headers["location"] == "/auth/company?next=%2Fwho"
    assert (await browser.get("/who")).json() == {"detail": "You have not chosen a company."}
    page = await browser.get("/auth/company?next=/who")
    assert "Kist &amp; Vijs BV" in page.text
    assert "Lampe SA" in page.text
    chosen = await browser.choose(LAMPE, next="/who")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/who")
    assert (await browser.get("/who")).json()["permissions"] == ["use_app", "view_artikels"]
    assert (await browser.choose(KIST)).headers["location"] == "/"
    assert await browser.works_in() == "Kist & Vijs BV"


async def test_permissions_are_those_of_the_chosen_company(browser: Browser) -> None:
    await browser.log_in()
    await browser.choose(LAMPE)
    page = await browser.get("/edit", headers=HTML)
    assert page.status_code == 403
    assert "may not see this page for Lampe SA." in page.text
    assert "/auth/company?next=%2Fedit" in page.text
    assert (await browser.get("/edit")).json() == {"detail": "You may not do this in the chosen company."}
    await browser.choose(KIST)
    assert (await browser.get("/edit")).json() == "edited"


@pytest.mark.parametrize(
    "company", ["", "nonsense", "Lampe SA", "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0009", "../" + KIST, KIST + "\x00"]
)
async def test_no_other_company_can_be_chosen(browser: Browser, company: str) -> None:
    await browser.log_in()
    await browser.choose(KIST)
    assert (await browser.choose(company)).status_code == 403
    assert await browser.works_in() == "Kist & Vijs BV"


async def test_a_choice_is_checked_at_the_license_server(browser: Browser, sandbox: Sandbox) -> None:
    await browser.log_in()
    await browser.choose(KIST)
    token = await browser.token("/auth/company")
    sandbox.permissions.set(JAN, LAMPE, [])
    refused = await browser.post("/auth/company", data={"csrf": token, "company": LAMPE})
    assert refused.status_code == 403
    assert "Lampe SA" not in (await browser.get("/auth/company")).text
    assert await browser.works_in() == "Kist & Vijs BV"


async def test_a_company_is_never_chosen_by_a_link(browser: Browser) -> None:
    await browser.log_in()
    await browser.get(f"/auth/company?company={KIST}")
    assert await browser.works_in() is None


async def test_wrong_passwords_and_unknown_users_get_one_answer(browser: Browser, sandbox: Sandbox) -> None:
    sandbox.users.update(PIET, is_active=False)
    answers = [
        await browser.log_in(username, password)
        for username, password in [(JAN, "wrong"), ("nobody@sandbox.test", "wrong"), (PIET, PASSWORD)]
    ]
    assert {each.status_code for each in answers} == {400}
    assert (
        len(
            {
                each.text.replace(name, "")
                for each, name in zip(answers, [JAN, "nobody@sandbox.test", PIET], strict=True)
            }
        )
        == 1
    )
    assert 'value="wrong"' not in answers[0].text
    assert all(each.headers.get_list("set-cookie") == [] for each in answers)


async def test_who_may_not_use_the_application_is_told_so_and_gets_no_session(
    browser: Browser, login: CloudspotLogin
) -> None:
    refused = await browser.log_in(PIET)
    assert refused.status_code == 403
    assert "may not use this application" in refused.text
    assert len(login.store) == 0  # type: ignore[arg-type]


async def test_logging_out_needs_a_form(browser: Browser, login: CloudspotLogin) -> None:
    await browser.log_in(MARIE)
    page = await browser.get("/auth/logout")
    assert page.status_code == 200
    assert await browser.works_in()
    token = await browser.token("/auth/logout")
    cookie = dict(browser.cookies)
    gone = await browser.post("/auth/logout", data={"csrf": token})
    assert gone.headers["location"] == "/auth/login"
    assert len(login.store) == 0  # type: ignore[arg-type]
    browser.cookies.update(cookie)
    assert await browser.works_in() is None


async def test_the_license_server_is_down(browser: Browser, sandbox: Sandbox) -> None:
    sandbox.faults.add(status=502, times=None)
    page = await browser.log_in()
    assert page.status_code == 503
    assert "no answer at the moment" in page.text


async def test_attempts_are_limited_by_account_and_address(make_login: Make, open_browser: Open, clock: Clock) -> None:
    app = application(make_login(limits=Limits(pair=Limit(2, 60), account=Limit(4, 600), address=Limit(5, 60))))
    here, there = open_browser(app), open_browser(app, address="198.51.100.9")
    assert [(await here.log_in(JAN, "wrong")).status_code for _ in range(3)] == [400, 400, 429]
    late = await here.log_in(JAN)
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= 121
    assert re.search(r"Try again in [12] min\.", late.text)
    assert [(await there.log_in(JAN, "wrong")).status_code for _ in range(3)] == [400, 400, 429]
    assert (await open_browser(app, address="203.0.113.4").log_in(JAN)).status_code == 429
    assert [(await here.log_in(f"{n}@sandbox.test", "wrong")).status_code for n in range(4)] == [400, 400, 400, 429]
    clock.now += 1200
    assert (await here.log_in(JAN)).status_code == 303


async def test_the_owner_who_mistyped_begins_anew(make_login: Make, open_browser: Open) -> None:
    browser = open_browser(application(make_login(limits=Limits(pair=Limit(2, 60)))))
    for _ in range(3):
        assert (await browser.log_in(MARIE, "wrong")).status_code == 400
        assert (await browser.log_in(MARIE)).status_code == 303
        browser.cookies.clear()


async def test_pages_are_in_the_readers_language(browser: Browser) -> None:
    for language, word in [
        ("nl-BE,nl;q=0.9", "Wachtwoord"),
        ("fr", "Mot de passe"),
        ("en", "Password"),
        ("de", "Password"),
    ]:
        page = await browser.get("/auth/login", headers={"Accept-Language": language})
        assert word in page.text
        assert f'lang="{page.headers["content-language"]}"' in page.text


async def test_templates_can_be_replaced(make_login: Make, open_browser: Open, tmp_path: Any) -> None:
    (tmp_path / "logout.html").write_text("<p>Dag {{ user.display_name }}</p>{{ csrf }}")
    browser = open_browser(application(make_login(templates=tmp_path)))
    await browser.log_in(MARIE)
    assert "<p>Dag Marie Maes</p>" in (await browser.get("/auth/logout")).text
    assert "<main>" in (await browser.get("/auth/company")).text


async def test_an_application_below_a_path(login: CloudspotLogin, open_browser: Open) -> None:
    inner = application(login)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await inner({**scope, "root_path": "/portal"}, receive, send)

    browser = open_browser(app)
    sent = await browser.get("/portal/who", headers=HTML)
    assert sent.headers["location"] == "/portal/auth/login?next=%2Fportal%2Fwho"
    page = await browser.get("/portal/auth/login")
    assert 'action="/portal/auth/login"' in page.text


async def test_keys_can_be_replaced_one_by_one(make_login: Make, open_browser: Open) -> None:
    store, old, new = MemoryStore(), "o" * 40, "n" * 40
    before = open_browser(application(make_login(store=store, secret_keys=[old])))
    await before.log_in(MARIE)
    for keys, is_in in [([new, old], True), ([new], False)]:
        after = open_browser(application(make_login(store=store, secret_keys=keys)))
        after.cookies = before.cookies
        assert bool(await after.works_in()) is is_in


async def test_nothing_secret_is_logged(
    browser: Browser, caplog: pytest.LogCaptureFixture, sandbox: Sandbox, login: CloudspotLogin
) -> None:
    caplog.set_level(logging.DEBUG)
    await browser.log_in(JAN, "a-secret-password")
    await browser.log_in(MARIE)
    await browser.get("/who")
    browser.cookies.clear()
    sandbox.faults.add(status=500, times=None)
    await browser.log_in(PIET, "another-secret-password")
    logged = caplog.text
    assert "a login failed, from 192.0.2.7" in logged
    (kept,) = login.store._sessions.values()  # type: ignore[attr-defined]
    token = json.loads(login.keys.unseal(kept.sealed) or b"")["session"]["token"]
    assert len(token) > 10
    assert not [word for word in ["a-secret-password", "another-secret-password", PASSWORD, token] if word in logged]
