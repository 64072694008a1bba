"""Edits of one company's records, for tests and demos: `sandbox.artikels`, `sandbox.klanten`."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Generic, NamedTuple, TypeVar

import msgspec

from cloudspot.records import Artikel, InvalidField, Klant, Record

from .amounts import refuse_endless
from .category_edits import Categorieen
from .companies import Company
from .file_formats import Format
from .imports import Mode, load
from .imports.rows import format_of, rows_of
from .price_rules import refuse_change, with_changed_prices
from .store import NoSuchRecord, Store, Written
from .store.indexing import GREATEST_ID, NO_NEXT_ID
from .store.searching import search_of

R = TypeVar("R", bound=Record)


class Found(NamedTuple, Generic[R]):
    """One page of what was searched for."""

    records: list[R]
    total: int
    """How many there are on all pages."""


class Changed(NamedTuple):
    """What became of many records that were to change."""

    selected: int
    """How many were meant."""
    changed: int
    """How many of them are other than they were."""


class Records(Generic[R]):
    """The records of one kind of one company. Each edit changes the ETag of the list."""

    def __init__(self, store: Store, company: Company, naam: str, type: type[R]) -> None:
        self._store, self._company, self._naam, self._type = store, company, naam, type

    def __len__(self) -> int:
        return self._store.collection(self._company.key, self._naam).records

    def get(self, id: int) -> R:
        """One record, read afresh.

        Raises:
            NoSuchRecord: the company has none with that id.
        """
        body = self._store.record(self._company.key, self._naam, id)
        if body is None:
            raise NoSuchRecord(f"{self._company.naam} has no {id} in {self._naam}")
        return self._type.from_json(body)

    def search(
        self,
        text: str = "",
        *,
        sort: str | None = None,
        descending: bool = False,
        offset: int = 0,
        limit: int = 50,
        **filters: Any,
    ) -> Found[R]:
        """The records that hold every word of a text and have these values, a page at a time.

        Words are found anywhere in names, numbers and codes, whatever their capitals and accents.

        Args:
            text: words, all of which must be there; in any order.
            sort: the field to sort by, the key if left out; records without a value come last either way.
            descending: the greatest first.
            offset: how many records to skip.
            limit: how many to give at most, 1,000 or fewer.
            filters: values by field, `status="ZICHTBAAR"`; of several values in a list any will do; None is a field
                without a value. `categorie` takes a category's id or name, and finds what is in it or below it.

        Raises:
            ValueError: there is no such field, or a value or number doesn't fit.
        """
        asked = search_of(self._naam, text, sort, filters, descending=descending, offset=offset, limit=limit)
        bodies, total = self._store.records.search(self._company.key, self._naam, asked)
        return Found([self._type.from_json(body) for body in bodies], total)

    def update(self, id: int, /, **fields: Any) -> R:
        """Change fields of a record and give it as it is now.

        Raises:
            NoSuchRecord: the company has none with that id.
            InvalidField: there is no such field, or the value doesn't fit it.
        """
        with self._store.turn():
            changed = self._record(self.get(id).to_dict() | fields)
            self._refuse_other_id(id, changed)
            self._store.records.replace(self._company.key, self._naam, id, changed.to_json())
        return changed

    def update_many(
        self, fields: Mapping[str, Any], *, ids: Iterable[int] | None = None, text: str = "", **filters: Any
    ) -> Changed:
        """Change fields of many records at once, all or none; without any selection, of every record.

        Args:
            fields: new values by field, the same for all.
            ids: only these records.
            text: only those that hold all of these words, as in `search`.
            filters: only those with these values, as in `search`.

        Raises:
            NoSuchRecord: the company has none with one of the ids.
            InvalidField: there is no such field, or a value doesn't fit it.
            ValueError: records aren't searched so.
        """
        return self._change_many(self._with_fields(fields), ids, text, filters)

    def _with_fields(self, fields: Mapping[str, Any]) -> Callable[[R], R]:
        given = dict(fields)
        if self._type.KEY in given:
            raise InvalidField(self._type.KEY, given[self._type.KEY], "a record keeps its number")
        self._record(given)
        return lambda record: self._record(record.to_dict() | given)

    def _change_many(
        self, rule: Callable[[R], R], ids: Iterable[int] | None, text: str, filters: Mapping[str, Any]
    ) -> Changed:
        company, naam, records = self._company.key, self._naam, self._store.records

        def change(body: bytes) -> bytes:
            return rule(self._type.from_json(body)).to_json()

        with self._store.turn():
            wanted: Iterable[int] = dict.fromkeys(ids or ())
            if ids is None or text or filters:
                found = records.ids(company, naam, search_of(naam, text, None, filters))
                wanted = found if ids is None else [key for key in found if key in wanted]
            written = records.change(company, naam, wanted, change)
        return Changed(written.changed + written.unchanged, written.changed)

    def create(self, /, **fields: Any) -> R:
        """Add a record and give it; without an id it gets the one after the highest.

        Raises:
            RecordExists: the id is in use.
            InvalidField: there is no such field, or a value doesn't fit it.
        """
        key = self._type.KEY
        with self._store.turn():
            if fields.get(key) is None:
                fields[key] = self._store.records.next_id(self._company.key, self._naam)
                if fields[key] > GREATEST_ID:
                    raise InvalidField(key, None, NO_NEXT_ID)
            record = self._record(fields)
            self._refuse_id(getattr(record, key))
            self._store.records.add(self._company.key, self._naam, getattr(record, key), record.to_json())
        return record

    def load(
        self, path: str | os.PathLike[str] | BinaryIO, *, format: Format | None = None, mode: Mode = "merge"
    ) -> Written:
        """Take in the records of a file, all or nothing: CSV, Excel, JSON or JSON lines.

        Columns are named as the API names fields. Numbers and dates may be in their Belgian forms (`12,50`,
        `31/12/2026`), lists are JSON, as `cloudspot artikels --csv` writes them. A row without an id gets one.

        Args:
            path: the file, or one that is open in binary mode.
            format: `csv`, `xlsx`, `json` or `jsonl`; left out, the file's name tells.
            mode: `merge` writes over the records with the same ids, field by field, and leaves the others;
                `replace` leaves none but those of the file.

        Raises:
            InvalidImport: the file is not of its format, or rows are bad; it tells every one.
            OSError: the file can't be read.
        """
        if not isinstance(path, str | os.PathLike):
            if format is None:
                raise ValueError("say which format an open file has")
            return load(self._store, self._company, self._naam, partial(rows_of, path, format), mode)
        with Path(path).open("rb") as file:
            read = partial(rows_of, file, format or format_of(os.fspath(path)))
            return load(self._store, self._company, self._naam, read, mode)

    def delete(self, id: int) -> None:
        """Take a record away.

        Raises:
            NoSuchRecord: the company has none with that id.
        """
        self._store.records.remove(self._company.key, self._naam, id)

    def _record(self, fields: dict[str, Any]) -> R:
        """The record with these fields; a misspelled one is refused rather than kept as one that is new to us."""
        plain = msgspec.to_builtins(fields, builtin_types=(Decimal, date))
        record = self._type.from_dict(plain)
        for name in record.extra:
            raise InvalidField(name, record.extra[name], f"{self._type.__name__} has no such field")
        refuse_endless(record)
        return record

    def _refuse_id(self, id: int) -> None:
        if not 0 <= id <= GREATEST_ID:
            raise InvalidField(self._type.KEY, id, f"an id is from 0 to {GREATEST_ID}")

    def _refuse_other_id(self, id: int, changed: R) -> None:
        given = getattr(changed, self._type.KEY)
        if given != id:
            raise InvalidField(self._type.KEY, given, "a record keeps its number")


class Artikels(Records[Artikel]):
    """The products of one company."""

    def __init__(self, store: Store, company: Company) -> None:
        super().__init__(store, company, "artikels", Artikel)

    def change_prices(
        self,
        percentage: Decimal | float | str,
        fields: Mapping[str, Any] | None = None,
        *,
        prices: Collection[str] = ("verkoop",),
        ids: Iterable[int] | None = None,
        text: str = "",
        **filters: Any,
    ) -> Changed:
        """Raise or lower the prices of many products at once, all or none; without any selection, of every product.

        Prices without VAT are rounded half up to the cent; those with VAT, and those of groups of clients with a
        discount, follow from them.

        Args:
            percentage: how many % more; less where it is negative.
            fields: new values of other fields, set first.
            prices: `verkoop`, `inkoop` or both.
            ids: only these products.
            text: only those that hold all of these words, as in `search`.
            filters: only those with these values, as in `search`: `categorie="Voeding"`.

        Raises:
            NoSuchRecord: the company has none with one of the ids.
            InvalidField: there is no such field, or a value doesn't fit it.
            ValueError: prices can't change so, or records aren't searched so.
        """
        change = _percentage(percentage)
        refuse_change(change, prices)
        with_fields = self._with_fields(fields or {})

        def rule(artikel: Artikel) -> Artikel:
            after = with_changed_prices(with_fields(artikel) if fields else artikel, change, prices)
            refuse_endless(after)
            return after

        return self._change_many(rule, ids, text, filters)


def _percentage(given: Decimal | float | str) -> Decimal:
    try:
        return Decimal(str(given))
    except ArithmeticError:
        raise ValueError(f"a percentage is a number, not {given!r}") from None


class CompanyData:
    """The data of one company, to edit."""

    def __init__(self, store: Store, company: Company) -> None:
        self.naam, self.id = company.naam, company.id
        self.artikels = Artikels(store, company)
        self.klanten = Records(store, company, "klanten", Klant)
        self.categorieen = Categorieen(store, company)
