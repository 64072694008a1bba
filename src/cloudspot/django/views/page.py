"""What all pages have in common."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from ...weblogin.targets import safe_target
from ..sessions import Login

NEXT = "next"


class Page(View):
    """A page that no cache keeps, whose forms prove where they come from, and that no other site can frame.

    Give another `template_name` to `as_view()`, or put a template of the same name before it, to make it your own.
    """

    template_name = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """The view, for a URL."""
        return by_itself(never_cache(csrf_protect(sensitive_post_parameters()(super().as_view(**initkwargs)))))

    def page(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page, rendered."""
        response = render(request, self.template_name, context, status=status)
        response.headers.setdefault(
            "Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        # An address may hold a token. Not `no-referrer`: with it browsers say `Origin: null`, a forgery to Django.
        response.headers["Referrer-Policy"] = "same-origin"
        return response


def by_itself(view: Any) -> Any:
    """The view, outside of ATOMIC_REQUESTS: Django refuses async views in it, and each of ours sees to itself."""
    for alias in settings.DATABASES:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


def login_of_request(request: HttpRequest) -> Login | None:
    """The login of a request; None for who is not logged in through Cloudspot."""
    return getattr(request, "cloudspot", None)


def target(request: HttpRequest) -> str:
    """Where to go when all is done: to the page that was asked for, where it is one of ours."""
    asked = request.POST.get(NEXT) or request.GET.get(NEXT)
    return safe_target(asked, resolve_url(settings.LOGIN_REDIRECT_URL))
