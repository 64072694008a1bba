"""What `--where`, `--text`, `--categorie`, `--status` and `--sort` mean. Pure: records in, records out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from itertools import islice
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from cloudspot.records import Artikel, Record

from .fields import Field, Kind, leaves

Test = Callable[[Any], bool]

_CONDITION = re.compile(r"\s*([\w.]+)\s*(==|!=|>=|<=|=|>|<|~)\s*(.*?)\s*", re.DOTALL)
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, **_ORDERS}
_TRUE, _FALSE = frozenset({"true", "1", "yes", "ja", "oui"}), frozenset({"false", "0", "no", "nee", "non"})
_DUTCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


class BadFilter(ValueError):
    """A filter that can't be understood; the message says what would be.

    Attributes:
        known: the fields there are, where one was named that isn't there.
    """

    def __init__(self, message: str, known: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.known = tuple(known)


@dataclass(slots=True)
class Sought:
    """A test that remembers whether any record passed it, so that something mistyped can be told.

    Attributes:
        note: what is said where none did.
    """

    test: Test
    note: str
    found: bool = False

    def __call__(self, record: Any) -> bool:
        """Whether a record passes."""
        passed = self.test(record)
        self.found = self.found or passed
        return passed


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records are wanted, in which order, and how many.

    Attributes:
        tests: a record is wanted when it passes all.
        order: fields to sort by, the most important first, and whether downwards.
        limit: how many; None for all.
    """

    tests: Sequence[Test] = ()
    order: Sequence[tuple[Field, bool]] = ()
    limit: int | None = None

    def of(self, records: Iterable[Record]) -> Iterator[Record]:
        """The wanted records. Without an order they come as they arrive, and no more are taken than are wanted."""
        wanted: Iterable[Record] = (record for record in records if all(test(record) for test in self.tests))
        if self.order:
            wanted = in_order(wanted, self.order)
        return islice(wanted, self.limit)


def in_order(records: Iterable[Record], order: Sequence[tuple[Field, bool]]) -> list[Record]:
    """Records sorted by some fields; those without a value come last, whichever way the order goes."""
    result = list(records)
    for field, downwards in reversed(order):
        keyed = [(sort_key(field.read(record)), record) for record in result]
        present = [pair for pair in keyed if pair[0] is not None]
        present.sort(key=lambda pair: pair[0], reverse=downwards)
        result = [record for _, record in present] + [record for key, record in keyed if key is None]
    return result


def sort_key(value: Any) -> Any:
    """What a value is sorted by: texts without regard to case and accents; None where there is nothing."""
    return (fold(value) or None) if isinstance(value, str) else value


def fold(text: str) -> str:
    """A text without case and accents."""
    if text.isascii():
        return text.casefold()
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def find_field(name: str, fields: Mapping[str, Field]) -> Field:
    """The field of that name, however it is capitalised; `extra.NAME` is a field this release doesn't know.

    Raises:
        BadFilter: there is no such field.
    """
    if unknown := _unknown(name):
        return Field(name, Kind.ROWS, lambda record: record.extra.get(unknown))
    found = fields.get(name) or next((f for f in fields.values() if f.name.lower() == name.lower()), None)
    if found is not None:
        return found
    by_lower = {each.lower(): each for each in fields}
    close = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.5)
    near = [by_lower[each] for each in close or [each for each in by_lower if name.lower() in each][:3]]
    meant = f" Did you mean {' or '.join(filter(None, (', '.join(near[:-1]), near[-1])))}?" if near else ""
    raise BadFilter(f"There is no field {name!r}.{meant}", known=tuple(fields))


def _unknown(name: str) -> str:
    """What the server would call the field that `extra.NAME` stands for; "" for another name."""
    return name.removeprefix("extra.") if name.startswith("extra.") else ""


def sought_extra(text: str, fields: Mapping[str, Field]) -> Sought | None:
    """What looks for the `extra.NAME` of a condition, or of a name alone; None where it is about another field."""
    match = _CONDITION.fullmatch(text)
    unknown = _unknown(match[1] if match else text)
    if not unknown:
        return None
    own = f"; {unknown} is a field of its own, without extra." if unknown in fields else "."
    return Sought(lambda record: unknown in record.extra, f"no record has a field extra.{unknown}{own}")


def parse_where(text: str, fields: Mapping[str, Field]) -> Test:
    """The test that a condition such as `verkoopprijs_incl>10` stands for.

    Raises:
        BadFilter: it is no condition, names no field, or its value does not fit the field.
    """
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise BadFilter(f"{text!r} is no condition. It looks like status=ZICHTBAAR; operators: = != > >= < <= ~")
    name, operator, value = match.groups()
    field = find_field(name, fields)
    operator = "=" if operator == "==" else operator
    if value == "" and operator in {"=", "!="}:
        return _emptiness(field, wanted=operator == "=")
    if operator == "~":
        return _contains(field, value)
    if field.kind is Kind.BOOL and operator in _ORDERS:
        raise BadFilter(f"{field.name} is true or false, which has no {operator}; use = or !=")
    if field.kind is Kind.ROWS:
        return _row_test(field, operator, value)
    return _comparison(field, operator, value)


def strange_word(text: str, fields: Mapping[str, Field]) -> str | None:
    """What is odd about a condition: it compares with a word that the field, as far as we know, never holds."""
    match = _CONDITION.fullmatch(text)
    if match is None or match[2] not in {"=", "==", "!="}:
        return None
    field = find_field(match[1], fields)
    if field.kind is not Kind.WORD or match[3].upper() in {"", *(word.upper() for word in field.words)}:
        return None
    return f"{match[3]!r} is no {field.name} that this release knows; known: {', '.join(field.words)}."


def _emptiness(field: Field, *, wanted: bool) -> Test:
    return lambda record: (field.read(record) in (None, "", (), {}, [])) is wanted


def _contains(field: Field, value: str) -> Test:
    part = fold(value)
    return lambda record: any(part in fold(text) for text in leaves(field.read(record)))


def _row_test(field: Field, operator: str, value: str) -> Test:
    if operator in _ORDERS:
        raise BadFilter(f"{field.name} is a list, which has no {operator}; use = != or ~")
    return lambda record: (value in leaves(field.read(record))) is (operator == "=")


def _comparison(field: Field, operator: str, text: str) -> Test:
    wanted = _value(field, text)
    compare = _COMPARISONS[operator]
    without_case = field.kind is Kind.WORD or (field.kind is Kind.TEXT and operator in _ORDERS)
    if without_case:
        wanted = fold(wanted)

    def test(record: Any) -> bool:
        value = field.read(record)
        if value is None:
            return operator == "!="
        return compare(fold(value) if without_case else value, wanted)

    return test


def _value(field: Field, text: str) -> Any:
    """What a text stands for in a field of this kind.

    Raises:
        BadFilter: nothing.
    """
    try:
        match field.kind:
            case Kind.NUMBER:
                return _number(text)
            case Kind.DATE:
                return _date(text)
            case Kind.BOOL:
                return _bool(text)
    except (ValueError, InvalidOperation):
        raise BadFilter(f"{field.name} is {field.kind.value}, not {text!r}.") from None
    return text


def _number(text: str) -> Decimal:
    number = Decimal(text.replace(",", ".") if "." not in text else text)
    if not number.is_finite():
        raise ValueError(text)
    return number


def _date(text: str) -> date:
    if dutch := _DUTCH_DATE.fullmatch(text):
        day, month, year = map(int, dutch.groups())
        return date(year, month, day)
    return date.fromisoformat(text)


def _bool(text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise ValueError(text)


def parse_sort(text: str, fields: Mapping[str, Field]) -> tuple[Field, bool]:
    """The field to sort by, and whether downwards, from `naam` or `-naam`.

    Raises:
        BadFilter: there is no such field, or it is a list.
    """
    field = find_field(text.removeprefix("-"), fields)
    if field.kind is Kind.ROWS:
        raise BadFilter(f"{field.name} is a list and can't be sorted by.")
    return field, text.startswith("-")


def text_in(part: str, fields: Sequence[Field]) -> Test:
    """Whether a text is in one of some fields, without regard to case and accents."""
    tests = [_contains(field, part) for field in fields]
    return lambda record: any(test(record) for test in tests)


def in_categorie(wanted: str) -> Callable[[Artikel], bool]:
    """Whether a product is in a category, by its name or id: its main one, or any that its `categorieen` mentions."""
    name = fold(wanted)

    def test(artikel: Artikel) -> bool:
        mentioned = [each for root in artikel.categorieen for each in root.walk()]
        ids = {artikel.categorie_id, *(each.id for each in mentioned)}
        names = (artikel.categorie, *(each.naam for each in mentioned))
        return (wanted.isdecimal() and int(wanted) in ids) or any(fold(each or "") == name for each in names)

    return test
