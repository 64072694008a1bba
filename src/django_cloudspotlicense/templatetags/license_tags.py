"""`{% load license_tags %}{% if user|has_perm:"view_artikels" %}`."""

from __future__ import annotations

from typing import Any

from django import template

from ..utils import has_perm as has

register = template.Library()


@register.filter
def has_perm(user: Any, perm: str) -> bool:
    """Whether a user has a Cloudspot permission, by its slug, in the company worked in."""
    return has(user, perm)
