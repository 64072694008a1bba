"""A real browser, Debian's Chromium, and a sandbox of one's own for each test.

Whatever a test does, the page may write no error to the console, and ask nothing of any host but its sandbox.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from cloudspot.sandbox import Sandbox

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REQUIRED = "CLOUDSPOT_TEST_BROWSER"
"""Where this is `required`, a missing browser is a failure."""

DESK = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}

REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests here; it is gone before tests that need an event loop."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        reason = f"no Chromium: none of {', '.join(CHROMIUM)} is installed"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A small sandbox, fresh for each test."""
    with Sandbox(artikels=120, klanten=30) as sandbox:
        yield sandbox


@dataclass
class Visitor:
    """Somebody at the page of one sandbox."""

    browser: Browser
    sandbox: Sandbox
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.sandbox.base_url.removesuffix("/api/v1")

    def open(self, path: str = "/", *, wait: bool = True, **options) -> Page:
        """A new window at a path; English and on a desk unless told otherwise."""
        context = self.browser.new_context(**{"locale": "en-GB", "viewport": DESK, "base_url": self.root} | options)
        context.set_default_timeout(8000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._see_request)
        page.on("response", self._see_response)
        page.goto(path)
        if wait and options.get("java_script_enabled", True):
            page.wait_for_function("window.htmx !== undefined")
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSED.match(message.text):
            self.complaints.append(f"console: {message.text}")

    def _see_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.root).netloc and not request.url.startswith(
            ("data:", "blob:")
        ):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _see_response(self, response: Response) -> None:
        is_part = response.request.resource_type not in {"document", "xhr", "fetch"}
        if response.status >= 500 or (is_part and response.status >= 400):
            self.complaints.append(f"{response.status} for {response.url}")

    def leave(self) -> None:
        for context in self.contexts:
            context.close()
        assert not self.complaints, self.complaints


@pytest.fixture
def visitor(browser: Browser, sandbox: Sandbox) -> Iterator[Visitor]:
    visitor = Visitor(browser, sandbox)
    yield visitor
    visitor.leave()


Opening = Callable[..., Page]


@pytest.fixture
def visit(visitor: Visitor) -> Opening:
    """Opens a path of the page."""
    return visitor.open
