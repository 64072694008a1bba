"""Where a browser may be sent after logging in: nowhere but to a page of the application itself."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST_TARGET = 2000
"""Characters; what is longer is nobody's bookmark."""
# One slash, and then neither a second one nor a backslash, which browsers read as one. They drop tabs and line breaks
# wherever these stand, so no control character may.
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\x7f-\x9f\\]*")


def is_local(target: str) -> bool:
    """Whether a target is a path of the application itself, however a browser reads it."""
    if len(target) > LONGEST_TARGET or not _LOCAL.fullmatch(target):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def safe_target(asked: str | None, default: str) -> str:
    """The target that was asked for, where it is a path of the application itself; else the default."""
    return asked if asked and is_local(asked) else default
