"""`{% load cloudspot %}`: the banner of an impersonation, and forms that log out or change the company."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("cloudspot/banner.html", takes_context=True)
def cloudspot_banner(context: dict[str, Any]) -> dict[str, Any]:
    """A banner that says as whom a supporter acts, with a button that ends it; nothing for everybody else."""
    request = context.get("request")
    login = getattr(request, "cloudspot", None)
    impersonation = login.impersonation if login is not None else None
    return {"impersonation": impersonation, "login": login, "csrf_token": context.get("csrf_token")}


@register.filter
def allows(login: Any, slug: str) -> bool:
    """`{% if cloudspot|allows:"view_artikels" %}`: whether the user may, in the company worked in."""
    from ..conf import conf  # noqa: PLC0415 - templates are loaded before settings are
    from ..slugs import opens  # noqa: PLC0415

    return bool(login) and opens(login.permissions, slug, mapped=conf().permissions)
