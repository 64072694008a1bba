"""Status words of the protocol, at the import path that published code uses."""

from cloudspot.constants.responses import ResponseStatus

__all__ = ["ResponseStatus"]
