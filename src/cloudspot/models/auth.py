"""What a login gives back. Source: protocol, *ERP*, external-app access."""

from ..records.auth import ExternalPermission, ExternalPermissions, ExternalSession, ExternalUser
from .base import BaseModel, ObjectListModel


class AuthPermission(BaseModel, record=ExternalPermission):
    """Something the user may do: `permission` is its slug."""

    __slots__ = ()


class AuthPermissions(ObjectListModel[AuthPermission], of=AuthPermission):
    """What the user may do."""

    __slots__ = ()


class AuthResponse(BaseModel, record=ExternalSession):
    """A login: `token`, `company` and `permissions`."""

    __slots__ = ()


class PermissionsResponse(BaseModel, record=ExternalPermissions):
    """What the token's user may do."""

    __slots__ = ()


class User(BaseModel, record=ExternalUser, move=("company", "pin")):
    """The user: names, `email`, `company` and `pin`."""

    __slots__ = ()
