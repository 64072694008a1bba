"""The application: finds who answers a request, and does to the answer what is the same for all of them.

A plain ASGI function. Routing is a dictionary of paths: Litestar was measured and left out, because building its
application costs 8 ms a sandbox and 0.12 s of import, and it answers paths without their closing slash itself.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from email.utils import formatdate
from functools import lru_cache, partial
from secrets import token_hex
from typing import Protocol
from urllib.parse import parse_qsl

from . import control, servers
from .answers import Answer, Request, matches
from .compression import compressed, pick_encoding
from .faults import Fault, faulty_answer, shortened
from .serving import CONNECTION, Application, Connection, Receive, Scope, Send
from .store import Store
from .store.listing import ListReplaced

WORTH_COMPRESSING = 256
LARGEST_BODY = 1 << 20
log = logging.getLogger("cloudspot.sandbox")

BODILESS = frozenset({204, 304})
_SANE_ID = re.compile(r"[\x21-\x7e]{1,128}")


class Answering(control.Controlled, Protocol):
    """What the application asks of a sandbox."""

    @property
    def store(self) -> Store:
        """Its data."""
        ...

    @property
    def compress(self) -> bool:
        """Whether answers are compressed for clients that take that."""
        ...


def application(sandbox: Answering) -> Application:
    """The ASGI application of one sandbox."""

    async def answer_request(scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["extensions"][CONNECTION]
        try:
            body = await _body(scope, receive)
            if body is None:
                request, fault = _request(scope, b""), None
                answer = servers.refuse(request, 413, "The body is too large.")
            else:
                request = _request(scope, body)
                answer, fault = await _answer(sandbox, request)
            if fault is not None and fault.reset:
                connection.reset()
                return
            complete = _finish(sandbox, request, answer, fault)
            await _send(connection, send, answer, complete=complete)
            if not complete:
                connection.drop()
        except ListReplaced:
            connection.drop()
        except asyncio.CancelledError:
            # The sandbox stops: the connection is closed already, nobody waits for an answer.
            return
        except Exception:
            log.exception("the sandbox failed while it answered %s %s", scope["method"], scope["path"])
            connection.drop()

    return answer_request


async def _body(scope: Scope, receive: Receive) -> bytes | None:
    """The request's body; None where it is too large."""
    if scope["method"] in {"GET", "HEAD"}:
        return b""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _request(scope: Scope, body: bytes) -> Request:
    raw_query = scope["query_string"].decode("latin-1")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(raw_query, keep_blank_values=True)) if raw_query else {},
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        raw_query=raw_query,
        body=body,
    )


async def _answer(sandbox: Answering, request: Request) -> tuple[Answer, Fault | None]:
    """The answer, or what a fault puts in its place."""
    if request.path.startswith(control.PREFIX):
        return await _unfailing(sandbox, request), None
    fault = None
    if request.path.startswith(servers.PREFIX):
        fault = sandbox.faults.meet(servers.route(request), servers.token(request))
    if fault is None:
        return await _unfailing(sandbox, request), None
    if fault.delay:
        await asyncio.sleep(fault.delay)
    return faulty_answer(fault, partial(servers.refuse, request)) or await _unfailing(sandbox, request), fault


async def _unfailing(sandbox: Answering, request: Request) -> Answer:
    try:
        if request.path.startswith(control.PREFIX):
            if control.is_slow(request):
                return await asyncio.to_thread(control.answer, sandbox, request)
            return control.answer(sandbox, request)
        return servers.answer(sandbox.store, request)
    except Exception:
        log.exception("the sandbox failed to answer %s %s", request.method, request.path)
        return servers.refuse(request, 500, "The sandbox itself failed; its log says why.")


def _finish(sandbox: Answering, request: Request, answer: Answer, fault: Fault | None) -> bool:
    """Everything that is the same for all answers; whether what will be sent is all that HTTP promises."""
    complete = True
    headers = answer.headers
    headers["Date"] = _date(int(time.time()))
    headers["X-Request-ID"] = _request_id(request.headers.get("x-request-id"))
    headers["Content-Length"] = str(answer.length)
    held = matches(request.headers.get("if-none-match"), answer.etag)
    if fault is not None and fault.cut_off is not None and not held:
        answer.body = shortened(answer.body, answer.length, fault.cut_off)
        complete = fault.ends_cleanly
        if fault.ends_cleanly:
            # The shortened document goes out in chunks, the last of which says that it is whole.
            del headers["Content-Length"]
    if sandbox.compress:
        _compress(request, answer)
    if answer.etag:
        headers["ETag"] = f'"{answer.etag}"'
    if held:
        answer.status = 304
    if answer.status in BODILESS:
        answer.body = ()
        for name in ("Content-Length", "Content-Type", "Content-Encoding"):
            headers.pop(name, None)
    if request.method == "HEAD":
        answer.body = ()
    return complete


def _compress(request: Request, answer: Answer) -> None:
    answer.headers["Vary"] = "Accept-Encoding"
    encoding = pick_encoding(request.headers.get("accept-encoding", ""))
    if encoding is None or answer.length < WORTH_COMPRESSING:
        return
    answer.body = compressed(answer.body, encoding)
    answer.headers["Content-Encoding"] = encoding
    answer.headers.pop("Content-Length", None)
    if answer.etag:
        answer.etag = f"{answer.etag}-{encoding}"


def _request_id(asked: str | None) -> str:
    """The client's id where it can be echoed without harm, else one of ours."""
    return asked if asked and _SANE_ID.fullmatch(asked) else token_hex(16)


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


async def _send(connection: Connection, send: Send, answer: Answer, *, complete: bool) -> None:
    """Send an answer; one that is not complete is left open, for the connection to be dropped."""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if complete and isinstance(answer.body, tuple):
        await send({"type": "http.response.body", "body": b"".join(answer.body)})
        return
    for chunk in answer.body:
        if connection.is_gone:
            return
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
        # A fast reader never makes `send` wait: without this, nobody else would be served until the list is out.
        await asyncio.sleep(0)
    if complete:
        await send({"type": "http.response.body", "body": b""})
