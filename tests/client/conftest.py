"""One test for both clients: `make_client` gives a plain or an async client behind the same few methods."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

import pytest
from tests.hostile import Hostile, Script

from cloudspot import AsyncCloudspot, Cloudspot, CloudspotError, Response

TOKEN = "tok-3f9c1e77aa5b4d"


class Erp(Protocol):
    """What the tests ask of a client, plain or async."""

    client: Any

    def list(self, collection: str = "artikels", **options: Any) -> Any: ...
    def get(self, id: Any, collection: str = "artikels") -> Any: ...
    def stream(self, collection: str = "artikels", **options: Any) -> Any: ...
    def take(self, stream: Any) -> Any: ...
    def close_stream(self, stream: Any) -> None: ...
    def last_response(self) -> Response | None: ...
    def close(self) -> None: ...


class PlainErp:
    def __init__(self, token: str | None, **options: Any) -> None:
        self.client = Cloudspot(token, **options)

    def list(self, collection: str = "artikels", **options: Any) -> Any:
        return getattr(self.client, collection).list(**options)

    def get(self, id: Any, collection: str = "artikels") -> Any:
        return getattr(self.client, collection).get(id)

    def stream(self, collection: str = "artikels", **options: Any) -> Any:
        return getattr(self.client, collection).stream(**options)

    def take(self, stream: Any) -> Any:
        return next(stream)

    def close_stream(self, stream: Any) -> None:
        stream.close()

    def last_response(self) -> Response | None:
        return self.client.last_response

    def close(self) -> None:
        self.client.close()


class AsyncErp:
    def __init__(self, token: str | None, **options: Any) -> None:
        self.runner = asyncio.Runner()
        self.client = AsyncCloudspot(token, **options)

    def list(self, collection: str = "artikels", **options: Any) -> Any:
        return self._run(lambda: getattr(self.client, collection).list(**options))

    def get(self, id: Any, collection: str = "artikels") -> Any:
        return self._run(lambda: getattr(self.client, collection).get(id))

    def stream(self, collection: str = "artikels", **options: Any) -> Any:
        return getattr(self.client, collection).stream(**options)

    def take(self, stream: Any) -> Any:
        try:
            return self._run(lambda: anext(stream))
        except StopAsyncIteration:
            raise StopIteration from None

    def close_stream(self, stream: Any) -> None:
        self._run(stream.aclose)

    def last_response(self) -> Response | None:
        async def look() -> Response | None:
            return self.client.last_response

        return self._run(look)

    def close(self) -> None:
        self._run(self.client.aclose)
        self.runner.close()

    def _run(self, call: Callable[[], Any]) -> Any:
        async def run() -> Any:
            return await call()

        return self.runner.run(run())


def drain(erp: Erp, **options: Any) -> tuple[list[Any], CloudspotError | None]:
    """All that a stream delivers, and how it failed."""
    stream = erp.stream(**options)
    records: list[Any] = []
    try:
        while True:
            records.append(erp.take(stream))
    except StopIteration:
        return records, None
    except CloudspotError as error:
        return records, error


@pytest.fixture(params=["plain", "async"])
def make_client(request: pytest.FixtureRequest) -> Iterator[Callable[..., Erp]]:
    """Make a client for a server or URL; without pauses between attempts, and waiting for half a second at most."""
    made: list[Erp] = []

    def make(server: Hostile | str | None = None, token: str | None = TOKEN, **options: Any) -> Erp:
        if server is not None:
            options["base_url"] = server if isinstance(server, str) else server.url
        options.setdefault("timeout", 2)
        erp: Erp = PlainErp(token, **options) if request.param == "plain" else AsyncErp(token, **options)
        erp.client.context = replace(erp.client.context, jitter=lambda: 0.0)
        made.append(erp)
        return erp

    yield make
    for erp in made:
        erp.close()


@pytest.fixture
def hostile() -> Iterator[Callable[..., Hostile]]:
    """Start servers that play scripts."""
    servers: list[Hostile] = []

    def start(*scripts: Script, **options: Any) -> Hostile:
        servers.append(Hostile(*scripts, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
