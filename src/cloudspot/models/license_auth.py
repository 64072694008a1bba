"""What the License server gives back, as published code for it reads it. Source: protocol, *License server*."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from ..errors import CloudspotError
from ..records.auth import CompanyPermissions, CompanySlugs, LicenseError, LicenseSession, Profile
from ..records.auth import Impersonation as ValidatedImpersonation
from . import model
from .base import BaseModel, ObjectListModel

M = TypeVar("M")


class Error(model.Error, record=LicenseError):
    """Why a call failed: `message` for people, `error_code` in one word where the server gave one."""

    __slots__ = ()

    @classmethod
    def of_exception(cls, exception: CloudspotError) -> Self:
        """What an exception tells of."""
        self = super().of_exception(exception)
        self.error_code = exception.code or None
        return self


class LicenseModel(BaseModel):
    """An object whose methods are spelled as published code for the License server spells them."""

    __slots__ = ()

    has_error = BaseModel.hasError
    get_json = BaseModel.getJSON

    def parse_error(self, json: Any) -> Self:
        """Become the failure that the body of a refused request tells of."""
        return self.fail(Error.of_body(json))

    parseError = parse_error


class LicenseListModel(ObjectListModel[M]):
    """A list whose methods are spelled as published code for the License server spells them."""

    __slots__ = ()

    has_error = BaseModel.hasError
    get_json = ObjectListModel.getJSON
    get_item_index = ObjectListModel.getItemIndex
    get_item_object = ObjectListModel.getItemObject


class AuthPermission(LicenseModel, record=CompanyPermissions):
    """A company that is open to the user: `company_id`, `company_name`, and `permissions`, a plain list."""

    __slots__ = ()


class AuthPermissions(LicenseListModel[AuthPermission], of=AuthPermission):
    """The companies in which the user may use the application."""

    __slots__ = ()


class AuthResponse(LicenseModel, record=LicenseSession):
    """A login: `token` and `permissions`."""

    __slots__ = ()


class CompanyPermissionsResponse(LicenseModel, record=CompanySlugs):
    """What the user may do in one company: `permissions`, a plain list."""

    __slots__ = ()


class ImpersonateResponse(LicenseModel, record=ValidatedImpersonation):
    """What an impersonation stands for: `token`, `auth_token`, `user` and `company`."""

    __slots__ = ()


class User(LicenseModel, record=Profile):
    """The user: `first_name`, `last_name`, `email` and `pin`."""

    __slots__ = ()
