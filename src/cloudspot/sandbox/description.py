"""What a program needs to know of a running sandbox: the line of `--json`, and the answer at `/_sandbox/about`."""

from __future__ import annotations

from typing import Protocol

import msgspec

from .account_edits import Applications, Permissions, Users
from .accounts import effective
from .company_edits import Companies


class AboutCompany(msgspec.Struct, frozen=True, kw_only=True):
    """A company."""

    id: str
    """Its id on the wire, a UUID."""
    name: str
    """Its name."""


class AboutApplication(msgspec.Struct, frozen=True, kw_only=True):
    """An application that users log in to."""

    id: str
    """What goes into the header X-LICENSE-MODULE."""
    name: str
    """Its name, for people."""
    requestor: str | None
    """What goes into the header X-ERP-REQUESTOR; null where the ERP doesn't know it."""


class AboutUser(msgspec.Struct, frozen=True, kw_only=True):
    """A user."""

    email: str
    """The user name."""
    companies: list[str]
    """The ids of the companies in which the user may use some application."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A running sandbox, for programs."""

    base_url: str
    """Where the paths of both servers begin."""
    tokens: list[str]
    """The tokens of companies, those of the first company first."""
    companies: list[AboutCompany]
    """Every company."""
    applications: list[AboutApplication]
    """Every application."""
    users: list[AboutUser]
    """Every user."""


class Described(Protocol):
    """What is asked of a sandbox to describe it."""

    @property
    def base_url(self) -> str:
        """Where the servers' paths begin."""
        ...

    @property
    def tokens(self) -> list[str]:
        """The tokens of companies."""
        ...

    @property
    def companies(self) -> Companies:
        """The companies."""
        ...

    @property
    def applications(self) -> Applications:
        """The applications."""
        ...

    @property
    def users(self) -> Users:
        """The users."""
        ...

    @property
    def permissions(self) -> Permissions:
        """What they may do."""
        ...


def about(sandbox: Described) -> About:
    """A sandbox as it is now."""
    usable: dict[str, set[str]] = {}
    for row in sandbox.permissions.list():
        if effective(row.permissions):
            usable.setdefault(row.user, set()).add(row.company_id)
    return About(
        base_url=sandbox.base_url,
        tokens=sandbox.tokens,
        companies=[AboutCompany(id=each.id, name=each.naam) for each in sandbox.companies],
        applications=[
            AboutApplication(id=each.id, name=each.name, requestor=each.requestor)
            for each in sandbox.applications.list()
        ],
        users=[
            AboutUser(email=each.email, companies=sorted(usable.get(each.email, set())))
            for each in sandbox.users.list()
        ],
    )
