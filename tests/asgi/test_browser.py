"""The pages in a real browser: on a desk and a phone, light and dark, by keyboard, without script, judged by axe."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from tests.asgi.conftest import JAN, LAMPE, MARIE, PASSWORD, application, served
from tests.page.conftest import CHROMIUM, DESK, FLAGS, PHONE, REFUSED, REQUIRED

from cloudspot.asgi import CloudspotLogin
from cloudspot.sandbox import Sandbox

Make = Callable[..., CloudspotLogin]

AXE = Path(AXE_FILE_PATH).read_text()
SHOTS = os.environ.get("CLOUDSPOT_TEST_SCREENSHOTS")
"""A directory to which pages are drawn, for people to look at."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        if os.environ.get(REQUIRED) == "required":
            pytest.fail("no Chromium is installed")
        pytest.skip("no Chromium is installed")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield launched
        await launched.close()


@pytest.fixture
async def url(make_login: Make) -> Any:
    with served(application(make_login(secure=False, clock=time.time, title="Prijslijst"))) as url:
        yield url


async def opened(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and what goes wrong on it."""
    page, wrong = await context.new_page(), []
    page.on(
        "console",
        lambda said: wrong.append(said.text) if said.type == "error" and not REFUSED.search(said.text) else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return page, wrong


async def judged(page: Page, name: str) -> None:
    """No page has what keeps somebody from using it, or is wider than its window."""
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    # By the browser's own channel: the page's policy lets no script in, and none is wanted but axe.
    session = await page.context.new_cdp_session(page)
    expression = f"{AXE}; axe.run().then(found => JSON.stringify(found.violations.map(each => each.id)))"
    result = await session.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True})
    assert result["result"]["value"] == "[]", name
    wide = await session.send("Runtime.evaluate", {"expression": "document.documentElement.scrollWidth - innerWidth"})
    assert wide["result"]["value"] <= 0, name


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("desk-light", {"viewport": DESK, "locale": "nl-BE"}),
        ("phone-dark", {"viewport": PHONE, "color_scheme": "dark", "locale": "fr-BE", "is_mobile": True}),
    ],
)
async def test_a_visit_by_keyboard(
    browser: Browser, url: str, sandbox: Sandbox, name: str, options: dict[str, Any]
) -> None:
    sandbox.users.update(JAN, last_name="Janssens-Van den Abeele-de la Motte-Saint-Pierre")
    async with await browser.new_context(**options) as context:
        page, wrong = await opened(context)
        await page.goto(f"{url}/who")
        await judged(page, f"login-{name}")
        await page.keyboard.type(JAN)
        await page.keyboard.press("Tab")
        await page.keyboard.type("wrong")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("[role=alert]")
        await judged(page, f"wrong-{name}")
        assert await page.input_value("#username") == JAN
        assert await page.input_value("#password") == ""
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/auth/company?next=%2Fwho")
        await judged(page, f"company-{name}")
        await page.focus(f"button[value='{LAMPE}']")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/who")
        assert "Lampe SA" in await page.content()
        await page.goto(f"{url}/edit")
        await judged(page, f"forbidden-{name}")
        await page.goto(f"{url}/auth/logout")
        await judged(page, f"logout-{name}")
        await page.focus("button")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/auth/login")
        await page.goto(f"{url}/who")
        assert "/auth/login" in page.url
        assert wrong == []


async def test_it_works_without_javascript_and_back_shows_nobody_elses_page(browser: Browser, url: str) -> None:
    async with await browser.new_context(java_script_enabled=False, viewport=DESK) as context:
        page, wrong = await opened(context)
        await page.goto(f"{url}/auth/logout")
        await page.goto(f"{url}/auth/login")
        await page.fill("#username", MARIE)
        await page.fill("#password", PASSWORD)
        await page.click("button")
        await page.wait_for_url(f"{url}/")
        cookies = {each["name"]: each for each in await context.cookies()}
        assert cookies["cloudspot"]["httpOnly"]
        await page.goto(f"{url}/auth/company")
        await page.goto(f"{url}/auth/logout")
        await page.click("button")
        await page.wait_for_url("**/auth/login")
        await page.go_back()
        await page.go_back()
        assert "Marie" not in await page.content()
        assert wrong == []


async def test_a_form_on_another_site_logs_nobody_out(browser: Browser, url: str) -> None:
    async with await browser.new_context() as context:
        page, _ = await opened(context)
        await page.goto(f"{url}/auth/login")
        await page.fill("#username", MARIE)
        await page.fill("#password", PASSWORD)
        await page.click("button")
        await page.wait_for_url(f"{url}/")
        await page.goto(f"data:text/html,<form method='post' action='{url}/auth/logout'><button>Win</button></form>")
        await page.click("button")
        await page.wait_for_load_state()
        await page.goto(f"{url}/who")
        assert MARIE in await page.content()
