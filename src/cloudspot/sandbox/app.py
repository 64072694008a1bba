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
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import parse_qsl

from . import control, servers
from .answers import JSON, Answer, Request, matches
from .compression import compressed, pick_encoding
from .faults import Fault, Hit
from .faults.alterations import altered
from .faults.answers import faulty_answer, pace_of, shortened
from .guards import Guards
from .ids import Ids
from .request_log import Exchange
from .request_log.redaction import headers_to_keep
from .sending import WHOLE, Manner, ending_of, send_answer, stay_silent
from .serving import CONNECTION, Application, Connection, Receive, Scope, Send
from .store import Store
from .store.listing import ListReplaced
from .uploads import NOTHING, Brought, take

if TYPE_CHECKING:
    from .sandbox import Sandbox

WORTH_COMPRESSING = 256
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
    def guards(self) -> Guards:
        """Who may ask for what."""
        ...

    @property
    def ids(self) -> Ids:
        """Where ids of requests come from."""
        ...

    @property
    def compress(self) -> bool:
        """Whether answers are compressed for clients that take that."""
        ...


def application(sandbox: Answering) -> Application:
    """The ASGI application of one sandbox."""

    async def answer_request(scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["extensions"][CONNECTION]
        at, arrived = sandbox.clock.time(), time.perf_counter()
        exchange = None
        try:
            brought = await _brought(scope, receive)
            request = _request(scope, brought)
            answer, hit = await _answer(sandbox, request, is_too_large=brought.is_too_large)
            if _is_logged(request, answer):
                exchange = sandbox.requests.begin(request, hit, at, arrived)
            if hit is not None and hit.fault.silences:
                if exchange is not None:
                    sandbox.requests.add(exchange, ending_of(hit.fault))
                await stay_silent(connection, receive, hit.fault)
                return
            manner = _finish(sandbox, request, answer, hit and hit.fault, exchange)
            if exchange is not None:
                exchange.status, exchange.answer_headers = answer.status, headers_to_keep(answer.headers)
                sandbox.requests.add(exchange, manner.ending)
            if not await send_answer(connection, receive, send, answer, manner) and exchange is not None:
                exchange.outcome = "gone"
        except ListReplaced:
            if exchange is not None:
                exchange.outcome = "dropped"
            connection.drop()
        except asyncio.CancelledError:
            # The sandbox stops: the connection is closed already, nobody waits for an answer.
            return
        except Exception:
            log.exception("the sandbox failed while it answered %s %s", scope["method"], scope["path"])
            connection.drop()

    return answer_request


async def _brought(scope: Scope, receive: Receive) -> Brought:
    """The request's body, or the file it sends."""
    if scope["method"] in {"GET", "HEAD"}:
        return NOTHING
    return await take(receive, as_file=_takes_file(scope))


def _takes_file(scope: Scope) -> bool:
    """Whether what comes along may be too large for memory: files, in forms of the page too."""
    if scope["path"].startswith((servers.PREFIX, control.PREFIX)):
        return control.takes_file(scope["method"], scope["path"])
    return any(name == b"content-type" and value.startswith(b"multipart/") for name, value in scope["headers"])


def _request(scope: Scope, brought: Brought) -> Request:
    raw_query = scope["query_string"].decode("latin-1")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(raw_query, keep_blank_values=True)) if raw_query else {},
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        raw_query=raw_query,
        body=brought.body,
        file=brought.file,
    )


async def _answer(sandbox: Answering, request: Request, *, is_too_large: bool) -> tuple[Answer, Hit | None]:
    """The answer to a request, whose file is closed then."""
    try:
        return await _chosen(sandbox, request, is_too_large=is_too_large)
    finally:
        if request.file is not None:
            request.file.close()


async def _chosen(sandbox: Answering, request: Request, *, is_too_large: bool) -> tuple[Answer, Hit | None]:
    """The answer, or what a fault makes of it or puts in its place."""
    is_api = request.path.startswith(servers.PREFIX)
    if (refused := sandbox.guards.refuse(request.method, request.headers, is_api=is_api)) is not None:
        return servers.refuse(request, 403, refused), None
    if is_too_large:
        return servers.refuse(request, 413, "The body is too large."), None
    hit = sandbox.faults.meet(servers.route(request), servers.token(request)) if is_api else None
    if hit is None:
        return await _unfailing(sandbox, request), None
    fault = hit.fault
    if fault.delay or fault.jitter:
        await asyncio.sleep(fault.delay + hit.chance.uniform(0, fault.jitter))
    answer = faulty_answer(fault, partial(servers.refuse, request), sandbox.clock.time())
    if answer is None:
        answer = await _unfailing(sandbox, request)
        altered(answer, fault, hit.chance)
    if fault.content_type is not None:
        answer.headers["Content-Type"] = fault.content_type
    return answer, hit


async def _unfailing(sandbox: Answering, request: Request) -> Answer:
    try:
        if not request.path.startswith((servers.PREFIX, control.PREFIX)):
            return await asyncio.to_thread(_page, sandbox, request)
        if request.path.startswith(control.PREFIX):
            if control.is_slow(request):
                return await asyncio.to_thread(control.answer, sandbox, request)
            return control.answer(sandbox, request)
        return servers.answer(sandbox.store, request)
    except Exception:
        log.exception("the sandbox failed to answer %s %s", request.method, request.path)
        return servers.refuse(request, 500, "The sandbox itself failed; its log says why.")


def _is_logged(request: Request, answer: Answer) -> bool:
    """Whether a request is for the servers, or is one that lost its way: those of the page would drown them."""
    if request.path.startswith(control.PREFIX):
        return False
    return request.path.startswith(servers.PREFIX) or (
        answer.status >= 400 and answer.headers.get("Content-Type") == JSON
    )


def _page(sandbox: Answering, request: Request) -> Answer:
    # Loaded when somebody looks: the template engine costs more than a fresh sandbox, and tests have no use for it.
    from . import page  # noqa: PLC0415

    return page.answer(cast("Sandbox", sandbox), request)


def _finish(
    sandbox: Answering, request: Request, answer: Answer, fault: Fault | None, exchange: Exchange | None
) -> Manner:
    """Everything that is the same for all answers; how they are to be sent."""
    headers = answer.headers
    headers["Date"] = _date(int(sandbox.clock.time()))
    headers["X-Request-ID"] = _request_id(request.headers.get("x-request-id")) or sandbox.ids.request()
    if answer.length is not None:
        headers["Content-Length"] = str(answer.length)
    # Who holds the document would get no body that could be wrong.
    held = not (fault is not None and fault.spoils_body) and matches(request.headers.get("if-none-match"), answer.etag)
    has_body = not (held or answer.status in BODILESS or request.method == "HEAD")
    manner = WHOLE if fault is None else _spoil(answer, fault)
    if exchange is not None and has_body:
        sandbox.requests.watch(exchange, answer)
    if sandbox.compress and not manner.is_bare:
        _compress(request, answer)
    if answer.etag:
        headers["ETag"] = f'"{answer.etag}"'
    if held:
        answer.status = 304
    if answer.status in BODILESS:
        for name in ("Content-Length", "Content-Type", "Content-Encoding"):
            headers.pop(name, None)
    if not has_body:
        answer.body, manner = (), WHOLE
    return manner


def _spoil(answer: Answer, fault: Fault) -> Manner:
    """Let a fault spoil how an answer is sent."""
    headers = answer.headers
    ending, length = ending_of(fault), answer.length or 0
    if fault.cut_off is not None:
        answer.body = shortened(answer.body, length, fault.cut_off)
        if fault.ends_cleanly:
            # The shortened document goes out in chunks, the last of which says that it is whole.
            headers.pop("Content-Length", None)
    if fault.wrong_length is not None:
        headers["Content-Length"] = str(max(0, length + fault.wrong_length))
    return Manner(ending, pace_of(fault), is_bare=fault.wrong_length is not None)


def _compress(request: Request, answer: Answer) -> None:
    answer.headers["Vary"] = "Accept-Encoding"
    encoding = pick_encoding(request.headers.get("accept-encoding", ""))
    if encoding is None or (answer.length is not None and answer.length < WORTH_COMPRESSING):
        return
    answer.body = compressed(answer.body, encoding)
    answer.headers["Content-Encoding"] = encoding
    answer.headers.pop("Content-Length", None)
    if answer.etag:
        answer.etag = f"{answer.etag}-{encoding}"


def _request_id(asked: str | None) -> str | None:
    """The client's id, where it can be echoed without harm."""
    return asked if asked and _SANE_ID.fullmatch(asked) else None


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
