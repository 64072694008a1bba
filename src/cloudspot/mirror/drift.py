"""What the server sends that this release does not know. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cloudspot.errors import InvalidRecord
from cloudspot.records import Record

from .report import Drift
from .resources import GREATEST, Resource

UNKNOWN_FIELD, NEW_WORD, OTHER_TYPE = "unknown field", "new word", "other type"
LONGEST_WORD = 80

_INDEX = re.compile(r"\[\d+\]")


def new_words(record: Record, resource: Resource[Any], key: int) -> Iterator[Drift]:
    """The words of a record that are none of those this release knows."""
    for name in resource.words:
        if (word := getattr(record, name)) is not None and not word.is_known:
            yield Drift(NEW_WORD, name, str(word)[:LONGEST_WORD], key)


def unknown_fields(record: Record, key: int, path: str = "") -> Iterator[Drift]:
    """The fields of a record, and of the records in it, that this release doesn't know."""
    for name in record.extra:
        yield Drift(UNKNOWN_FIELD, path + name, "", key)
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, tuple):
            for item in value:
                if isinstance(item, Record):
                    yield from unknown_fields(item, key, f"{path}{name}[].")


def other_type(invalid: InvalidRecord) -> Drift | None:
    """What the value of an unreadable record was instead of what was expected; None where it is no matter of type."""
    if not invalid.field:
        return None
    key = invalid.key if isinstance(invalid.key, int) and abs(invalid.key) <= GREATEST else None
    return Drift(OTHER_TYPE, _INDEX.sub("[]", invalid.field), f"{_kind(invalid.value)}: {invalid.reason}", key)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
