"""What Cloudspot's permissions open under the names of Django's. Pure.

Cloudspot has slugs, `view_artikels`; Django has `app.codename`. So

- `cloudspot.view_artikels` is the slug `view_artikels`;
- any other name is opened by a slug that is spelled like it whole, `shop.view_product`, or by the one that
  CLOUDSPOT_LICENSE["PERMISSIONS"] gives for it. Never by its codename alone: a slug `add_user` must not open
  `auth.add_user`;
- `is_superuser` opens everything in its company, but nothing of apps whose data is everybody's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..records.auth import IS_SUPERUSER, USE_APP

PREFIXES = ("cloudspot", "django_cloudspotlicense")
"""What stands before a slug where it is given as a permission of Django's; the second is for code for 6.3."""


def opens(
    slugs: Collection[str],
    name: str,
    *,
    mapped: Mapping[str, str | tuple[str, ...]],
    local_apps: Collection[str] = (),
) -> bool:
    """Whether permissions of a user in a company open what Django asks for.

    Args:
        slugs: the user's in that company; empty where the application is not open there.
        name: `app.codename`, or a slug.
        mapped: which slugs open a name, any of them.
        local_apps: labels of apps in which a slug only opens what `mapped` says.
    """
    if not slugs or not (USE_APP in slugs or IS_SUPERUSER in slugs):
        return False
    label, dot, codename = name.partition(".")
    wanted = mapped.get(name, ())
    if any(slug in slugs for slug in ((wanted,) if isinstance(wanted, str) else wanted)):
        return True
    if not dot:
        return _granted(slugs, name)
    if label in PREFIXES:
        return _granted(slugs, codename)
    return label not in local_apps and _granted(slugs, name)


def opens_app(
    slugs: Collection[str], label: str, *, mapped: Mapping[str, str | tuple[str, ...]], local_apps: Collection[str] = ()
) -> bool:
    """Whether permissions open anything of an app."""
    if label in PREFIXES:
        return bool(slugs)
    return any(
        opens(slugs, name, mapped=mapped, local_apps=local_apps)
        for name in {*mapped, *slugs, f"{label}.anything"}
        if name.startswith(f"{label}.") and (name != f"{label}.anything" or IS_SUPERUSER in slugs)
    )


def names(
    slugs: Collection[str], *, mapped: Mapping[str, str | tuple[str, ...]], local_apps: Collection[str] = ()
) -> set[str]:
    """All names that permissions open one by one, as Django words them."""
    found = {slug if "." in slug else f"cloudspot.{slug}" for slug in slugs} | set(mapped)
    return {name for name in found if opens(slugs, name, mapped=mapped, local_apps=local_apps)}


def _granted(slugs: Collection[str], slug: str) -> bool:
    return slug in slugs or IS_SUPERUSER in slugs
