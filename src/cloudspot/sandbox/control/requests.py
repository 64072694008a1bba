"""The control API: the last requests and their answers, without the secrets in them."""

from __future__ import annotations

from typing import Any

import msgspec

from cloudspot.sandbox.answers import Answer, Request, json_document
from cloudspot.sandbox.faults import Fault
from cloudspot.sandbox.request_log import Exchange, Outcome

from .asked import Controlled, Handler, filters_of, no_fields, number

TEXTS, NUMBERS = ("route", "status", "token", "method", "text"), ("fault", "after", "limit")
FILTERS = (*TEXTS, *NUMBERS)


class ShownRequest(msgspec.Struct, kw_only=True):
    """A request, as a list shows it."""

    id: int
    at: float
    """When it came, by the sandbox's clock, in seconds since 1970."""
    seconds: float
    """How long answering took."""
    method: str
    path: str
    query: str
    route: str | None
    """The path's name; null where the servers have no such path."""
    token: str | None
    """What stands for the token it came with: the same for the same token."""
    size: int
    """Bytes of its body."""
    status: int
    """The answer's; 0 where there was none."""
    outcome: Outcome
    answer_size: int
    """Bytes of the answer's body."""
    fault_id: int | None
    """The fault it met."""


class ShownHeader(msgspec.Struct, kw_only=True):
    """A header, by its lower-case name."""

    name: str
    value: str


class ShownExchange(ShownRequest, kw_only=True):
    """A request and its answer."""

    waited: float
    """Seconds until the answer began."""
    headers: list[ShownHeader]
    body: str
    """The body, or its beginning."""
    is_whole: bool
    """Whether all of the body is here, but for the secrets."""
    answer_headers: list[ShownHeader]
    answer_body: str
    """The answer's body, or its beginning."""
    fault: Fault | None
    """What the fault says that it met."""


def _list(sandbox: Controlled, request: Request) -> Answer:
    found = sandbox.requests.list(**_filters(request))
    return json_document({"requests": [_shown(each, ShownRequest) for each in found]})


def _clear(sandbox: Controlled, request: Request) -> Answer:
    no_fields(request)
    sandbox.requests.clear()
    return json_document({"requests": []})


def _one(sandbox: Controlled, _: Request, id: str) -> Answer:
    exchange = sandbox.requests.get(number(id, "request"))
    return json_document(
        _shown(
            exchange,
            ShownExchange,
            headers=[ShownHeader(name=name, value=value) for name, value in exchange.headers],
            answer_headers=[ShownHeader(name=name, value=value) for name, value in exchange.answer_headers],
            body=exchange.text,
            answer_body=exchange.answer_text,
        )
    )


def _curl(sandbox: Controlled, _: Request, id: str) -> Answer:
    return json_document({"curl": sandbox.requests.curl(number(id, "request"))})


def _har(sandbox: Controlled, request: Request) -> Answer:
    answer = json_document(sandbox.requests.har(**_filters(request)))
    answer.headers["Content-Disposition"] = 'attachment; filename="cloudspot-sandbox.har"'
    return answer


def _filters(request: Request) -> dict[str, Any]:
    said: dict[str, Any] = dict(filters_of(request, *FILTERS))
    for name in NUMBERS:
        if name in said:
            said[name] = _natural(name, said[name])
    return said


def _natural(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise ValueError(f"{name} is a whole number, not {text}")
    return int(text)


def _shown(exchange: Exchange, type: type[msgspec.Struct], **more: Any) -> msgspec.Struct:
    return type(**{name: getattr(exchange, name) for name in type.__struct_fields__ if name not in more}, **more)


ROUTES: dict[str, dict[str, Handler]] = {
    "requests": {"GET": _list, "DELETE": _clear},
    "requests.har": {"GET": _har},
    "requests/{id}": {"GET": _one},
    "requests/{id}/curl": {"GET": _curl},
}
