"""Errors of a login, at the import path that published code uses."""

from cloudspot.constants.errors import (
    BadCredentials,
    CredentialsNotChecked,
    NoValidToken,
    RequestFailed,
    TokenNotChecked,
)

__all__ = ["BadCredentials", "CredentialsNotChecked", "NoValidToken", "RequestFailed", "TokenNotChecked"]
