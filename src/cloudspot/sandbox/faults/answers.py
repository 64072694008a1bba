"""Answers that stand in for the real one, and how much of an answer goes out how fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from cloudspot.sandbox.answers import Answer, document

from .fault import Fault

EXPIRED = "The token has expired."
GARBAGE = b"\x16\x03\x01\x00cloudspot-sandbox: these bytes are not HTTP\r\n\r\n"
PIECES_A_SECOND = 10


def faulty_answer(fault: Fault, refuse: Callable[[int, str], Answer], now: float) -> Answer | None:
    """The answer that stands in for the real one; None where the real one goes out.

    Args:
        refuse: makes an error in the words of the server that is asked.
        now: seconds since 1970, for a Retry-After that is a date.
    """
    if fault.redirect is not None:
        status = 302 if fault.status is None else fault.status
        return Answer(status, {"Content-Type": "text/html; charset=utf-8", "Location": fault.redirect})
    if fault.expired:
        return refuse(401, EXPIRED)
    status = 429 if fault.status is None and fault.retry_after is not None else fault.status or 0
    if not status:
        return None
    answer = _with_body(status, fault.body, refuse)
    if fault.retry_after is not None:
        seconds = fault.retry_after
        answer.headers["Retry-After"] = (
            formatdate(int(now) + seconds, usegmt=True) if fault.retry_after_as_date else str(seconds)
        )
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


class Pace(NamedTuple):
    """How fast a body goes out."""

    size: int
    """Bytes of each piece."""
    pause: float
    """Seconds after each."""


def pace_of(fault: Fault) -> Pace | None:
    """How fast a fault lets a body go out; None for as fast as it can."""
    if fault.pieces_of is not None and fault.pause is not None:
        return Pace(fault.pieces_of, fault.pause)
    if fault.bytes_per_second is not None:
        size = max(1, fault.bytes_per_second // PIECES_A_SECOND)
        return Pace(size, size / fault.bytes_per_second)
    return None


def in_pieces(body: Iterable[bytes], size: int) -> Iterator[bytes]:
    """A body in pieces of so many bytes, the last of which may be smaller; never more than a chunk in memory."""
    held = b""
    for chunk in body:
        held += chunk
        whole = len(held) - len(held) % size
        for at in range(0, whole, size):
            yield held[at : at + size]
        held = held[whole:]
    if held:
        yield held
