"""How the page is used: by keyboard alone, in two languages, light and dark, without JavaScript, or not at all."""

from __future__ import annotations

import subprocess
import sys

import urllib3
from playwright.sync_api import expect

from cloudspot.sandbox import Sandbox

from .conftest import Opening, Visitor


def test_the_menu_is_reached_by_shortcuts(visit: Opening) -> None:
    page = visit()
    for key, heading in (("a", "Products"), ("u", "Users and permissions"), ("f", "Faults"), ("o", "Overview")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.locator("main h1")).to_have_text(heading)


def test_help_is_a_dialog_and_shortcuts_can_be_switched_off(visit: Opening) -> None:
    page = visit("/artikels")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Single-letter shortcuts on").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()
    page.get_by_role("link", name="Help").click()
    expect(dialog.get_by_label("Single-letter shortcuts on")).not_to_be_checked()
    dialog.get_by_label("Single-letter shortcuts on").check()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()


def test_the_first_tab_skips_to_the_content(visit: Opening) -> None:
    page = visit("/users")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_rows_are_walked_with_j_and_k(visit: Opening) -> None:
    page = visit("/klanten")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#record-1001")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Client 1001")).to_be_visible()


def test_a_user_is_made_with_the_keyboard_alone(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/users")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="New user")).to_be_visible()
    page.locator("#f-email").focus()
    page.keyboard.type("toets@sandbox.test")
    page.keyboard.press("Tab")
    page.keyboard.type("Toets")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("toets@sandbox.test")
    assert sandbox.users.get("toets@sandbox.test").first_name == "Toets"


def test_the_language_is_switched_and_kept(visit: Opening) -> None:
    page = visit("/artikels?q=doos", locale="nl-BE")
    expect(page.locator("main h1")).to_have_text("Artikels")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("main h1")).to_have_text("Products")
    expect(page.locator("#q")).to_have_value("doos")
    page.goto("/users")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_colours_follow_the_system_until_one_chooses(visit: Opening) -> None:
    page = visit(color_scheme="dark")

    def ground() -> str:
        return page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")

    dark = ground()
    page.emulate_media(color_scheme="light")
    light = ground()
    assert dark != light
    page.get_by_role("button", name="Dark").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert ground() == dark
    page.goto("/users")
    assert ground() == dark
    page.get_by_role("button", name="Auto").click()
    expect(page.get_by_role("button", name="Auto")).to_have_attribute("aria-pressed", "true")
    assert ground() == light


def test_nothing_moves_for_those_who_asked_for_that(visit: Opening) -> None:
    page = visit(reduced_motion="reduce")
    moves = "getComputedStyle(document.querySelector('.switch') ?? document.body, '::after').transitionDuration"
    page.goto("/faults")
    assert page.evaluate(moves) == "0s"


def test_without_javascript_all_is_done_by_forms(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/users", java_script_enabled=False)
    page.get_by_role("checkbox", name="use_app: piet@sandbox.test").check()
    page.get_by_role("button", name="Save: piet@sandbox.test").click()
    expect(page.locator("#said")).to_contain_text("piet@sandbox.test")
    assert "use_app" in sandbox.permissions.get("piet@sandbox.test", "Kist & Vijs BV")

    page.goto("/users/piet@sandbox.test")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Are you sure?")).to_be_visible()
    assert sandbox.users.get("piet@sandbox.test")
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("deleted")
    assert len(sandbox.users.list()) == 2

    page.goto("/faults")
    page.get_by_role("checkbox", name="Slow server").check()
    page.locator("li", has_text="Slow server").get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_contain_text("Slow server")
    assert sandbox.faults.is_on("slow")

    page.goto("/artikels")
    page.get_by_label("Search products").fill("doos")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".paging")).to_contain_text(f"of {sandbox.artikels.search('doos').total}")
    page.locator("tbody tr").first.get_by_role("link", name="Edit").click()
    page.locator("#row-naam").fill("Zonder script")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_be_visible()
    assert sandbox.artikels.search("zonder script").total == 1


def test_a_page_from_before_a_restart_says_so(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/users/+new")
    page.locator("form[action='/users/+new'] input[name=csrf]").evaluate("field => field.value = 'old'")
    page.get_by_label("E-mail address").fill("an@sandbox.test")
    page.get_by_role("button", name="Create user").click()
    expect(page.get_by_role("alert")).to_contain_text("Load it again")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("heading", name="New user")).to_be_visible()


def test_a_sandbox_that_others_reach_says_so(browser) -> None:
    with Sandbox(artikels=1, klanten=1, host="0.0.0.0") as exposed:
        visitor = Visitor(browser, exposed)
        visitor.root = f"http://127.0.0.1:{exposed.port}"
        page = visitor.open("/")
        expect(page.get_by_role("note")).to_contain_text("listens to other machines")
        visitor.leave()


def test_another_name_for_this_machine_is_refused(sandbox: Sandbox) -> None:
    for host in ("evil.test", "sandbox.evil.test", f"evil.test:{sandbox.port}", "127.0.0.1.evil.test"):
        answer = urllib3.request("GET", f"http://127.0.0.1:{sandbox.port}/", headers={"Host": host})
        assert answer.status == 403
        assert b"<html" not in answer.data


def test_a_sandbox_that_nobody_looks_at_loads_no_page() -> None:
    asked = """
import sys, urllib.request
from cloudspot.sandbox import Sandbox
with Sandbox(artikels=5, klanten=1) as sandbox:
    request = urllib.request.Request(sandbox.base_url + "/artikels/", headers={"X-ERP-TOKEN": "sandbox-token"})
    urllib.request.urlopen(request).read()
    loaded = {name.split(".")[0] for name in sys.modules} | {name for name in sys.modules if "sandbox.page" in name}
    assert not loaded & {"jinja2", "multipart", "tomllib", "cloudspot.sandbox.page"}, loaded
    urllib.request.urlopen(sandbox.base_url.removesuffix("/api/v1") + "/").read()
    assert "jinja2" in sys.modules
"""
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=60)
