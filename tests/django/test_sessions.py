from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cloudspot.django.models import Account, AuditEntry, Membership

from .conftest import JAN, KIST, LAMPE, MARIE, PASSWORD


def age(seconds: float, **others: object) -> None:
    """Let the last answer of the License server be so long ago."""
    then = timezone.now() - timedelta(seconds=seconds)
    Account.objects.update(**{"confirmed_at": then, "tried_at": then, **others})


def asked(sandbox) -> int:
    return len([each for each in sandbox.requests.list() if "get-permissions" in each.path])


def test_permissions_are_looked_up_again_after_the_interval(sandbox, client, log_in) -> None:
    log_in()
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    assert client.get("/edit").status_code == 200, "within the interval"
    age(301)
    assert client.get("/edit").status_code == 403
    assert client.get("/page").status_code == 200


async def test_the_same_in_an_event_loop(sandbox, aclient, log_in) -> None:
    aclient.cookies = await sync_to_async(lambda: log_in_cookies(log_in))()
    sandbox.permissions.set(JAN, KIST, ["use_app"])
    assert (await aclient.get("/aedit")).status_code == 200
    await sync_to_async(age)(301)
    assert (await aclient.get("/aedit")).status_code == 403


def log_in_cookies(log_in):
    browser = Client()
    log_in(browser=browser)
    return browser.cookies


def test_a_company_that_is_closed_is_left(sandbox, client, log_in) -> None:
    log_in(company=KIST)
    sandbox.permissions.set(JAN, KIST, [])
    age(301)
    assert client.get("/me").json()["company"] == LAMPE, "the only one that is left"
    sandbox.permissions.set(JAN, LAMPE, [])
    age(301)
    assert client.get("/me").json() == {"user": JAN, "company": None, "permissions": [], "all": []}
    assert Membership.objects.count() == 0


@pytest.mark.parametrize(
    "fault", [{"status": 502, "body": "html"}, {"reset": True}, {"retry_after": 9}, {"cut_off": 5}]
)
def test_who_is_in_stays_for_the_grace_time_while_the_server_is_down(sandbox, client, log_in, fault) -> None:
    log_in()
    sandbox.faults.add(**fault, times=None)
    age(3899)
    assert client.get("/edit").status_code == 200
    age(3901)
    assert client.get("/edit").status_code == 302
    assert AuditEntry.objects.get().action == "put out"
    sandbox.faults.clear()
    assert client.get("/edit").status_code == 302, "out is out"


async def test_who_is_in_stays_for_the_grace_time_in_an_event_loop_too(sandbox, aclient, log_in) -> None:
    aclient.cookies = await sync_to_async(lambda: log_in_cookies(log_in))()
    sandbox.faults.add(status=503, times=None)
    await sync_to_async(age)(3800)
    assert (await aclient.get("/aedit")).status_code == 200
    await sync_to_async(age)(3901)
    assert (await aclient.get("/ame")).json()["user"] == ""


def test_a_server_that_is_down_is_not_asked_by_every_request(sandbox, client, log_in) -> None:
    log_in()
    sandbox.faults.add(status=503, times=None)
    age(400)
    before = asked(sandbox)
    for _ in range(5):
        assert client.get("/edit").status_code == 200
    assert asked(sandbox) - before == 2, "one attempt, repeated once"


@pytest.mark.parametrize("how", ["revoke", "expire"])
def test_a_refused_token_is_out_and_not_a_500(sandbox, client, log_in, how) -> None:
    """Fault 18: an expired token or an anonymous visitor gives a 500."""
    log_in()
    other = Client()
    log_in(browser=other)
    getattr(sandbox.user_tokens, how)(user=JAN)
    age(301)
    assert client.get("/edit").status_code == 302
    assert other.get("/edit").status_code == 302, "in every browser"
    assert not Account.objects.get().sealed_token
    log_in()
    assert client.get("/edit").status_code == 200
    assert other.get("/edit").status_code == 302, "an old session does not come to life again"


@pytest.mark.parametrize("path", ["/me", "/page", "/public", "/auth/select-company", "/edit", "/aedit", "/klanten"])
def test_an_anonymous_visitor_gets_no_500(client, path) -> None:
    assert client.get(path).status_code in {200, 302, 403}
    client.cookies["sessionid"] = "invented"
    assert client.get(path).status_code in {200, 302, 403}


def test_a_deactivated_user_stays_out(sandbox, client, log_in) -> None:
    """Fault 17: a deactivated user was activated again by logging in."""
    log_in()
    get_user_model().objects.update(is_active=False)
    assert client.get("/edit").status_code == 302
    token = Account.objects.get().sealed_token
    response = log_in()
    assert response.status_code == 400
    assert b"not right" in response.content
    assert not get_user_model().objects.get().is_active
    assert Account.objects.get().sealed_token == token


def test_a_user_who_is_deactivated_at_the_license_server_is_out(sandbox, client, log_in) -> None:
    log_in()
    sandbox.users.update(JAN, is_active=False)
    age(301)
    assert client.get("/edit").status_code == 302


def test_another_address_is_taken_over_when_the_users_own_token_says_so(sandbox, client, log_in) -> None:
    log_in()
    key = get_user_model().objects.get().pk
    sandbox.users.update(JAN, email="jan@new.test")
    age(301)
    assert client.get("/me").json()["user"] == "jan@new.test"
    user = get_user_model().objects.get()
    assert (user.pk, user.email, user.cloudspot_account.email) == (key, "jan@new.test", "jan@new.test")
    assert AuditEntry.objects.get().detail == f"it was {JAN}"


def test_a_user_of_the_project_is_none_of_its_business(client) -> None:
    get_user_model().objects.create_superuser("chef", "chef@x.test", "geheim-genoeg")
    assert client.post("/auth/login", {"username": "chef", "password": "geheim-genoeg"}).headers["Location"] == "/me"
    assert client.get("/edit").status_code == 200
    assert client.get("/admin/").status_code == 200
    assert client.get("/auth/select-company").status_code == 302


def test_the_middleware_adds_one_query(client, log_in, sandbox) -> None:
    log_in()
    client.get("/me")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/edit").status_code == 200
    assert len(queries) == 3, "session, user with account, membership"
    with CaptureQueriesContext(connection) as queries:
        client.get("/public")
    assert len(queries) == 3
    with CaptureQueriesContext(connection) as queries:
        Client().get("/public")
    assert len(queries) == 0


def test_a_page_for_everybody_does_not_vary_by_cookie(client) -> None:
    assert "Cookie" not in client.get("/public").headers.get("Vary", "")


def test_a_wrong_choice_of_company_changes_nothing(client, log_in, sandbox) -> None:
    """Fault 14: switched by GET, without a membership check, saved before the License server has answered."""
    log_in(MARIE, company=None)
    for wrong in (LAMPE, "Lampe SA", "x", "", "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e9999"):
        assert client.post("/auth/select-company", {"company": wrong}).status_code == 403
    assert client.get(f"/auth/set-company/{KIST}").status_code == 405
    assert client.post(f"/auth/set-company/{LAMPE}").status_code == 403
    assert client.get("/me").json()["company"] == KIST
    assert Account.objects.get().company_id is None
    assert client.post(f"/auth/set-company/{KIST}").status_code == 302


def test_a_company_that_was_closed_since_can_not_be_chosen(client, log_in, sandbox) -> None:
    log_in(company=KIST)
    sandbox.permissions.set(JAN, LAMPE, [])
    assert client.post("/auth/select-company", {"company": LAMPE}).status_code == 403
    sandbox.user_tokens.revoke(user=JAN)
    assert client.post("/auth/select-company", {"company": KIST}).headers["Location"].startswith("/auth/login")


def test_a_company_can_be_chosen_while_the_server_is_down(client, log_in, sandbox) -> None:
    log_in(company=KIST)
    sandbox.faults.add(status=503, times=None)
    assert client.post("/auth/select-company", {"company": LAMPE}).status_code == 302
    assert client.get("/me").json()["company"] == LAMPE


def test_the_last_company_is_chosen_at_the_next_login(client, log_in) -> None:
    log_in(company=LAMPE)
    client.post("/auth/logout")
    assert client.post("/auth/login", {"username": JAN, "password": PASSWORD}).headers["Location"] == "/me"
    assert client.get("/me").json()["company"] == LAMPE
