"""Pure: what is in a cell, as the value of a field; in the forms that Belgian spreadsheets and our own exports have."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from cloudspot.records import Record

Read = Callable[[Any], Any]
Mark = Literal[",", "."]
"""A decimal sign."""

YES = frozenset({"true", "waar", "vrai", "ja", "oui", "yes", "j", "y", "1"})
NO = frozenset({"false", "onwaar", "faux", "nee", "neen", "non", "no", "n", "0"})

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d{1,4})?", re.IGNORECASE)
_GROUPED = (
    re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?"),
    re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?"),
)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
"""A thousand and more, or a few and three decimals."""
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_SPACES = re.compile(r"[\s\u00a0\u202f€%]+")
_FORMULA = re.compile(r"'[=+\-@\t\r]")


@cache
def readers(record: type[Record], mark: Mark | None = None) -> dict[str, Read]:
    """What makes a value of a cell, by field; `mark` is the decimal sign of the file, where it shows one."""
    hints = get_type_hints(record)
    return {name: _reader(hints[name], mark) for name in record.__struct_fields__ if name != "_extra"}


def _reader(hint: Any, mark: Mark | None) -> Read:
    for part in get_args(hint) or (hint,):
        if get_origin(part) is tuple:
            return _texts if get_args(part)[0] is str else _rows
    for part in get_args(hint) or (hint,):
        if part in _NUMBERS:
            return partial(_NUMBERS[part], mark=mark)
        if part in _READERS:
            return _READERS[part]
    return _words


@cache
def columns_of_numbers(record: type[Record]) -> frozenset[str]:
    """The fields that hold amounts or whole numbers."""
    return frozenset(name for name, read in readers(record).items() if isinstance(read, partial))


def decimal_mark(cells: Iterable[Any]) -> Mark | None:
    """The decimal sign that the numbers of a file show: none do, or they show both, is None."""
    shown: set[Mark] = {mark for cell in cells if isinstance(cell, str) and (mark := _mark_shown(_bare(cell)))}
    return shown.pop() if len(shown) == 1 else None


def _mark_shown(found: str) -> Mark | None:
    """Which sign is the decimal one in a number, where no other reading is possible."""
    marks: list[Mark] = ["," if mark == "," else "." for mark in found if mark in ".,"]
    if not marks or _EITHER.fullmatch(found) or not _is_grouped(found):
        return None
    if len(marks) > 1 and len(set(marks)) == 1:
        return "," if marks[0] == "." else "."
    return marks[-1]


def _is_grouped(found: str) -> bool:
    """Whether the signs stand where they do in a number: three digits between those that group thousands."""
    return any(form.fullmatch(found) for form in (_NUMBER, *_GROUPED))


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


def _words(cell: Any) -> str:
    if isinstance(cell, bool):
        raise ValueError("expected text, and this cell of the spreadsheet is true or false")  # noqa: TRY004 - the cell is wrong, not the call
    return text(cell)


def number(cell: Any, mark: Mark | None = None) -> Decimal:
    """An amount: 12.50, `12,50`, `1.234,56`, `€ 12,50`, `21 %`.

    `1.234` and `1,234` are read by the decimal sign of the file, `mark`.

    Raises:
        ValueError: it is none, or it could be either of two.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        exact = Decimal(repr(cell))
        if exact.is_finite():
            return exact
    found = _bare(text(cell))
    if not _is_grouped(found):
        raise ValueError("expected a number")
    if _EITHER.fullmatch(found):
        if mark is None:
            raise ValueError("it can be read in two ways: write 1234 or 1.2340 for 1.234")
        decimal = mark
    else:
        decimal = _mark_shown(found) or "."
    try:
        return Decimal(found.replace("," if decimal == "." else ".", "").replace(",", "."))
    except InvalidOperation:
        raise ValueError("expected a number") from None


def _bare(found: str) -> str:
    return _SPACES.sub("", found).replace("'", "")


def whole(cell: Any, mark: Mark | None = None) -> int:
    """A whole number.

    Raises:
        ValueError: it is none, or it could be another.
    """
    value = number(cell, mark) if _is_either(cell) else _whole_or_more(cell)
    if value.adjusted() > 60 or value != value.to_integral_value():
        raise ValueError("expected a whole number")
    return int(value)


def _is_either(cell: Any) -> bool:
    return isinstance(cell, str) and _EITHER.fullmatch(_bare(cell)) is not None


def _whole_or_more(cell: Any) -> Decimal:
    try:
        return number(cell)
    except ValueError:
        raise ValueError("expected a whole number") from None


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
    found = _words(cell).strip()
    return _rows(found) if found.startswith("[") else re.split(r"[\s,;|]+", found)


_NUMBERS: dict[Any, Callable[..., Any]] = {Decimal: number, int: whole}
_READERS: dict[Any, Read] = {bool: boolean, datetime.date: day}
