"""Supporters in whom the License server sends, to act as a user. Off unless the project says otherwise."""

from __future__ import annotations

import logging
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import alogout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django import forms

from ...errors import CloudspotError, NotAuthorised
from ...secret import SecretText
from .. import attempts, impersonations
from ..conf import conf
from ..license_server import ask
from .page import Page, login_of_request

log = logging.getLogger("cloudspot.django")


class ReasonForm(forms.Form):
    """Who acts as a user, and why."""

    supporter = forms.CharField(
        label=_("Your name"), max_length=254, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, min_length=5, widget=forms.Textarea(attrs={"rows": 3}))
    token = forms.CharField(max_length=500, widget=forms.HiddenInput())


class ImpersonationCheckView(Page):
    """Tells the License server that supporters may be sent here."""

    async def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Say so."""
        _refuse_if_off()
        return JsonResponse({"status": "operational"})


class ImpersonationView(Page):
    """Where the License server sends a supporter's browser. Changes nothing: it asks who it is, and why."""

    template_name = "cloudspot/impersonate.html"

    @sensitive_variables("token")
    async def get(self, request: HttpRequest, *_: Any, token: str = "", **__: Any) -> HttpResponse:
        """Show the page on which the supporter agrees."""
        _refuse_if_off()
        return self.page(request, form=ReasonForm(initial={"token": token}))


class ImpersonationBeginView(Page):
    """Trades the token in, and lets the supporter act as the user until the time is over."""

    template_name = "cloudspot/impersonate.html"
    http_method_names = ("post", "options")

    @sensitive_variables("form", "token", "found", "session")
    async def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Begin."""
        _refuse_if_off()
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.page(request, form=form, status=400)
        try:
            found = await ask(request, "validate_impersonation", SecretText(form.cleaned_data["token"]))
            session = await ask(request, "session", found.auth_token)
        except CloudspotError as error:
            log.warning("an impersonation did not begin: %s", error)
            form.add_error(None, _words(error))
            return self.page(request, form=form, status=403 if isinstance(error, NotAuthorised) else 503)
        begun = await sync_to_async(impersonations.begin)(
            found,
            session,
            supporter=form.cleaned_data["supporter"],
            reason=form.cleaned_data["reason"],
            address=attempts.address_of(request) or "",
        )
        if begun is None:
            form.add_error(None, gettext("This application does not know that user in that company."))
            return self.page(request, form=form, status=403)
        await sync_to_async(impersonations.enter)(request.session, begun)
        return HttpResponseRedirect(resolve_url(settings.LOGIN_REDIRECT_URL))


class ImpersonationEndView(Page):
    """Ends it."""

    http_method_names = ("post", "options")

    async def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """End it, and log the supporter out."""
        login = login_of_request(request)
        if login is not None and login.impersonation is not None:
            await sync_to_async(impersonations.end)(login.impersonation, "the supporter ended it")
            await alogout(request)
        return HttpResponseRedirect(resolve_url(settings.LOGIN_URL))


def _refuse_if_off() -> None:
    if not conf().impersonation:
        raise Http404


def _words(error: CloudspotError) -> str:
    if isinstance(error, NotAuthorised):
        return gettext("The link is used, or too old. Let the License server make a new one.")
    return gettext("Cloudspot can't be reached. Try again in a few minutes.")
