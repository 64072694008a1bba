"""Logging in and out."""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.contrib.auth import aauthenticate, alogin, alogout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from django import forms
from django.urls import reverse

from ...errors import CloudspotError, NotAuthorised, RateLimited, UnknownApplication, WrongCredentials
from ..sessions import COMPANY, GENERATION
from .page import NEXT, Page, target


class LoginForm(forms.Form):
    """A user name and a password."""

    username = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class LoginView(Page):
    """The login page. Unknown users, wrong passwords and deactivated users are told alike."""

    template_name = "cloudspot/login.html"

    async def get(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Show it; who is logged in goes on to where the page was asked for."""
        if (await request.auser()).is_authenticated and getattr(request, "cloudspot", None) is not None:
            return HttpResponseRedirect(target(request))
        return self.page(request, form=LoginForm(), next=target(request))

    @sensitive_variables("form", "password")
    async def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Let a user in, and on to the page that was asked for, or to the choice of a company."""
        form = LoginForm(request.POST)
        if not form.is_valid():
            return self.page(request, form=form, next=target(request), status=400)
        username, password = form.cleaned_data["username"], form.cleaned_data["password"]
        user = await aauthenticate(request, username=username, password=password)
        if user is None:
            failure = getattr(request, "cloudspot_failure", None)
            form.add_error(None, _words(failure))
            response = self.page(request, form=form, next=target(request), status=_status(failure))
            if isinstance(failure, RateLimited) and failure.retry_after:
                response.headers["Retry-After"] = str(math.ceil(failure.retry_after))
            return response
        await alogin(request, user)
        goal = target(request)
        if await request.session.aget(GENERATION) is not None and not await request.session.aget(COMPANY):
            return HttpResponseRedirect(f"{reverse('select_company')}?{urlencode({NEXT: goal})}")
        return HttpResponseRedirect(goal)


class LogoutView(Page):
    """Logs out, by POST: a picture on another site must not."""

    http_method_names = ("post", "options")

    async def post(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """Log out."""
        await alogout(request)
        return HttpResponseRedirect(resolve_url(settings.LOGOUT_REDIRECT_URL or settings.LOGIN_URL))


def _words(failure: CloudspotError | None) -> str:
    match failure:
        case RateLimited(retry_after=seconds) if seconds:
            minutes = math.ceil(seconds / 60)
            return ngettext(
                "There were too many attempts. Try again in a minute.",
                "There were too many attempts. Try again in %(minutes)d minutes.",
                minutes,
            ) % {"minutes": minutes}
        case RateLimited():
            return gettext("There were too many attempts. Try again later.")
        case None | WrongCredentials():
            return gettext("The e-mail address or the password is not right.")
        case UnknownApplication():
            return gettext("This application is not known at Cloudspot. Tell its administrator.")
        case NotAuthorised():
            return gettext("You may not use this application. Ask the administrator of your company for access.")
        case _:
            return gettext("Cloudspot can't be reached, so nobody can log in now. Try again in a few minutes.")


def _status(failure: CloudspotError | None) -> int:
    match failure:
        case RateLimited():
            return 429
        case None | WrongCredentials():
            return 400
        case NotAuthorised() if not isinstance(failure, UnknownApplication):
            return 403
        case _:
            return 503
