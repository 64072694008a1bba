"""The fields of a record as the command line sees them: their kind, and how each is read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from cloudspot.records import Artikel, Klant, OpenEnum, Record
from cloudspot.records.base import EXTRA_KEY

MOST_DIGITS = 60
"""An amount with more is written with an exponent: `1E+999999` would fill a disk."""


class Kind(Enum):
    """What a field holds, in the words of an error."""

    NUMBER = "a number such as 1000.50"
    DATE = "a date (2026-01-31)"
    BOOL = "true or false"
    WORD = "a word"
    TEXT = "text"
    ROWS = "a list"


class Field(NamedTuple):
    """A field of a record."""

    name: str
    kind: Kind
    read: Callable[[Any], Any]
    words: tuple[str, ...] = ()
    """The words it may hold, as far as this release knows them."""


COMPUTED: dict[type[Record], tuple[Field, ...]] = {
    Artikel: (
        Field("is_zichtbaar", Kind.BOOL, attrgetter("is_zichtbaar")),
        Field("hoofdfoto", Kind.TEXT, lambda artikel: artikel.hoofdfoto and artikel.hoofdfoto.url),
    ),
    Klant: (Field("naam", Kind.TEXT, attrgetter("naam")), Field("adres", Kind.TEXT, attrgetter("adres"))),
}
"""What is not sent but follows from it; only written where asked for by name."""

EXTRA = Field("extra", Kind.ROWS, lambda record: dict(record.extra))
"""The fields that the server sent and this release doesn't know."""


@cache
def sent_fields(record_type: type[Record]) -> tuple[Field, ...]:
    """The fields that the server sends, in the order of the protocol."""
    hints = get_type_hints(record_type)
    names = [field.name for field in msgspec.structs.fields(record_type) if field.encode_name != EXTRA_KEY]
    return tuple(_field(name, hints[name]) for name in names)


@cache
def known_fields(record_type: type[Record]) -> dict[str, Field]:
    """Every field that can be named on the command line."""
    return {field.name: field for field in (*sent_fields(record_type), *COMPUTED.get(record_type, ()), EXTRA)}


def _field(name: str, hint: Any) -> Field:
    kinds = {Decimal: Kind.NUMBER, int: Kind.NUMBER, date: Kind.DATE, bool: Kind.BOOL, str: Kind.TEXT}
    for part in get_args(hint) or (hint,):
        if get_origin(part) is tuple:
            return Field(name, Kind.ROWS, attrgetter(name))
        if issubclass(part, OpenEnum):
            return Field(name, Kind.WORD, attrgetter(name), tuple(word.value for word in part))
        if part in kinds:
            return Field(name, kinds[part], attrgetter(name))
    raise AssertionError(f"the command line does not know what {name} holds")


def leaves(value: Any) -> Iterator[str]:
    """Every text, number and so on in a value, as text."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case None | msgspec.UNSET:
                continue
            case dict() as plain:
                waiting.extend(reversed(plain.values()))
            case list() | tuple() as rows:
                waiting.extend(reversed(rows))
            case msgspec.Struct() as record:
                waiting.extend(getattr(record, name) for name in reversed(record.__struct_fields__))
            case leaf:
                yield as_text(leaf)


def as_text(value: Any) -> str:
    """A single value as text that doesn't depend on a country."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return amount(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return value.value
    return str(value)


def amount(value: Decimal, decimals: int | None = None) -> str:
    """An amount in plain digits, all of them or so many decimals."""
    if abs(value.adjusted()) > MOST_DIGITS:
        return str(value)
    return f"{value:f}" if decimals is None else f"{value:.{decimals}f}"
