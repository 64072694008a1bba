"""What is different between two states of a record. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TypeVar

import msgspec

from cloudspot.records import InvalidField, Record

R = TypeVar("R", bound=Record)

Kind = str
"""`created`, `updated`, `deleted` or `reappeared`."""
KINDS: tuple[str, ...] = ("created", "updated", "deleted", "reappeared")
CREATED, UPDATED, DELETED, REAPPEARED = KINDS

_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode = msgspec.json.Decoder(dict[str, tuple[Any, Any]], float_hook=Decimal).decode


class FieldChange(NamedTuple):
    """What a field was and what it is now; None where there was or is nothing."""

    old: Any
    new: Any

    @property
    def added(self) -> list[Any]:
        """Of a list: what is in it now and was not before, as often as it is new."""
        return _without(self.new, self.old)

    @property
    def removed(self) -> list[Any]:
        """Of a list: what was in it and is no more."""
        return _without(self.old, self.new)


Fields = Mapping[str, FieldChange]


def compare(old: Record | None, new: Record | None) -> dict[str, FieldChange]:
    """The fields that differ by value: 1.5 is 1.50, an absent field is a null one, and the order of fields is nothing.

    Without an old record: all fields that have a value; without a new one: all that had.
    """
    changes: dict[str, FieldChange] = {}
    for name in _fields_of(old, new):
        before, after = getattr(old, name, None), getattr(new, name, None)
        if before != after:
            changes[name] = FieldChange(_or_none(before), _or_none(after))
    before_extra, after_extra = _extra_of(old), _extra_of(new)
    for name in {**before_extra, **after_extra}:
        change = FieldChange(before_extra.get(name), after_extra.get(name))
        if not same(*change):
            changes[name] = change
    return {name: change for name, change in changes.items() if change != (None, None)}


def _fields_of(old: Record | None, new: Record | None) -> Sequence[str]:
    record = old if new is None else new
    return () if record is None else _known_fields(type(record))


@cache
def _known_fields(record_type: type[Record]) -> tuple[str, ...]:
    return tuple(name for name in record_type.__struct_fields__ if name != "_extra")


def _extra_of(record: Record | None) -> Mapping[str, Any]:
    return {} if record is None else record.extra


def same(old: Any, new: Any) -> bool:
    """Whether two values are the same; unlike Python's `==`, true is not 1."""
    if isinstance(old, bool) is not isinstance(new, bool):
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(value, new[name]) for name, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return bool(old == new)


def to_json(fields: Fields) -> str:
    """The changes of fields as a JSON object of `[old, new]`."""
    return _encode(to_plain(fields)).decode()


def to_plain(fields: Fields) -> dict[str, tuple[Any, Any]]:
    """The changes of fields as plain values."""
    return {name: (_plain(old), _plain(new)) for name, (old, new) in fields.items()}


def from_json(text: str, record_type: type[Record]) -> dict[str, FieldChange]:
    """The changes of fields as they were written by `to_json`, in the types of the record."""
    stored = _decode(text)
    old = _typed({name: pair[0] for name, pair in stored.items()}, record_type)
    new = _typed({name: pair[1] for name, pair in stored.items()}, record_type)
    return {name: FieldChange(old[name], new[name]) for name in stored}


def _typed(plain: dict[str, Any], record_type: type[Record]) -> dict[str, Any]:
    try:
        values = _values(record_type.from_dict(plain))
    except InvalidField:  # written by a release that knew the field as another type
        return plain
    return {name: _or_none(values.get(name)) for name in plain}


def _values(record: Record) -> dict[str, Any]:
    known = {name: getattr(record, name) for name in _known_fields(type(record))}
    return known | dict(record.extra)


def _or_none(value: Any) -> Any:
    return None if value == () else value


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _without(some: Any, others: Any) -> list[Any]:
    rest = list(others) if isinstance(others, list | tuple) else []
    left = []
    for item in some if isinstance(some, list | tuple) else ():
        if item in rest:
            rest.remove(item)
        else:
            left.append(item)
    return left
