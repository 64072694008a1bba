"""Supporters whom the License server sends to act as a user: asked first, noted, shown, and over by itself."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from ..errors import CloudspotError, InvalidInput, InvalidToken
from ..secret import SecretText
from ..session import Session
from ..weblogin.choice import company_id
from ..weblogin.identity import account_name
from .user import Acting, User
from .visit import visit_of

if TYPE_CHECKING:
    from .login import CloudspotLogin

log = logging.getLogger("cloudspot.asgi")

OnImpersonation = Callable[[User], Awaitable[None]]

LONGEST_TEXT, LONGEST_TOKEN = 500, 4000
# The page's address holds the token, so no other page is told it.
_HEADERS = {"Referrer-Policy": "strict-origin"}


class Impersonations:
    """The impersonations at one application.

    Args:
        login: what the application was told.
        minutes: after which one ends.
        on_impersonation: awaited before one begins, to keep a record of it; where it raises, none begins.
    """

    def __init__(self, login: CloudspotLogin, minutes: float, on_impersonation: OnImpersonation | None) -> None:
        self._login, self._minutes, self._on_impersonation = login, minutes, on_impersonation

    async def status(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint
        """What the License server asks before it sends anybody."""
        return JSONResponse({"status": "operational"})

    async def asked(self, request: Request) -> Response:
        """Ask the supporter who it is and why; the token is not traded in before that is answered."""
        return self._form(request, request.path_params["token"])

    async def begun(self, request: Request) -> Response:
        """Let a supporter act as the user, in the company that the License server says."""
        pages = self._login.pages
        form = await pages.form(request, visit_of(request).cookie or pages.visitor(request))
        if isinstance(form, Response):
            return form
        token = SecretText(form.get("token", "")[:LONGEST_TOKEN])
        supporter, reason = (form.get(name, "").strip()[:LONGEST_TEXT] for name in ("supporter", "reason"))
        if not form:
            return self._form(request, "", said="form_expired", status=403)
        if not (token and supporter and reason):
            return self._form(request, token.reveal(), said="impersonation_why", status=400)
        address, now = pages.address(request), self._login.clock()
        if waiting := await self._login.attempts.begin(f"impersonation {address}", address, now):
            return self._form(request, "", said="too_many", status=429, minutes=int(waiting // 60) + 1)
        try:
            session, wanted = await self._validated(token)
        except CloudspotError as error:
            log.warning("an impersonation is refused, from %s: %s", address, error)
            said, status = ("impersonation_refused", 403) if _is_no(error) else ("server_trouble", 503)
            return self._form(request, "", said=said, status=status)
        await self._login.attempts.succeeded(f"impersonation {address}", address, now)
        return await self._let_in(request, session, wanted, Acting(supporter, reason, now + 60 * self._minutes))

    async def _validated(self, token: SecretText) -> tuple[Session, str]:
        client = self._login.license_server.client()
        found = await client.validate_impersonation(token)
        session = await client.session(found.auth_token)
        company = session.permissions.company(company_id(found.company))
        if account_name(found.user) != account_name(session.user.email) or company is None or not company.company_id:
            raise InvalidToken("The user and the company of an impersonation don't belong together.")
        return session, company.company_id

    async def _let_in(self, request: Request, session: Session, wanted: str, acting: Acting) -> Response:
        user = User(session, session.permissions.company(company_id(wanted)), acting=acting)
        if self._on_impersonation is not None:
            await self._on_impersonation(user)
        address = self._login.pages.address(request)
        log.warning("%r acts as %r in %s, from %s: %r", acting.supporter, user.email, wanted, address, acting.reason)
        brought = request.cookies.get(self._login.cookies.session)
        cookie = await self._login.sessions.begin(
            session, company=company_id(wanted), acting=acting, instead_of=brought
        )
        answer = RedirectResponse(visit_of(request).home, 303)
        answer.headers.append("Set-Cookie", self._login.cookies.kept(cookie))
        return answer

    def _form(self, request: Request, token: str, *, said: str = "", status: int = 200, minutes: int = 0) -> Response:
        shown = {"token": token[:LONGEST_TOKEN], "said": said, "minutes": minutes}
        return self._login.pages.show_form(request, "impersonation.html", status, headers=_HEADERS, **shown)


def _is_no(error: CloudspotError) -> bool:
    return isinstance(error, InvalidToken | InvalidInput)
