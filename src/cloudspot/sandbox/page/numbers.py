"""Numbers in addresses and as people type them. Pure."""

from __future__ import annotations

import re

_DECIMAL_COMMA = re.compile(r"-?\d+,\d{1,2}")


def page_of(text: str | None, total: int, size: int) -> tuple[int, int]:
    """Which page is meant, and how many rows come before it; the nearest page that there is."""
    last = max(1, -(-total // size))
    asked = int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 1
    page = min(max(asked, 1), last)
    return page, (page - 1) * size


def whole(text: str) -> int:
    """A number in a path or a field.

    Raises:
        LookupError: it is none, so there is nothing there.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise LookupError(f"there is no {text!r}")
    return int(text)


def amount(text: str) -> str:
    """An amount with a point: `1.234,50`, `1,234.50`, `1 234,50` and `12,50` are all ways to write one."""
    text = text.replace(" ", "").replace("\u00a0", "").removeprefix("€")
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "." if comma > point else ","
        return text.replace(thousands, "").replace(",", ".")
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
