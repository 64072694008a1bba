"""The client for asyncio, and the driver that runs the steps of a call in an event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, cast

from .async_http import AsyncExchange, AsyncHTTP
from .calls import Async, Deliver, Read, Send, Step, Steps, Wait
from .client import Client, begin_wait, countdown, log_reply
from .downloads import Answer
from .endpoints import Artikels, Categorieen, Klanten
from .errors import CloudspotError
from .policy import Reply
from .settings import Options, Settings, make_settings
from .streams import AsyncRecordStream

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")


class AsyncClient(Client):
    """A client whose calls are awaited. Needs the extra `async`; it belongs to the event loop that first uses it."""

    def __init__(self, settings: Settings, options: Options, session: aiohttp.ClientSession | None) -> None:
        super().__init__(settings, options)
        self._http = AsyncHTTP(settings.base_url, proxy=self._proxy, tls=self._tls, session=session)

    async def run(self, steps: Steps[T]) -> T:
        """Run the steps of a call; for parts of the toolkit, not for its users."""
        exchange = AsyncExchange(self._http, self.settings.timeout)
        remaining = countdown(self.settings.timeout.total)
        try:
            step = next(steps)
            while True:
                try:
                    came: object
                    if isinstance(step, Read):  # not in `_perform`: a call for each piece of a long answer is felt
                        remaining()
                        came = await exchange.read()
                    else:
                        came = await _perform(step, exchange, remaining)
                except CloudspotError as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(came)
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            steps.close()
            exchange.close()

    def stream(self, steps: Steps[Answer]) -> AsyncRecordStream[Any]:
        """Run the steps of a call as somebody iterates; for parts of the toolkit."""
        return AsyncRecordStream(self._deliver(steps))

    async def _deliver(self, steps: Steps[Answer]) -> AsyncGenerator[Sequence[Any] | Answer, None]:
        """What is delivered, then what is left, since an async generator returns nothing."""
        exchange = AsyncExchange(self._http, self.settings.timeout)
        remaining = countdown(self.settings.timeout.total)
        try:
            step = next(steps)
            while True:
                try:
                    came: object
                    if isinstance(step, Read):  # not in `_perform`: a call for each piece of a long answer is felt
                        remaining()
                        came = await exchange.read()
                    else:
                        came = await _perform(step, exchange, remaining)
                except CloudspotError as error:
                    step = steps.throw(error)
                else:
                    if isinstance(step, Deliver):
                        yield step.records
                    step = steps.send(came)
        except StopIteration as end:
            yield end.value
        finally:
            steps.close()
            exchange.close()

    async def aclose(self) -> None:
        """Close the connections; a closed client can't be used again."""
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()


class AsyncCloudspot(AsyncClient):
    """The same as `Cloudspot`, for asyncio: `await erp.artikels.get(125)`, `async for artikel in erp.artikels`.

    Needs the extra `async`. It belongs to the event loop that first uses it.

    Args:
        session: an `aiohttp.ClientSession` to use; proxy and ca are then its own, and it is not closed.
        token, options: as for `Cloudspot`.
    """

    artikels: Artikels[Async]
    categorieen: Categorieen[Async]
    klanten: Klanten[Async]

    def __init__(
        self, token: str | None = None, *, session: aiohttp.ClientSession | None = None, **options: Unpack[Options]
    ) -> None:
        super().__init__(make_settings(token, options, os.environ), options, session)
        self.artikels = Artikels(self)
        self.categorieen = Categorieen(self)
        self.klanten = Klanten(self)


async def _perform(step: Step, exchange: AsyncExchange, remaining: Callable[[], float]) -> Reply | None:
    """Do what a step asks for, in the time that is left; what came of it."""
    match step:
        case Send(request):
            reply = await exchange.send(request, remaining())
            log_reply(request, reply)
            return reply
        case Wait(seconds):
            begin_wait(seconds, remaining())
            await asyncio.sleep(seconds)
    return None
