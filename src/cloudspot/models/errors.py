"""`Error`, at the import path that published code uses."""

from .model import Error

__all__ = ["Error"]
