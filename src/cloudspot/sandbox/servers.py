"""Which of the servers a request is for: both live below /api/v1/, and where paths meet the headers tell."""

from __future__ import annotations

from . import erp, external_app, license_server
from .answers import Answer, Request, license_refusal, refusal
from .store import Store

PREFIX = "/api/v1/"

TOKEN_HEADERS = (erp.TOKEN_HEADER, license_server.TOKEN_HEADER)


def answer(store: Store, request: Request) -> Answer:
    """The answer of the server that is meant."""
    path = request.path.removeprefix(PREFIX)
    if route(request) is None:
        return refuse(request, 404, f"There is nothing at {request.path}.")
    if not path.endswith("/"):
        return _without_slash(request)
    at_license, at_erp = license_server.route(path), external_app.route(path)
    if at_license and at_erp:
        by_license, by_erp = _headers(request)
        if by_license == by_erp:
            # Either server would say of its own header that it is missing.
            status, said = (400, "Both of") if by_erp else (401, "Neither of")
            return license_refusal(
                status, f"{said} X-LICENSE-MODULE and X-ERP-REQUESTOR: send one, for the server you mean."
            )
        at_license = at_license if by_license else None
    if at_license:
        return license_server.answer(store, request, at_license)
    if at_erp:
        return external_app.answer(store, request, at_erp)
    return erp.answer(store, request, path.removesuffix("/"))


def route(request: Request) -> str | None:
    """The name of what a request asks, for faults; None where there is nothing."""
    if not request.path.startswith(PREFIX):
        return None
    path = request.path.removeprefix(PREFIX)
    return erp.route(path) or license_server.route(path) or external_app.route(path)


def token(request: Request) -> str | None:
    """The token a request is made with."""
    return next((request.headers[name] for name in TOKEN_HEADERS if name in request.headers), None)


def refuse(request: Request, status: int, message: str) -> Answer:
    """An error in the words of the server that is meant."""
    path = request.path.removeprefix(PREFIX)
    by_license, by_erp = _headers(request)
    is_license = by_license or (license_server.route(path) is not None and not by_erp)
    return license_refusal(status, message) if is_license else refusal(status, message)


def _headers(request: Request) -> tuple[bool, bool]:
    """Whether a request names its application as the License server wants it, and as the ERP does."""
    headers = request.headers
    return license_server.APPLICATION_HEADER in headers, external_app.APPLICATION_HEADER in headers


def _without_slash(request: Request) -> Answer:
    """A path without its closing slash is sent to the one with it, as Django does."""
    if request.method not in {"GET", "HEAD"}:
        # Clients follow a redirect of a POST with a GET, and without the body.
        return refuse(request, 404, f"There is nothing at {request.path}: paths end in a slash.")
    query = f"?{request.raw_query}" if request.raw_query else ""
    return Answer(301, {"Content-Type": "text/html; charset=utf-8", "Location": f"{request.path}/{query}"})
