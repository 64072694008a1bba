"""Users, what they may do, their tokens, and applications."""

from __future__ import annotations

import pytest
import urllib3
from playwright.sync_api import expect

from cloudspot.sandbox import NoSuchRecord, Sandbox

from .conftest import Opening

JAN, PIET = "jan@sandbox.test", "piet@sandbox.test"


def test_the_matrix_switches_permissions(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/users")
    switch = page.get_by_role("checkbox", name=f"use_app: {PIET}")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(page.locator("#said")).to_contain_text(PIET)
    expect(switch).to_be_checked()
    expect(switch).to_be_focused()
    assert sandbox.permissions.get(PIET, "Kist & Vijs BV") == {"use_app", "view_artikels"}
    expect(page.locator("#announcer")).to_contain_text(PIET)


def test_the_matrix_is_for_a_company_and_gets_columns(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/users")
    page.get_by_label("Company").select_option("Lampe SA")
    expect(page.get_by_role("checkbox", name=f"view_klanten: {JAN}")).not_to_be_checked()
    page.get_by_label("Permission (slug)").fill("print_labels")
    page.get_by_role("button", name="Add column").click()
    page.get_by_role("checkbox", name=f"print_labels: {JAN}").click()
    expect(page.locator("#said")).to_be_visible()
    assert sandbox.permissions.get(JAN, "Lampe SA") == {"use_app", "view_artikels", "print_labels"}
    assert sandbox.permissions.get(JAN, "Kist & Vijs BV") >= {"edit_artikels"}


def test_a_change_made_elsewhere_meanwhile_is_not_undone(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/users")
    sandbox.permissions.set(PIET, "Kist & Vijs BV", ["view_artikels", "made_elsewhere"])
    page.get_by_role("checkbox", name=f"use_app: {PIET}").click()
    expect(page.locator("#said")).to_be_visible()
    assert sandbox.permissions.get(PIET, "Kist & Vijs BV") == {"use_app", "view_artikels", "made_elsewhere"}


def test_a_user_is_created_changed_and_deleted(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/users")
    page.keyboard.press("n")
    page.get_by_label("E-mail address").fill("an@sandbox.test")
    page.get_by_label("First name").fill("An")
    page.get_by_label("PIN").fill("42")
    page.get_by_label("Password").fill(" geheim met spatie ")
    page.get_by_role("button", name="Create user").click()
    expect(page.locator("#said")).to_contain_text("an@sandbox.test")
    assert sandbox.users.get("an@sandbox.test").pin == "42"
    assert logs_in(sandbox, "an@sandbox.test", " geheim met spatie ")

    page.get_by_role("link", name="an@sandbox.test", exact=True).click()
    page.get_by_label("PIN").fill("")
    page.get_by_label("May log in").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_be_visible()
    user = sandbox.users.get("an@sandbox.test")
    assert (user.pin, user.is_active) == (None, False)

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Cancel").click()
    assert sandbox.users.get("an@sandbox.test")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("deleted")
    with pytest.raises(NoSuchRecord):
        sandbox.users.get("an@sandbox.test")


def test_what_is_refused_is_said_at_its_field_and_kept(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/users/+new")
    page.locator("form[action='/users/+new']").evaluate("form => form.noValidate = true")
    page.get_by_label("E-mail address").fill("no address")
    page.get_by_label("First name").fill("<b>An</b>")
    page.get_by_role("button", name="Create user").click()
    field = page.get_by_label("E-mail address")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("no address")
    expect(page.get_by_label("First name")).to_have_value("<b>An</b>")
    expect(page.locator("#f-email-error")).to_be_visible()
    assert len(sandbox.users.list()) == 3

    page.get_by_label("E-mail address").fill(JAN)
    page.get_by_role("button", name="Create user").click()
    expect(page.get_by_role("alert")).to_contain_text("already")


def test_tokens_are_issued_expire_and_are_revoked(visit: Opening, sandbox: Sandbox) -> None:
    page = visit(f"/users/{JAN}")
    page.get_by_role("button", name="Issue").click()
    token = page.locator("#token").inner_text()
    assert may(sandbox, token) == 200
    page.get_by_role("button", name="Expire").click()
    expect(page.locator("#said")).to_be_visible()
    assert may(sandbox, token) == 401
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Not logged in yet.")).to_be_visible()
    assert sandbox.user_tokens.list() == []

    page.get_by_label("Kind").select_option("impersonation in Lampe SA")
    page.get_by_role("button", name="Issue").click()
    expect(page.locator("#token")).not_to_be_empty()


def test_an_application_is_created_changed_and_deleted(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/applications")
    page.get_by_role("link", name="New application").click()
    page.get_by_label("Id", exact=True).fill("shop")
    page.get_by_label("Webhook").fill("http://elsewhere.example/webhook")
    page.get_by_role("button", name="Create application").click()
    expect(page.get_by_role("alert")).to_contain_text("this machine")
    expect(page.get_by_label("Id", exact=True)).to_have_value("shop")
    page.get_by_label("Webhook").fill("http://localhost:9/webhook")
    page.get_by_label("Sign with the secret below").check()
    page.get_by_role("button", name="Create application").click()
    expect(page.locator("#said")).to_contain_text("shop")
    assert sandbox.applications.get("shop").webhook_url == "http://localhost:9/webhook"
    assert sandbox.applications.signs_events("shop")

    page.get_by_role("link", name="shop").click()
    page.get_by_label("Changes send an event").uncheck()
    page.get_by_label("Sign no longer").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_be_visible()
    assert not sandbox.applications.get("shop").automatic_events
    assert not sandbox.applications.signs_events("shop")

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("deleted")
    assert [each.id for each in sandbox.applications.list()] == ["sandbox-app"]


def logs_in(sandbox: Sandbox, username: str, password: str) -> bool:
    body = {"username": username, "password": password}
    answer = urllib3.request(
        "POST", f"{sandbox.license_url}/auth/authenticate/", json=body, headers={"X-LICENSE-MODULE": "sandbox-app"}
    )
    return answer.status == 200


def may(sandbox: Sandbox, token: str) -> int:
    headers = {"X-LICENSE-MODULE": "sandbox-app", "X-LICENSE-TOKEN": token}
    return urllib3.request("GET", f"{sandbox.license_url}/auth/get-permissions/", headers=headers).status
