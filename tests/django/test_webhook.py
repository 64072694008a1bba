"""Faults 12 and 19: the webhook believed anybody, was not atomic, made 568 queries, and told who is a user."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cloudspot.django import accounts
from cloudspot.django.admin import HeldEmailChangeAdmin
from cloudspot.django.models import Account, AuditEntry, Company, HeldEmailChange, Membership, SeenEvent
from cloudspot.weblogin.doorbell import HoldEmail
from tests.hostile import Asked, Hostile, answer

from .conftest import JAN, KIST, MARIE, PASSWORD

SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two bytes or so!").decode()
URL_SECRET = "a-long-random-text-indeed"

DATA: dict[str, dict[str, Any]] = {
    "permissions.updated": {"username": JAN, "company_id": KIST, "permissions": ["use_app", "is_superuser"]},
    "user.email.updated": {"current_email": JAN, "change_to_email": "evil@x.test"},
    "user.pin.updated": {"user_username": JAN, "pin": "666666"},
    "user.created": {"user_email": "evil@x.test", "user_pwd": "geheim-genoeg", "user_first_name": "E"},
}


def post(
    browser: Any, event: str, /, secret: str | None = None, sign: bool = False, id: str = "msg_1", **data: Any
) -> Any:
    body = json.dumps({"event": event, "data": DATA.get(event, {}) | data}).encode()
    headers = {}
    if sign:
        now = str(int(time.time()))
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{id}.{now}.".encode() + body, hashlib.sha256)
        headers = {
            "webhook-id": id,
            "webhook-timestamp": now,
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }
    path = "/auth/webhook" + (f"/{secret}" if secret else "")
    return browser.post(path, body, content_type="application/json", headers=headers)


def state() -> tuple[Any, ...]:
    """All that must not change because of what an event says."""
    users = get_user_model().objects.values_list(
        "username", "email", "password", "is_superuser", "is_staff", "is_active"
    )
    kept = Account.objects.values_list("email", "sealed_token", "company")
    return list(users), list(kept), list(Membership.objects.values_list("company", "permissions"))


@pytest.mark.parametrize("event", DATA)
def test_a_forged_event_changes_nothing(client, log_in, event) -> None:
    log_in()
    before = state()
    response = post(Client(enforce_csrf_checks=True), event)
    assert (response.status_code, response.json()) == (200, {"status": "RECEIVED"})
    assert state() == before
    assert client.get("/me").json()["permissions"] == ["edit_artikels", "use_app", "view_artikels", "view_klanten"]


def test_a_forged_change_of_address_followed_by_the_attackers_login_takes_nothing_over(sandbox, client, log_in) -> None:
    log_in()
    victim = Account.objects.get()
    post(client, "user.email.updated")
    sandbox.users.create(email="evil@x.test", password="evil-wachtwoord")
    sandbox.permissions.set("evil@x.test", KIST, ["use_app"])
    attacker = Client()
    assert attacker.post("/auth/login", {"username": "evil@x.test", "password": "evil-wachtwoord"}).status_code == 302
    assert attacker.get("/me").json()["user"] == "evil@x.test"
    assert Account.objects.count() == 2
    assert Account.objects.get(email=JAN).user_id == victim.user_id


def test_what_an_unproven_event_is_about_is_looked_up_by_the_users_next_request(sandbox, client, log_in) -> None:
    log_in()
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    assert client.get("/edit").status_code == 200
    Account.objects.update(tried_at=None)  # five seconds later
    post(client, "permissions.updated")
    assert client.get("/edit").status_code == 403


def test_the_truth_about_a_signed_event_is_looked_up_at_once(sandbox, client, log_in, configure) -> None:
    configure(WEBHOOK_SECRETS=[SECRET])
    log_in()
    sandbox.permissions.set(JAN, KIST, ["use_app", "view_artikels"])
    sandbox.users.update(JAN, pin="99")
    response = post(client, "permissions.updated", sign=True)
    assert (response.status_code, response.json()) == (200, {"status": "OBJECT_UPDATED"})
    assert Membership.objects.get(company_id=KIST).slugs == {"use_app", "view_artikels"}, "not what the event said"
    assert Account.objects.get().pin == "99"
    assert client.get("/edit").status_code == 403


async def test_the_same_in_an_event_loop(sandbox, aclient, log_in, configure) -> None:
    configure(WEBHOOK_URL_SECRETS=[URL_SECRET])
    await sync_to_async(log_in)()
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    response = await post(aclient, "permissions.updated", secret=URL_SECRET)
    assert response.json() == {"status": "OBJECT_UPDATED"}
    row = await Membership.objects.aget(company_id=KIST)
    assert row.slugs == {"use_app"}


@pytest.mark.parametrize("said", [{"WEBHOOK_SECRETS": [SECRET]}, {"WEBHOOK_URL_SECRETS": [URL_SECRET]}])
def test_what_is_configured_is_required(client, log_in, configure, said) -> None:
    configure(**said)
    log_in()
    before = state()
    for response in (post(client, "permissions.updated"), post(client, "permissions.updated", secret="wrong")):
        assert (response.status_code, response.json()) == (401, {"status": "NOT_AUTHORIZED"})
    assert state() == before
    assert Account.objects.get().rung_at is None


def test_a_replay_is_recognised(sandbox, client, log_in, configure) -> None:
    configure(WEBHOOK_SECRETS=[SECRET])
    log_in()
    assert post(client, "permissions.updated", sign=True).json() == {"status": "OBJECT_UPDATED"}
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    assert post(client, "permissions.updated", sign=True).json() == {"status": "RECEIVED"}
    assert Membership.objects.get(company_id=KIST).slugs != {"use_app"}, "nothing was looked up"
    assert post(client, "permissions.updated", sign=True, id="msg_2").json() == {"status": "OBJECT_UPDATED"}
    assert SeenEvent.objects.count() == 2


def test_an_event_comes_again_where_the_truth_could_not_be_looked_up(sandbox, client, log_in, configure) -> None:
    configure(WEBHOOK_SECRETS=[SECRET])
    log_in()
    sandbox.faults.add(status=503, times=None)
    response = post(client, "permissions.updated", sign=True)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert not SeenEvent.objects.exists()
    sandbox.faults.clear()
    assert post(client, "permissions.updated", sign=True).json() == {"status": "OBJECT_UPDATED"}


def test_it_is_one_transaction(client, log_in, configure, monkeypatch) -> None:
    configure(WEBHOOK_SECRETS=[SECRET])
    log_in()
    before = state()

    def fails(*_: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(accounts, "replace_permissions", fails)
    with pytest.raises(RuntimeError, match="in the middle"):
        post(client, "permissions.updated", sign=True)
    assert state() == before
    assert not SeenEvent.objects.exists(), "so that it is taken when it comes again"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"{}", b'{"event": 1, "data": {}}', b'{"event": "x"}',
     b'{"event": "permissions.updated", "data": {}}', b'{"event": "user.pin.updated", "data": {"user_username": 1}}',
     b'{"event": "permissions.updated", "data": {"username": "a\\u0000b", "company_id": "x"}}', b"[" * 5000],
)  # fmt: skip
def test_a_bad_body_gets_400(client, configure, body) -> None:
    response = client.post("/auth/webhook", body, content_type="application/json")
    assert (response.status_code, response.json()["status"]) == (400, "INVALID_FORMAT")


def test_an_unknown_event_gets_202_and_an_oversized_one_413(client, configure) -> None:
    assert post(client, "company.deleted").status_code == 202
    assert post(client, "permissions.updated", permissions=["x" * 900] * 2000).status_code == 413
    assert client.get("/auth/webhook").status_code == 405


def shape(response: Any) -> tuple[Any, ...]:
    return response.status_code, response.content, sorted(response.headers.items())


@pytest.mark.parametrize("event", DATA)
def test_no_user_name_can_be_probed(client, log_in, event) -> None:
    log_in()
    keys = ("username", "current_email", "user_username", "user_email")
    answers, counts = [], []
    for name in (JAN, "nobody@x.test"):
        HeldEmailChange.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            answers.append(shape(post(client, event, **{key: name for key in keys if key in DATA[event]})))
        counts.append([query["sql"].split()[0] for query in queries])
    assert answers[0] == answers[1]
    assert counts[0] == counts[1], "nor by the time that it takes"


def license_server(companies: int, slugs: int) -> Callable[[Asked], list[bytes]]:
    rows = [
        {
            "company_id": str(UUID(int=number + 1)),
            "company_name": f"Company {number}",
            "permissions": ["use_app", *(f"slug_{each}" for each in range(slugs))],
        }
        for number in range(companies)
    ]
    profile = {"first_name": "Jan", "last_name": "J", "email": JAN, "pin": None}

    def serve(asked: Asked) -> list[bytes]:
        return [answer(profile if "profile" in asked.target else {"token": "a-token", "permissions": rows})]

    return serve


def test_the_number_of_queries_does_not_depend_on_companies_and_permissions(client, configure) -> None:
    counts = []
    for companies, slugs in ((1, 1), (50, 50)):
        with Hostile(license_server(companies, slugs)) as server:
            configure(BASE_URL=server.url, WEBHOOK_SECRETS=[SECRET])
            assert client.post("/auth/login", {"username": JAN, "password": PASSWORD}).status_code == 302
            with CaptureQueriesContext(connection) as queries:
                response = post(client, "permissions.updated", sign=True, id=f"msg_{companies}")
            assert response.json() == {"status": "OBJECT_UPDATED"}
            assert Membership.objects.count() == companies
            counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 16


def test_a_proven_change_of_address_is_confirmed_by_the_users_own_token(sandbox, client, log_in, configure) -> None:
    configure(WEBHOOK_SECRETS=[SECRET])
    log_in()
    key = get_user_model().objects.get().pk
    sandbox.users.update(JAN, email="jan@new.test")
    post(client, "user.email.updated", sign=True, change_to_email="jan@new.test")
    assert Account.objects.get().email == "jan@new.test"
    assert get_user_model().objects.get().pk == key
    assert not HeldEmailChange.objects.exists()


def test_a_change_of_address_that_can_not_be_confirmed_is_held(sandbox, client, log_in, configure) -> None:
    configure(WEBHOOK_SECRETS=[SECRET])
    log_in()
    for number in range(2):
        post(client, "user.email.updated", sign=True, change_to_email="jan@new.test", id=f"msg_{number}")
    held = HeldEmailChange.objects.get()
    assert (held.email, held.new_email, held.is_proven) == (JAN, "jan@new.test", True)
    assert Account.objects.get().email == JAN


def test_an_address_that_somebody_else_has_is_not_taken_over(sandbox, client, log_in) -> None:
    log_in(MARIE, company=None)
    log_in()
    jan, marie = (Account.objects.get(email=each).pk for each in (JAN, MARIE))
    sandbox.users.delete(MARIE)
    sandbox.users.update(JAN, email=MARIE)
    Account.objects.filter(pk=jan).update(confirmed_at=None, tried_at=None)
    assert client.get("/me").status_code == 200
    assert {each.pk: each.email for each in Account.objects.all()} == {jan: JAN, marie: MARIE}
    assert HeldEmailChange.objects.get().reason == accounts.TAKEN


def test_held_changes_can_not_fill_the_database(client, configure, monkeypatch) -> None:
    monkeypatch.setattr(accounts, "MOST_HELD", 3)
    for number in range(6):
        assert post(client, "user.email.updated", change_to_email=f"e{number}@x.test").status_code == 200
    assert HeldEmailChange.objects.count() == 3


def test_an_administrator_decides_on_held_changes(client, log_in) -> None:
    log_in()
    post(client, "user.email.updated", change_to_email="jan@new.test")
    post(client, "user.email.updated", current_email="nobody@x.test")
    get_user_model().objects.create_superuser("chef", "chef@x.test", "geheim-genoeg")
    chef = Client()
    chef.post("/auth/login", {"username": "chef", "password": "geheim-genoeg"})
    keys = list(HeldEmailChange.objects.values_list("pk", flat=True))
    url = "/admin/cloudspot_django/heldemailchange/"
    assert chef.get(url).status_code == 200
    said = chef.post(url, {"action": "apply", "_selected_action": keys}, follow=True)
    assert b"not possible" in said.content
    assert Account.objects.get().email == "jan@new.test"
    assert AuditEntry.objects.get(action="e-mail address changed").by == "chef"
    chef.post(url, {"action": "dismiss", "_selected_action": keys})
    assert not HeldEmailChange.objects.exists()
    assert HeldEmailChangeAdmin.actions


def test_a_proven_new_user_has_no_password_and_no_rights(client, configure) -> None:
    """Faults 12 and 13: a working password that the sender chose; one and the same for everybody."""
    configure(WEBHOOK_SECRETS=[SECRET])
    response = post(client, "user.created", sign=True, user_email="an@x.test", user_first_name="An")
    user = get_user_model().objects.get()
    assert response.json() == {"status": "OBJECT_CREATED", "id": str(user.pk)}
    assert not user.has_usable_password()
    assert (user.username, user.first_name, user.is_staff) == ("an@x.test", "An", False)
    response = post(client, "user.created", sign=True, user_email="an@x.test", id="msg_2")
    assert (response.status_code, response.json()["status"]) == (400, "OBJECT_EXISTS")
    response = post(client, "permissions.updated", sign=True, username="nobody@x.test", id="msg_3")
    assert (response.status_code, response.json()["status"]) == (404, "NOT_FOUND")
    assert not Company.objects.exists()


def test_a_new_users_token_is_only_kept_where_it_is_the_users_own(sandbox, client, configure) -> None:
    configure(WEBHOOK_SECRETS=[SECRET])
    token = sandbox.user_tokens.issue(JAN)
    post(client, "user.created", sign=True, user_email="evil@x.test", license_token=token)
    assert not Account.objects.get(email="evil@x.test").sealed_token
    post(client, "user.created", sign=True, user_email=JAN, license_token=token, id="msg_2")
    assert Account.objects.get(email=JAN).token == token
    assert Membership.objects.filter(account__email=JAN).count() == 2


def test_a_login_with_an_address_that_the_license_server_had_told_of_is_the_same_user(
    sandbox, client, log_in, configure
) -> None:
    configure(WEBHOOK_SECRETS=[SECRET])
    log_in()
    key = get_user_model().objects.get().pk
    sandbox.user_tokens.revoke(user=JAN)
    post(client, "user.email.updated", sign=True, change_to_email="jan@new.test")
    assert Account.objects.get().email == JAN, "its token is refused, so it confirms nothing"
    sandbox.users.update(JAN, email="jan@new.test")
    assert log_in("jan@new.test").status_code == 302
    assert get_user_model().objects.get().pk == key
    assert Account.objects.get().email == "jan@new.test"
    assert not HeldEmailChange.objects.exists()


def test_a_login_with_an_address_that_anybody_could_have_told_of_is_another_user(sandbox, client, log_in) -> None:
    log_in()
    post(client, "user.email.updated", change_to_email=MARIE)
    log_in(MARIE, company=None, browser=Client())
    assert set(Account.objects.values_list("email", flat=True)) == {JAN, MARIE}


def test_an_unproven_event_takes_nothing_back_of_a_proven_one(client, configure) -> None:
    change = HoldEmail(JAN, "jan@new.test", is_proven=True)
    accounts.hold(change, "why")
    accounts.hold(HoldEmail(JAN, "jan@new.test", is_proven=False))
    held = HeldEmailChange.objects.get()
    assert (held.is_proven, held.reason) == (True, "why")
