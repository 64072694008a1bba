from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.views.generic import View

from django.urls import include, path

PAGE = (
    "{% load cloudspot %}{% cloudspot_banner %}{{ user.get_username }}|{{ cloudspot.company }}"
    "|{% if perms.cloudspot.edit_artikels %}edits{% endif %}"
    '|{% if cloudspot|allows:"view_klanten" %}sees clients{% endif %}'
)


def me(request: HttpRequest) -> JsonResponse:
    login: Any = request.cloudspot  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "user": request.user.get_username(),
            "company": str(login.company.pk) if login and login.company else None,
            "permissions": sorted(login.permissions) if login else [],
            "all": sorted(request.user.get_all_permissions()),
        }
    )


async def ame(request: HttpRequest) -> JsonResponse:
    user = await request.auser()
    return JsonResponse({"user": user.get_username(), "edits": await user.ahas_perm("cloudspot.edit_artikels")})


async def apage(request: HttpRequest) -> HttpResponse:
    # Without {{ perms }}: for it Django's own backend asks the database, which it can't in an event loop.
    without_perms = PAGE.replace("perms.cloudspot.edit_artikels", "0")
    return HttpResponse(engines["django"].from_string(without_perms).render({}, request))


@login_required
@permission_required("cloudspot.edit_artikels", raise_exception=True)
def edit(request: HttpRequest) -> HttpResponse:
    return HttpResponse("edited")


@permission_required("cloudspot.edit_artikels", raise_exception=True)
async def aedit(request: HttpRequest) -> HttpResponse:
    return HttpResponse("edited")


class Klanten(PermissionRequiredMixin, View):
    permission_required = "cloudspot.view_klanten"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("clients")


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("public")


urlpatterns = [
    path("auth/", include("cloudspot.django.urls")),
    path("admin/", admin.site.urls),
    path("me", me),
    path("ame", ame),
    path("edit", edit),
    path("aedit", aedit),
    path("klanten", Klanten.as_view()),
    path("page", page),
    path("apage", apage),
    path("public", public),
]
