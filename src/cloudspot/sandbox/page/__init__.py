"""The page at `/`: all that a sandbox holds and can do, for a browser.

Loaded at the first request for it, so that a sandbox in a test pays nothing. The page decides nothing of its own: it
shows what the `Sandbox` object says, and does what that object can do. Each request is answered with a whole document;
htmx only swaps it in without a reload, so that every link and form works without JavaScript too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudspot.sandbox import servers
from cloudspot.sandbox.answers import Answer, Request

from . import protection, static
from .routes import ROUTES
from .routing import find
from .visit import Visit

if TYPE_CHECKING:
    from cloudspot.sandbox.sandbox import Sandbox

__all__ = ["answer"]


def answer(sandbox: Sandbox, request: Request) -> Answer:
    """The page's answer to a request."""
    if request.path.startswith(static.PREFIX):
        return protection.protected(static.answer(request))
    visit = Visit(sandbox, request)
    try:
        given = _answer(visit)
    finally:
        visit.form.close()
    visit.keep_cookie(given)
    return protection.protected(given)


def _answer(visit: Visit) -> Answer:
    request = visit.request
    if request.method not in {"GET", "HEAD"} and visit.is_stale:
        return visit.problem(403, "problem.stale")
    if visit.holds_nul:
        return visit.problem(400, "problem.nul")
    found = find(ROUTES, request.path)
    if found is None and not visit.is_browser:
        return servers.refuse(request, 404, f"There is nothing at {request.path}.")
    if found is None:
        return visit.problem(404, "problem.nothing_here")
    methods, names = found
    handler = methods.get("GET" if request.method == "HEAD" else request.method)
    if handler is None:
        given = visit.problem(405, "problem.method")
        given.headers["Allow"] = ", ".join(methods)
        return given
    try:
        return handler(visit, *names)
    except LookupError as error:
        return visit.problem(404, "problem.gone", error)
    except ValueError as error:
        return visit.problem(400, "problem.refused", error)
