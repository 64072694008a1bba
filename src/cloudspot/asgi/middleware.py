"""Who each request is of, before the application sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .requests import SAFE_METHODS, Place, is_own
from .user import User, Visitor, credentials
from .visit import KEY, Visit

if TYPE_CHECKING:
    from .login import CloudspotLogin


class CloudspotMiddleware:
    """Sets `request.user`, `request.auth` and `request.scope["cloudspot"]`.

    A cookie that comes with a request of another site's page is not looked at, unless it is one that only reads: so
    nothing of the application can be done from there, whatever its own pages check.

    Args:
        app: the application.
        login: what it was told.
    """

    def __init__(self, app: ASGIApp, *, login: CloudspotLogin) -> None:
        self.app, self.login = app, login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, a WebSocket, or the application's lifetime."""
        match scope["type"]:
            case "lifespan":
                await self.app(scope, receive, self._closing(send))
            case "http" | "websocket":
                visit = scope[KEY] = await self._visit(HTTPConnection(scope))
                scope["user"], scope["auth"] = visit.user, credentials(visit.user)
                has_cookie = self.login.cookies.session in HTTPConnection(scope).cookies
                await self.app(scope, receive, self._marked(send, visit) if has_cookie else send)
            case _:
                await self.app(scope, receive, send)

    async def _visit(self, connection: HTTPConnection) -> Visit:
        scope = connection.scope
        root = scope.get("root_path", "").rstrip("/")
        is_from_here = is_own(Place.of(connection.headers), self.login.trusted_origins)
        is_own_request = is_from_here or (scope["type"] == "http" and scope["method"] in SAFE_METHODS)
        cookie = connection.cookies.get(self.login.cookies.session)
        login = await self.login.sessions.find(cookie) if cookie and is_own_request else None
        if login is None or cookie is None:
            return Visit(self.login, Visitor(), is_own=is_from_here, root=root)
        user = self.login.user_of(login, cookie)
        return Visit(self.login, user, login, cookie, is_own=is_from_here, root=root)

    def _marked(self, send: Send, visit: Visit) -> Send:
        """Let no cache give one user's page to another, and take a cookie back that opens nothing any more."""

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Cookie")
                if isinstance(visit.user, User):
                    headers.setdefault("Cache-Control", "private")
                elif visit.is_own and not _sets(headers, self.login.cookies.session):
                    headers.append("Set-Cookie", self.login.cookies.removed())
            await send(message)

        return marked

    def _closing(self, send: Send) -> Send:
        async def closing(message: Message) -> None:
            if message["type"] in {"lifespan.shutdown.complete", "lifespan.shutdown.failed"}:
                await self.login.aclose()
            await send(message)

        return closing


def _sets(headers: MutableHeaders, cookie: str) -> bool:
    return any(each.startswith(f"{cookie}=") for each in headers.getlist("set-cookie"))
