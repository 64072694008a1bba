"""What a login gives back. Source: protocol, *ERP*, external-app access."""

from ..records import Record
from ..records.base import Rows
from .base import BaseModel, ObjectListModel


class _Permission(Record, frozen=True, kw_only=True):
    permission: str | None = None


class _Login(Record, frozen=True, kw_only=True):
    token: str | None = None
    company: str | None = None
    permissions: Rows[_Permission] = ()


class _Permissions(Record, frozen=True, kw_only=True):
    permissions: Rows[_Permission] = ()


class _User(Record, frozen=True, kw_only=True):
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    company: str | None = None
    pin: str | None = None


class AuthPermission(BaseModel, record=_Permission):
    """Something the user may do: `permission` is its slug."""

    __slots__ = ()


class AuthPermissions(ObjectListModel[AuthPermission], of=AuthPermission):
    """What the user may do."""

    __slots__ = ()


class AuthResponse(BaseModel, record=_Login):
    """A login: `token`, `company` and `permissions`."""

    __slots__ = ()


class PermissionsResponse(BaseModel, record=_Permissions):
    """What the token's user may do."""

    __slots__ = ()


class User(BaseModel, record=_User):
    """The user: names, `email`, `company` and `pin`."""

    __slots__ = ()
