"""The mixins of 6.3, which name permissions by their slugs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import AccessMixin
from django.contrib.auth.mixins import PermissionRequiredMixin as DjangosPermissionRequiredMixin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from . import PACKAGE_NAME


class CompanyRequiredMixin:
    """Sends users who have chosen no company to the page on which they do."""

    def handle_no_company(self) -> HttpResponseBase:
        """Where they are sent."""
        return redirect("select_company")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve, or send them there."""
        login: Any = getattr(request, "cloudspot", None)
        if login is not None and login.company is None:
            return self.handle_no_company()
        parent: Any = super()
        response: HttpResponseBase = parent.dispatch(request, *args, **kwargs)
        return response


class LoginRequiredMixin(AccessMixin, CompanyRequiredMixin):
    """Demands a user who is logged in and has chosen a company."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve, or send to the login page."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        return CompanyRequiredMixin.dispatch(self, request, *args, **kwargs)


class PermissionRequiredMixin(CompanyRequiredMixin, DjangosPermissionRequiredMixin):
    """Demands Cloudspot permissions; `permission_required` is a slug, or several."""

    def get_permission_required(self) -> tuple[str, ...]:
        """The permissions, as Django words them."""
        names = super().get_permission_required()
        return tuple(name if "." in name else f"{PACKAGE_NAME}.{name}" for name in names)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve, refuse, or send to the login page."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)
