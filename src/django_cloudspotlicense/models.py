"""The models of 6.3. Users and companies keep their tables and ids, so what points to them still does.

What 6.3 kept beside them, tokens and PINs in plain text and permissions in Django's tables, is `cloudspot.django`'s.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractUser, Permission
from django.db import models

from cloudspot.django.models import Account, Membership
from cloudspot.django.sessions import login_of


class CloudspotCompany(models.Model):
    """A company, with the id it has at Cloudspot."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(primary_key=True, editable=False)
    name: models.CharField[str | None, str | None] = models.CharField(max_length=100, null=True, blank=True)

    def __str__(self) -> str:
        return self.name or str(self.id)


class CloudspotUser(AbstractUser):
    """A user, for `AUTH_USER_MODEL = "django_cloudspotlicense.CloudspotUser"`."""

    id: models.UUIDField[uuid.UUID, uuid.UUID] = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta(AbstractUser.Meta):
        pass

    @property
    def license_token(self) -> str | None:
        """The user's token, in plain text; None where there is none."""
        account = self._account()
        return (account.token.reveal() or None) if account is not None else None

    @property
    def pin(self) -> str | None:
        """The user's PIN; None where there is none."""
        account = self._account()
        return (account.pin.reveal() or None) if account is not None else None

    @property
    def company(self) -> CloudspotCompany | None:
        """The company worked in: in this request, else the one last chosen."""
        login, account = login_of(self), self._account()
        if login is not None:
            key = login.company.pk if login.company is not None else None
        else:
            key = account.company_id if account is not None else None
        return CloudspotCompany.objects.filter(pk=key).first() if key is not None else None

    @property
    def available_companies(self) -> models.QuerySet[CloudspotCompany]:
        """The companies in which the user may use the application."""
        account = self._account()
        keys: Any = Membership.objects.filter(account=account).values("company_id") if account is not None else ()
        return CloudspotCompany.objects.filter(pk__in=keys)

    def _account(self) -> Account | None:
        return getattr(self, "cloudspot_account", None)


class GlobalPermission(Permission):
    """A permission of no model; 6.3 kept Cloudspot's in it. Nothing is written to it any more."""

    class Meta:
        proxy = True
        verbose_name = "global_permission"
