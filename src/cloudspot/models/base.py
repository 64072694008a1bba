"""The two kinds of documented objects, at the import path that published code uses."""

from .collection import ObjectListModel
from .model import BaseModel

__all__ = ["BaseModel", "ObjectListModel"]
