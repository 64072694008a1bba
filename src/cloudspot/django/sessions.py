"""What is known of a login during a request, and what of it is kept in Django's session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in

from ..session import Permissions
from ..weblogin.choice import chosen_company, company_id

if TYPE_CHECKING:
    from .models import Account, Company, Impersonation

GENERATION, COMPANY, IMPERSONATION = "cloudspot_generation", "cloudspot_company", "cloudspot_impersonation"
"""Keys in Django's session."""
BACKEND = "cloudspot.django.backends.CloudspotBackend"


@dataclass(frozen=True, slots=True)
class Login:
    """A Cloudspot user during a request: `request.cloudspot`.

    Attributes:
        account: the user's.
        company: in which the user works; None before one is chosen.
        permissions: what the user may do there, as Cloudspot spells it.
        impersonation: where it is a supporter who acts as the user.
    """

    account: Account
    company: Company | None = None
    permissions: frozenset[str] = frozenset()
    impersonation: Impersonation | None = None


def login_of(user: object) -> Login | None:
    """The login that a user object came from in this request; None for users that came from anywhere else."""
    found = getattr(user, "_cloudspot_login", None)
    return found if isinstance(found, Login) else None


def bind(request: Any, login: Login) -> None:
    """Let a request and its user, in views of either kind, answer by a login.

    The user is the account's, which is newer than the request's where the License server was just asked.
    """
    user: Any = login.account.user
    user._cloudspot_login = login  # noqa: SLF001
    request.cloudspot = login
    _be(request, user)


def unbind(request: Any) -> None:
    """Let a request be nobody's, in views of either kind; after Django's `logout`, which forgets only some of it."""
    request.cloudspot = None
    _be(request, AnonymousUser())


def _be(request: Any, user: Any) -> None:
    # Otherwise Django loads the user once more for views of the other kind, and that one has no login; `request.user`
    # would even do so in the event loop.
    async def auser() -> Any:
        return user

    request.user, request.auser = user, auser


def carry(user: Any, permissions: Permissions) -> None:
    """Let a user that was just authenticated carry what it may do until its session has begun."""
    user._cloudspot_permissions = permissions  # noqa: SLF001


def _begin(*, request: Any, user: Any, **_: Any) -> None:
    """Note in Django's session whose login it is, and the company where there is no choice to make.

    By a signal, so that it holds whatever page somebody logs in on: the admin's too. It makes no query.
    """
    permissions, account = getattr(user, "_cloudspot_permissions", None), getattr(user, "cloudspot_account", None)
    if request is None or permissions is None or account is None or getattr(user, "backend", BACKEND) != BACKEND:
        return
    for key in (COMPANY, IMPERSONATION):
        request.session.pop(key, None)
    request.session[GENERATION] = account.generation
    chosen = chosen_company(permissions, (account.company_id,))
    if chosen is not None and (id := company_id(chosen.company_id)) is not None:  # noqa: A001
        request.session[COMPANY] = str(id)


def company_in(session: Any) -> UUID | None:
    """The company that a session is in."""
    return company_id(session.get(COMPANY))


user_logged_in.connect(_begin, dispatch_uid="cloudspot begin")
