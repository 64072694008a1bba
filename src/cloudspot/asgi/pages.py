"""The pages of the login: sign in, choice of a company, log out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ..errors import CloudspotError, InvalidInput, RateLimited, WrongCredentials
from ..secret import Secret, SecretText
from ..session import Session
from ..weblogin.attempts import address_of
from ..weblogin.choice import company_id
from ..weblogin.targets import safe_target
from .rendering import HEADERS, Rendering, style
from .requests import BodyTooLong, NoForm, read_form
from .sessions import company_for
from .user import User
from .visit import visit_of

if TYPE_CHECKING:
    from .login import CloudspotLogin

log = logging.getLogger("cloudspot.asgi")

CSRF_FIELD = "csrf"
LONGEST_NAME = 254
LONGEST_PASSWORD = 1000


class Pages:
    """The pages of one application.

    Args:
        login: what the application was told.
        rendering: how they look.
    """

    def __init__(self, login: CloudspotLogin, rendering: Rendering) -> None:
        self._login, self._rendering = login, rendering

    async def sign_in(self, request: Request) -> Response:
        """The form to log in with."""
        visit = visit_of(request)
        target = safe_target(request.query_params.get("next"), visit.home)
        if isinstance(visit.user, User):
            return RedirectResponse(target, 303)
        return self._sign_in(request, target)

    async def signed_in(self, request: Request) -> Response:
        """Log somebody in."""
        visit = visit_of(request)
        form = await self.form(request, self.visitor(request))
        if isinstance(form, Response):
            return form
        target = safe_target(form.get("next"), visit.home)
        if not form:
            return self._sign_in(request, target, said="form_expired", status=403)
        username, password = form.get("username", "").strip(), SecretText(form.get("password", ""))
        del form
        if not (username and password and len(username) <= LONGEST_NAME and len(password.reveal()) <= LONGEST_PASSWORD):
            return self._sign_in(request, target, said="wrong_credentials", status=400, username=username)
        address, now = self.address(request), self._login.clock()
        waiting = await self._login.attempts.begin(username, address, now)
        if waiting:
            log.warning("too many login attempts, the last from %s", address)
            return self._too_many(request, target, waiting, username)
        try:
            session = await self._login.license_server.client().authenticate(username, password)
        except CloudspotError as error:
            return self._not_in(request, target, username, error)
        await self._login.attempts.succeeded(username, address, now)
        if not session.companies:
            log.warning("a user is refused who may not use the application in any company, from %s", address)
            return self._sign_in(request, target, said="no_access", status=403, username=username)
        return await self._let_in(request, target, session)

    async def company(self, request: Request) -> Response:
        """The form to choose a company with."""
        visit = visit_of(request)
        target = safe_target(request.query_params.get("next"), visit.home)
        if not isinstance(visit.user, User):
            return RedirectResponse(visit.path("login", target), 303)
        if visit.user.acting:
            return self.show(request, "problem.html", 403, said="acting_company")
        return self.show(request, "company.html", next=target)

    async def company_chosen(self, request: Request) -> Response:
        """Work in another company, where the License server says that the user may."""
        visit = visit_of(request)
        if visit.login is None or visit.cookie is None:
            return RedirectResponse(visit.path("login"), 303)
        if visit.login.acting:
            return self.show(request, "problem.html", 403, said="acting_company")
        form = await self.form(request, visit.cookie)
        if isinstance(form, Response):
            return form
        target = safe_target(form.get("next"), visit.home)
        if not form:
            return self.show(request, "company.html", 403, next=target, said="form_expired")
        # As it is now: what was known may be of some minutes ago.
        present = await self._login.sessions.ask(visit.login)
        if present is None:
            return RedirectResponse(visit.path("login", target), 303)
        wanted = present.session.permissions.company(company_id(form.get("company")))
        chosen = company_id(wanted.company_id) if wanted else None
        if chosen is None:
            return self.show(request, "company.html", 403, next=target, said="no_such_company")
        await self._login.sessions.choose(present, chosen)
        return RedirectResponse(target, 303)

    async def sign_out(self, request: Request) -> Response:
        """The form to log out with, since a link must not."""
        visit = visit_of(request)
        if not isinstance(visit.user, User):
            return RedirectResponse(visit.home, 303)
        return self.show(request, "logout.html")

    async def signed_out(self, request: Request) -> Response:
        """Log out in this browser."""
        visit = visit_of(request)
        if visit.login is None or visit.cookie is None:
            return RedirectResponse(visit.path("login"), 303)
        form = await self.form(request, visit.cookie)
        if isinstance(form, Response):
            return form
        if not form:
            return self.show(request, "logout.html", 403, said="form_expired")
        await self._login.sessions.end(visit.login)
        if visit.login.acting:
            log.warning("%r does not act as a user any more", visit.login.acting.supporter)
        answer = RedirectResponse(visit.path("login"), 303)
        answer.headers.append("Set-Cookie", self._login.cookies.removed())
        # What the browser keeps of the pages is not for who sits down next.
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    async def style(self, request: Request) -> Response:  # noqa: ARG002 - an endpoint
        """The style of the pages."""
        headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return Response(style(), media_type="text/css", headers=headers)

    def show(
        self, request: Request, template: str, status: int = 200, *, headers: Mapping[str, str] = {}, **shown: Any
    ) -> Response:
        """A page."""
        visit = visit_of(request)
        everything = {
            "visit": visit,
            "user": visit.user,
            "csrf": visit.user.csrf if isinstance(visit.user, User) else "",
            "said": "",
            "minutes": 0,
            "next": visit.home,
            **shown,
        }
        page, language = self._rendering.render(template, request.headers.get("accept-language", ""), everything)
        said = {**HEADERS, "Content-Language": language, "Vary": "Accept-Language", **headers}
        return HTMLResponse(page, status, headers=said)

    def show_form(
        self, request: Request, template: str, status: int = 200, *, headers: Mapping[str, str] = {}, **shown: Any
    ) -> Response:
        """A page with a form, for somebody who may not be logged in."""
        if isinstance(visit_of(request).user, User):
            return self.show(request, template, status, headers=headers, **shown)
        cookie = self.visitor(request)
        fresh = cookie or self._login.keys.new_cookie()
        token = self._login.keys.form_token(fresh)
        answer = self.show(request, template, status, headers=headers, csrf=token, **shown)
        if cookie is None:
            answer.headers.append("Set-Cookie", self._login.cookies.for_forms(fresh))
        return answer

    def _sign_in(
        self,
        request: Request,
        target: str,
        *,
        said: str = "",
        status: int = 200,
        username: str = "",
        headers: Mapping[str, str] = {},
        minutes: int = 0,
    ) -> Response:
        return self.show_form(
            request,
            "login.html",
            status,
            headers=headers,
            said=said,
            next=target,
            username=username,
            minutes=minutes,
        )

    async def _let_in(self, request: Request, target: str, session: Session) -> Response:
        visit = visit_of(request)
        brought = request.cookies.get(self._login.cookies.session)
        cookie = await self._login.sessions.begin(session, instead_of=brought)
        answer = RedirectResponse(target if company_for(session) else visit.path("company", target), 303)
        answer.headers.append("Set-Cookie", self._login.cookies.kept(cookie))
        return answer

    def _not_in(self, request: Request, target: str, username: str, error: CloudspotError) -> Response:
        if isinstance(error, WrongCredentials | InvalidInput):
            log.warning("a login failed, from %s", self.address(request))
            return self._sign_in(request, target, said="wrong_credentials", status=400, username=username)
        log.error("nobody can log in: %s", error)
        if isinstance(error, RateLimited):
            return self._too_many(request, target, error.retry_after or 60, username)
        return self._sign_in(request, target, said="server_trouble", status=503, username=username)

    def _too_many(self, request: Request, target: str, seconds: float, username: str) -> Response:
        headers = {"Retry-After": str(int(seconds) + 1)}
        minutes = int(seconds // 60) + 1
        return self._sign_in(
            request, target, said="too_many", status=429, username=username, headers=headers, minutes=minutes
        )

    async def form(self, request: Request, cookie: str | None) -> dict[str, Secret] | Response:
        """The fields of a form; none, where it is of no page that this browser was shown."""
        try:
            form = await read_form(request)
        except BodyTooLong:
            return self.show(request, "problem.html", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said="form_too_long")
        except NoForm:
            return self.show(request, "problem.html", HTTPStatus.BAD_REQUEST, said="no_form")
        is_ours = cookie is not None and self._login.keys.is_form_token(form.get(CSRF_FIELD, ""), cookie)
        return form if is_ours and visit_of(request).is_own else {}

    def visitor(self, request: Request) -> str | None:
        """The cookie by which a form knows its browser; None where there is none that was made here."""
        cookie = request.cookies.get(self._login.cookies.visitor)
        return cookie if self._login.keys.session_of(cookie) else None

    def address(self, request: Request) -> str | None:
        """Where a request comes from; None where the server doesn't say."""
        peer = request.client.host if request.client else None
        return address_of(peer, request.headers.get("x-forwarded-for", ""), self._login.proxies)
