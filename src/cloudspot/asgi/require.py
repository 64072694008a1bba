"""What a page demands of its visitor."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, TypeVar, cast
from urllib.parse import quote

from starlette.exceptions import HTTPException, WebSocketException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.status import WS_1008_POLICY_VIOLATION

from .user import User
from .visit import visit_of

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Reason(Enum):
    """Why somebody may not see a page."""

    ANONYMOUS = "You are not logged in."
    NO_COMPANY = "You have not chosen a company."
    FORBIDDEN = "You may not do this in the chosen company."


class Refused(HTTPException):
    """A visitor may not see a page.

    With `login.install(app)` a browser is sent to the login or the choice of a company, or sees a page that says so;
    everybody else gets JSON with status 401 or 403.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(401 if reason is Reason.ANONYMOUS else 403, reason.value)
        self.reason = reason


def require(*permissions: str) -> Callable[[HTTPConnection], Awaitable[User]]:
    """A FastAPI dependency, `Depends(require("view_artikels"))`: the user, who may do all of it in the chosen company.

    Without a permission, whoever is logged in and has chosen a company will do. In Starlette:
    `user = await require("view_artikels")(request)`.

    Raises, when it is called:
        Refused: the visitor may not; WebSocketException (1008) for a WebSocket.
        ConfigurationError: the middleware is not there.
    """

    async def required(connection: HTTPConnection) -> User:
        return demand(connection, permissions)

    return required


def permission_required(*permissions: str) -> Callable[[Endpoint], Endpoint]:
    """The same as a decorator of an endpoint whose first argument is the request or the WebSocket."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        if inspect.iscoroutinefunction(endpoint):

            @functools.wraps(endpoint)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                demand(_connection(args, kwargs), permissions)
                return await endpoint(*args, **kwargs)

            return cast("Endpoint", awaited)

        @functools.wraps(endpoint)
        def plain(*args: Any, **kwargs: Any) -> Any:
            demand(_connection(args, kwargs), permissions)
            return endpoint(*args, **kwargs)

        return cast("Endpoint", plain)

    return decorate


def demand(connection: HTTPConnection, permissions: tuple[str, ...]) -> User:
    """The user of a request, who may do all of it in the chosen company.

    Raises:
        Refused, WebSocketException, ConfigurationError: as for `require`.
    """
    user = visit_of(connection).user
    if not isinstance(user, User):
        reason = Reason.ANONYMOUS
    elif user.company is None:
        reason = Reason.NO_COMPANY
    elif not all(user.has(each) for each in permissions):
        reason = Reason.FORBIDDEN
    else:
        return user
    if connection.scope["type"] == "websocket":
        raise WebSocketException(WS_1008_POLICY_VIOLATION, reason.value)
    raise Refused(reason)


async def answer(request: Request, refused: Exception) -> Response:
    """What somebody sees who may not see a page."""
    if not isinstance(refused, Refused):
        raise refused
    if not _is_for_a_browser(request):
        return JSONResponse({"detail": refused.detail}, refused.status_code)
    visit = visit_of(request)
    if refused.reason is Reason.FORBIDDEN:
        return visit.to.pages.show(request, "forbidden.html", 403, next=_address(request))
    page = "login" if refused.reason is Reason.ANONYMOUS else "company"
    return RedirectResponse(visit.path(page, _address(request)), 303)


def _is_for_a_browser(request: Request) -> bool:
    return request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", "")


def _address(request: Request) -> str:
    query = request.scope.get("query_string", b"").decode("latin-1")
    path = quote(request.scope["path"], safe="/:@!$&'()*+,;=~")
    return f"{path}?{query}" if query else path


def _connection(args: tuple[Any, ...], kwargs: dict[str, Any]) -> HTTPConnection:
    for each in (*args, *kwargs.values()):
        if isinstance(each, HTTPConnection):
            return each
    raise TypeError("permission_required is for endpoints that are passed a request or a WebSocket")
