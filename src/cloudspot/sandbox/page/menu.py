"""The pages that the menu leads to."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A page in the menu."""

    name: str
    """Its icon, and its text: `menu.NAME`."""
    path: str
    key: str
    """What to press after g."""


MENU = (
    Entry("overview", "/", "o"),
    Entry("requests", "/requests", "r"),
    Entry("artikels", "/artikels", "a"),
    Entry("klanten", "/klanten", "k"),
    Entry("companies", "/companies", "c"),
    Entry("users", "/users", "u"),
    Entry("applications", "/applications", "p"),
    Entry("events", "/events", "e"),
    Entry("faults", "/faults", "f"),
    Entry("state", "/state", "s"),
)
