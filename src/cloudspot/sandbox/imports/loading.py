"""From a file to the records of a collection: every bad row is found, and then nothing is written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, get_args

from cloudspot.records import InvalidField, Record
from cloudspot.sandbox.amounts import refuse_endless
from cloudspot.sandbox.companies import Company, first_id
from cloudspot.sandbox.store import Store, Written
from cloudspot.sandbox.store.indexing import GREATEST_ID, NO_NEXT_ID, RECORDS

from .cells import Mark, columns_of_numbers, decimal_mark, is_empty, readers
from .problems import InvalidImport, Problems
from .rows import Row, Rows

Mode = Literal["merge", "replace"]
"""Beside the records that are there, over those with the same key; or in the place of all that are there."""

MODES: tuple[str, ...] = get_args(Mode)
Fields = dict[str, Any]


def load(store: Store, company: Company, naam: str, read: Callable[[], Rows], mode: Mode = "merge") -> Written:
    """Write the rows of a file as records, all or nothing.

    A file of cells is read twice: what `1.234` is, its other numbers show.

    Raises:
        InvalidImport: rows are bad, or the columns; it tells every one.
        ValueError: there is no such mode.
    """
    if mode not in MODES:
        raise ValueError(f"there is no mode {mode!r}; there are {' and '.join(MODES)}")
    record = RECORDS[naam]
    rows, mark = read(), None
    if rows.columns is not None:
        _refuse_unknown(record, rows.columns)
        if names := columns_of_numbers(record).intersection(rows.columns):
            mark = decimal_mark(row.cells.get(name) for row in rows.rows for name in names)
            rows = read()

    def rule(before: bytes | None, fields: Fields) -> bytes:
        known = {} if before is None or mode == "replace" else record.from_json(before).to_dict()
        return record.from_dict(known | fields).to_json()

    with store.turn():
        is_fresh = mode == "replace"
        first = first_id(company.key, naam) if is_fresh else store.records.next_id(company.key, naam)
        return store.records.put(company.key, naam, _Batch(record, rows, first, mark).records(), rule, only=is_fresh)


def _refuse_unknown(type: type[Record], columns: Sequence[str]) -> None:
    known = readers(type)
    unknown = [name for name in columns if name and name not in known and not _is_computed(type, name)]
    if not unknown:
        if not any(name in known for name in columns):
            raise InvalidImport(f"no column is a field of {type.__name__}")
        return
    told = []
    for name in unknown:
        lower = {each.lower(): each for each in known}
        near = difflib.get_close_matches(name.lower(), lower, 1)
        told.append(f"{name} (did you mean {lower[near[0]]}?)" if near else name)
    raise InvalidImport(f"{type.__name__} has no field for the columns {', '.join(told)}")


def _is_computed(type: type[Record], name: str) -> bool:
    """Whether this follows from other fields: our exports can have it, and it is of no use here."""
    return isinstance(getattr(type, name, None), property)


class _Batch:
    """The rows of one file on their way to records."""

    def __init__(self, type: type[Record], rows: Rows, first: int, mark: Mark | None) -> None:
        self._type, self._rows, self._next = type, rows, first
        self._readers = readers(type, mark)
        self._problems = Problems()
        self._row_of: dict[int, int] = {}

    def records(self) -> Iterator[tuple[int, Fields]]:
        """The fields of each row by key, until one is bad; from there on only what is wrong is looked for.

        Raises:
            InvalidImport: at the end, when any row was bad.
        """
        for row in self._rows.rows:
            fields = self._fields(row)
            if fields is not None and self._problems.count == 0:
                yield fields[self._type.KEY], fields
        if count := self._problems.count:
            text = "1 value is not as it should be" if count == 1 else f"{count:,} values are not as they should be"
            raise InvalidImport(f"nothing is imported: {text}", self._problems.kept, count)

    def _fields(self, row: Row) -> Fields | None:
        """What a row says; None where something is wrong with it."""
        if row.trouble:
            self._problems.add(row.number, "", None, row.trouble)
            return None
        before = self._problems.count
        fields = self._read(row) if self._rows.columns is not None else self._known(row)
        self._check(row, dict(fields))
        if self._problems.count > before:
            return None
        key = self._type.KEY
        if fields.get(key) is None:
            while self._next in self._row_of:
                self._next += 1
            if self._next > GREATEST_ID:
                self._problems.add(row.number, key, None, NO_NEXT_ID)
                return None
            fields[key] = self._next
        return fields if self._is_new(row, fields[key]) else None

    def _read(self, row: Row) -> Fields:
        known, fields = self._readers, {}
        for name, cell in row.cells.items():
            if name not in known:
                continue
            try:
                fields[name] = None if is_empty(cell) else known[name](cell)
            except ValueError as error:
                self._problems.add(row.number, name, cell, str(error))
        return fields

    def _known(self, row: Row) -> Fields:
        fields = {}
        for name, value in row.cells.items():
            if name in self._readers:
                fields[name] = value
            elif not _is_computed(self._type, name):
                self._problems.add(row.number, name, None, f"{self._type.__name__} has no such field")
        return fields

    def _check(self, row: Row, fields: Fields) -> None:
        """Find every field that doesn't fit: reading stops at the first, so each is taken away in turn."""
        while True:
            try:
                refuse_endless(self._type.from_dict(fields))
            except InvalidField as error:
                self._problems.add(row.number, error.field, error.value, error.reason)
                top = re.split(r"[.\[]", error.field)[0]
                if top not in fields:
                    return
                del fields[top]
            else:
                return

    def _is_new(self, row: Row, key: int) -> bool:
        if not 0 <= key <= GREATEST_ID:
            self._problems.add(row.number, self._type.KEY, key, "expected a number that can be an id")
        elif key in self._row_of:
            self._problems.add(row.number, self._type.KEY, key, f"it is in row {self._row_of[key]} already")
        else:
            self._row_of[key] = row.number
            return True
        return False
