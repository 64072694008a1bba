"""The control API under /_sandbox/: what a test or a page does to the sandbox itself."""

from __future__ import annotations

from cloudspot.sandbox.answers import Answer, Request, document, json_document, refusal
from cloudspot.sandbox.description import about
from cloudspot.sandbox.store import RecordExists
from cloudspot.sandbox.texts import in_words

from . import accounts, clock, companies, events, faults, records, requests, snapshots
from .asked import Controlled, Handler, no_fields

__all__ = ["PREFIX", "ROUTES", "Controlled", "answer", "is_slow", "takes_file"]

PREFIX = "/_sandbox/"


def answer(sandbox: Controlled, request: Request) -> Answer:
    """The control API's answer."""
    if _holds_nul(request):
        return refusal(400, "There is a NUL character, which no name here has.")
    found = _route(request.path.removeprefix(PREFIX))
    if found is None:
        return refusal(404, f"The control API has no {request.path}.")
    methods, names = ROUTES[found[0]], found[1]
    handler = methods.get("GET" if request.method == "HEAD" else request.method)
    if handler is None:
        return refusal(405, f"Method {request.method} is not allowed here.", Allow=", ".join(methods))
    try:
        return handler(sandbox, request, *names)
    except LookupError as error:
        return refusal(404, _sentence(error))
    except RecordExists as error:
        return refusal(409, _sentence(error))
    except ValueError as error:
        return refusal(400, _sentence(error))


def is_slow(request: Request) -> bool:
    """Whether other requests should not wait for the answer."""
    found = _route(request.path.removeprefix(PREFIX))
    return found is not None and found[0] in SLOW


def takes_file(method: str, path: str) -> bool:
    """Whether a file is sent there, which may be too large for memory."""
    found = _route(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None
    return found is not None and (method, found[0]) in TAKE_FILES


def _route(path: str) -> tuple[str, list[str]] | None:
    """The route of a path, and what stands in it for each name of the route."""
    parts = path.rstrip("/").split("/")
    for route in ROUTES:
        wanted = route.split("/")
        if len(wanted) != len(parts):
            continue
        pairs = list(zip(wanted, parts, strict=True))
        if all(want == part or want.startswith("{") for want, part in pairs):
            return route, [part for want, part in pairs if want.startswith("{")]
    return None


def _holds_nul(request: Request) -> bool:
    """Whether a text holds what PostgreSQL takes in no text."""
    return "\0" in request.path or any("\0" in value for value in request.query.values()) or rb"\u0000" in request.body


def _sentence(error: Exception) -> str:
    text = in_words(str(error))
    return f"{text[:1].upper()}{text[1:]}."


def _ready(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"ready": True, "base_url": sandbox.base_url})


def _about(sandbox: Controlled, _: Request) -> Answer:
    return json_document(about(sandbox))


def _reset(sandbox: Controlled, request: Request) -> Answer:
    no_fields(request)
    sandbox.reset()
    return json_document({"reset": True})


def _openapi(_: Controlled, __: Request, file: str) -> Answer:
    # Loaded when asked for: it reads the tables of all routes, these too.
    from cloudspot.sandbox import openapi  # noqa: PLC0415

    return document(openapi.text(file.removesuffix(".json")))


ROUTES: dict[str, dict[str, Handler]] = {
    "ready": {"GET": _ready},
    "about": {"GET": _about},
    "reset": {"POST": _reset},
    "openapi/{file}": {"GET": _openapi},
    **faults.ROUTES,
    **clock.ROUTES,
    **requests.ROUTES,
    **companies.ROUTES,
    **records.ROUTES,
    **snapshots.ROUTES,
    **accounts.ROUTES,
    **events.ROUTES,
}
"""What can be done at which path. What is in braces stands for a text, or for a number where it is an `{id}`."""

SLOW = frozenset({"reset", "openapi/{file}", *records.SLOW, *snapshots.SLOW})
"""What may take so long that other requests should not wait for it."""

TAKE_FILES = frozenset({("POST", "restore"), *records.TAKE_FILES})
"""Where a file is sent."""
