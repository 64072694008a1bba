"""The fields of a record as a form shows and reads them: derived from the record's type, so that none is forgotten."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_type_hints

import msgspec

from cloudspot.records import Record
from cloudspot.records.base import shape_of

from .cookie import Language
from .formats import Formats
from .forms import Form
from .numbers import amount
from .problems import Problem

Kind = Literal["text", "long", "whole", "amount", "word", "boolean", "date", "lines", "json"]

LONG = frozenset({"beschrijving", "interne_notitie"})
# Amounts keep all that was typed of them.
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
TRUTHS = {"": None, "true": True, "false": False}


class RecordField(NamedTuple):
    """A field and how it is typed in."""

    name: str
    kind: Kind
    words: tuple[str, ...] = ()
    """The words to choose from."""


@cache
def fields_of(type: type[Record]) -> dict[str, RecordField]:
    """The fields of a record type, in their order."""
    hints = get_type_hints(type)
    shown = shape_of(type).fields
    names = [field.name for field in msgspec.structs.fields(type) if field.name in shown]
    return {name: _field(name, hints[name]) for name in names}


def shown(record: Record, formats: Formats) -> dict[str, str]:
    """The values of a record as a form shows them."""
    return {
        field.name: _text(field, getattr(record, field.name), formats) for field in fields_of(type(record)).values()
    }


def changed(
    type: type[Record], form: Form, before: Mapping[str, str], language: Language
) -> tuple[dict[str, Any], Problem | None]:
    """What a form changes, as plain values; what can't be read even as such is the problem.

    What a field can hold is for the record to say: here texts only get the form in which it can be asked.
    """
    values: dict[str, Any] = {}
    for field in fields_of(type).values():
        if field.name not in form.fields:
            continue
        text = _unified(form.fields[field.name][-1])
        if text == _unified(before.get(field.name, "")):
            continue
        try:
            values[field.name] = value_of(field, text, language)
        except msgspec.DecodeError as error:
            return values, Problem(f"This is not JSON: {error}.", field.name)
    return values, None


def _unified(text: str) -> str:
    """A text as a form sends it back: browsers write lines their own way."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _field(name: str, hint: Any) -> RecordField:
    leaves = {leaf for leaf in (get_args(hint) or (hint,)) if leaf is not type(None)}
    if any(get_args(leaf) for leaf in leaves):
        inner = next(iter(get_args(next(leaf for leaf in leaves if get_args(leaf)))))
        return RecordField(name, "lines" if inner is str else "json")
    (leaf,) = leaves
    if issubclass(leaf, Enum):
        return RecordField(name, "word", tuple(str(word) for word in leaf))
    kinds: dict[type, Kind] = {bool: "boolean", int: "whole", Decimal: "amount", datetime.date: "date"}
    return RecordField(name, kinds.get(leaf, "long" if name in LONG else "text"))


def _text(field: RecordField, value: Any, formats: Formats) -> str:
    if field.kind == "lines":
        return "\n".join(value)
    if field.kind == "json":
        return formats.json([each.to_dict() for each in value]) if value else ""
    if field.kind == "boolean":
        return next(text for text, truth in TRUTHS.items() if truth is value)
    return formats.plain(value)


def value_of(field: RecordField, text: str, language: Language) -> Any:
    """What was typed, in the form in which the record can say whether it fits.

    Raises:
        msgspec.DecodeError: it is no JSON where that is asked.
    """
    if field.kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if field.kind == "json":
        return _decode(text) if text else []
    if not text:
        return None
    if field.kind == "boolean":
        return TRUTHS.get(text, text)
    if field.kind == "whole":
        return int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 40 else text
    if field.kind == "amount":
        return amount(text, language)
    return text
