"""From end to end: Chromium, the project served by ASGI, a sandbox that sends real events."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

import cloudspot
from cloudspot.sandbox import Sandbox

JAN, MARIE = "jan@sandbox.test", "marie@sandbox.test"
PASSWORD = "sandbox-wachtwoord"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
Serve = Callable[..., str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not beside the other tests of Django: while its loop runs in this thread, Django refuses to ask a database."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        if os.environ.get("CLOUDSPOT_TEST_BROWSER") == "required":
            pytest.fail("no Chromium is installed")
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def fresh() -> Iterator[Sandbox]:
    with Sandbox(artikels=1, klanten=1) as sandbox:
        yield sandbox


@pytest.fixture
def serve(fresh: Sandbox, tmp_path: Path) -> Iterator[Serve]:
    """Serve the project; its webhook is known to the sandbox."""
    running: list[subprocess.Popen[str]] = []

    def serve(**said: Any) -> str:
        given = {"APPLICATION": "sandbox-app", "BASE_URL": fresh.license_url, **said}
        command = [
            sys.executable,
            str(Path(__file__).parent / "served.py"),
            str(tmp_path / "project.db"),
            json.dumps(given),
        ]
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(cloudspot.__file__).parents[1])}
        running.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ))
        url = f"http://127.0.0.1:{running[0].stdout.readline().strip()}"  # type: ignore[union-attr]
        secret = next(iter(said.get("WEBHOOK_URL_SECRETS", [])), None)
        fresh.applications.update(webhook_url=f"{url}/auth/webhook" + (f"/{secret}" if secret else ""))
        return url

    yield serve
    for each in running:
        each.communicate(timeout=20)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="nl-BE")
    yield context.new_page()
    context.close()


def log_in(page: Page, url: str, name: str = JAN, password: str = PASSWORD) -> None:
    page.goto(f"{url}/edit")
    page.get_by_label("E-mailadres").fill(name)
    page.get_by_label("Wachtwoord").fill(password)
    page.get_by_role("button", name="Aanmelden").click()


def test_login_company_forbidden_page_and_a_permission_that_is_revoked(
    serve: Serve, page: Page, fresh: Sandbox
) -> None:
    url = serve(WEBHOOK_URL_SECRETS=["a-long-random-text-indeed"])
    log_in(page, url, password="wrong")
    expect(page.get_by_role("alert")).to_contain_text("klopt niet")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Aanmelden").click()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Lampe SA").click()
    expect(page.get_by_role("heading")).to_contain_text("403")
    page.goto(f"{url}/auth/select-company?next=/edit")
    page.get_by_role("button", name="Kist & Vijs BV").click()
    expect(page.locator("body")).to_have_text("edited")

    fresh.permissions.set(JAN, "Kist & Vijs BV", ["use_app"])
    fresh.events.wait()
    assert [each.status for each in fresh.events.list()] == ["delivered"]
    page.reload()
    expect(page.get_by_role("heading")).to_contain_text("403")


def test_the_same_event_as_a_doorbell(serve: Serve, page: Page, fresh: Sandbox) -> None:
    url = serve()
    log_in(page, url, MARIE)
    expect(page.locator("body")).to_have_text("edited")
    fresh.permissions.set(MARIE, "Kist & Vijs BV", ["use_app"])
    fresh.events.wait()
    assert [each.attempts[0].answer for each in fresh.events.list()] == ['{"status": "RECEIVED"}']
    for _ in range(40):  # asked at most every five seconds
        page.reload()
        if "403" in page.locator("body").inner_text():
            break
        page.wait_for_timeout(250)
    expect(page.get_by_role("heading")).to_contain_text("403")


def test_while_the_license_server_is_down_a_user_stays_in_for_the_grace_time_and_is_out_then(
    serve: Serve, page: Page, fresh: Sandbox
) -> None:
    url = serve(INTERVAL=1, GRACE=12)
    log_in(page, url, MARIE)
    expect(page.locator("body")).to_have_text("edited")
    fresh.faults.add(status=503, times=None)
    page.wait_for_timeout(1500)
    page.reload()
    expect(page.locator("body")).to_have_text("edited")
    for _ in range(60):
        page.goto(f"{url}/edit")
        if "/auth/login" in page.url:
            break
        page.wait_for_timeout(500)
    expect(page.get_by_role("heading")).to_have_text("Aanmelden")


def test_a_supporter_acts_as_a_user_and_ends_it(serve: Serve, browser: Browser, page: Page, fresh: Sandbox) -> None:
    url = serve(IMPERSONATION=True)
    log_in(page, url, MARIE)
    context = browser.new_context(locale="nl-BE")
    supporter = context.new_page()
    token = fresh.user_tokens.impersonate(MARIE, "Kist & Vijs BV")
    supporter.goto(f"{url}/auth/impersonation/{token}")
    assert Axe().run(supporter).response["violations"] == []
    supporter.get_by_label("Uw naam").fill("Sofie")
    supporter.get_by_label("Reden").fill("ticket 4711")
    supporter.get_by_role("button", name="Beginnen").click()
    supporter.goto(f"{url}/page")
    banner = supporter.get_by_role("status")
    expect(banner).to_contain_text(MARIE)
    banner.get_by_role("button").click()
    expect(supporter.get_by_role("heading")).to_have_text("Aanmelden")
    supporter.goto(f"{url}/edit")
    expect(supporter.get_by_role("heading")).to_have_text("Aanmelden")
    page.reload()
    expect(page.locator("body")).to_have_text("edited")
    context.close()
