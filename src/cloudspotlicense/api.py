"""`CloudspotLicense_API`, at the import path that published code uses."""

from cloudspot.api import CloudspotLicense_API
from cloudspot.constants.errors import BadCredentials, NoValidToken

__all__ = ["BadCredentials", "CloudspotLicense_API", "NoValidToken"]
