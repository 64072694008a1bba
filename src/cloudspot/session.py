"""A user who is logged in, and what the user may do in which company. Pure: no I/O, nothing is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from .errors import InvalidInput
from .records import InvalidField
from .records.auth import CompanyPermissions, Profile
from .secret import SecretText

Company = str | UUID | CompanyPermissions
"""A company by its id, by its name, or as the License server described it."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a user may do, company by company.

    Attributes:
        rows: what the License server said, as it said it.
    """

    rows: tuple[CompanyPermissions, ...] = ()

    @property
    def companies(self) -> tuple[CompanyPermissions, ...]:
        """The companies in which the user may use the application: those with `use_app` or `is_superuser`."""
        return tuple(row for row in self.rows if row.is_open and row.company_id)

    def has(self, permission: str, *, company: Company | None) -> bool:
        """Whether the user may do something in a company; `is_superuser` stands for every permission.

        False without a company, in an unknown one, and where the user may not use the application at all. What reads as
        an id is never taken for a name, since a company may be given another one's id as its name.

        Raises:
            InvalidInput: several companies have that name.
        """
        return any(row.has(permission) for row in self._rows_of(company))

    def of(self, company: Company | None) -> frozenset[str]:
        """The user's permissions in a company; empty where the user may not use the application there.

        Raises:
            InvalidInput: several companies have that name.
        """
        return frozenset(slug for row in self._rows_of(company) if row.is_open for slug in row.permissions)

    def company(self, company: Company | None) -> CompanyPermissions | None:
        """The open company with that id or name; None where there is none.

        Raises:
            InvalidInput: several companies have that name.
        """
        return next((row for row in self._rows_of(company) if row.is_open), None)

    def _rows_of(self, company: Company | None) -> list[CompanyPermissions]:
        if company is None or company == "":
            return []
        if isinstance(company, CompanyPermissions):
            return [row for row in self.rows if row.company_id and row.company_id == company.company_id]
        if (asked := _as_id(company)) is not None:
            return [row for row in self.rows if _as_id(row.company_id or "") == asked]
        rows = [row for row in self.rows if row.company_id and row.company_name == company]
        if len({row.company_id for row in rows}) > 1:
            raise InvalidInput(f"Several companies are called {company!r}.", hint="Give the company's id.")
        return rows


@dataclass(frozen=True, slots=True)
class Session:
    """A user who is logged in at the License server.

    Pickling a session raises TypeError, since its token would be stored in plain text: `reveal` and `restore` are for
    whoever encrypts what is stored.

    Attributes:
        user: first and last name, e-mail address, PIN.
        token: the user's token, for further calls and to log in again without a password.
        permissions: what the user may do, per company.
    """

    user: Profile
    token: SecretText
    permissions: Permissions

    @property
    def companies(self) -> tuple[CompanyPermissions, ...]:
        """The companies in which the user may use the application."""
        return self.permissions.companies

    def has(self, permission: str, *, company: Company | None) -> bool:
        """Whether the user may do something in a company, by its id or name; see `Permissions.has`."""
        return self.permissions.has(permission, company=company)

    def reveal(self, *, pin: bool = False) -> dict[str, Any]:
        """Everything as plain JSON values, with the token in plain text; with `pin`, the PIN too."""
        user = self.user.to_dict()
        if not pin:
            user.pop("pin", None)
        return {
            "user": user,
            "token": self.token.reveal(),
            "permissions": [row.to_dict() for row in self.permissions.rows],
        }

    @classmethod
    def restore(cls, revealed: Mapping[str, Any]) -> Self:
        """The session that `reveal` gave these values of.

        Raises:
            InvalidInput: they are of no session.
        """
        try:
            return cls(
                user=Profile.from_dict(revealed["user"]),
                token=SecretText(revealed["token"]),
                permissions=Permissions(tuple(CompanyPermissions.from_dict(row) for row in revealed["permissions"])),
            )
        except (KeyError, TypeError, InvalidField):
            pass
        raise InvalidInput("These are not the values of a session.", hint="Let the user log in again.")


@dataclass(frozen=True, slots=True)
class Impersonation:
    """A user as whom a supporter may act.

    Attributes:
        user: that user's name, which is the e-mail address.
        company: the id of the company in which.
        auth_token: a token of that user.
    """

    user: str
    company: str
    auth_token: SecretText


def _as_id(company: str | UUID) -> UUID | None:
    if isinstance(company, UUID):
        return company
    try:
        return UUID(company)
    except ValueError:
        return None
