"""Carries out what was decided about an answer: sends it, whole or in part, or breaks the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Literal, NamedTuple

from .answers import Answer
from .faults.answers import GARBAGE, Pace, in_pieces
from .faults.fault import Fault
from .serving import Connection, Receive, Send

Ending = Literal["complete", "drop", "reset", "stall"]
"""What comes after the body: its end, or a connection that closes, breaks or goes silent."""


class Manner(NamedTuple):
    """How an answer is sent."""

    ending: Ending = "complete"
    pace: Pace | None = None
    """How fast the body goes out; None for as fast as it can."""
    is_bare: bool = False
    """Write it past the HTTP library, which would not send what contradicts its own headers."""


WHOLE = Manner()


def ending_of(fault: Fault) -> Ending:
    """What a fault lets come after the body, or in the place of an answer."""
    if fault.reset:
        return "reset"
    if fault.stalls:
        return "stall"
    if fault.garbage or (fault.cut_off is not None and not fault.ends_cleanly) or fault.wrong_length is not None:
        return "drop"
    return "complete"


async def stay_silent(connection: Connection, receive: Receive, fault: Fault) -> None:
    """Answer nothing, or nothing that is HTTP, and end as the fault says."""
    if fault.garbage:
        connection.write(GARBAGE)
    await _end(connection, receive, ending_of(fault))


async def send_answer(connection: Connection, receive: Receive, send: Send, answer: Answer, manner: Manner) -> bool:
    """Send an answer in the manner that is wanted; whether the client stayed until its end."""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    if manner is WHOLE and isinstance(answer.body, tuple):
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"".join(answer.body)})
        return True
    if manner.is_bare:
        connection.write(_head(answer.status, headers))
    else:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    pace = manner.pace
    body: Iterable[bytes] = answer.body if pace is None else in_pieces(answer.body, pace.size)
    pause = 0.0
    for chunk in body:
        # A fast reader never makes `send` wait: without this, nobody else would be served until the list is out.
        await asyncio.sleep(pause)
        if connection.is_gone:
            return False
        if manner.is_bare:
            connection.write(chunk)
            await connection.written()
        else:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        pause = 0.0 if pace is None else pace.pause
    if manner.ending == "complete":
        await send({"type": "http.response.body", "body": b""})
    else:
        await _end(connection, receive, manner.ending)
    return True


async def _end(connection: Connection, receive: Receive, ending: Ending) -> None:
    """End without completing an answer."""
    if ending == "stall":
        while (await receive())["type"] != "http.disconnect":
            pass
    if ending == "reset":
        await connection.delivered()
        connection.reset()
    else:
        connection.drop()


def _head(status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_phrase(status)}".encode(), *(name + b": " + value for name, value in headers)]
    return b"\r\n".join([*lines, b"connection: close", b"", b""])


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
