"""What a store refuses."""

from __future__ import annotations


class NoSuchRecord(LookupError):
    """There is nothing with that id or name."""


class RecordExists(ValueError):
    """There is something with that id or name already."""
