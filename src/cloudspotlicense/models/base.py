"""The two kinds of objects, at the import path that published code uses."""

from cloudspot.models.license_auth import LicenseListModel as ObjectListModel
from cloudspot.models.license_auth import LicenseModel as BaseModel

__all__ = ["BaseModel", "ObjectListModel"]
