"""The choice of a company."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import alogout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from ...errors import CloudspotError, InvalidToken
from ...weblogin.choice import company_id
from .. import accounts
from ..license_server import ask
from ..models import Account, Membership
from ..sessions import COMPANY, Login
from .page import Page, login_of_request, target


class SelectCompanyView(Page):
    """Shows the companies in which the user may use the application, and takes in the choice by POST."""

    template_name = "cloudspot/select_company.html"

    async def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Show them."""
        login = login_of_request(request)
        if login is None:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        rows = [login.company] if login.impersonation else await _companies(login.account)
        return self.page(request, companies=rows, current=login.company, next=target(request))

    async def post(self, request: HttpRequest, *_: Any, company_id: UUID | None = None, **__: Any) -> HttpResponse:
        """Work in another company from now on, where the user may."""
        login = login_of_request(request)
        if login is None:
            return redirect_to_login(target(request), settings.LOGIN_URL)
        wanted = company_id or _asked(request)
        if wanted is None or login.impersonation is not None:
            raise PermissionDenied(gettext("You may not use this application in that company."))
        if not await _is_confirmed(request, login):
            await alogout(request)
            return redirect_to_login(target(request), settings.LOGIN_URL)
        if not await Membership.objects.filter(account=login.account, company_id=wanted).aexists():
            raise PermissionDenied(gettext("You may not use this application in that company."))
        await request.session.aset(COMPANY, str(wanted))
        await Account.objects.filter(pk=login.account.pk).aupdate(company_id=wanted)
        return HttpResponseRedirect(target(request))


class SetCompanyView(SelectCompanyView):
    """The same, with the company in the URL, as code for 6.3 has it; by POST, since a link must not do it."""

    http_method_names = ("post", "options")


def _asked(request: HttpRequest) -> UUID | None:
    return company_id(request.POST.get("company"))


async def _companies(account: Account) -> list[Any]:
    rows = Membership.objects.filter(account=account).select_related("company").order_by("company__name", "company_id")
    return [row.company async for row in rows]


async def _is_confirmed(request: HttpRequest, login: Login) -> bool:
    """Take in what the user may do now; False where the token is refused. Without an answer what is known holds."""
    try:
        session = await ask(request, "session", login.account.token)
    except InvalidToken as error:
        await sync_to_async(accounts.put_out)(login.account, type(error).__name__)
        return False
    except CloudspotError:
        return True
    return await sync_to_async(accounts.refresh)(login.account.pk, session) is not None
