"""Pure: what is in a cell, as the value of a field; in the forms that Belgian spreadsheets and our own exports have."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from cloudspot.records import Record

Read = Callable[[Any], Any]

YES = frozenset({"true", "waar", "vrai", "ja", "oui", "yes", "j", "y", "1"})
NO = frozenset({"false", "onwaar", "faux", "nee", "neen", "non", "no", "n", "0"})

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d{1,4})?", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_SPACES = re.compile(r"[\s\u00a0\u202f€%]+")
_FORMULA = re.compile(r"'[=+\-@\t\r]")


@cache
def readers(record: type[Record]) -> dict[str, Read]:
    """What makes a value of a cell, by field."""
    hints = get_type_hints(record)
    return {name: _reader(hints[name]) for name in record.__struct_fields__ if name != "_extra"}


def _reader(hint: Any) -> Read:
    for part in get_args(hint) or (hint,):
        if get_origin(part) is tuple:
            return _texts if get_args(part)[0] is str else _rows
    for part in get_args(hint) or (hint,):
        if part in _READERS:
            return _READERS[part]
    return text


def is_empty(cell: object) -> bool:
    """Whether there is nothing in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def text(cell: Any) -> str:
    """A text. A number in a spreadsheet is one without decimals where it has none: 9000, not 9000.0."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    plain = str(cell)
    # Our own CSV for Excel has an apostrophe before what would run as a formula.
    return plain[1:] if _FORMULA.match(plain) else plain


def number(cell: Any) -> Decimal:
    """An amount: 12.50, `12,50`, `1.234,56`, `€ 12,50`, `21 %`.

    Raises:
        ValueError: it is none.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        exact = Decimal(repr(cell))
        if exact.is_finite():
            return exact
    found = _SPACES.sub("", text(cell)).replace("'", "")
    marks = [mark for mark in found if mark in ".,"]
    if len(set(marks)) == 2:
        # The last one is the decimal mark, the other groups thousands.
        found = found.replace("," if marks[-1] == "." else ".", "")
    elif len(marks) > 1:
        found = found.replace(marks[0], "")
    if not _NUMBER.fullmatch(found):
        raise ValueError("expected a number")
    try:
        return Decimal(found.replace(",", "."))
    except InvalidOperation:
        raise ValueError("expected a number") from None


def whole(cell: Any) -> int:
    """A whole number.

    Raises:
        ValueError: it is none.
    """
    try:
        value = number(cell)
    except ValueError:
        raise ValueError("expected a whole number") from None
    if value.adjusted() > 60 or value != value.to_integral_value():
        raise ValueError("expected a whole number")
    return int(value)


def boolean(cell: Any) -> bool:
    """Yes or no, in the words of a country's spreadsheets.

    Raises:
        ValueError: it is neither.
    """
    word = text(cell).strip().lower()
    if word not in YES | NO:
        raise ValueError("expected true or false")
    return word in YES


def day(cell: Any) -> datetime.date:
    """A day: 2026-12-31, `31/12/2026`.

    Raises:
        ValueError: it is none.
    """
    if isinstance(cell, datetime.datetime):
        return cell.date()
    if isinstance(cell, datetime.date):
        return cell
    found = text(cell).strip()
    try:
        if parts := _DAY.fullmatch(found):
            return datetime.date(int(parts[3]), int(parts[2]), int(parts[1]))
        return datetime.date.fromisoformat(found.removesuffix("T00:00:00").removesuffix(" 00:00:00"))
    except ValueError:
        raise ValueError("expected a date such as 2026-12-31 or 31/12/2026") from None


def _rows(cell: Any) -> list[Any]:
    try:
        found = msgspec.json.decode(text(cell), type=list[Any], strict=True)
    except (ValueError, RecursionError):
        raise ValueError("expected a list as JSON") from None
    return found


def _texts(cell: Any) -> list[Any]:
    """Texts, as a JSON list or with commas or spaces between them."""
    found = text(cell).strip()
    return _rows(found) if found.startswith("[") else re.split(r"[\s,;|]+", found)


_READERS: dict[Any, Read] = {Decimal: number, int: whole, bool: boolean, datetime.date: day}
