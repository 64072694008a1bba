"""The log of requests: as they come in, one by one, as curl commands and as an HTTP Archive."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from cloudspot.sandbox.answers import Answer, document
from cloudspot.sandbox.faults import Route
from cloudspot.sandbox.request_log import Exchange

from .numbers import page_of, whole
from .problems import Problem
from .routing import Routes
from .visit import Visit

PER_PAGE = 50
FILTERS = ("text", "route", "status", "method", "token")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def _list(visit: Visit) -> Answer:
    log, problem = visit.sandbox.requests, None
    try:
        found = log.list(**_wanted(visit))[::-1]
    except ValueError as error:
        found, problem = [], Problem(str(error), "status")
    if visit.query["since"] == (now := mark(found)):
        return Answer(204)
    page, first = page_of(visit.query["page"], len(found), PER_PAGE)
    return visit.page(
        "requests.html",
        status=400 if problem else 200,
        exchanges=found[first : first + PER_PAGE],
        mark=now,
        seen=seen(visit),
        total=len(found),
        any=bool(len(log)),
        kept=log.kept,
        number=page,
        size=PER_PAGE,
        routes=get_args(Route),
        methods=METHODS,
        problem=problem,
    )


def mark(found: list[Exchange]) -> str:
    """What is other as soon as there is something new to see in a list that begins with the latest."""
    return f"{found[0].id}.{found[0].answer_size}.{found[0].outcome}" if found else "0"


def seen(visit: Visit) -> int | None:
    """The latest request that the browser shows already; None where it begins to look."""
    number = visit.query["since"].split(".")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else None


def _one(visit: Visit, id: str) -> Answer:
    exchange = visit.sandbox.requests.get(whole(id))
    curl, problem = "", None
    try:
        curl = visit.sandbox.requests.curl(exchange.id)
    except ValueError as error:
        problem = Problem.of(error)
    return visit.page(
        "request.html",
        exchange=exchange,
        curl=curl,
        problem=problem,
        sent=_readable(exchange.text),
        answered=_readable(exchange.answer_text),
    )


def _readable(text: str) -> str:
    """JSON on many lines; whatever isn't JSON as it is."""
    try:
        return msgspec.json.format(text, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return text


def _har(visit: Visit) -> Answer:
    answer = document(msgspec.json.encode(visit.sandbox.requests.har(**_wanted(visit))))
    answer.headers["Content-Disposition"] = 'attachment; filename="sandbox.har"'
    return answer


def _clear(visit: Visit) -> Answer:
    visit.sandbox.requests.clear()
    return visit.back("/requests", "requests.cleared")


def _wanted(visit: Visit) -> dict[str, Any]:
    return {name: visit.query[name] for name in FILTERS if name in visit.query}


ROUTES: Routes = {
    "requests": {"GET": _list},
    "requests/har": {"GET": _har},
    "requests/+clear": {"POST": _clear},
    "requests/*": {"GET": _one},
}
