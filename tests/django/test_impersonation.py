"""Fault 15: by GET with the token in the URL, old permissions kept, the victim's own company and token overwritten, no
audit, no banner, no end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from cloudspot.django.models import Account, AuditEntry, Impersonation

from .conftest import JAN, KIST, LAMPE, MARIE


@pytest.fixture
def begin(configure, sandbox, log_in):
    """A user who is logged in, and a supporter's browser that begins to act as that user."""
    configure(IMPERSONATION=True)
    log_in(company=KIST)

    def begin(company: str = LAMPE, user: str = JAN, browser: Any = None, **data: str) -> Any:
        token = sandbox.user_tokens.impersonate(user, company)
        given = {"token": token, "supporter": "Sofie Support", "reason": "ticket 4711", **data}
        return (browser or Client()).post("/auth/impersonation/begin", given)

    return begin


def kept() -> tuple[Any, ...]:
    user = get_user_model().objects.get(username=JAN)
    account = user.cloudspot_account
    rows = list(account.memberships.order_by("company_id").values_list("company_id", "permissions"))
    return user.last_login, account.sealed_token, account.company_id, account.generation, rows


def test_it_is_off_unless_the_project_says_otherwise(client, sandbox) -> None:
    token = sandbox.user_tokens.impersonate(JAN, KIST)
    assert client.get("/auth/impersonation").status_code == 404
    assert client.get(f"/auth/impersonation/{token}").status_code == 404
    given = {"token": token, "supporter": "Sofie", "reason": "because"}
    assert client.post("/auth/impersonation/begin", given).status_code == 404


def test_opening_the_link_changes_nothing(client, sandbox, begin) -> None:
    browser = Client()
    token = sandbox.user_tokens.impersonate(JAN, LAMPE)
    assert browser.get("/auth/impersonation").json() == {"status": "operational"}
    page = browser.get(f"/auth/impersonation/{token}")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert browser.get("/me").json()["user"] == ""
    assert not Impersonation.objects.exists()
    assert begin(token=token).status_code == 302, "the token was not used up by looking"


def test_a_supporter_acts_as_the_user_in_that_company_and_the_users_own_login_is_left_alone(client, begin) -> None:
    before = kept()
    browser = Client()
    assert begin(browser=browser).status_code == 302
    assert browser.get("/me").json()["permissions"] == ["use_app", "view_artikels"], "of Lampe, not of Kist"
    assert browser.get("/edit").status_code == 403
    assert kept() == before
    assert client.get("/me").json()["company"] == KIST
    page = browser.get("/page").content.decode()
    assert "cloudspot-banner" in page
    assert "Lampe SA" in page
    assert "cloudspot-banner" not in client.get("/page").content.decode()


def test_it_is_written_down(client, begin) -> None:
    browser = Client()
    begin(browser=browser)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.account, entry.by, entry.detail) == (
        "impersonation began", JAN, "Sofie Support", "ticket 4711",
    )  # fmt: skip
    row = Impersonation.objects.get()
    assert row.token.reveal() not in row.sealed_token
    browser.post("/auth/impersonation/end")
    assert [each.action for each in AuditEntry.objects.order_by("pk")] == ["impersonation began", "impersonation ended"]
    assert browser.get("/me").json()["user"] == ""
    assert not Impersonation.objects.get().sealed_token
    assert client.get("/me").json()["user"] == JAN


def test_it_ends_by_itself(begin) -> None:
    browser = Client()
    begin(browser=browser)
    Impersonation.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert browser.get("/me").json()["user"] == ""
    assert AuditEntry.objects.order_by("pk").last().detail == "its time was over"


def test_it_ends_with_the_token_and_with_the_setting(begin, sandbox, configure) -> None:
    browser, other = Client(), Client()
    begin(browser=browser)
    sandbox.permissions.set(JAN, LAMPE, [])
    Impersonation.objects.update(confirmed_at=timezone.now() - timedelta(seconds=301), tried_at=None)
    assert browser.get("/me").json()["user"] == ""
    begin(browser=other, company=KIST)
    assert other.get("/edit").status_code == 200
    configure()
    assert other.get("/edit").status_code == 302


def test_a_supporter_can_not_choose_another_company_or_log_the_user_out(client, begin) -> None:
    browser = Client()
    begin(browser=browser)
    assert browser.post("/auth/select-company", {"company": KIST}).status_code == 403
    browser.post("/auth/logout")
    assert client.get("/me").json()["user"] == JAN


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"reason": "x"}, {"supporter": ""}, {"token": ""}])
def test_a_reason_and_a_name_are_needed(begin, wrong) -> None:
    assert begin(**wrong).status_code == 400
    assert not Impersonation.objects.exists()


def test_a_token_is_good_once_and_only_where_user_and_company_are_known(begin, sandbox) -> None:
    token = sandbox.user_tokens.impersonate(JAN, KIST)
    assert begin(token=token).status_code == 302
    assert begin(token=token).status_code == 403
    assert begin(token="invented").status_code == 403
    assert begin(user=MARIE, company=KIST).status_code == 403, "never logged in here"
    assert Impersonation.objects.count() == 1
    sandbox.faults.add(status=503, times=None)
    assert begin(token="x").status_code == 503


def test_a_deactivated_user_is_nobody_to_act_as(begin) -> None:
    get_user_model().objects.update(is_active=False)
    assert begin().status_code == 403
    assert Account.objects.count() == 1


async def test_the_same_in_an_event_loop(aclient, sandbox, configure, log_in) -> None:
    configure(IMPERSONATION=True)
    await sync_to_async(log_in)()
    token = sandbox.user_tokens.impersonate(JAN, LAMPE)
    given = {"token": token, "supporter": "Sofie", "reason": "ticket 4711"}
    assert (await aclient.post("/auth/impersonation/begin", given)).status_code == 302
    assert (await aclient.get("/ame")).json() == {"user": JAN, "edits": False}
    assert b"cloudspot-banner" in (await aclient.get("/apage")).content
    assert (await aclient.post("/auth/impersonation/end")).status_code == 302
    assert (await aclient.get("/ame")).json()["user"] == ""
