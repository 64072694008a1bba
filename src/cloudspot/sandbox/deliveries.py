"""Events on their way to webhooks: what waits, what was tried, what was answered."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Condition
from typing import Any, Literal, NamedTuple

import h11
import msgspec

from . import webhooks
from .clock import Clock
from .ids import Ids
from .posting import Reply, post

KEPT = 1000
"""So many deliveries that are done stay in the log."""
KEPT_OF_ANSWER = 2000

log = logging.getLogger("cloudspot.sandbox")

Status = Literal["waiting", "delivered", "refused", "failed"]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One time that an event was sent."""

    at: float
    """When, in seconds since 1970, by the sandbox's clock."""
    seconds: float
    """How long it took."""
    status: int | None = None
    """The answer's status; None where there was no answer."""
    answer: str = ""
    """The answer's body, or its beginning."""
    error: str = ""
    """Why there was no answer."""


class Delivery(msgspec.Struct, kw_only=True):
    """One event for one application."""

    id: int
    application: str
    url: str
    event: str
    data: Any
    webhook_id: str
    """The same each time it is sent, so that a receiver can tell it has it already."""
    status: Status = "waiting"
    """`waiting` for its first or next attempt; `refused` for good by its answer; `failed` too often."""
    attempts: list[Attempt] = msgspec.field(default_factory=list)

    def copy(self) -> Delivery:
        """As it is now."""
        return msgspec.structs.replace(self, attempts=list(self.attempts))


class _Waiting(NamedTuple):
    due: float
    """When it is sent, on the clock of `time.monotonic`."""
    tries: int
    """How often it was sent in vain since it was queued."""
    delivery: Delivery


class Deliveries:
    """The deliveries of one sandbox. Those of one application go one after another; a slow one delays no other."""

    def __init__(self, secret_of: Callable[[str], str | None], clock: Clock, ids: Ids, *, remote: bool) -> None:
        """Say what tells what an application's events are signed with, and whether they may leave this machine."""
        self._clock, self._ids = clock, ids
        self.retry_delays: tuple[float, ...] = (1, 5, 30, 120)
        """Seconds before each further attempt."""
        self.timeout: float = 10
        """Seconds in which a webhook must have answered."""
        self._secret_of, self._remote = secret_of, remote
        self._changed = Condition()
        self._made = 0
        self._waiting: dict[int, _Waiting] = {}
        self._done: deque[Delivery] = deque(maxlen=KEPT)
        self._sender: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def add(self, application: str, url: str, event: str, data: Any) -> Delivery:
        """Queue an event."""
        with self._changed:
            self._made += 1
            delivery = Delivery(
                id=self._made,
                application=application,
                url=url,
                event=event,
                data=msgspec.to_builtins(data),
                webhook_id=self._ids.webhook(),
            )
            self._queue(delivery)
            return delivery.copy()

    def list(self) -> list[Delivery]:
        """All that wait and the last that are done, the oldest first."""
        with self._changed:
            every = [*self._done, *(each.delivery for each in self._waiting.values())]
            return [delivery.copy() for delivery in sorted(every, key=lambda each: each.id)]

    def get(self, id: int) -> Delivery:
        """One delivery, as it is now.

        Raises:
            LookupError: there is none with this id, or it is too long ago.
        """
        found = next((delivery for delivery in self.list() if delivery.id == id), None)
        if found is None:
            raise LookupError(f"there is no delivery {id}")
        return found

    def replay(self, id: int) -> Delivery:
        """Send an event once more, whatever became of it; one that waits is sent now.

        Raises:
            LookupError: there is none with this id, or it is too long ago.
        """
        self.get(id)
        with self._changed:
            done = next((delivery for delivery in self._done if delivery.id == id), None)
            if done is not None:
                self._done.remove(done)
                done.status = "waiting"
            delivery = done or self._waiting[id].delivery
            self._queue(delivery)
            return delivery.copy()

    def clear(self) -> None:
        """Forget all, those that wait too."""
        with self._changed:
            self._waiting.clear()
            self._done.clear()
            self._changed.notify_all()

    def wait(self, timeout: float = 10) -> None:
        """Return when no delivery waits any more.

        Raises:
            TimeoutError: some still do.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: not self._waiting, timeout):
                raise TimeoutError(f"{len(self._waiting)} events still wait after {timeout} s")

    async def send_all(self) -> None:
        """Send what is due, until cancelled; what is under way then waits for the next time."""
        wake = asyncio.Event()
        self._sender = (asyncio.get_running_loop(), wake)
        sending: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                wake.clear()
                pause = self._begin(sending, wake)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await wake.wait()
        finally:
            with self._changed:
                self._sender = None
            for task in sending.values():
                task.cancel()
            await asyncio.gather(*sending.values(), return_exceptions=True)

    def _begin(self, sending: dict[str, asyncio.Task[None]], wake: asyncio.Event) -> float | None:
        """Begin what is due and can begin; seconds until there will be more, None where nothing else waits."""
        now = time.monotonic()
        later: list[float] = []
        with self._changed:
            waiting = sorted(self._waiting.values(), key=lambda each: (each.due, each.delivery.id))
        for due, _, delivery in waiting:
            application = delivery.application
            if application in sending:
                continue
            if due > now:
                later.append(due - now)
                continue
            task = asyncio.create_task(self._send(delivery))
            sending[application] = task

            def ended(_: asyncio.Task[None], application: str = application) -> None:
                sending.pop(application, None)
                wake.set()

            task.add_done_callback(ended)
        return min(later, default=None)

    async def _send(self, delivery: Delivery) -> None:
        at, started = self._clock.time(), time.monotonic()
        outcome = await self._outcome(delivery, int(at))
        seconds = round(time.monotonic() - started, 3)
        if isinstance(outcome, Reply):
            answer = outcome.text[:KEPT_OF_ANSWER]
            attempt = Attempt(at=at, seconds=seconds, status=outcome.status, answer=answer)
            self._note(delivery, attempt, webhooks.verdict(outcome.status))
        else:
            self._note(delivery, Attempt(at=at, seconds=seconds, error=outcome[0]), outcome[1])

    async def _outcome(self, delivery: Delivery, timestamp: int) -> Reply | tuple[str, webhooks.Verdict]:
        if refused := webhooks.refuse_url(delivery.url, remote=self._remote):
            return refused, "refused"
        try:
            body = webhooks.body(delivery.event, delivery.data)
            secret = self._secret_of(delivery.application)
            headers = webhooks.headers(delivery.webhook_id, timestamp, body, secret)
            async with asyncio.timeout(self.timeout):
                return await post(delivery.url, headers, body, remote=self._remote)
        except LookupError as error:
            return str(error), "refused"
        except TimeoutError:
            return f"no answer within {self.timeout:g} s", "again"
        except (OSError, h11.RemoteProtocolError) as error:
            return str(error) or type(error).__name__, "again"
        except Exception:
            log.exception("the sandbox failed to send %s to %s", delivery.event, delivery.url)
            return "the sandbox itself failed; its log says why", "refused"

    def _note(self, delivery: Delivery, attempt: Attempt, verdict: webhooks.Verdict) -> None:
        with self._changed:
            delivery.attempts.append(attempt)
            waited = self._waiting.pop(delivery.id, None)
            if waited is None:
                return  # forgotten meanwhile
            if verdict == "again" and waited.tries < len(self.retry_delays):
                self._queue(delivery, self.retry_delays[waited.tries], waited.tries + 1)
                return
            delivery.status = "failed" if verdict == "again" else verdict
            self._done.append(delivery)
            self._changed.notify_all()

    def _queue(self, delivery: Delivery, delay: float = 0, tries: int = 0) -> None:
        self._waiting[delivery.id] = _Waiting(time.monotonic() + delay, tries, delivery)
        if self._sender is not None:
            loop, wake = self._sender
            loop.call_soon_threadsafe(wake.set)
