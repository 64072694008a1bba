"""Authentication and permissions for Django."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.views.decorators.debug import sensitive_variables

from ..errors import CloudspotError, NotAuthorised, RateLimited, WrongCredentials
from ..secret import SecretText
from . import attempts, slugs
from .accounts import take_in
from .conf import conf
from .license_server import ask, plain_client
from .models import Company, Membership
from .sessions import carry, login_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..session import Session

log = logging.getLogger("cloudspot.django")


class CloudspotBackend(BaseBackend):
    """Lets Cloudspot's users in, and answers for their permissions in the company they work in.

    Django's own `login_required`, `permission_required`, `user.has_perm`, `{{ perms }}` and the admin ask it. With a
    `Company` as `obj`, `has_perm` is about that company instead.
    """

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **others: Any
    ) -> Any:
        """The user of a name and a password; None where there is none, or nothing is known.

        Raises:
            PermissionDenied: there were too many attempts, so no other backend is to be asked either.
        """
        username = _name(username, others)
        if not username or not password:
            return None
        address = attempts.address_of(request)
        _refuse_if_too_often(request, attempts.begin(username, address))
        try:
            session = plain_client().authenticate(username, SecretText(password))
        except CloudspotError as error:
            _failed(request, error)
            return None
        attempts.succeeded(username, address)
        return _let_in(request, session)

    @sensitive_variables("password")
    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **others: Any
    ) -> Any:
        """The same without holding up a thread while the License server is asked."""
        username = _name(username, others)
        if not username or not password:
            return None
        address = attempts.address_of(request)
        _refuse_if_too_often(request, await sync_to_async(attempts.begin)(username, address))
        # Between here and the client are frames of others, whose variables a crash report shows.
        secret = SecretText(password)
        try:
            session = await ask(request, "authenticate", username, secret)
        except CloudspotError as error:
            _failed(request, error)
            return None
        await sync_to_async(attempts.succeeded)(username, address)
        return await sync_to_async(_let_in)(request, session)

    def get_user(self, user_id: Any) -> Any:
        """A user with the account, in one query; None for one who is deactivated."""
        users: Any = get_user_model()._default_manager  # noqa: SLF001 - public, in spite of its name
        user = users.select_related("cloudspot_account").filter(pk=user_id).first()
        return user if user is not None and user.is_active else None

    async def aget_user(self, user_id: Any) -> Any:
        """The same."""
        users: Any = get_user_model()._default_manager  # noqa: SLF001
        user = await users.select_related("cloudspot_account").filter(pk=user_id).afirst()
        return user if user is not None and user.is_active else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the user may do something in the company worked in, or in the company `obj`."""
        granted = self._slugs(user_obj, obj)
        return slugs.opens(granted, perm, mapped=conf().permissions, local_apps=conf().local_apps)

    async def ahas_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """The same."""
        if isinstance(obj, Company):
            return await sync_to_async(self.has_perm)(user_obj, perm, obj)
        return self.has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the user may do anything of an app in the company worked in."""
        granted = self._slugs(user_obj, None)
        return slugs.opens_app(granted, app_label, mapped=conf().permissions, local_apps=conf().local_apps)

    async def ahas_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """The same."""
        return self.has_module_perms(user_obj, app_label)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """What the user may do, in Django's words; what `is_superuser` opens beyond that is not listed."""
        return slugs.names(self._slugs(user_obj, obj), mapped=conf().permissions, local_apps=conf().local_apps)

    async def aget_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The same."""
        if isinstance(obj, Company):
            return await sync_to_async(self.get_user_permissions)(user_obj, obj)
        return self.get_user_permissions(user_obj, obj)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The same as `get_user_permissions`: Cloudspot has no groups."""
        return self.get_user_permissions(user_obj, obj)

    async def aget_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The same."""
        return await self.aget_user_permissions(user_obj, obj)

    def _slugs(self, user: Any, obj: Any) -> frozenset[str]:
        login = login_of(user)
        if login is None or not user.is_active:
            return frozenset()
        if not isinstance(obj, Company):
            # Permissions are of a company, not of one object in it: what may be done may be done to each.
            return login.permissions
        if login.company is not None and obj.pk == login.company.pk:
            return login.permissions
        if login.impersonation is not None:
            return frozenset()
        row = Membership.objects.filter(account=login.account, company=obj).first()
        return row.slugs if row is not None else frozenset()


def _name(username: str | None, others: dict[str, Any]) -> str | None:
    model: Any = get_user_model()
    return username if username is not None else others.get(model.USERNAME_FIELD)


def _refuse_if_too_often(request: HttpRequest | None, wait: float) -> None:
    if wait:
        _note(request, RateLimited("There were too many attempts.", retry_after=wait))
        log.warning("too many attempts to log in, from %s", attempts.address_of(request))
        raise PermissionDenied


def _failed(request: HttpRequest | None, error: CloudspotError) -> None:
    if not isinstance(error, WrongCredentials):
        log.error("nobody can log in: %s", error)
    _note(request, error)


def _let_in(request: HttpRequest | None, session: Session) -> Any:
    if not session.companies:
        _note(request, NotAuthorised("The user may use this application in no company."))
        return None
    account = take_in(session)
    if account is None:
        _note(request, WrongCredentials("The user is not let in here."))
        return None
    user = account.user
    carry(user, session.permissions)
    return user


def _note(request: Any, error: CloudspotError) -> None:
    """Leave why nobody was let in for the login page, since a backend can only say None."""
    if request is not None:
        request.cloudspot_failure = error
