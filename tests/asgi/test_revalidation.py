"""Who is logged in is asked about again: at an interval, for events, with a grace time; and put out when refused."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.asgi.conftest import JAN, KIST, LAMPE, MARIE, Browser, Clock, application, served

from cloudspot.asgi import CloudspotLogin, MemoryStore
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.webhooks import headers
from cloudspot.webhooks import Event, PermissionsUpdated, Proof

Make = Callable[..., CloudspotLogin]
Open = Callable[..., Browser]

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


def asked(sandbox: Sandbox) -> int:
    return sum("/auth/get-permissions/" in each.path for each in sandbox.requests.list())


async def in_kist(browser: Browser) -> Browser:
    await browser.log_in()
    await browser.choose(KIST)
    return browser


def event(name: str = "permissions.updated", **data: Any) -> dict[str, Any]:
    return {"event": name, "data": {"username": JAN, "company_id": KIST, **data}}


async def test_nothing_is_asked_within_the_interval(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await in_kist(browser)
    before = asked(sandbox)
    for _ in range(5):
        await browser.get("/who")
    assert asked(sandbox) == before
    clock.now += 301
    for _ in range(5):
        await browser.get("/who")
    assert asked(sandbox) == before + 1


async def test_what_was_taken_away_is_gone_after_the_interval(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await in_kist(browser)
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    assert (await browser.get("/edit")).status_code == 200
    clock.now += 301
    assert (await browser.get("/edit")).status_code == 403


async def test_a_company_that_is_gone_is_left(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await in_kist(browser)
    sandbox.permissions.set(JAN, KIST, [])
    clock.now += 301
    assert await browser.works_in() == "Lampe SA"  # the only one that is left
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    clock.now += 301
    assert await browser.works_in() == "Lampe SA"  # nobody is moved to another company while working
    sandbox.permissions.set(JAN, KIST, [])
    sandbox.permissions.set(JAN, LAMPE, [])
    clock.now += 301
    assert (await browser.get("/who")).json() == {"detail": "You have not chosen a company."}
    assert "not use this application in any company" in (await browser.get("/auth/company")).text


async def test_a_refused_token_is_out_everywhere(
    browser: Browser, sandbox: Sandbox, clock: Clock, login: CloudspotLogin, open_browser: Open
) -> None:
    other, marie = await in_kist(open_browser(application(login))), open_browser(application(login))
    await in_kist(browser)
    await marie.log_in(MARIE)
    sandbox.user_tokens.revoke(user=JAN)
    clock.now += 301
    refused = await browser.get("/who")
    assert refused.status_code == 401
    assert "Max-Age=0" in refused.headers["set-cookie"]
    assert len(login.store) == 1  # type: ignore[arg-type]
    assert await other.works_in() is None
    assert await marie.works_in() == "Kist & Vijs BV"


async def test_users_stay_for_the_grace_time_when_the_server_is_down(
    browser: Browser, sandbox: Sandbox, clock: Clock
) -> None:
    await in_kist(browser)
    sandbox.faults.add(status=502, times=None)
    began = clock.now
    while clock.now + 400 < began + 300 + 3600:
        clock.now += 400
        assert await browser.works_in() == "Kist & Vijs BV"
    clock.now = began + 300 + 3600 + 1
    assert await browser.works_in() is None


async def test_a_server_that_is_down_is_not_asked_by_every_request(
    browser: Browser, sandbox: Sandbox, clock: Clock
) -> None:
    await in_kist(browser)
    sandbox.faults.add(status=400, times=None)  # which is not repeated
    before, clock.now = asked(sandbox), clock.now + 301
    for _ in range(5):
        await browser.get("/who")
    assert asked(sandbox) == before + 1
    clock.now += 6
    await browser.get("/who")
    assert asked(sandbox) == before + 2


async def test_requests_side_by_side_ask_once(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await in_kist(browser)
    before, clock.now = asked(sandbox), clock.now + 3901  # too old for anything: all have to wait
    answers = await asyncio.gather(*(browser.get("/who") for _ in range(20)))
    assert {each.status_code for each in answers} == {200}
    assert asked(sandbox) == before + 1


async def test_a_session_ends_after_its_lifetime(make_login: Make, open_browser: Open, clock: Clock) -> None:
    browser = open_browser(application(make_login(lifetime=1000)))
    await browser.log_in(MARIE)
    clock.now += 999
    assert await browser.works_in()
    clock.now += 1
    browser.cookies.update({each.name: each.value or "" for each in browser.cookies.jar})
    assert await browser.works_in() is None


async def test_a_choice_during_a_question_is_kept(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await in_kist(browser)
    sandbox.faults.add(delay=0.3, times=1)
    clock.now += 301
    asking = asyncio.create_task(browser.get("/who"))
    await asyncio.sleep(0.1)
    await browser.choose(LAMPE)
    await asking
    assert await browser.works_in() == "Lampe SA"


async def test_a_logout_during_a_question_is_kept(
    browser: Browser, sandbox: Sandbox, clock: Clock, login: CloudspotLogin
) -> None:
    await in_kist(browser)
    token = await browser.token("/auth/logout")
    sandbox.faults.add(delay=0.3, times=1)
    clock.now += 301
    asking = asyncio.create_task(browser.get("/who"))
    await asyncio.sleep(0.1)
    await browser.post("/auth/logout", data={"csrf": token})
    assert (await asking).status_code == 401
    assert len(login.store) == 0  # type: ignore[arg-type]


# Events


async def test_a_doorbell_makes_the_next_request_ask(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await in_kist(browser)
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    assert (await browser.get("/edit")).status_code == 200
    clock.now += 1
    rung = await browser.post("/auth/webhook", json=event(username=" Jan@Sandbox.Test "))
    assert (rung.status_code, rung.json()) == (200, {"status": "RECEIVED"})
    assert (await browser.get("/edit")).status_code == 403


async def test_an_event_at_a_machine_whose_clock_is_late_counts_as_well(
    make_login: Make, open_browser: Open, sandbox: Sandbox, clock: Clock
) -> None:
    store, late = MemoryStore(), Clock()
    late.now = clock.now - 60
    browser = await in_kist(open_browser(application(make_login(store=store))))
    other = open_browser(application(make_login(store=store, clock=late)))
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    await other.post("/auth/webhook", json=event())
    assert (await browser.get("/edit")).status_code == 403


async def test_a_forged_event_changes_nothing(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await in_kist(browser)
    await browser.choose(LAMPE)
    clock.now += 1
    await browser.post(
        "/auth/webhook", json=event(company_id=LAMPE, permissions=["is_superuser", "use_app", "edit_artikels"])
    )
    await browser.post("/auth/webhook", json=event("user.email.updated", current_email=JAN, change_to_email=MARIE))
    await browser.post("/auth/webhook", json=event("user.pin.updated", user_username=JAN, pin="1"))
    created = {"user_email": "evil@sandbox.test", "user_pwd": "known", "license_token": "x"}
    await browser.post("/auth/webhook", json={"event": "user.created", "data": created})
    assert (await browser.get("/who")).json() == {
        "user": JAN,
        "company": "Lampe SA",
        "permissions": ["use_app", "view_artikels"],
    }
    browser.cookies.clear()
    assert (await browser.log_in("evil@sandbox.test", "known")).status_code == 400


async def test_nobody_makes_the_application_ask_without_end(browser: Browser, sandbox: Sandbox, clock: Clock) -> None:
    await in_kist(browser)
    before = asked(sandbox)
    for _ in range(20):
        await browser.post("/auth/webhook", json=event())
        await browser.get("/who")
    assert asked(sandbox) == before + 1


async def test_no_user_can_be_probed(browser: Browser) -> None:
    await browser.log_in()
    answers = [
        await browser.post("/auth/webhook", json=event(username=name))
        for name in (JAN, "nobody@sandbox.test", "", "x" * 300)
    ]
    assert {(each.status_code, each.text) for each in answers[:2]} == {(200, '{"status":"RECEIVED"}')}
    assert [each.status_code for each in answers[2:]] == [400, 200]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"event": "permissions.updated", "data": {}}', 400),
        (b'{"event": "permissions.updated", "data": {"username": 5, "company_id": []}}', 400),
        (b'{"event": 5, "data": {}}', 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b'{"event": "company.merged", "data": {"x": 1}}', 202),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
async def test_what_is_no_event_is_refused(browser: Browser, body: bytes, status: int) -> None:
    assert (await browser.post("/auth/webhook", content=body)).status_code == status


async def test_bodies_without_a_length_are_limited_too(browser: Browser) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 50_000_000:
            sent += 65536
            yield b" " * 65536

    assert (await browser.post("/auth/webhook", content=endless())).status_code == 413


async def test_secrets_are_demanded_where_there_are_some(make_login: Make, open_browser: Open, clock: Clock) -> None:
    browser = open_browser(application(make_login(webhook_url_secrets=["a-long-secret"])))
    assert (await browser.post("/auth/webhook", json=event())).status_code == 401
    assert (await browser.post("/auth/webhook/another", json=event())).status_code == 401
    assert (await browser.post("/auth/webhook/%C3%A9", json=event())).status_code == 401
    assert (await browser.post("/auth/webhook/a-long-secret", json=event())).status_code == 200
    signed = open_browser(application(make_login(webhook_secrets=[SECRET])))
    for unsigned in ({}, {"webhook-id": "1", "webhook-timestamp": "é".encode(), "webhook-signature": "v1,é".encode()}):
        assert (await signed.post("/auth/webhook", json=event(), headers=unsigned)).status_code == 401  # type: ignore[arg-type]


async def test_an_event_of_the_sandbox_takes_a_right_away_within_seconds(make_login: Make, sandbox: Sandbox) -> None:
    """Over real connections: the event comes by itself when the permission changes, and is signed."""
    events: list[Event] = []

    async def note(event: Event) -> None:
        events.append(event)

    login = make_login(secure=False, webhook_secrets=[SECRET], on_event=note, clock=time.time)
    with served(application(login)) as url:
        sandbox.applications.update(webhook_url=f"{url}/auth/webhook", webhook_secret=SECRET)
        async with Browser(base_url=url) as browser:
            await in_kist(browser)
            assert (await browser.get("/edit")).status_code == 200
            began = time.monotonic()
            sandbox.permissions.set(JAN, KIST, ["use_app", "view_artikels"])
            while (await browser.get("/edit")).status_code == 200:
                assert time.monotonic() - began < 20
                await asyncio.sleep(0.02)
            await asyncio.to_thread(sandbox.events.wait)
            (delivery,) = sandbox.events.list()
            assert delivery.status == "delivered"
    assert isinstance(events[0].data, PermissionsUpdated)
    assert events[0].proof is Proof.SIGNATURE


async def test_a_replayed_event_is_not_acted_on_again(
    make_login: Make, open_browser: Open, sandbox: Sandbox, clock: Clock
) -> None:
    events: list[Event] = []

    async def note(event: Event) -> None:
        events.append(event)

    browser = open_browser(application(make_login(webhook_secrets=[SECRET], on_event=note, clock=time.time)))
    body = json.dumps(event()).encode()
    signed = headers("msg_1", int(time.time()), body, SECRET)
    answers = [await browser.post("/auth/webhook", content=body, headers=signed) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert len(events) == 1
    late = headers("msg_2", int(time.time()) - 301, body, SECRET)
    assert (await browser.post("/auth/webhook", content=body, headers=late)).status_code == 401


async def test_an_event_that_could_not_be_acted_on_is_taken_when_it_comes_again(
    make_login: Make, open_browser: Open
) -> None:
    class Failing(MemoryStore):
        fails = True

        async def ring(self, account: str, at: float) -> list[str]:
            if self.fails:
                raise ConnectionError("the database is gone")
            rung.append(account)
            return await super().ring(account, at)

    rung: list[str] = []
    store = Failing()
    browser = open_browser(application(make_login(webhook_secrets=[SECRET], store=store)))
    body = json.dumps(event()).encode()
    signed = headers("msg_1", int(time.time()), body, SECRET)
    with pytest.raises(ConnectionError):
        await browser.post("/auth/webhook", content=body, headers=signed)
    store.fails = False
    for _ in range(2):
        assert (await browser.post("/auth/webhook", content=body, headers=signed)).status_code == 200
    assert len(rung) == 2  # once for the user, once for supporters who act as the user


async def test_a_proven_event_is_looked_up_at_once(make_login: Make, open_browser: Open, sandbox: Sandbox) -> None:
    login = make_login(webhook_url_secrets=["a-long-secret"])
    browser = await in_kist(open_browser(application(login)))
    before = asked(sandbox)
    await browser.post("/auth/webhook/a-long-secret", json=event())
    assert asked(sandbox) == before + 1
    sandbox.user_tokens.revoke(user=JAN)
    await browser.post("/auth/webhook/a-long-secret", json=event())
    assert len(login.store) == 0  # type: ignore[arg-type]
