"""What every record has: nothing is lost, any value may be null, and a value that fits no accepted form is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar, get_args, get_type_hints

import msgspec

T = TypeVar("T")
R = TypeVar("R", bound="Record")

if TYPE_CHECKING:
    Rows = tuple[T, ...]
else:
    # The server may send null for a list. It is read as an empty one, so that no loop over it fails.
    Rows = tuple[T, ...] | None

EXTRA_KEY = "+extra"
"""Where unknown fields travel inside msgspec: not a name any field of an API has."""

_ENCODED_EXTRA_KEY = msgspec.json.encode(EXTRA_KEY)
_encoder = msgspec.json.Encoder(decimal_format="number")
_plain_decoder = msgspec.json.Decoder(float_hook=Decimal)

_DUTCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class OpenEnum(StrEnum):
    """Words of the protocol; a word that came after this release stays visible as itself and equals its text."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        word = str.__new__(cls, value)
        word._name_ = value
        word._value_ = value
        return word

    @property
    def is_known(self) -> bool:
        """Whether this release knows the word."""
        return self._value_ in type(self)._value2member_map_


class Record(
    msgspec.Struct,
    kw_only=True,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    repr_omit_defaults=True,
):
    """A record of the ERP: immutable, comparable and picklable; its fields are spelled as the API spells them."""

    KEY: ClassVar[str] = ""
    """The field that identifies a record within its company; "" where there is none."""

    _extra: dict[str, Any] | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name=EXTRA_KEY)

    @property
    def extra(self) -> Mapping[str, Any]:
        """Fields the server sent that this release doesn't know, as plain JSON values; empty where there are none."""
        return {} if isinstance(self._extra, msgspec.UnsetType) else self._extra

    def __hash__(self) -> int:
        # Unknown fields are a dict, which has no hash; a new field must not keep records out of sets.
        return hash((type(self), *(getattr(self, name) for name in self.__struct_fields__ if name != "_extra")))

    @classmethod
    def from_dict(cls, plain: object) -> Self:
        """Read a record from plain JSON values, in any form the protocol allows.

        Amounts may be numbers or strings, dates ISO or dd/mm/yyyy, any value null; unknown fields go to `extra`.

        Raises:
            InvalidField: a value fits no accepted form; it names the field and holds the value.
        """
        if not isinstance(plain, dict):
            raise InvalidField("", plain, f"a record is an object, not {_kind(plain)}")
        try:
            return msgspec.convert(_wire_form(plain, shape_of(cls)), cls)
        except (msgspec.ValidationError, RecursionError) as error:
            raise _explain(error, plain) from None

    @classmethod
    def from_json(cls, document: bytes | str) -> Self:
        """Read a record from a JSON object, as `from_dict` does.

        Raises:
            InvalidField: a value fits no accepted form.
            ValueError: the text is not JSON.
        """
        try:
            plain = _plain_decoder.decode(document)
        except msgspec.ValidationError:
            plain = json.loads(document, parse_float=Decimal, parse_int=whole_number)
        except RecursionError:
            raise InvalidField("", document, "nested too deep to be read") from None
        return cls.from_dict(plain)

    def to_dict(self) -> dict[str, Any]:
        """Everything the server sent, as plain Python values: `Decimal`, `datetime.date`, lists and dicts."""
        plain = msgspec.to_builtins(self, builtin_types=(Decimal, date))
        return _with_extra(plain)  # type: ignore[no-any-return]

    def to_json(self) -> bytes:
        """Everything the server sent, as one line of JSON: amounts as numbers, dates ISO, nulls kept."""
        encoded = _encoder.encode(self)
        if _ENCODED_EXTRA_KEY in encoded:
            encoded = _encoder.encode(_with_extra(_plain_decoder.decode(encoded)))
        return encoded


def whole_number(digits: str) -> int | Decimal:
    """An int, or a Decimal where there are more digits than Python reads as an int."""
    try:
        return int(digits)
    except ValueError:
        return Decimal(digits)


class InvalidField(ValueError):
    """A value fits no accepted form of its field.

    Attributes:
        field: where the value stands in the record, e.g. `BTW` or `fotos[0].url`; "" for the record itself.
        value: the value as it was sent.
        reason: what was expected.
    """

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(field, value, reason)
        self.field, self.value, self.reason = field, value, reason

    def __str__(self) -> str:
        return f"`{self.field}`: {self.reason}" if self.field else self.reason


class Shape(NamedTuple):
    """What reading a record type needs to know of its fields."""

    fields: frozenset[str]
    nested: dict[str, type[Record]]
    dates: frozenset[str]
    amounts: frozenset[str]


@cache
def shape_of(cls: type[Record]) -> Shape:
    """The fields of a record type, sorted by how they are read."""
    hints = get_type_hints(cls)
    fields = [field.name for field in msgspec.structs.fields(cls) if field.encode_name != EXTRA_KEY]
    leaves = {name: set(_leaves(hints[name])) for name in fields}
    nested = {n: leaf for n in fields for leaf in leaves[n] if isinstance(leaf, type) and issubclass(leaf, Record)}
    return Shape(
        fields=frozenset(fields),
        nested=nested,
        dates=frozenset(name for name in fields if date in leaves[name]),
        amounts=frozenset(name for name in fields if Decimal in leaves[name]),
    )


def _leaves(hint: Any) -> Iterator[Any]:
    arguments = get_args(hint)
    if not arguments:
        yield hint
    for argument in arguments:
        yield from _leaves(argument)


def checked(
    *, rows: tuple[str, ...] = (), amounts: tuple[str, ...] = ()
) -> Callable[[Callable[[R], None]], Callable[[R], None]]:
    """Make an empty `__post_init__` read null lists as empty ones, and refuse amounts that are not finite.

    msgspec takes "NaN" and "Infinity" for decimals. The fields are named, since looking them up for each record would
    cost more than the rest of its decoding; a test compares them with the annotations. For the same reason the question
    whether there is anything to do is one expression, written out here: a loop takes three times as long.
    """

    def mend(record: Record) -> None:
        for name in rows:
            if getattr(record, name) is None:
                msgspec.structs.force_setattr(record, name, ())
        for name in amounts:
            if (amount := getattr(record, name)) is not None and not amount.is_finite():
                raise ValueError(f"{name} is not a finite number")

    questions = [f"record.{name} is None" for name in rows]
    questions += [f"((amount := record.{name}) is not None and not amount.is_finite())" for name in amounts]
    check: Callable[[R], None] = eval(  # noqa: S307 - of field names alone
        f"lambda record: mend(record) if {' or '.join(questions)} else None", {"mend": mend}
    )
    return lambda _: check


def _wire_form(plain: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """The record as msgspec takes it: unknown fields aside, dates ISO."""
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for name, value in plain.items():
        if name not in shape.fields:
            extra[name] = value
        elif name in shape.nested and isinstance(value, list):
            inner = shape_of(shape.nested[name])
            known[name] = [_wire_form(item, inner) if isinstance(item, dict) else item for item in value]
        elif name in shape.dates and isinstance(value, str) and (parts := _DUTCH_DATE.fullmatch(value)):
            day, month, year = parts.groups()
            known[name] = f"{year}-{month:0>2}-{day:0>2}"
        else:
            known[name] = value
    if extra:
        known[EXTRA_KEY] = extra
    return known


def _with_extra(plain: Any) -> Any:
    if isinstance(plain, dict):
        extra = plain.get(EXTRA_KEY, {})
        return {name: _with_extra(value) for name, value in plain.items() if name != EXTRA_KEY} | extra
    if isinstance(plain, list | tuple):
        return [_with_extra(item) for item in plain]
    return plain


_AT_PATH = re.compile(r"(?s)(?P<reason>.*) - at `\$\.?(?P<path>.*?)`")
_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[]+)")
_NOT_FINITE = re.compile(r"(\w+) is not a finite number")


def _explain(error: Exception, plain: dict[str, Any]) -> InvalidField:
    if isinstance(error, RecursionError):
        return InvalidField("", plain, "nested too deep to be read")
    match = _AT_PATH.fullmatch(str(error))
    reason, path = (match["reason"], match["path"]) if match else (str(error), "")
    if culprit := _NOT_FINITE.fullmatch(reason):
        path = f"{path}.{culprit[1]}" if path else culprit[1]
        reason = "expected a finite number"
    value: Any = plain
    for index, name in _STEP.findall(path):
        try:
            value = value[int(index)] if index else value[name]
        except (KeyError, IndexError, TypeError):
            break
    return InvalidField(path, value, reason[:1].lower() + reason[1:].replace("`", ""))


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
