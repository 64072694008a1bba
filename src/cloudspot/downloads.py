"""How records are asked for and taken in: written once, as steps, for the plain and the async client."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar
from weakref import ref

from . import policy
from .calls import READ, READ_MANY, Deliver, Send, Steps, Wait
from .decoder import RecordDecoder, RowDecoder
from .errors import (
    NOWHERE,
    CloudspotError,
    InvalidDocument,
    InvalidRecord,
    InvalidRecords,
    NotFound,
    RequestRefused,
    TimedOut,
    Where,
)
from .policy import Reply, Request
from .records import Record
from .settings import Settings

R = TypeVar("R", bound=Record)

OnInvalid = Literal["raise", "collect"] | Callable[[InvalidRecord], object]
"""What happens to records that can't be read: raise when all others are there, collect them in `.invalid`, or call."""

LONGEST_REFUSAL = 64 * 1024
"""Bytes of an error's body that are looked at."""
NOT_MODIFIED = 304


@dataclass(slots=True)
class Response:
    """What is known of an answer besides its records.

    Attributes:
        status: the HTTP status; 304 where the server said that nothing has changed.
        headers: the answer's headers, names in lower case.
        request_id: the id both sides log it under.
        attempts: how often it was asked, 1 where the first attempt went well.
        bytes: size of the unpacked body.
        elapsed: seconds from the first attempt to the last byte.
    """

    status: int
    headers: Mapping[str, str]
    request_id: str
    attempts: int = 1
    bytes: int = 0
    elapsed: float = 0.0


class Received:
    """Records as they were received, whatever is done to the lists that were made of them."""

    __slots__ = ("__weakref__", "records")

    def __init__(self, records: Sequence[Any]) -> None:
        self.records = tuple(records)


class RecordList(list[R]):
    """A list of records, with what is known of the answer.

    Attributes:
        response: status, headers, request id and timing of the answer.
        invalid: the records that could not be read, with on_invalid="collect".
    """

    __slots__ = ("_received", "invalid", "response")

    def __init__(
        self,
        records: Sequence[R] = (),
        *,
        response: Response,
        invalid: Sequence[InvalidRecord] = (),
        received: Received | None = None,
    ) -> None:
        super().__init__(records)
        self.response = response
        self.invalid = tuple(invalid)
        self._received = received  # for as long as this list is kept

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive_list, (list(self), self.response, self.invalid)


def _revive_list(records: list[Any], response: Response, invalid: tuple[InvalidRecord, ...]) -> RecordList[Any]:
    return RecordList(records, response=response, invalid=invalid)


class Ask(NamedTuple, Generic[R]):
    """What is asked of the ERP.

    Attributes:
        path: below the base URL, with both slashes.
        record_type: what the answer's `data` holds.
        right: what the token must be allowed to do.
        missing: what a 404 means.
        query: parameters, ready for a URL.
    """

    path: str
    record_type: type[R]
    right: str
    missing: str = "There is no such address. Is the base URL right?"
    query: str = ""

    def one(self, key: int) -> Ask[R]:
        """The same for the one record with that key."""
        missing = f"There is no {self.record_type.__name__} {key} in the token's company."
        return Ask(self.path, self.record_type, self.right, missing, f"id={key}")


@dataclass(frozen=True, slots=True)
class Context:
    """What a call needs of its client and of the world."""

    settings: Settings
    remembered: Remembered
    note: Callable[[Response], None]
    new_request_id: Callable[[], str] = lambda: os.urandom(16).hex()
    clock: Callable[[], float] = time.perf_counter
    now: Callable[[], float] = time.time
    jitter: Callable[[], float] = random.random


class Remembered:
    """The latest lists that had an ETag and are still in use, so that an unchanged one isn't downloaded again."""

    def __init__(self, most: int = 64) -> None:
        self._most = most
        self._lists: dict[str, tuple[str, ref[Received]]] = {}
        self._lock = Lock()

    def get(self, key: str) -> tuple[str, Received] | None:
        """The ETag and the records; None where nobody keeps them any more."""
        with self._lock:
            etag, kept = self._lists.get(key, ("", None))
        records = kept() if kept else None
        return None if records is None else (etag, records)

    def put(self, key: str, etag: str, records: Received) -> None:
        """Remember records for as long as somebody keeps a list of them."""
        with self._lock:
            self._lists.pop(key, None)
            self._lists[key] = etag, ref(records)
            while len(self._lists) > self._most:
                del self._lists[next(iter(self._lists))]


class Answer(NamedTuple):
    """What is left of an answer when its records are gone."""

    response: Response
    invalid: list[InvalidRecord]
    place: Where


def fetch(context: Context, ask: Ask[R], on_invalid: OnInvalid = "raise") -> Steps[RecordList[R]]:
    """All records of an answer. An attempt that breaks off is repeated, since nothing of it was used.

    Raises:
        CloudspotError: the call failed; with on_invalid="raise", `InvalidRecords`, which holds the good ones.
    """
    known = context.remembered.get(ask.path)
    records = _Kept[R]()
    etag, received = known or (None, None)
    response, invalid, place = yield from _download(context, ask, records, etag=etag)
    if received is not None and response.status == NOT_MODIFIED:
        return RecordList(received.records, response=response, received=received)
    _settle(invalid, on_invalid, records, place)
    received = None
    if not invalid and "etag" in response.headers:
        received = Received(records)
        context.remembered.put(ask.path, response.headers["etag"], received)
    return RecordList(records, response=response, invalid=invalid, received=received)


def fetch_one(context: Context, ask: Ask[R], key: int) -> Steps[R]:
    """The one record with that key.

    Raises:
        NotFound: the answer is empty.
        InvalidDocument: the answer holds other records instead.
        InvalidRecords: the record can't be read.
    """
    records = _Kept[R]()
    _, invalid, place = yield from _download(context, ask, records)
    found = [record for record in records if getattr(record, ask.record_type.KEY) == key]
    if found:
        return found[0]
    if invalid:
        raise InvalidRecords(invalid, where=place)
    if not records:
        raise NotFound(ask.missing, where=place)
    raise InvalidDocument(f"{key} was asked for, and another record came.", where=place)


def stream(context: Context, ask: Ask[R], on_invalid: OnInvalid = "raise") -> Steps[Answer]:
    """The records of an answer, delivered as they arrive. Once some are delivered, the call is not repeated."""
    on_each = on_invalid if callable(on_invalid) else None
    answer = yield from _download(context, ask, None, on_each=on_each)
    if on_each is None:
        _settle(answer.invalid, on_invalid, (), answer.place)
    return answer


class Intake(Protocol):
    """What takes in an answer; only when the call has ended well is it a whole document."""

    def begin(self) -> None:
        """An attempt begins: forget what came of an earlier one."""

    def take(self, records: Sequence[Any], /) -> None:
        """Take in the next records."""


class _Kept(list[R]):
    """Takes in records by keeping them."""

    begin = list.clear
    take = list.extend


def fetch_rows(context: Context, ask: Ask[Any], intake: Intake, etag: str | None = None) -> Steps[Response]:
    """All records of an answer, unread: as `msgspec.Raw`, the bytes of each as they were sent.

    Args:
        intake: takes in the rows. An attempt that breaks off is repeated after `begin`.
        etag: of an earlier answer; where it still holds, the status is 304 and no rows come.

    Raises:
        CloudspotError: the call failed; what was taken in is no whole document.
    """
    answer = yield from _download(context, ask, intake, etag=etag, rows=True)
    return answer.response


def _download(
    context: Context,
    ask: Ask[R],
    intake: Intake | None,
    *,
    etag: str | None = None,
    rows: bool = False,
    on_each: Callable[[InvalidRecord], object] | None = None,
) -> Steps[Answer]:
    """Ask until there is a whole answer or no hope of one; `intake` gets the records, or they are delivered."""
    started = context.clock()
    for attempt in count(1):
        request = policy.make_request(
            context.settings, ask.path, ask.query, request_id=context.new_request_id(), etag=etag
        )
        decoder = RowDecoder() if rows else RecordDecoder(ask.record_type)
        reply: Reply | None = None
        delivered = False
        try:
            if intake is not None:
                intake.begin()
            reply = yield from _open(context, ask, request)
            if ended := reply.status == NOT_MODIFIED:
                yield READ  # there is nothing, and then the connection is free
            size = 0
            while not ended:
                chunk: bytes = yield READ if intake is None else READ_MANY
                ended = not chunk
                size += len(chunk)
                records = decoder.finish() if ended else decoder.feed(chunk)
                if intake is not None:
                    intake.take(records)
                elif records:
                    delivered = True
                    yield Deliver(records)
                if on_each and decoder.invalid:
                    delivered = True
                    for record in decoder.invalid:
                        on_each(record)
                    decoder.invalid.clear()
            place = policy.where(request, reply)
            elapsed = context.clock() - started
            response = Response(reply.status, reply.headers, place.request_id, attempt, size, elapsed)
            context.note(response)
            return Answer(response, decoder.invalid, place)
        except CloudspotError as error:
            _complete(error, request, reply, context.settings)
            seconds = policy.pause(error, attempt, context.settings.retries, context.jitter())
            if delivered or seconds is None:
                raise
            failure = error
        try:
            yield Wait(seconds)
        except TimedOut as late:
            late.message += f" The last attempt: {failure.message}"
            _complete(late, request, reply, context.settings)
            raise late from failure
    raise AssertionError("count() ended")


def _open(context: Context, ask: Ask[R], request: Request) -> Steps[Reply]:
    """The head of the answer, redirects followed; what is no success is raised as the error it means."""
    for _ in range(policy.MOST_REDIRECTS):
        reply: Reply = yield Send(request)
        if (further := policy.redirected(request, reply)) is None:
            break
        request = further
    else:
        raise RequestRefused("The server keeps redirecting.")
    if reply.status == NOT_MODIFIED and "If-None-Match" in request.headers:
        return reply
    if 200 <= reply.status < 300:
        if "content-encoding" in reply.headers:
            policy.check_encoding(reply, policy.where(request, reply))
        return reply
    body = yield from _read_some()
    error = policy.refusal(request, reply, body, right=ask.right, missing=ask.missing, now=context.now())
    error.said = policy.redacted(policy.stated_in(body), context.settings)
    raise error


def _read_some() -> Steps[bytes]:
    """The start of an error's body; a broken one doesn't hide the error itself."""
    body = b""
    try:
        while len(body) < LONGEST_REFUSAL and (chunk := (yield READ)):
            body += chunk
    except CloudspotError:
        pass
    return body


def _complete(error: CloudspotError, request: Request, reply: Reply | None, settings: Settings) -> None:
    """Say in an error which request it is about, and see to it that no token is in it."""
    if error.where == NOWHERE:
        error.where = policy.where(request, reply)
    error.message = policy.redacted(error.message, settings)
    error.args = (error.message,)


def _settle(invalid: Sequence[InvalidRecord], on_invalid: OnInvalid, records: Sequence[Any], place: Where) -> None:
    if callable(on_invalid):
        for record in invalid:
            on_invalid(record)
    elif invalid and on_invalid == "raise":
        raise InvalidRecords(invalid, records, where=place)
