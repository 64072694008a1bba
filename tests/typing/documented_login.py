"""What type checkers must see of the documented logins; checked in `make check`, never run."""

from __future__ import annotations

from typing import assert_type

from cloudspot.api import CloudspotERP_UserAPI
from cloudspot.models import auth
from cloudspotlicense.api import CloudspotLicense_API
from cloudspotlicense.models.auth import AuthPermission, AuthPermissions, AuthResponse, ImpersonateResponse, User


def license(api: CloudspotLicense_API) -> None:  # noqa: A001
    api.authenticate("jan@sandbox.test", None)
    assert_type(api.permissions, AuthPermissions)
    assert_type(api.permissions.items(), list[AuthPermission])
    assert_type(api.user, User)
    assert_type(api.get_company_permissions("id", token="t"), list[str])
    assert_type(api.auth.authenticate("a", "b"), AuthResponse)
    assert_type(api.auth.validate_impersonation("t"), ImpersonateResponse)
    assert_type(api.auth.get_user().has_error, bool)
    api.auth.get_user().get_json()


def external_app(api: CloudspotERP_UserAPI) -> None:
    api.get_permissions("token")
    assert_type(api.permissions.items(), list[auth.AuthPermission])
    assert_type(api.user, auth.User)
    CloudspotERP_UserAPI("app", legacy=True, timeout=3)
