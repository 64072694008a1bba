"""An application with a login, for `benchmarks.asgi`; it says how long its event loop was kept from other work."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from cloudspot.asgi import CloudspotLogin, Limit, Limits

BEAT = 0.005
ENOUGH = Limit(10**9, 300)
KEY = "k" * 43


def make_login(license_url: str) -> CloudspotLogin:
    """As an application would, but with room for many logins from one address."""
    limits = Limits(ENOUGH, ENOUGH, ENOUGH)
    return CloudspotLogin("sandbox-app", base_url=license_url, secret_keys=[KEY], secure=False, limits=limits)


async def hello(request: Request) -> Response:  # noqa: ARG001 - an endpoint
    """As little as an application can do."""
    return PlainTextResponse("hello")


async def late(request: Request) -> Response:
    """By how many seconds the event loop was late, each time since this was last asked."""
    delays, request.app.state.late = request.app.state.late, []
    return JSONResponse(delays)


@asynccontextmanager
async def watched(app: Starlette) -> AsyncIterator[None]:
    """Note how late the event loop is."""
    app.state.late = []

    async def beat() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(BEAT)
            app.state.late.append(time.perf_counter() - began - BEAT)

    task = asyncio.create_task(beat())
    yield
    task.cancel()


def make_app() -> Starlette:
    """The application."""
    app = Starlette(routes=[Route("/", hello), Route("/late", late)], lifespan=watched)
    make_login(os.environ["CLOUDSPOT_LICENSE_URL"]).install(app)
    return app
