"""Names of the two permissions that mean more than themselves."""

from __future__ import annotations

from cloudspot.records.auth import IS_SUPERUSER, USE_APP

from . import PACKAGE_NAME

ROOT_PERM, SUPERUSER_PERM = USE_APP, IS_SUPERUSER


def get_internal_root_perm() -> str:
    """The slug that opens the application."""
    return ROOT_PERM


def get_internal_superuser_perm() -> str:
    """The slug that stands for all others."""
    return SUPERUSER_PERM


def get_root_perm() -> str:
    """The same, as Django words permissions."""
    return f"{PACKAGE_NAME}.{ROOT_PERM}"


def get_superuser_perm() -> str:
    """The same, as Django words permissions."""
    return f"{PACKAGE_NAME}.{SUPERUSER_PERM}"
