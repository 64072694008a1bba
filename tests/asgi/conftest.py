"""Applications with a login, a sandbox as the License server, and browsers of httpx that keep cookies."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cloudspot.asgi import CloudspotLogin, User, permission_required
from cloudspot.sandbox import Sandbox

JAN, MARIE, PIET = "jan@sandbox.test", "marie@sandbox.test", "piet@sandbox.test"
PASSWORD = "sandbox-wachtwoord"
KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"
LAMPE = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002"
KEY = "k" * 43
SITE = "https://portal.test"


class Clock:
    """Seconds since 1970 that a test moves."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=12, klanten=4) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def make_login(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Callable[..., CloudspotLogin]]:
    """A login of the sandbox's application, with what a test says otherwise."""
    made: list[CloudspotLogin] = []

    def make(**options: Any) -> CloudspotLogin:
        given = {"secret_keys": [KEY], "base_url": sandbox.license_url, "clock": clock, "title": "Portal", **options}
        made.append(CloudspotLogin("sandbox-app", **given))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


@pytest.fixture
def login(make_login: Callable[..., CloudspotLogin]) -> CloudspotLogin:
    return make_login()


@permission_required()
async def who(request: Request) -> Response:
    user: User = request.user
    company = user.company.company_name if user.company else None
    return JSONResponse({"user": user.email, "company": company, "permissions": sorted(user.permissions)})


@permission_required("edit_artikels")
async def edit(request: Request) -> Response:
    return JSONResponse("edited")


async def anybody(request: Request) -> Response:
    return JSONResponse({"is_authenticated": request.user.is_authenticated, "name": request.user.display_name})


def application(login: CloudspotLogin) -> Starlette:
    app = Starlette(
        routes=[
            Route("/", anybody, methods=["GET", "POST"]),
            Route("/who", who),
            Route("/edit", edit, methods=["GET", "POST"]),
        ]
    )
    login.install(app)
    return app


class Browser(httpx.AsyncClient):
    """Does what somebody does who uses the pages."""

    async def token(self, path: str = "/auth/login") -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get(path, headers=HTML)).text)
        assert found
        return found[1]

    async def log_in(self, username: str = JAN, password: str = PASSWORD, **more: str) -> httpx.Response:
        form = {"csrf": await self.token(), "username": username, "password": password, **more}
        return await self.post("/auth/login", data=form)

    async def choose(self, company: str, **more: str) -> httpx.Response:
        form = {"csrf": await self.token("/auth/company"), "company": company, **more}
        return await self.post("/auth/company", data=form)

    async def works_in(self) -> str | None:
        answer = await self.get("/who")
        return answer.json()["company"] if answer.status_code == 200 else None


HTML = {"Accept": "text/html"}


@pytest.fixture
async def open_browser() -> AsyncIterator[Callable[..., Browser]]:
    opened: list[Browser] = []

    def open_(app: Any, **options: Any) -> Browser:
        transport = httpx.ASGITransport(app, client=(options.pop("address", "192.0.2.7"), 40000))
        opened.append(Browser(transport=transport, base_url=options.pop("base_url", SITE), **options))
        return opened[-1]

    yield open_
    for each in opened:
        await each.aclose()


@pytest.fixture
def browser(login: CloudspotLogin, open_browser: Callable[..., Browser]) -> Browser:
    return open_browser(application(login))


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application behind a real server, in a thread."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
