"""Numbers in addresses and as people type them. Pure."""

from __future__ import annotations

import re

from .cookie import Language

_THOUSANDS = {mark: re.compile(rf"-?[1-9]\d{{0,2}}({re.escape(mark)}\d{{3}})+") for mark in ".,"}
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


def amount(text: str, language: Language) -> str:
    """An amount with a point: `1.234,50`, `1,234.50`, `1 234,50` and `12,50` are all ways to write one.

    Where the signs leave two readings, as in `1.234`, it is what the page itself shows so in that language.
    """
    text = text.replace(" ", "").replace("\u00a0", "").removeprefix("€")
    comma, point = text.rfind(","), text.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "." if comma > point else ","
        return text.replace(thousands, "").replace(",", ".")
    decimal, thousands = (",", ".") if language == "nl" else (".", ",")
    if _THOUSANDS[thousands].fullmatch(text):
        return text.replace(thousands, "")
    return text.replace(",", ".") if decimal == "," or _DECIMAL_COMMA.fullmatch(text) else text
