"""What an answer of the License server changes in the database. Each function is one transaction.

The number of queries does not depend on how many companies or permissions there are.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction
from django.db.models import F
from django.utils import timezone

from ..session import Permissions, Session
from ..weblogin.choice import company_id
from ..weblogin.doorbell import HoldEmail, is_address, may_take
from ..weblogin.identity import account_name
from .conf import conf
from .models import Account, AuditEntry, Company, HeldEmailChange, Membership
from .signals import companies_seen

log = logging.getLogger("cloudspot.django")

MOST_HELD = 500
"""So many unproven e-mail changes are held; anybody can send them."""
TAKEN = "another user has the new address"


def take_in(session: Session) -> Account | None:
    """The account of a user who has just logged in, made where there is none; with what the user may do now.

    None where the user of this project is not to be let in: deactivated, or one who was here before and whom
    `link_users` does not allow to be taken for the Cloudspot user of that name.
    """
    try:
        return _take_in(session)
    except IntegrityError:  # another process made the same account in this moment
        return _take_in(session)


@transaction.atomic
def _take_in(session: Session) -> Account | None:
    name = account_name(session.user.email)
    if not is_address(name):
        log.warning("a user of the License server has no usable e-mail address, and was not let in")
        return None
    account = _locked(email=name) or _renamed(name)
    if account is None:
        user = _user_for(name)
        if user is None:
            return None
        account = Account(user=user, email=name)
    if not account.user.is_active:
        log.info("a deactivated user was not let in")
        return None
    account.token = session.token
    _update(account, session)
    return account


@transaction.atomic
def refresh(account_pk: int, session: Session) -> Account | None:
    """Take in what the account's own token says now, its e-mail address included; None where the account is gone.

    An answer to a token that was replaced meanwhile changes nothing.
    """
    account = _locked(pk=account_pk)
    if account is None or account.token != session.token:
        return account
    name = account_name(session.user.email)
    if name != account.email:
        _move(account, name)
    _update(account, session)
    return account


def note_attempt(account: Account, now: datetime) -> bool:
    """Note that the License server is being asked; False where another request does so already."""
    was = account.tried_at
    claimed = Account.objects.filter(pk=account.pk, tried_at=was).update(tried_at=now)
    account.tried_at = now
    return bool(claimed)


@transaction.atomic
def put_out(account: Account, why: str) -> None:
    """End all logins of an account: without a token nothing is known of it."""
    ended = Account.objects.filter(pk=account.pk, sealed_token=account.sealed_token).update(
        sealed_token="", generation=F("generation") + 1
    )
    if ended:
        Membership.objects.filter(account=account).delete()
        note("put out", account=account.email, detail=why)


def hold(change: HoldEmail, reason: str = "") -> None:
    """Keep an e-mail change for an administrator. Makes the same queries whether there is such a user or not."""
    if not change.is_proven and HeldEmailChange.objects.filter(is_proven=False).count() >= MOST_HELD:
        log.warning("an e-mail change was dropped: %d unproven ones are held already", MOST_HELD)
        return
    kept = {"is_proven": change.is_proven, "reason": reason}
    HeldEmailChange.objects.update_or_create(
        email=change.account,
        new_email=change.new,
        # What is not proven takes nothing back of what was.
        defaults=kept if change.is_proven else {},
        create_defaults={**kept, "held_at": timezone.now()},
    )


@transaction.atomic
def move(account: Account, new: str, *, by: str) -> bool:
    """Give an account the address that an administrator says it has; False where somebody else has it."""
    locked = _locked(pk=account.pk)
    return locked is not None and _move(locked, account_name(new), by=by)


def create(name: str, first_name: str, last_name: str) -> Account | None:
    """An account that nobody has logged in to yet: without token and permissions; None where it can't be made."""
    with transaction.atomic():
        user = _user_for(name)
        if user is None:
            return None
        _set_names(user, first_name, last_name)
        return Account.objects.create(user=user, email=name)


def note(action: str, *, account: str, company: str = "", by: str = "", detail: str = "") -> None:
    """Write an audit entry."""
    AuditEntry.objects.create(
        at=timezone.now(), action=action, account=account, company=company[:254], by=by[:254], detail=detail
    )


def _locked(**which: Any) -> Account | None:
    rows = (
        Account.objects.select_for_update(of=("self",)) if _locks_one_table() else Account.objects.select_for_update()
    )
    return rows.select_related("user", "company").filter(**which).first()


def _renamed(name: str) -> Account | None:
    """The account that has another address, where the License server has said that this is its new one.

    Its own token could not confirm it then, but whoever knows the password of the new address is its user.
    """
    for change in HeldEmailChange.objects.filter(new_email=name, is_proven=True):
        account = _locked(email=change.email)
        if account is not None and _move(account, name, by="a login with the new address"):
            return account
    return None


def _locks_one_table() -> bool:
    return connections[DEFAULT_DB_ALIAS].features.has_select_for_update_of


def _user_for(name: str) -> AbstractBaseUser | None:
    """The user of this project for a new account."""
    model: Any = get_user_model()
    users = model._default_manager  # noqa: SLF001 - public, in spite of its name
    existing = users.filter(**{model.USERNAME_FIELD: name}).first()
    if existing is not None:
        is_linked = Account.objects.filter(user=existing).exists()
        is_special = getattr(existing, "is_staff", False) or getattr(existing, "is_superuser", False)
        if is_linked or is_special or not conf().link_users:
            log.warning("a Cloudspot user was not let in: a user of this project has that name, see LINK_USERS")
            return None
        return cast("AbstractBaseUser", existing)
    user: Any = model(**{model.USERNAME_FIELD: name})
    if (field := model.get_email_field_name()) in {each.name for each in model._meta.get_fields()}:  # noqa: SLF001
        setattr(user, field, name)
    user.set_unusable_password()
    user.save()
    return cast("AbstractBaseUser", user)


def _update(account: Account, session: Session) -> None:
    _set_names(account.user, session.user.first_name or "", session.user.last_name or "")
    account.pin = session.user.pin
    account.confirmed_at = account.tried_at = timezone.now()
    account.save()
    replace_permissions(account, session.permissions)


def _set_names(user: Any, first_name: str, last_name: str) -> None:
    changed = []
    for field, value in (("first_name", first_name), ("last_name", last_name)):
        if hasattr(user, field):
            longest = user._meta.get_field(field).max_length  # noqa: SLF001
            if getattr(user, field) != value[:longest]:
                setattr(user, field, value[:longest])
                changed.append(field)
    if changed:
        user.save(update_fields=changed)


def replace_permissions(account: Account, permissions: Permissions) -> None:
    """Make the memberships of an account what the License server says; companies that are not open get none."""
    rows: dict[UUID, tuple[str, list[str]]] = {}
    for row in permissions.companies:
        if (id := company_id(row.company_id)) is None:  # noqa: A001
            log.warning("a company of the License server has an id that is no UUID, and was left out")
            continue
        rows[id] = row.company_name or "", sorted(set(row.permissions))
    target: dict[str, Any] = {}
    if connections[DEFAULT_DB_ALIAS].features.supports_update_conflicts_with_target:
        target = {"unique_fields": ["id"]}
    Company.objects.bulk_create(
        [Company(id=each, name=name) for each, (name, _) in rows.items()],
        update_conflicts=True,
        update_fields=["name"],
        **target,
    )
    companies_seen.send(sender=Company, companies={each: name for each, (name, _) in rows.items()})
    Membership.objects.filter(account=account).exclude(company_id__in=rows).delete()
    if target:
        target = {"unique_fields": ["account", "company"]}
    Membership.objects.bulk_create(
        [Membership(account=account, company_id=each, permissions=slugs) for each, (_, slugs) in rows.items()],
        update_conflicts=True,
        update_fields=["permissions"],
        **target,
    )


def _move(account: Account, new: str, *, by: str = "the user's own token") -> bool:
    """Give an account the address that is confirmed to be its user's; held where it can't have it."""
    old, user = account.email, cast("Any", account.user)
    owner = Account.objects.filter(email=new).values_list("pk", flat=True).first()
    field = type(user).USERNAME_FIELD
    namesake = type(user)._default_manager.filter(**{field: new}).values_list("pk", flat=True).first()  # noqa: SLF001
    if not may_take(new, owner, account.pk) or namesake not in {None, user.pk}:
        if is_address(new):
            hold(HoldEmail(old, new, is_proven=True), TAKEN)
        return False
    account.email = new
    account.save(update_fields=["email"])
    changed = {name for name in (field, type(user).get_email_field_name()) if getattr(user, name, None) is not None}
    changed = {name for name in changed if account_name(getattr(user, name)) == old}
    for name in changed:
        setattr(user, name, new)
    if changed:
        user.save(update_fields=sorted(changed))
    HeldEmailChange.objects.filter(email=old).delete()
    note("e-mail address changed", account=new, by=by, detail=f"it was {old}")
    return True
