"""What logins and permissions are read as, at the import path that published code uses."""

from cloudspot.models.license_auth import (
    AuthPermission,
    AuthPermissions,
    AuthResponse,
    CompanyPermissionsResponse,
    ImpersonateResponse,
    User,
)

__all__ = [
    "AuthPermission",
    "AuthPermissions",
    "AuthResponse",
    "CompanyPermissionsResponse",
    "ImpersonateResponse",
    "User",
]
