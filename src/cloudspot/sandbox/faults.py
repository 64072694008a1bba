"""Faults: answers that go wrong on purpose. Deciding is pure; `app` carries the decision out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from threading import Lock
from typing import Any, Literal

import msgspec

from .answers import Answer, document

Route = Literal[
    "artikels",
    "categories",
    "klanten",
    "auth/authenticate",
    "auth/get-permissions",
    "auth/get-company-permissions",
    "auth/users/profile",
    "auth/impersonation-validation",
    "auth/signin-external-app",
    "auth/get-user",
]
"""The paths of both servers, without what is around them."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What goes wrong, for which requests, and how often.

    A fault that only delays lets the answer come; one with a status takes its place; `cut_off` breaks it.
    """

    route: Route | None = None
    """Only for requests to this path; None for any."""
    token: str | None = None
    """Only for requests with this token of a company or a user; None for any."""
    times: int | None = 1
    """How many requests it hits; None for all that come."""
    delay: float = 0
    """Seconds before anything is answered."""
    status: int | None = None
    """Answer with this status instead of the real answer."""
    body: Literal["json", "html", "empty"] = "json"
    """What the body of that answer is: an error of the server, a proxy's page, nothing."""
    retry_after: int | None = None
    """Seconds for the header Retry-After; without a status this means 429."""
    reset: bool = False
    """Break the connection instead of answering."""
    cut_off: int | float | None = None
    """Send only so much of the document: a whole number of bytes, or a fraction between 0 and 1."""
    ends_cleanly: bool = False
    """With `cut_off`: let HTTP say that the shortened document is complete, instead of dropping the connection."""

    def __post_init__(self) -> None:
        instead = self.status is not None or self.retry_after is not None
        if self.times is not None and self.times < 1:
            raise ValueError("times is at least 1, or null for ever")
        if self.delay < 0 or (self.retry_after or 0) < 0:
            raise ValueError("delay and retry_after are not negative")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status is from 200 to 599")
        if isinstance(self.cut_off, float) and not 0 < self.cut_off < 1:
            raise ValueError("cut_off is a whole number of bytes, or a fraction between 0 and 1")
        if self.cut_off is not None and self.cut_off < 0:
            raise ValueError("cut_off is not negative")
        if self.ends_cleanly and self.cut_off is None:
            raise ValueError("ends_cleanly goes with cut_off")
        if instead + self.reset + (self.cut_off is not None) > 1:
            raise ValueError("status, reset and cut_off exclude each other: add a fault for each")
        if not (instead or self.reset or self.delay or self.cut_off is not None):
            raise ValueError("a fault needs one of delay, status, retry_after, reset, cut_off")

    def hits(self, route: str | None, token: str | None) -> bool:
        """Whether a request is one of those it is meant for."""
        return (self.route is None or self.route == route) and (self.token is None or self.token == token)


class ActiveFault(msgspec.Struct, kw_only=True):
    """A fault that waits for requests."""

    id: int
    hits: int = 0
    """How many requests it has hit."""
    fault: Fault

    @property
    def is_spent(self) -> bool:
        """Whether it has hit all the requests it was meant to."""
        return self.fault.times is not None and self.hits >= self.fault.times


class Faults:
    """The faults of one sandbox. A request meets the first that is meant for it, in the order they were added."""

    def __init__(self) -> None:
        self._active: list[ActiveFault] = []
        self._made = 0
        self._lock = Lock()

    def add(self, **fault: Any) -> ActiveFault:
        """Add a fault, in the words of `Fault`.

        Raises:
            ValueError: it contradicts itself, or a field is unknown or of another type.
        """
        return self.add_fault(msgspec.convert(fault, Fault))

    def add_fault(self, fault: Fault) -> ActiveFault:
        """Add a fault that is ready-made."""
        with self._lock:
            self._made += 1
            active = ActiveFault(id=self._made, fault=fault)
            self._active.append(active)
        return active

    def list(self) -> list[ActiveFault]:
        """The faults that still wait for requests."""
        with self._lock:
            return list(self._active)

    def clear(self, id: int | None = None) -> bool:
        """Take away one fault, or all; whether there was one."""
        with self._lock:
            kept = [active for active in self._active if id is not None and active.id != id]
            found = len(kept) < len(self._active)
            self._active = kept
        return found

    def meet(self, route: str | None, token: str | None) -> Fault | None:
        """The fault that this request meets; it counts."""
        if not self._active:
            return None
        with self._lock:
            active = next((active for active in self._active if active.fault.hits(route, token)), None)
            if active is None:
                return None
            active.hits += 1
            if active.is_spent:
                self._active.remove(active)
            return active.fault


def faulty_answer(fault: Fault, refuse: Callable[[int, str], Answer]) -> Answer | None:
    """The answer that stands in for the real one; None where the real one goes out."""
    status = 429 if fault.status is None and fault.retry_after is not None else fault.status
    if status is None:
        return None
    answer = _with_body(status, fault.body, refuse)
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _with_body(status: int, body: str, refuse: Callable[[int, str], Answer]) -> Answer:
    if body == "empty":
        return document(b"", status=status)
    reason = _reason(status)
    if body == "html":
        page = (
            f"<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n"
            f"<center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        )
        return document(page.encode(), status=status, content_type="text/html")
    return refuse(status, f"{reason} (a fault of the sandbox).")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def shortened(body: Iterable[bytes], length: int, cut_off: float) -> Iterator[bytes]:
    """The first part of a body: so many bytes, or that fraction of its length."""
    left = cut_off if isinstance(cut_off, int) else int(length * cut_off)
    for chunk in body:
        if left <= len(chunk):
            if left:
                yield chunk[:left]
            return
        left -= len(chunk)
        yield chunk
