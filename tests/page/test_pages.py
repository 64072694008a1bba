"""What holds of every page: it is accessible, fits a phone, reads well in both languages, and shows data as text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from cloudspot.sandbox import Sandbox

from .conftest import DESK, PHONE, Opening
from .pages import PAGES

HOSTILE = (
    "<script>window.hacked=1</script>",
    "\"><img src=x onerror='window.hacked=1'>",
    "'; window.hacked=1; //",
    "{{ 7*7 }} {% raw %}",
    "\u202egnirts desrever\u202c مرحبا",
    "x" * 400,
    "a & b &lt; c",
)
SERIOUS = {"serious", "critical"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Short lists: what holds of ten rows holds of fifty."""
    with Sandbox(artikels=12, klanten=10) as sandbox:
        yield sandbox


@pytest.fixture
def lived_in(sandbox: Sandbox) -> Sandbox:
    """A sandbox in which something has happened, and some of it is meant badly."""
    for key, naam in enumerate(HOSTILE, sandbox.artikels.search(limit=1).records[0].id):
        sandbox.artikels.update(key, naam=naam, beschrijving=naam, SKU=naam[:40])
    for key, naam in enumerate(HOSTILE, 1001):
        sandbox.klanten.update(key, bedrijfsnaam=naam, voornaam=naam, plaats=naam)
    sandbox.users.create(email="'\"<b>&@sandbox.test", first_name=HOSTILE[0], last_name=HOSTILE[1])
    sandbox.applications.update("sandbox-app", webhook_url="http://127.0.0.1:9/webhook", name=HOSTILE[1])
    sandbox.events.retry_delays = ()
    sandbox.events.send(HOSTILE[0], {HOSTILE[1]: HOSTILE[2]})
    sandbox.events.wait()
    sandbox.faults.add(route="artikels", token=HOSTILE[0], status=503, times=3)
    sandbox.faults.switch_on("slow-line")
    login = f"{sandbox.base_url}/auth/authenticate/"
    urllib3.request("POST", login, json={"username": HOSTILE[0]}, headers={"X-LICENSE-MODULE": HOSTILE[5]})
    urllib3.request("GET", f"{sandbox.base_url}/categories/", fields={"id": HOSTILE[1]}, headers={"X-ERP-TOKEN": "x"})
    return sandbox


def is_sound(page: Page) -> None:
    assert page.evaluate("window.hacked") is None
    assert not page.locator("main img, main script").count(), "data became part of the page"
    expect(page.locator("main h1")).to_have_count(1)


def test_no_page_has_a_serious_fault_for_those_who_need_help(visit: Opening, lived_in: Sandbox) -> None:
    page, found, axe = visit(color_scheme="light"), [], Axe()

    def look(name: str, scheme: str, **only: list[str]) -> None:
        for each in axe.run(page, options={"resultTypes": ["violations"]} | only).response["violations"]:
            if each["impact"] in SERIOUS:
                found.append((name, scheme, each["id"], [node["html"][:150] for node in each["nodes"][:3]]))

    for name, path in PAGES.items():
        page.emulate_media(color_scheme="light")
        page.goto(path)
        look(name, "light")
        page.emulate_media(color_scheme="dark")
        look(name, "dark", runOnly=["color-contrast"])
    assert not found


@pytest.mark.parametrize("locale", ["nl-BE", "en-GB"])
def test_no_page_is_wider_than_the_screen(visit: Opening, lived_in: Sandbox, locale: str) -> None:
    page, wide = visit(locale=locale), []
    for name, path in PAGES.items():
        page.set_viewport_size(DESK)
        page.goto(path)
        is_sound(page)
        assert page.locator("html").get_attribute("lang") == locale[:2]
        for viewport in (DESK, PHONE):
            page.set_viewport_size(viewport)
            if (width := page.evaluate("document.documentElement.scrollWidth")) > viewport["width"]:
                wide.append((name, viewport["width"], width))
    assert not wide


def test_every_page_works_without_javascript(visit: Opening, lived_in: Sandbox) -> None:
    page = visit(java_script_enabled=False)
    for path in PAGES.values():
        page.goto(path)
        expect(page.locator("main h1")).to_have_count(1)


def test_the_menu_leads_to_every_page_and_tells_where_one_is(visit: Opening) -> None:
    page = visit()
    for name in page.locator(".menu a").evaluate_all("links => links.map(link => link.id)"):
        page.locator(f"#{name}").click()
        expect(page.locator(f"#{name}")).to_have_attribute("aria-current", "page")
        expect(page.locator(".menu [aria-current]")).to_have_count(1)
