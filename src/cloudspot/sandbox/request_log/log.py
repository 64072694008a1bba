"""The last requests of one sandbox: kept as they are answered, looked up by whoever wants to know what was asked."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from threading import Condition
from typing import Any, NamedTuple, TypeAlias

import msgspec

from cloudspot.sandbox import servers
from cloudspot.sandbox.answers import Answer, Request
from cloudspot.sandbox.faults import Hit
from cloudspot.sandbox.faults.fault import RECORD_ROUTES

from .curl import curl_command
from .exchange import Exchange, Outcome
from .har import har_document
from .redaction import body_to_keep, headers_to_keep, label_of, query_to_keep, text_to_keep

KEPT = 1000
"""So many requests are kept, where nobody says otherwise."""
KEPT_OF_BODY = 16 * 1024
"""So many bytes of each body."""

LONGEST_PAUSE = 0.1
"""Seconds after which one who waits looks again: an answer goes on changing while it is sent."""
NOT_KEPT = b"(not kept: it is not JSON, and may hold a secret)"

OUTCOMES: dict[str, Outcome] = {"complete": "sent", "drop": "dropped", "reset": "reset", "stall": "stalled"}
"""By how the answer is meant to end."""

Exchanges: TypeAlias = list[Exchange]


class Wanted(NamedTuple):
    """Which requests: those that fit all that is said."""

    route: str | None = None
    status: int | str | None = None
    """A status, or a class of them such as `4xx`."""
    token: str | None = None
    """A token, or what stands for it."""
    method: str | None = None
    text: str | None = None
    """A text in its path, query or bodies, in whatever case."""
    fault: int | None = None
    after: int = 0
    """Only those with a greater id."""

    def check(self) -> None:
        """Refuse a status that is none.

        Raises:
            ValueError: it is.
        """
        status = str(self.status or "200")
        if not (len(status) == 3 and status[0] in "012345" and (status[1:].lower() == "xx" or status.isdecimal())):
            raise ValueError(f"{self.status} is no status: one is written 404, or 4xx for all of a kind")

    def fits(self, exchange: Exchange) -> bool:
        """Whether this is one."""
        return (
            exchange.id > self.after
            and self.route in {None, exchange.route}
            and (self.method is None or self.method.upper() == exchange.method)
            and (self.fault is None or self.fault == exchange.fault_id)
            and (self.status is None or _has_status(exchange, str(self.status).lower()))
            and (self.token is None or exchange.token in {self.token, label_of(self.token)})
            and (self.text is None or _holds(exchange, self.text.casefold()))
        )


def _has_status(exchange: Exchange, status: str) -> bool:
    return f"{exchange.status:03}" == status or (status.endswith("xx") and f"{exchange.status:03}"[0] == status[0])


def _holds(exchange: Exchange, text: str) -> bool:
    return any(text in part.casefold() for part in (exchange.target, exchange.text, exchange.answer_text))


class RequestLog:
    """The last requests that the servers of one sandbox were sent, and how they were answered."""

    def __init__(self, kept: int = KEPT) -> None:
        """Say how many are kept; 0 for none.

        Raises:
            ValueError: it is negative.
        """
        if kept < 0:
            raise ValueError("requests is how many requests are kept, so it is not negative")
        self.kept = kept
        self._exchanges: deque[Exchange] = deque(maxlen=kept)
        self._made = 0
        self._changed = Condition()

    def list(
        self,
        *,
        route: str | None = None,
        status: int | str | None = None,
        token: str | None = None,
        method: str | None = None,
        text: str | None = None,
        fault: int | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> Exchanges:
        """The requests that fit all that is said, as they are now, the oldest first.

        Args:
            route: the name of a path, such as `artikels`.
            status: of the answer, or a class such as `"4xx"`; 0 where there was none.
            token: the token it came with, or what stands for it in the log.
            text: anything in the path, the query or the bodies, in whatever case.
            fault: the id of the fault it met.
            after: only those with a greater id.
            limit: only so many, the latest.

        Raises:
            ValueError: the status is none.
        """
        wanted = Wanted(route, status, token, method, text, fault, after)
        wanted.check()
        with self._changed:
            every = list(self._exchanges)
        found = [msgspec.structs.replace(each) for each in every if wanted.fits(each)]
        return found if limit is None else found[max(0, len(found) - limit) :]

    def get(self, id: int) -> Exchange:
        """One request.

        Raises:
            LookupError: there is none with this id, or it is too long ago.
        """
        with self._changed:
            found = next((each for each in self._exchanges if each.id == id), None)
        if found is None:
            raise LookupError(f"there is no request {id}")
        return msgspec.structs.replace(found)

    def wait(self, count: int = 1, *, timeout: float = 10, **wanted: Any) -> Exchanges:
        """The requests that fit, in the words of `list`, as soon as there are so many.

        Raises:
            TimeoutError: there are fewer by then.
        """
        until = time.monotonic() + timeout
        while len(found := self.list(**wanted)) < count:
            with self._changed:
                if not self._changed.wait(max(0, min(until - time.monotonic(), LONGEST_PAUSE))) and (
                    time.monotonic() >= until
                ):
                    raise TimeoutError(f"after {timeout:g} s there were {len(found)} such requests, not {count}")
        return found

    def clear(self) -> None:
        """Forget all."""
        with self._changed:
            self._exchanges.clear()

    def curl(self, id: int) -> str:
        """A shell command that asks the same; tokens and passwords come from variables of the environment.

        Raises:
            LookupError: there is none with this id.
            ValueError: its body was too large to be kept.
        """
        return curl_command(self.get(id))

    def har(self, **wanted: Any) -> dict[str, Any]:
        """The requests that fit, in the words of `list`, as an HTTP Archive 1.2.

        Raises:
            ValueError: the status is none.
        """
        return har_document(self.list(**wanted))

    def __len__(self) -> int:
        return len(self._exchanges)

    def begin(self, request: Request, hit: Hit | None, at: float, arrived: float) -> Exchange | None:
        """What is to be kept of a request that is about to be answered; None where nothing is kept.

        Args:
            at: when it came, by the sandbox's clock.
            arrived: the same by `time.perf_counter`.
        """
        if not self.kept:
            return None
        token = servers.token(request)
        exchange = Exchange(
            id=0,
            at=at,
            arrived=arrived,
            method=request.method,
            path=text_to_keep(request.path),
            query=query_to_keep(request.raw_query),
            route=servers.route(request),
            token=None if token is None else label_of(token),
            headers=headers_to_keep(request.headers),
            size=len(request.body),
        )
        if request.body:
            body = body_to_keep(request.body)
            exchange.is_whole = body is not None and len(body) <= KEPT_OF_BODY
            exchange.body = (NOT_KEPT if body is None else body)[:KEPT_OF_BODY]
        if hit is not None:
            exchange.fault_id, exchange.fault = hit.id, _without_token(hit)
        return exchange

    def watch(self, exchange: Exchange, answer: Answer) -> None:
        """Keep what the answer's body begins with, now or as it passes by."""
        exchange.status = answer.status
        if not isinstance(answer.body, tuple):
            answer.body = _watched(answer.body, exchange)
            return
        body = answer.body[0] if len(answer.body) == 1 else b"".join(answer.body)
        exchange.answer_body, exchange.answer_size = _shown(exchange, body), len(body)

    def add(self, exchange: Exchange, ending: str) -> None:
        """Let it be found, just before it is answered: whoever has the answer finds the request here.

        Args:
            ending: how the answer is going to end, as `sending` says it.
        """
        exchange.outcome = OUTCOMES[ending]
        exchange.waited = exchange.seconds = time.perf_counter() - exchange.arrived
        with self._changed:
            self._made += 1
            exchange.id = self._made
            self._exchanges.append(exchange)
            self._changed.notify_all()


def _watched(body: Iterable[bytes], exchange: Exchange) -> Iterator[bytes]:
    """A body as it passes by. What is kept is so before it is sent, so that whoever has the answer finds it here."""
    beginning = b""
    for chunk in body:
        if len(beginning) < KEPT_OF_BODY:
            beginning += chunk[: KEPT_OF_BODY - len(beginning)]
            exchange.answer_body = _shown(exchange, beginning)
        exchange.answer_size += len(chunk)
        exchange.seconds = time.perf_counter() - exchange.arrived
        yield chunk


def _shown(exchange: Exchange, body: bytes) -> bytes:
    # Products and clients hold no secrets, and looking for them would cost more than answering.
    if exchange.route in RECORD_ROUTES and exchange.status < 400:
        return body[:KEPT_OF_BODY]
    kept = body_to_keep(body)
    if kept is None:
        return NOT_KEPT
    if exchange.status >= 400:
        # An error repeats what was asked for.
        kept = text_to_keep(kept.decode("utf-8", "replace")).encode()
    return kept[:KEPT_OF_BODY]


def _without_token(hit: Hit) -> Any:
    fault = hit.fault
    return fault if fault.token is None else msgspec.structs.replace(fault, token=label_of(fault.token))
