"""The check of 6.3."""

from __future__ import annotations

from typing import Any

from . import PACKAGE_NAME


def has_perm(user: Any, perm: str) -> bool:
    """Whether a user has a Cloudspot permission, by its slug, in the company worked in."""
    return bool(user.has_perm(f"{PACKAGE_NAME}.{perm}"))
