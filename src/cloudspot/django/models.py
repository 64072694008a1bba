"""What is kept of Cloudspot's users. The project's own user model stays its own: an account belongs to a user."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..weblogin.revalidation import Standing
from .encryption import Sealed


class Company(models.Model):
    """A company, with the id it has at Cloudspot."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, editable=False)
    name: models.TextField[str, str] = models.TextField(_("name"), blank=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name or str(self.id)


class Account(models.Model):
    """A Cloudspot user who is a user of this project.

    Attributes:
        email: the user's name at the License server, as `account_name` spells it.
        token, pin: `SecretText`; encrypted in the database.
        company: the one last worked in.
        confirmed_at, tried_at, rung_at: see `Standing`.
        generation: goes up when all logins of the account end.
    """

    user: models.OneToOneField[Any, Any] = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cloudspot_account"
    )
    email: models.CharField[str, str] = models.CharField(_("e-mail address"), max_length=254, unique=True)
    company: models.ForeignKey[Company | None, Company | None] = models.ForeignKey(
        Company, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    companies: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        Company, through="Membership", related_name="accounts"
    )
    sealed_token: models.TextField[str, str] = models.TextField(blank=True, editable=False)
    sealed_pin: models.TextField[str, str] = models.TextField(blank=True, editable=False)
    confirmed_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        _("confirmed"), null=True, blank=True
    )
    tried_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True, blank=True, editable=False
    )
    rung_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True, blank=True, editable=False
    )
    generation: models.PositiveIntegerField[int, int] = models.PositiveIntegerField(default=0, editable=False)

    token = Sealed("sealed_token")
    pin = Sealed("sealed_pin")

    user_id: Any
    company_id: UUID | None

    class Meta:
        verbose_name = _("Cloudspot account")
        verbose_name_plural = _("Cloudspot accounts")
        ordering = ("email",)

    def __str__(self) -> str:
        return self.email

    @property
    def standing(self) -> Standing:
        """What is known of the account's login."""
        return Standing(*(at.timestamp() if at else 0.0 for at in (self.confirmed_at, self.tried_at, self.rung_at)))


class Membership(models.Model):
    """What an account may do in a company; none where the application is not open to it there."""

    account: models.ForeignKey[Account, Account] = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="memberships"
    )
    company: models.ForeignKey[Company, Company] = models.ForeignKey(
        Company, on_delete=models.CASCADE, related_name="memberships"
    )
    permissions: models.JSONField[Any, Any] = models.JSONField(_("permissions"), default=list)

    account_id: int
    company_id: UUID

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (models.UniqueConstraint(fields=("account", "company"), name="cloudspot_one_membership"),)

    def __str__(self) -> str:
        return f"{self.account_id} · {self.company_id}"

    @property
    def slugs(self) -> frozenset[str]:
        """The permissions, as Cloudspot spells them."""
        return frozenset(self.permissions)


class HeldEmailChange(models.Model):
    """Somebody said that a user has a new address, and the user's own token did not confirm it."""

    email: models.CharField[str, str] = models.CharField(_("present address"), max_length=254)
    new_email: models.CharField[str, str] = models.CharField(_("new address"), max_length=254)
    is_proven: models.BooleanField[bool, bool] = models.BooleanField(_("said by the License server"), default=False)
    reason: models.CharField[str, str] = models.CharField(_("reason"), max_length=200, blank=True)
    held_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(_("held since"))

    class Meta:
        verbose_name = _("held e-mail change")
        verbose_name_plural = _("held e-mail changes")
        ordering = ("-held_at",)
        constraints = (models.UniqueConstraint(fields=("email", "new_email"), name="cloudspot_one_held_change"),)

    def __str__(self) -> str:
        return f"{self.email} → {self.new_email}"


class SeenEvent(models.Model):
    """The id of a signed event that was acted on, so that it is not acted on twice."""

    id: models.CharField[str, str] = models.CharField(primary_key=True, max_length=255)
    until: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("seen event")
        verbose_name_plural = _("seen events")

    def __str__(self) -> str:
        return self.id


class Impersonation(models.Model):
    """A supporter who acts as a user, with a token and permissions of its own: the user's are left alone."""

    account: models.ForeignKey[Account, Account] = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="impersonations"
    )
    company: models.ForeignKey[Company, Company] = models.ForeignKey(
        Company, on_delete=models.CASCADE, related_name="+"
    )
    permissions: models.JSONField[Any, Any] = models.JSONField(default=list)
    reason: models.TextField[str, str] = models.TextField(_("reason"))
    address: models.CharField[str, str] = models.CharField(_("network address"), max_length=64, blank=True)
    supporter: models.CharField[str, str] = models.CharField(_("supporter"), max_length=254, blank=True)
    sealed_token: models.TextField[str, str] = models.TextField(blank=True, editable=False)
    began_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(_("began"))
    ends_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(_("ends"))
    ended_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        _("ended"), null=True, blank=True
    )
    confirmed_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(editable=False)
    tried_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        null=True, blank=True, editable=False
    )

    token = Sealed("sealed_token")

    account_id: int
    company_id: UUID

    class Meta:
        verbose_name = _("impersonation")
        verbose_name_plural = _("impersonations")
        ordering = ("-began_at",)

    def __str__(self) -> str:
        return f"{self.account_id} {self.began_at:%Y-%m-%d %H:%M}"


class AuditEntry(models.Model):
    """Something that was done to an account. Kept when the account is deleted."""

    at: models.DateTimeField[datetime, datetime] = models.DateTimeField(_("when"), db_index=True)
    action: models.CharField[str, str] = models.CharField(_("what"), max_length=50)
    account: models.CharField[str, str] = models.CharField(_("account"), max_length=254)
    company: models.CharField[str, str] = models.CharField(_("company"), max_length=254, blank=True)
    by: models.CharField[str, str] = models.CharField(_("by"), max_length=254, blank=True)
    detail: models.TextField[str, str] = models.TextField(_("detail"), blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.account}"
