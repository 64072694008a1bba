"""Who a request is of: `request.user`, and what Starlette's own checks ask of `request.auth`."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.authentication import AuthCredentials, BaseUser

from ..records.auth import CompanyPermissions
from ..session import Session

AUTHENTICATED = "authenticated"
"""The scope that Starlette's documentation gives to everybody who is logged in."""


@dataclass(frozen=True, slots=True)
class Acting:
    """A supporter who acts as a user; show it on every page.

    Attributes:
        supporter, reason: who and why, as the supporter says.
        until: when it ends, in seconds since 1970.
    """

    supporter: str
    reason: str
    until: float


@dataclass(frozen=True)
class User(BaseUser):
    """A Cloudspot user who is logged in.

    Attributes:
        session: who it is, the token, and what the user may do in which company.
        company: in which the user works; None before one is chosen.
        acting: where it is a supporter, who acts as the user.
        csrf: what a form of this user has to carry, in a field `csrf`, to be taken by the pages of the login.
    """

    session: Session
    company: CompanyPermissions | None = None
    acting: Acting | None = None
    csrf: str = field(default="", repr=False)

    @property
    def is_authenticated(self) -> bool:
        """True."""
        return True

    @property
    def identity(self) -> str:
        """The e-mail address."""
        return self.email

    @property
    def display_name(self) -> str:
        """First and last name, or the e-mail address where there is none."""
        user = self.session.user
        return " ".join(filter(None, (user.first_name, user.last_name))) or self.email

    @property
    def email(self) -> str:
        """The e-mail address, which is the user name."""
        return self.session.user.email or ""

    @property
    def companies(self) -> tuple[CompanyPermissions, ...]:
        """The companies in which the user may use the application."""
        return self.session.companies

    @property
    def permissions(self) -> frozenset[str]:
        """What the user may do in the chosen company, as Cloudspot says it; ask with `has`."""
        return self.session.permissions.of(self.company)

    def has(self, permission: str) -> bool:
        """Whether the user may do something in the chosen company; `is_superuser` stands for every permission."""
        return self.session.has(permission, company=self.company)


@dataclass(frozen=True)
class Visitor(BaseUser):
    """Somebody who is not logged in, and may do nothing."""

    @property
    def is_authenticated(self) -> bool:
        """False."""
        return False

    @property
    def identity(self) -> str:
        """Nobody's."""
        return ""

    @property
    def display_name(self) -> str:
        """Nobody's."""
        return ""

    def has(self, permission: str) -> bool:  # noqa: ARG002 - whatever is asked
        """False."""
        return False


class Scopes(list[str]):
    """A user's permissions for `starlette.authentication.requires`: a superuser's list has every one in it."""

    def __init__(self, user: User) -> None:
        super().__init__((AUTHENTICATED, *sorted(user.permissions)))
        self._user = user

    def __contains__(self, scope: object) -> bool:
        return super().__contains__(scope) or (isinstance(scope, str) and self._user.has(scope))


def credentials(user: User | Visitor) -> AuthCredentials:
    """What Starlette calls a user's scopes."""
    found = AuthCredentials()
    if isinstance(user, User):
        found.scopes = Scopes(user)
    return found
