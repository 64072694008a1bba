"""Each request of a Cloudspot user: asked about again when it is time, and the company worked in.

Adds one query to a request, for what the user may do; the account comes with the user. Everybody else costs none.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, alogout, logout
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

from ..errors import CloudspotError
from ..weblogin.revalidation import Need, Outcome, need, outcome
from . import accounts, impersonations
from .conf import conf
from .license_server import loop_client, plain_client
from .models import Account, Membership
from .sessions import BACKEND, COMPANY, GENERATION, IMPERSONATION, Login, bind, company_in, unbind

log = logging.getLogger("cloudspot.django")

Response = HttpResponseBase


@sync_and_async_middleware
def cloudspot_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Set `request.cloudspot`, a `Login`, or None for everybody else; goes after Django's AuthenticationMiddleware."""
    if iscoroutinefunction(get_response):

        async def serve_async(request: HttpRequest) -> Response:
            await _aprepare(request)
            answer: Awaitable[Response] = get_response(request)
            return await answer

        return serve_async

    def serve(request: HttpRequest) -> Response:
        _prepare(request)
        response: Response = get_response(request)
        return response

    return serve


def _prepare(request: Any) -> None:
    request.cloudspot = None
    if not _may_be_ours(request) or request.session.get(BACKEND_SESSION_KEY) != BACKEND:
        return
    user: Any = request.user
    if not user.is_authenticated:
        return
    if request.session.get(IMPERSONATION) is not None:
        login = impersonations.current(request.session, user)
    else:
        account = _account(user, request.session.get(GENERATION))
        account = _confirmed(account) if account is not None else None
        login = _login(account, request.session) if account is not None else None
    if login is None:
        logout(request)
        unbind(request)
        return
    bind(request, login)


async def _aprepare(request: Any) -> None:
    request.cloudspot = None
    if not _may_be_ours(request) or await request.session.aget(BACKEND_SESSION_KEY) != BACKEND:
        return
    # `request.user` would ask the database in the event loop.
    user: Any = await request.auser()
    if not user.is_authenticated:
        return
    if await request.session.aget(IMPERSONATION) is not None:
        login = await sync_to_async(impersonations.current)(request.session, user)
    else:
        account = _account(user, await request.session.aget(GENERATION))
        account = await _aconfirmed(account) if account is not None else None
        login = await _alogin(account, request.session) if account is not None else None
    if login is None:
        await alogout(request)
        unbind(request)
        return
    bind(request, login)


def _may_be_ours(request: HttpRequest) -> bool:
    # Without its cookie there is no session to look into, and looking would make the page vary by cookie.
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _account(user: Any, generation: object) -> Account | None:
    account: Account | None = getattr(user, "cloudspot_account", None)
    if account is None or not account.sealed_token or account.generation != generation:
        return None
    return account


def _confirmed(account: Account) -> Account | None:
    """The account, asked about again where it is time; None where that ends the login."""
    now = timezone.now()
    needed = need(account.standing, now.timestamp(), conf().rules)
    if needed is Need.NOTHING or not (accounts.note_attempt(account, now) or needed is Need.MUST_ASK):
        return account
    try:
        session = plain_client().session(account.token)
    except CloudspotError as error:
        return _without_answer(account, error, now)
    return accounts.refresh(account.pk, session)


async def _aconfirmed(account: Account) -> Account | None:
    now = timezone.now()
    needed = need(account.standing, now.timestamp(), conf().rules)
    if needed is Need.NOTHING:
        return account
    if not (await sync_to_async(accounts.note_attempt)(account, now) or needed is Need.MUST_ASK):
        return account
    try:
        session = await loop_client().session(account.token)
    except CloudspotError as error:
        return await sync_to_async(_without_answer)(account, error, now)
    return await sync_to_async(accounts.refresh)(account.pk, session)


def _without_answer(account: Account, error: CloudspotError, now: datetime) -> Account | None:
    after = outcome(account.standing, error, now.timestamp(), conf().rules)
    if after is Outcome.OUT:
        accounts.put_out(account, type(error).__name__)
        return None
    log.warning("a user stays in for the grace time, since nothing is known: %s", error)
    return account


def _login(account: Account, session: Any) -> Login:
    wanted = company_in(session)
    rows = Membership.objects.select_related("company").filter(account=account)
    row = rows.filter(company_id=wanted).first() if wanted else None
    if row is None:
        # What was chosen is not open any more, or nothing was: where only one company is left there is no choice.
        row = _only(list(rows[:2]))
        _keep(session, wanted, row)
    return _as_login(account, row)


async def _alogin(account: Account, session: Any) -> Login:
    wanted = company_in(session)
    rows = Membership.objects.select_related("company").filter(account=account)
    row = await rows.filter(company_id=wanted).afirst() if wanted else None
    if row is None:
        row = _only([each async for each in rows[:2]])
        _keep(session, wanted, row)
    return _as_login(account, row)


def _only(rows: list[Membership]) -> Membership | None:
    return rows[0] if len(rows) == 1 else None


def _keep(session: Any, wanted: object, row: Membership | None) -> None:
    """Note the company in a session that is loaded already."""
    if row is not None:
        session[COMPANY] = str(row.company_id)
    elif wanted:
        del session[COMPANY]


def _as_login(account: Account, row: Membership | None) -> Login:
    if row is None:
        return Login(account)
    return Login(account, row.company, row.slugs)
