"""Logins, permissions, impersonation and events. Source: protocol, *External-app access* and *License server*."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import msgspec

from .base import EXTRA_KEY, InvalidField, Record, Rows, checked

HIDDEN = "***"
USE_APP, IS_SUPERUSER = "use_app", "is_superuser"


class _Secretive(Record, frozen=True, kw_only=True):
    """A record that shows its secrets to nobody who only prints it."""

    SECRETS: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def from_dict(cls, plain: object) -> Self:
        """Read a record as `Record.from_dict` does; what is refused is named, not shown."""
        try:
            return super().from_dict(plain)
        except InvalidField as error:
            refused = InvalidField(error.field, HIDDEN, error.reason)
        raise refused

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        fields = [each for each in msgspec.structs.fields(type(self)) if each.encode_name != EXTRA_KEY]
        given = [(each.name, getattr(self, each.name), each.default) for each in fields]
        shown = [
            (name, HIDDEN if name in self.SECRETS else value) for name, value, default in given if value != default
        ]
        # Nobody knows what a field that came later holds.
        return [*shown, *((name, HIDDEN) for name in self.extra)]


class CompanyPermissions(_Secretive, frozen=True, kw_only=True):
    """What a user may do in one company."""

    KEY: ClassVar[str] = "company_id"

    company_id: str | None = None
    """The company's id, a UUID."""
    company_name: str | None = None
    """The company's name."""
    permissions: Rows[str] = ()
    """Slugs; `use_app` opens the application, `is_superuser` stands for every permission."""

    @checked(rows=("permissions",))
    def __post_init__(self) -> None: ...

    @property
    def is_open(self) -> bool:
        """Whether the user may use the application in this company at all."""
        return USE_APP in self.permissions or IS_SUPERUSER in self.permissions

    def has(self, permission: str) -> bool:
        """Whether the user may do something in this company; nothing, where the application is not open."""
        return self.is_open and (permission == USE_APP or permission in self.permissions or self.is_superuser)

    @property
    def is_superuser(self) -> bool:
        """Whether the user may do everything in this company."""
        return IS_SUPERUSER in self.permissions


class CompanySlugs(_Secretive, frozen=True, kw_only=True):
    """What a user may do in the company that was asked about."""

    permissions: Rows[str] = ()
    """Slugs."""

    @checked(rows=("permissions",))
    def __post_init__(self) -> None: ...


class LicenseSession(_Secretive, frozen=True, kw_only=True):
    """A user who is logged in at the License server, or whose permissions were asked for."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"token"})

    token: str | None = None
    """The user token, for `X-LICENSE-TOKEN`."""
    permissions: Rows[CompanyPermissions] = ()
    """The companies in which the user may use the application."""

    @checked(rows=("permissions",))
    def __post_init__(self) -> None: ...


class Profile(_Secretive, frozen=True, kw_only=True):
    """Who the user is, as the License server says."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"pin"})

    first_name: str | None = None
    """First name."""
    last_name: str | None = None
    """Last name."""
    email: str | None = None
    """E-mail address; the user name too."""
    pin: str | None = None
    """Up to 6 characters; None where the user has none."""


class Impersonation(_Secretive, frozen=True, kw_only=True):
    """What an impersonation token stands for."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"token", "auth_token"})

    token: str | None = None
    """The token that was asked about."""
    auth_token: str | None = None
    """A user token of the user who is impersonated."""
    user: str | None = None
    """That user's name."""
    company: str | None = None
    """The id of the company in which."""


class LicenseError(_Secretive, frozen=True, kw_only=True):
    """An error of the License server, with exactly the keys that the published client can read."""

    message: str | None = None
    """What went wrong, for people."""
    error_code: str | None = None
    """The same in one word."""


class ExternalPermission(_Secretive, frozen=True, kw_only=True):
    """A permission as the ERP's external-app login words it."""

    permission: str | None = None
    """The slug."""


class ExternalPermissions(_Secretive, frozen=True, kw_only=True):
    """The permissions of the user who is logged in at the ERP as an external app."""

    permissions: Rows[ExternalPermission] = ()
    """What the user may do."""

    @checked(rows=("permissions",))
    def __post_init__(self) -> None: ...


class ExternalSession(_Secretive, frozen=True, kw_only=True):
    """A user who is logged in at the ERP as an external app."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"token"})

    token: str | None = None
    """The user token, for `X-ERP-TOKEN`."""
    company: str | None = None
    """The user's company."""
    permissions: Rows[ExternalPermission] = ()
    """What the user may do."""

    @checked(rows=("permissions",))
    def __post_init__(self) -> None: ...


class ExternalUser(Profile, frozen=True, kw_only=True):
    """Who the user is, as the ERP says to an external app."""

    company: str | None = None
    """The user's company."""


class AvailableCompany(_Secretive, frozen=True, kw_only=True):
    """A company that a user may choose."""

    company_id: str | None = None
    """The company's id, a UUID."""
    company_name: str | None = None
    """The company's name."""


class PermissionsUpdated(_Secretive, frozen=True, kw_only=True):
    """Data of the event `permissions.updated`."""

    REQUIRED: ClassVar[tuple[str, ...]] = ("username", "company_id")

    username: str | None = None
    """Whose permissions."""
    company_id: str | None = None
    """In which company."""
    permissions: Rows[str] = ()
    """The slugs as they are now."""
    available_companies: Rows[AvailableCompany] = ()
    """The companies in which the user may use the application now."""

    @checked(rows=("permissions", "available_companies"))
    def __post_init__(self) -> None: ...


class EmailUpdated(_Secretive, frozen=True, kw_only=True):
    """Data of the event `user.email.updated`."""

    REQUIRED: ClassVar[tuple[str, ...]] = ("current_email", "change_to_email")

    current_email: str | None = None
    """As it was."""
    change_to_email: str | None = None
    """As it is now."""


class PinUpdated(_Secretive, frozen=True, kw_only=True):
    """Data of the event `user.pin.updated`."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"pin"})
    REQUIRED: ClassVar[tuple[str, ...]] = ("user_username",)

    user_username: str | None = None
    """Whose PIN."""
    pin: str | None = None
    """The new PIN; "" clears it."""


class UserCreated(_Secretive, frozen=True, kw_only=True):
    """Data of the event `user.created`."""

    SECRETS: ClassVar[frozenset[str]] = frozenset({"user_pin", "user_pwd", "license_token"})
    REQUIRED: ClassVar[tuple[str, ...]] = ("user_email",)

    user_email: str | None = None
    """E-mail address; the user name too."""
    user_first_name: str | None = None
    """First name."""
    user_last_name: str | None = None
    """Last name."""
    user_pin: str | None = None
    """The user's PIN."""
    user_pwd: str | None = None
    """A dummy: nobody's password."""
    license_token: str | None = None
    """A user token; may be ""."""


class OtherEvent(_Secretive, frozen=True, kw_only=True):
    """Data of an event that this release doesn't know: all of it is in `extra`."""


EVENTS: dict[str, type[Record]] = {
    "permissions.updated": PermissionsUpdated,
    "user.email.updated": EmailUpdated,
    "user.pin.updated": PinUpdated,
    "user.created": UserCreated,
}
"""What each event of the License server carries."""
