"""An async client that needs nobody to close it: it is closed as the event loop ends in which it was used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Any, TypeVar, Unpack

from cloudspot.async_client import AsyncCloudspot
from cloudspot.calls import Steps
from cloudspot.downloads import Answer
from cloudspot.settings import Options

T = TypeVar("T")


class LoopClient(AsyncCloudspot):
    """An `AsyncCloudspot` for a test that runs in whatever loop, by whatever plugin.

    Connections can only be closed properly in their own loop, and by the time a plain fixture ends that may be gone.
    What every loop does as it ends (`asyncio.run`, `asyncio.Runner`, and the plugins through these) is to close the
    asynchronous generators that were begun in it: one such generator waits here to close the client.
    """

    def __init__(self, token: str, **options: Unpack[Options]) -> None:
        super().__init__(token, **options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = self._until_the_loop_ends()

    async def run(self, steps: Steps[T]) -> T:
        """Run the steps of a call."""
        self._settle()
        return await super().run(steps)

    async def _deliver(self, steps: Steps[Answer]) -> AsyncGenerator[Sequence[Any] | Answer, None]:
        self._settle()
        async with aclosing(super()._deliver(steps)) as delivered:
            async for each in delivered:
                yield each

    def close_in_its_loop(self) -> None:
        """Close the client where its loop outlives the test; else it is closed already."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        if loop.is_running():  # in another thread
            asyncio.run_coroutine_threadsafe(self.aclose(), loop).result(timeout=10)
        else:
            loop.run_until_complete(self.aclose())

    def _settle(self) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            with suppress(StopIteration):  # how an asynchronous generator that need not wait arrives at its yield
                self._ending.__anext__().send(None)

    async def _until_the_loop_ends(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self.aclose()
