"""Numbers in addresses. Pure."""

from __future__ import annotations


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
