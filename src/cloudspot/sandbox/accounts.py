"""Applications, users and what they may do; and those that every sandbox has, whatever its seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from .companies import KIST, LAMPE
from .passwords import hashed
from .texts import Email, Label, Pin, Requestor, Slug

USE_APP, IS_SUPERUSER = "use_app", "is_superuser"

Password = Annotated[str, Meta(min_length=1, max_length=1000)]


class Application(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application that users log in to."""

    id: Slug
    """Its id at the License server: the header X-LICENSE-MODULE."""
    name: Label = ""
    requestor: Requestor | None = None
    """Its slug at the ERP, for the retired external-app login: the header X-ERP-REQUESTOR."""
    webhook_url: str | None = None
    """Where its events go; None where it wants none."""
    automatic_events: bool = True
    """Whether a change sends an event of itself."""


class User(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Someone who can log in; the e-mail address is the user name."""

    email: Email
    first_name: Label = ""
    last_name: Label = ""
    pin: Pin | None = None
    is_active: bool = True


class Grant(NamedTuple):
    """What a user may do in one company with one application."""

    user: str
    company: int
    application: str
    permissions: frozenset[str]


def effective(permissions: Iterable[str]) -> list[str]:
    """What permissions come to: nothing without `use_app`, which `is_superuser` stands for as for all others."""
    slugs = set(permissions)
    if IS_SUPERUSER in slugs:
        slugs.add(USE_APP)
    return sorted(slugs) if USE_APP in slugs else []


SANDBOX_APP = Application(id="sandbox-app", name="Sandbox App", requestor="sandbox-app")
PASSWORD = "sandbox-wachtwoord"  # noqa: S105 - opens nothing but a sandbox

JAN = User(email="jan@sandbox.test", first_name="Jan", last_name="Janssens", pin="1234")
MARIE = User(email="marie@sandbox.test", first_name="Marie", last_name="Maes")
PIET = User(email="piet@sandbox.test", first_name="Piet", last_name="Peeters", pin="007")


class Accounts(NamedTuple):
    """Applications, and users with the hashes of their passwords and what they may do."""

    applications: tuple[Application, ...]
    users: tuple[tuple[User, str], ...]
    grants: tuple[Grant, ...]
    secrets: Mapping[str, str] = MappingProxyType({})
    """What the events of applications are signed with, by the application's id."""


@cache
def fixed_accounts() -> Accounts:
    """Those that documentation and tests name. Their salts are fixed too: the same database, byte for byte."""
    users = tuple((user, hashed(PASSWORD, salt=sha256(user.email.encode()).digest())) for user in (JAN, MARIE, PIET))
    return Accounts((SANDBOX_APP,), users, _GRANTS)


_GRANTS = (
    Grant(JAN.email, KIST.key, SANDBOX_APP.id, frozenset({USE_APP, "view_artikels", "edit_artikels", "view_klanten"})),
    Grant(JAN.email, LAMPE.key, SANDBOX_APP.id, frozenset({USE_APP, "view_artikels"})),
    Grant(MARIE.email, KIST.key, SANDBOX_APP.id, frozenset({USE_APP, IS_SUPERUSER})),
    # Without `use_app` this opens nothing: what an application gets wrong that looks for its own slugs alone.
    Grant(PIET.email, KIST.key, SANDBOX_APP.id, frozenset({"view_artikels"})),
)
