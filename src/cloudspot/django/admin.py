"""What administrators see. Nothing of it shows a token or PIN; only held e-mail changes can be decided on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import accounts
from .models import Account, AuditEntry, Company, HeldEmailChange, Impersonation, Membership


def _may(request: HttpRequest) -> bool:
    """Whether this is a superuser of the project: these decisions are about users of all companies."""
    if getattr(request.user, "is_superuser", False):
        return True
    messages.error(request, gettext("Only a superuser may do this."))
    return False


if TYPE_CHECKING:
    # Their classes take no parameters when they run.
    Rows: TypeAlias = admin.ModelAdmin[Any]
    Inline: TypeAlias = admin.TabularInline[Any, Any]
else:
    Rows, Inline = admin.ModelAdmin, admin.TabularInline


class ReadOnly(Rows):
    """Rows that come from the License server, or that nobody may alter afterwards."""

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one by hand."""
        return False


class MembershipInline(Inline):
    """What an account may do in each company."""

    model = Membership
    extra = 0
    can_delete = False
    fields = readonly_fields = ("company", "permissions")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The License server says it."""
        return False


@admin.register(Account)
class AccountAdmin(ReadOnly):
    """Accounts, with what they may do where."""

    list_display = ("email", "user", "company", "confirmed_at")
    search_fields = ("email",)
    list_select_related = ("user", "company")
    fields = ("email", "user", "company", "confirmed_at")
    inlines = (MembershipInline,)
    actions = ("end_logins",)

    @admin.action(description=_("End all logins of the selected accounts"))
    def end_logins(self, request: HttpRequest, rows: QuerySet[Account]) -> None:
        """Log them out everywhere."""
        if not _may(request):
            return
        for account in rows:
            accounts.put_out(account, f"by {request.user}")


@admin.register(Company)
class CompanyAdmin(ReadOnly):
    """Companies."""

    list_display = ("name", "id")
    search_fields = ("name",)


@admin.register(HeldEmailChange)
class HeldEmailChangeAdmin(ReadOnly):
    """E-mail changes that the user's own token did not confirm."""

    list_display = ("email", "new_email", "is_proven", "reason", "held_at")
    actions = ("apply", "dismiss")

    @admin.action(description=_("Apply the selected changes"))
    def apply(self, request: HttpRequest, rows: QuerySet[HeldEmailChange]) -> None:
        """Give the accounts their new addresses."""
        if not _may(request):
            return
        for row in rows:
            account = Account.objects.filter(email=row.email).first()
            if account is None or not accounts.move(account, row.new_email, by=str(request.user)):
                messages.error(request, gettext("%(change)s: not possible.") % {"change": row})

    @admin.action(description=_("Dismiss the selected changes"))
    def dismiss(self, request: HttpRequest, rows: QuerySet[HeldEmailChange]) -> None:
        """Forget them."""
        if not _may(request):
            return
        for row in rows:
            accounts.note("e-mail change dismissed", account=row.email, by=str(request.user), detail=row.new_email)
            row.delete()


@admin.register(Impersonation)
class ImpersonationAdmin(ReadOnly):
    """Who acted as whom, when and why."""

    list_display = ("account", "company", "supporter", "reason", "began_at", "ends_at", "ended_at")
    list_select_related = ("account", "company")
    fields = ("account", "company", "supporter", "reason", "address", "began_at", "ends_at", "ended_at")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    """What was done to accounts."""

    list_display = ("at", "action", "account", "company", "by", "detail")
    search_fields = ("account", "by")
