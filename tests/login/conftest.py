"""One test for both clients of the License server: `make_license` gives either behind the same calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.hostile import Asked, Hostile, Script, answer

from cloudspot import AsyncLicense, License
from cloudspot.sandbox import Sandbox

JAN, MARIE, PIET = "jan@sandbox.test", "marie@sandbox.test", "piet@sandbox.test"
PASSWORD = "sandbox-wachtwoord"
KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"
LAMPE = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002"
TOKEN = "user-tok-3f9c1e77aa5b4d"
AUTH_TOKEN = "auth-tok-77d1f0c29e"
SENT_PASSWORD = "pw-Zomer2026-geheim"
PIN = "904817"

COMPANY = {"company_id": KIST, "company_name": "Kist & Vijs BV", "permissions": ["use_app"]}
ANSWERS: dict[str, dict[str, Any]] = {
    "auth/authenticate": {"token": TOKEN, "permissions": [COMPANY]},
    "auth/get-permissions": {"token": TOKEN, "permissions": [COMPANY]},
    f"auth/get-company-permissions/{KIST}": {"permissions": ["use_app"]},
    "auth/users/profile": {"first_name": "Jan", "last_name": "Janssens", "email": JAN, "pin": PIN},
    "auth/impersonation-validation": {"token": TOKEN, "auth_token": AUTH_TOKEN, "user": JAN, "company": KIST},
}

CALLS: dict[str, tuple[Any, ...]] = {
    "authenticate": (JAN, SENT_PASSWORD),
    "session": (TOKEN,),
    "permissions": (TOKEN,),
    "company_permissions": (KIST, TOKEN),
    "profile": (TOKEN,),
    "validate_impersonation": (TOKEN,),
}
"""Every call, with what it is given."""
POSTS = {"authenticate", "validate_impersonation"}


def path_of(asked: Asked) -> str:
    return asked.target.removeprefix("/api/v1/").strip("/")


def well(asked: Asked) -> list[bytes]:
    """What a License server that is well answers."""
    return [answer(ANSWERS[path_of(asked)])]


class Plain:
    """A plain client."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.client: Any = License(*args, **options)

    def call(self, name: str, *args: Any, **named: Any) -> Any:
        return getattr(self.client, name)(*args, **named)

    def close(self) -> None:
        self.client.close()


class Async:
    """An async client, with a loop of its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.runner = asyncio.Runner()
        self.client: Any = AsyncLicense(*args, **options)

    def call(self, name: str, *args: Any, **named: Any) -> Any:
        async def run() -> Any:
            return await getattr(self.client, name)(*args, **named)

        return self.runner.run(run())

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.close()


Made = Plain | Async
MakeLicense = Callable[..., Made]
MakeServer = Callable[..., Hostile]


@pytest.fixture(params=["plain", "async"])
def make_license(request: pytest.FixtureRequest) -> Iterator[MakeLicense]:
    """Make a client for a server, sandbox or URL; without pauses between attempts."""
    made: list[Made] = []

    def make(server: Hostile | Sandbox | str, application: str | None = "sandbox-app", **options: Any) -> Made:
        base_url = (
            server if isinstance(server, str) else server.url if isinstance(server, Hostile) else server.license_url
        )
        options = {"base_url": base_url, "timeout": 2, **options}
        each = (Plain if request.param == "plain" else Async)(application, **options)
        each.client.context = replace(each.client.context, jitter=lambda: 0.0)
        made.append(each)
        return each

    yield make
    for each in made:
        each.close()


@pytest.fixture
def hostile() -> Iterator[MakeServer]:
    """Start servers that play scripts."""
    servers: list[Hostile] = []

    def start(*scripts: Script, **options: Any) -> Hostile:
        servers.append(Hostile(*scripts, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=1, klanten=1) as running:
        yield running
