"""FastAPI's dependencies, Starlette's own checks, WebSockets, and an application's lifetime."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from tests.asgi.conftest import HTML, JAN, KIST, LAMPE, MARIE, SITE, Browser, served

from cloudspot.asgi import CloudspotLogin, Limit, Limits, User, permission_required, require
from cloudspot.errors import ConfigurationError
from cloudspot.sandbox import Sandbox

Open = Callable[..., Browser]
Make = Callable[..., CloudspotLogin]


def portal(login: CloudspotLogin) -> FastAPI:
    app = FastAPI()
    login.install(app)

    @app.get("/prices")
    async def prices(user: Annotated[User, Depends(require("view_artikels"))]) -> dict[str, str]:
        return {"user": user.email}

    @app.put("/prices", dependencies=[Depends(require("view_artikels", "edit_artikels"))])
    async def change() -> str:
        return "changed"

    @app.websocket("/live")
    async def live(socket: WebSocket, user: Annotated[User, Depends(require("view_artikels"))]) -> None:
        await socket.accept()
        await socket.send_text(user.email)
        await socket.close()

    return app


async def test_a_fastapi_dependency(login: CloudspotLogin, open_browser: Open) -> None:
    browser = open_browser(portal(login))
    assert (await browser.get("/prices")).status_code == 401
    assert (await browser.get("/prices", headers=HTML)).headers["location"] == "/auth/login?next=%2Fprices"
    await browser.log_in()
    assert (await browser.get("/prices")).status_code == 403
    await browser.choose(LAMPE)
    assert (await browser.get("/prices")).json() == {"user": JAN}
    assert (await browser.put("/prices")).json() == {"detail": "You may not do this in the chosen company."}
    await browser.choose(KIST)
    assert (await browser.put("/prices")).json() == "changed"
    parameters = (await browser.get("/openapi.json")).json()["paths"]["/prices"]["get"].get("parameters", [])
    assert parameters == []


async def test_starlettes_own_checks(login: CloudspotLogin, open_browser: Open) -> None:
    @requires(["authenticated", "edit_artikels"])
    async def edit(request: Request) -> Response:
        return PlainTextResponse("edited")

    @requires("authenticated", redirect="cloudspot:login")
    async def page(request: Request) -> Response:
        return PlainTextResponse(request.user.display_name)

    app = Starlette(routes=[Route("/edit", edit), Route("/page", page), login.mount], middleware=[login.middleware])
    browser = open_browser(app)
    assert (await browser.get("/edit")).status_code == 403
    assert (await browser.get("/page")).headers["location"].startswith(f"{SITE}/auth/login?next=")
    await browser.log_in(MARIE)  # is_superuser
    assert (await browser.get("/edit")).text == "edited"
    assert (await browser.get("/page")).text == "Marie Maes"


async def test_a_decorator_keeps_what_it_decorates(login: CloudspotLogin, open_browser: Open) -> None:
    class Shop:
        @permission_required("view_artikels")
        async def show(self, request: Request) -> Response:
            """Shown."""
            return PlainTextResponse("shop")

    @permission_required("view_artikels")
    def plain(request: Request) -> Response:
        return JSONResponse(request.user.email)

    assert (Shop.show.__name__, Shop.show.__doc__) == ("show", "Shown.")
    app = Starlette(routes=[Route("/shop", Shop().show), Route("/plain", plain)])
    login.install(app)
    browser = open_browser(app)
    assert {(await browser.get(path)).status_code for path in ("/shop", "/plain")} == {401}
    await browser.log_in(MARIE)
    assert (await browser.get("/shop")).text == "shop"
    assert (await browser.get("/plain")).json() == MARIE


async def test_without_the_middleware_it_says_so(open_browser: Open) -> None:
    app = FastAPI()

    @app.get("/", dependencies=[Depends(require())])
    async def index() -> None: ...

    with pytest.raises(ConfigurationError, match=r"login\.install\(app\)"):
        await open_browser(app).get("/")


async def open_socket(app: Any, headers: dict[str, str]) -> list[dict[str, Any]]:
    """A WebSocket, as a server opens it; what the application sends."""
    sent: list[dict[str, Any]] = []
    received = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}])

    async def receive() -> dict[str, Any]:
        return next(received)

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in {"Host": "portal.test", **headers}.items()]
    scope = {"type": "websocket", "path": "/live", "raw_path": b"/live", "root_path": "", "query_string": b""}
    await app({**scope, "scheme": "wss", "headers": raw, "subprotocols": []}, receive, send)
    return sent


async def test_websockets_of_the_own_pages_know_the_user(login: CloudspotLogin, open_browser: Open) -> None:
    app = portal(login)
    browser = open_browser(app)
    await browser.log_in(MARIE)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    own = await open_socket(app, {"Cookie": cookie, "Origin": SITE})
    assert [each.get("text") for each in own if each["type"] == "websocket.send"] == [MARIE]
    for headers in ({"Cookie": cookie, "Origin": "https://evil.test"}, {"Origin": SITE}):
        refused = await open_socket(app, headers)
        assert [(each["type"], each.get("code")) for each in refused] == [("websocket.close", 1008)]


def test_the_application_ends_and_begins_anew(make_login: Make) -> None:
    """Its connections are closed with it, and another server can serve it in another event loop."""
    login = make_login(secure=False, clock=time.time)
    app = portal(login)
    for _ in range(2):
        with served(app) as url, httpx.Client(base_url=url) as client:
            found = re.search(r'name="csrf" value="([^"]+)"', client.get("/auth/login").text)
            assert found
            form = {"csrf": found[1], "username": MARIE, "password": "sandbox-wachtwoord"}
            assert client.post("/auth/login", data=form).status_code == 303
            assert client.get("/prices").json() == {"user": MARIE}


async def test_slow_logins_keep_nobody_waiting(make_login: Make, sandbox: Sandbox) -> None:
    """Forty logins wait for the License server; what others ask for meanwhile is answered before any of them."""
    sandbox.faults.add(route="auth/authenticate", delay=4, times=None)
    login = make_login(secure=False, clock=time.time, limits=Limits(pair=Limit(100, 60)))
    with served(portal(login)) as url:
        browsers = [Browser(base_url=url, timeout=60) for _ in range(40)]
        waiting = [asyncio.create_task(browser.log_in(MARIE)) for browser in browsers]
        async with Browser(base_url=url, timeout=60) as other:
            await asyncio.sleep(0.5)
            for _ in range(10):
                assert (await other.get("/prices")).status_code == 401
            assert not any(task.done() for task in waiting)
        statuses = {(await task).status_code for task in waiting}
        for browser in browsers:
            await browser.aclose()
    assert statuses == {303}
