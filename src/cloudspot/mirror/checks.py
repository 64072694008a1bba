"""Whether a record can be stored as it is, asked of every new record: each question is one expression, written out.

A loop over the fields takes several times as long, and would take more of a first sync than decoding does.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cloudspot.records import Record

from .resources import GREATEST, Resource

MOST_ZEROS, MOST_DIGITS = 1000, 16_000
"""Of an amount: how far from the point it may begin, and how long it may be; PostgreSQL's NUMERIC ends at 16,383."""

Misfit = tuple[str, str]
"""A field, and what was expected of it."""


class Fit:
    """Whether the values of a record fit the columns of its resource."""

    def __init__(self, resource: Resource[Any]) -> None:
        self._numbers, self._amounts = resource.holding(int), resource.holding(Decimal)
        numbers = [f"({name} is None or -GREATEST <= {name} <= GREATEST)" for name in _of_record(self._numbers)]
        amounts = [f"({name} is None or -ZEROS <= {name}.adjusted() <= ZEROS)" for name in _of_record(self._amounts)]
        self._fits = _compiled(" and ".join([*numbers, *amounts]), GREATEST=GREATEST, ZEROS=MOST_ZEROS)

    def misfit(self, record: Record, document: bytes) -> Misfit | None:
        """The field whose value no column can hold, and what was expected; None where all fit."""
        found = None
        if not self._fits(record) or len(document) > MOST_DIGITS:
            found = self._out_of_bounds(record)
        return _with_nul(record) if found is None and b"\\u0000" in document else found

    def _out_of_bounds(self, record: Record) -> Misfit | None:
        for name in self._numbers:
            number = getattr(record, name)
            if number is not None and not -GREATEST <= number <= GREATEST:
                return name, "expected a number of at most 19 digits"
        for name in self._amounts:
            amount = getattr(record, name)
            if amount is None:
                continue
            if abs(amount.adjusted()) > MOST_ZEROS or len(amount.as_tuple().digits) > MOST_DIGITS:
                return name, f"expected an amount of at most {MOST_ZEROS} digits"
        return None


def known_words(resource: Resource[Any]) -> Callable[[Record], bool]:
    """A function that tells whether this release knows all words of a record."""
    known = [f"({name} is None or {name}.is_known)" for name in _of_record(resource.words)]
    return _compiled(" and ".join(known) or "True")


def _of_record(names: tuple[str, ...]) -> list[str]:
    return [f"record.{name}" for name in names]


def _compiled(question: str, **names: Any) -> Callable[[Record], Any]:
    return eval(f"lambda record: {question}", names)  # type: ignore[no-any-return]  # noqa: S307 - of field names alone


def _with_nul(record: Record) -> Misfit | None:
    """PostgreSQL holds no NUL in text, and most tools stop reading at one."""
    for name, value in record.to_dict().items():
        if _has_nul(name) or _has_nul(value):
            return name, "expected text without NUL characters"
    return None


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(name) or _has_nul(item) for name, item in value.items())
    return isinstance(value, list | tuple) and any(map(_has_nul, value))
