"""`Error`, at the import path that published code uses."""

from cloudspot.models.license_auth import Error

__all__ = ["Error"]
