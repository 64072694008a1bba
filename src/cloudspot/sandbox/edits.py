"""Edits of one company's records, for tests and demos: `sandbox.artikels`, `sandbox.klanten`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from cloudspot.records import Artikel, InvalidField, Klant, Record

from .category_edits import Categorieen
from .companies import Company
from .store import NoSuchRecord, Store
from .store.searching import search_of

R = TypeVar("R", bound=Record)


class Found(NamedTuple, Generic[R]):
    """One page of what was searched for."""

    records: list[R]
    total: int
    """How many there are on all pages."""


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
            record = self._record(fields)
            self._store.records.add(self._company.key, self._naam, getattr(record, key), record.to_json())
        return record

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
        return record

    def _refuse_other_id(self, id: int, changed: R) -> None:
        given = getattr(changed, self._type.KEY)
        if given != id:
            raise InvalidField(self._type.KEY, given, "a record keeps its number")


class CompanyData:
    """The data of one company, to edit."""

    def __init__(self, store: Store, company: Company) -> None:
        self.naam, self.id = company.naam, company.id
        self.artikels = Records(store, company, "artikels", Artikel)
        self.klanten = Records(store, company, "klanten", Klant)
        self.categorieen = Categorieen(store, company)
