"""Supporters who act as a user. What they get is in a row of its own, so the user's token and sessions stay."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.utils import timezone

from ..errors import CloudspotError
from ..session import Impersonation as Validated
from ..session import Session
from ..weblogin.choice import company_id
from ..weblogin.identity import account_name
from ..weblogin.revalidation import Need, Outcome, Standing, need, outcome
from . import accounts
from .conf import conf
from .license_server import plain_client
from .models import Account, Company, Impersonation
from .sessions import BACKEND, IMPERSONATION, Login

log = logging.getLogger("cloudspot.django")


@transaction.atomic
def begin(found: Validated, session: Session, *, supporter: str, reason: str, address: str) -> Impersonation | None:
    """Note that a supporter begins to act as a user; None where user and company are unknown, or don't belong together.

    Args:
        found: what the License server said the impersonation is of.
        session: of the token that it came with; everything but that token is checked against it.
        supporter: who it is, as the supporter says.
        reason: why.
        address: where the request came from.
    """
    name = account_name(session.user.email)
    company = session.permissions.company(company_id(found.company))
    account = Account.objects.select_related("user").filter(email=name).first()
    if not conf().impersonation or name != account_name(found.user) or company is None or account is None:
        return None
    known = Company.objects.filter(pk=company_id(found.company)).first()
    if known is None or not account.user.is_active:
        return None
    now = timezone.now()
    begun = Impersonation(
        account=account,
        company=known,
        permissions=sorted(set(company.permissions)),
        reason=reason,
        supporter=supporter,
        address=address,
        began_at=now,
        confirmed_at=now,
        tried_at=now,
        ends_at=now + timedelta(minutes=conf().impersonation_minutes),
    )
    begun.token = session.token
    begun.save()
    accounts.note("impersonation began", account=name, company=str(known), by=supporter, detail=reason)
    return begun


def enter(session: Any, begun: Impersonation) -> None:
    """Make a browser's session that of the impersonation, and nobody's before.

    Without Django's `login()`: the user has not logged in, so neither `last_login` nor the signal says so.
    """
    user: Any = begun.account.user
    session.flush()
    session.cycle_key()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)  # noqa: SLF001
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[IMPERSONATION] = begun.pk
    session.set_expiry(int((begun.ends_at - begun.began_at).total_seconds()))


def current(session: Any, user: Any) -> Login | None:
    """The login of a browser that is in an impersonation; None where that is over."""
    row = Impersonation.objects.select_related("account__user", "company").filter(pk=session.get(IMPERSONATION)).first()
    now = timezone.now()
    if row is None or row.ended_at is not None or row.account.user_id != user.pk or not conf().impersonation:
        return None
    if now >= row.ends_at:
        end(row, "its time was over")
        return None
    if not _stays(row):
        end(row, "the License server does not confirm it any more")
        return None
    return Login(row.account, row.company, frozenset(row.permissions), row)


@transaction.atomic
def end(row: Impersonation, why: str) -> None:
    """Note that an impersonation is over, and forget its token."""
    ended = Impersonation.objects.filter(pk=row.pk, ended_at=None).update(ended_at=timezone.now(), sealed_token="")
    if ended:
        accounts.note(
            "impersonation ended", account=row.account.email, company=str(row.company), by=row.supporter, detail=why
        )


def _stays(row: Impersonation) -> bool:
    now = timezone.now()
    rung = row.account.rung_at
    tried = row.tried_at.timestamp() if row.tried_at else 0.0
    standing = Standing(row.confirmed_at.timestamp(), tried, rung.timestamp() if rung else 0.0)
    if need(standing, now.timestamp(), conf().rules) is Need.NOTHING:
        return True
    try:
        permissions = plain_client().permissions(row.token)
    except CloudspotError as error:
        row.tried_at = now
        row.save(update_fields=["tried_at"])
        return outcome(standing, error, now.timestamp(), conf().rules) is not Outcome.OUT
    company = permissions.company(row.company_id)
    if company is None:
        return False
    row.permissions, row.confirmed_at, row.tried_at = sorted(set(company.permissions)), now, now
    row.save(update_fields=["permissions", "confirmed_at", "tried_at"])
    return True
