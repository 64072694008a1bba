"""The clients of the License server that this process has: one for threads, and one for each event loop."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import setting_changed

from ..async_license import AsyncLicense
from ..license import License
from .conf import NAME, conf

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..settings import Options

_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncLicense] = WeakKeyDictionary()


@cache
def plain_client() -> License:
    """The client that threads share."""
    return License(conf().application, **_options())


def loop_client() -> AsyncLicense:
    """The client of the running event loop."""
    loop = asyncio.get_running_loop()
    if (found := _of_loops.get(loop)) is None:
        found = _of_loops[loop] = AsyncLicense(conf().application, **_options())
    return found


async def aclose() -> None:
    """Close the client of the running event loop; for scripts and tests, whose loops end before the process does."""
    if (found := _of_loops.pop(asyncio.get_running_loop(), None)) is not None:
        await found.aclose()


async def ask(request: HttpRequest | None, call: str, *args: Any) -> Any:
    """Ask the License server in an async view, for a request of either kind of server.

    Under WSGI an async view has an event loop of its own for each request, so the client of the threads is used,
    which keeps its connections.

    Raises:
        CloudspotError: the call failed.
    """
    if isinstance(request, WSGIRequest):
        return await sync_to_async(getattr(plain_client(), call))(*args)
    return await getattr(loop_client(), call)(*args)


def _options() -> Options:
    said = conf()
    return {
        "base_url": said.base_url,
        "test_mode": said.test_mode,
        "allow_http": said.allow_http,
        "timeout": said.client_timeout,
        "retries": 1,
    }


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {NAME, "CLOUDSPOT_LICENSE_APP"}:
        if plain_client.cache_info().currsize:
            plain_client().close()
        plain_client.cache_clear()
        _of_loops.clear()


setting_changed.connect(_forget)
