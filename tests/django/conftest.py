"""A Django project against a sandbox over loopback. Django is configured once, when this directory is collected."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from django.conf import settings

import django

from .project import SETTINGS

if not settings.configured:
    settings.configure(**SETTINGS)
    django.setup()

from asgiref.sync import sync_to_async
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, connections
from django.test import AsyncClient, Client, override_settings
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment

from cloudspot.django import license_server
from cloudspot.sandbox import Sandbox

JAN, MARIE, PIET = "jan@sandbox.test", "marie@sandbox.test", "piet@sandbox.test"
PASSWORD = "sandbox-wachtwoord"
KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"
LAMPE = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002"


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    setup_test_environment(debug=False)
    call_command("migrate", verbosity=0)
    yield
    teardown_test_environment()
    connections.close_all()


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=1, klanten=1) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def an_empty_database(database: None) -> Iterator[None]:
    yield
    call_command("flush", verbosity=0, interactive=False)
    caches["default"].clear()


@pytest.fixture
def sandbox(_sandbox: Sandbox) -> Iterator[Sandbox]:
    yield _sandbox
    _sandbox.faults.clear()
    _sandbox.reset()


Configure = Callable[..., Any]


@pytest.fixture
def configure(sandbox: Sandbox) -> Iterator[Configure]:
    """Change CLOUDSPOT_LICENSE for a test; it is against the sandbox from the beginning."""
    active: list[Any] = []

    def change(**keys: Any) -> None:
        while active:
            active.pop().disable()
        said = {"APPLICATION": "sandbox-app", "BASE_URL": sandbox.license_url, **keys}
        override = override_settings(CLOUDSPOT_LICENSE=said)
        override.enable()
        active.append(override)

    change()
    yield change
    while active:
        active.pop().disable()


@pytest.fixture
def client(configure: Configure) -> Client:
    """A browser, served by WSGI."""
    return Client()


@pytest.fixture
async def aclient(configure: Configure) -> AsyncIterator[AsyncClient]:
    """A browser, served by ASGI."""
    yield AsyncClient()
    await license_server.aclose()
    await sync_to_async(connections.close_all)()


@pytest.fixture
def settings_debug() -> Iterator[None]:
    with override_settings(DEBUG=True):
        yield


@pytest.fixture
def django_queries() -> Callable[[Callable[[], Any]], list[str]]:
    """The kinds of queries that something makes."""

    def made_by(action: Callable[[], Any]) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            action()
        return [query["sql"].split()[0] for query in queries]

    return made_by


@pytest.fixture
def log_in(client: Client) -> Callable[..., Any]:
    def log_in(name: str = JAN, password: str = PASSWORD, company: str | None = KIST, browser: Any = None) -> Any:
        browser = browser or client
        response = browser.post("/auth/login", {"username": name, "password": password})
        if response.status_code == 302 and company:
            response = browser.post("/auth/select-company", {"company": company})
        return response

    return log_in
