"""Records out of the mirror: as they are, as they were, and how they came to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar, cast

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select

from cloudspot.errors import ConfigurationError, HistoryGone, NotFound
from cloudspot.records import Artikel, ArtikelCategorie, Klant, Record

from .feed import Change, Wanted, horizon_of, known_company, read_changes
from .resources import ARTIKELS, Categorie, Resource
from .store import words
from .store.applying import read_stored
from .store.schema import TABLES, changes
from .store.store import Store

R = TypeVar("R", bound=Record)

PRICES = ("verkoopprijs_excl", "verkoopprijs_incl", "inkoopprijs_excl", "inkoopprijs_incl")
SEARCHED = ("voornaam", "achternaam", "bedrijfsnaam", "straat", "postcode", "plaats", "btw_nummer")
"""The columns in which clients are searched: a person's words are in no index, so that they can be forgotten."""


class Records(Generic[R]):
    """The records of one kind of one company, as they are in the mirror."""

    def __init__(self, store: Store, company: str, resource: Resource[R]) -> None:
        self._store, self._company, self._resource = store, company, resource
        self._table = TABLES[resource.naam]

    def get(self, id: int) -> R:
        """One record, by its key.

        Raises:
            NotFound: the mirror doesn't hold it.
        """
        found = list(self._read(self._table.c[self._resource.key] == id))
        if not found:
            raise NotFound(f"The mirror of {self._company!r} holds no {id} in {self._resource.naam}.")
        return found[0]

    def where(self, **fields: Any) -> list[R]:
        """The records whose fields have these values; a list or tuple stands for any of its values.

        Raises:
            ConfigurationError: there is no such field, or it has no column.
        """
        return list(self._read(*(self._condition(name, value) for name, value in fields.items())))

    def __iter__(self) -> Iterator[R]:
        """All records, by key, as they were at one moment."""
        return self._read()

    def __len__(self) -> int:
        with self._store.reading() as connection:
            query = select(func.count()).select_from(self._table).where(self._of_company(connection))
            return connection.execute(query).scalar_one()

    def as_of(self, moment: datetime | int) -> PastRecords[R]:
        """The records as they were at a time, or after the change with a sequence.

        Raises:
            HistoryGone: that is longer ago than history is kept.
        """
        with self._store.reading() as connection:
            return PastRecords(self._store, self._company, self._resource, sequence_at(connection, moment))

    def history(self, id: int) -> list[Change]:
        """What happened to a record, from its beginning; empty where it was never there."""
        return list(read_changes(self._store, Wanted(self._company, self._resource.naam, key=id)))

    def _read(self, *conditions: ColumnElement[bool], limit: int | None = None) -> Iterator[R]:
        with self._store.reading() as connection:
            query: Select[Any] = (
                select(changes.c.document)
                .join(self._table, self._table.c.sequence == changes.c.sequence)
                .where(self._of_company(connection), *conditions)
                .order_by(self._table.c[self._resource.key])
                .limit(limit)
            )
            yield from _records(connection, query, self._resource)

    def _of_company(self, connection: Connection) -> ColumnElement[bool]:
        return self._table.c.company == known_company(connection, self._company)

    def _condition(self, name: str, value: Any) -> ColumnElement[bool]:
        if name not in self._resource.columns:
            raise ConfigurationError(
                f"{self._resource.naam} have no column {name!r}; they have {', '.join(self._resource.columns)}."
            )
        column = self._table.c[name]
        if isinstance(value, list | tuple | set | frozenset):
            return or_(false(), *(self._condition(name, each) for each in value))
        return column.is_(None) if value is None else column == value


class Artikels(Records[Artikel]):
    """Products."""

    def search(self, text: str, *, limit: int = 100) -> list[Artikel]:
        """The products in which every word of the text begins a word, the best first: in names, codes and texts.

        The first search after a sync takes longer: it brings the index up to date.
        """
        with self._store.reading() as connection:
            known_company(connection, self._company)
            current = words.is_current(connection)
        if not current:
            with self._store.writing() as connection:
                words.bring_up_to_date(connection)
        with self._store.reading() as connection:
            found = words.find(connection, known_company(connection, self._company), text, limit)
            return [_record(document, ARTIKELS) for document in found]

    def prices(self, id: int) -> list[Prices]:
        """The prices of a product from its beginning, one line for each change that touched one."""
        lines: list[Prices] = []
        for change in self.history(id):
            if change.record is None:
                continue
            prices = tuple(getattr(change.record, name) for name in PRICES)
            if not lines or lines[-1][2:] != prices:
                lines.append(Prices(change.at, change.sequence, *prices))
        return lines


class Prices(NamedTuple):
    """What a product cost from a change on, EUR."""

    at: datetime
    sequence: int
    verkoopprijs_excl: Decimal | None
    verkoopprijs_incl: Decimal | None
    inkoopprijs_excl: Decimal | None
    inkoopprijs_incl: Decimal | None


class Klanten(Records[Klant]):
    """Clients."""

    def search(self, text: str, *, limit: int = 100) -> list[Klant]:
        """The clients in whose name, address or VAT number each word of the text stands, by number."""
        terms = text.split()
        if not terms:
            return []
        columns = {column.name: column for column in self._table.columns}
        conditions = [or_(*(columns[name].icontains(term, autoescape=True) for name in SEARCHED)) for term in terms]
        return list(self._read(*conditions, limit=limit))


class Categorieen(Records[Categorie]):
    """Categories, each on its own; `tree()` gives them as the client does."""

    def tree(self) -> list[ArtikelCategorie]:
        """The roots, each with all that is below it."""
        return tree_of(self)


class PastRecords(Generic[R]):
    """The records of one kind of one company, as they were after a change.

    Attributes:
        sequence: of that change.
    """

    def __init__(self, store: Store, company: str, resource: Resource[R], sequence: int) -> None:
        self.sequence = sequence
        self._store, self._company, self._resource = store, company, resource

    def get(self, id: int) -> R:
        """One record, by its key.

        Raises:
            NotFound: the mirror didn't hold it then.
        """
        found = list(self._read(changes.c.key == id))
        if not found:
            raise NotFound(f"The mirror of {self._company!r} held no {id} in {self._resource.naam} then.")
        return found[0]

    def where(self, **fields: Any) -> list[R]:
        """The records whose fields had these values; a list or tuple stands for any of its values."""
        for name in fields:
            if name not in self._resource.record_type.__struct_fields__:
                raise ConfigurationError(f"{self._resource.naam} have no field {name!r}.")
        return [record for record in self if all(_fits(getattr(record, name), fields[name]) for name in fields)]

    def __iter__(self) -> Iterator[R]:
        """All records, by key."""
        return self._read()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _read(self, *conditions: ColumnElement[bool]) -> Iterator[R]:
        later = changes.alias("later")
        with self._store.reading() as connection:
            of = (
                changes.c.company == known_company(connection, self._company),
                changes.c.resource == self._resource.naam,
                changes.c.sequence <= self.sequence,
            )
            same = and_(
                later.c.company == changes.c.company,
                later.c.resource == changes.c.resource,
                later.c.key == changes.c.key,
                later.c.sequence > changes.c.sequence,
                later.c.sequence <= self.sequence,
            )
            last = ~select(later.c.sequence).where(same).exists()
            query = (
                select(changes.c.document)
                .where(*of, *conditions, changes.c.document.is_not(None), last)
                .order_by(changes.c.key)
            )
            yield from _records(connection, query, self._resource)


def sequence_at(connection: Connection, moment: datetime | int) -> int:
    """The latest change at a time, or the one that is named.

    Raises:
        HistoryGone: that is longer ago than history is kept.
    """
    if isinstance(moment, datetime):
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        query = select(func.max(changes.c.sequence)).where(changes.c.at <= moment.astimezone(UTC))
        sequence: int = connection.execute(query).scalar() or 0
    else:
        sequence = moment
    if sequence < (horizon := horizon_of(connection)):
        raise HistoryGone(f"History before change {horizon} has been pruned.")
    return sequence


def tree_of(categorieen: Any) -> list[ArtikelCategorie]:
    """The roots of categories that stand on their own, each with all below it, in their places."""
    below: dict[int | None, list[Categorie]] = {}
    for categorie in categorieen:
        below.setdefault(categorie.parent, []).append(categorie)

    def children_of(parent: int | None) -> tuple[ArtikelCategorie, ...]:
        rows = sorted(below.get(parent, ()), key=lambda row: row.position or 0)
        return tuple(msgspec.structs.replace(_alone(row), children=children_of(row.id)) for row in rows)

    return list(children_of(None))


def _alone(row: Categorie) -> ArtikelCategorie:
    return ArtikelCategorie.from_dict({"id": row.id, "naam": row.naam, **row.extra})


def _records(connection: Connection, query: Select[Any], resource: Resource[R]) -> Iterator[R]:
    with connection.execution_options(yield_per=500).execute(query) as found:
        for document in found.scalars():
            yield _record(document, resource)


def _record(document: str, resource: Resource[R]) -> R:
    record = read_stored(document.encode(), resource)
    if record is None:
        raise ConfigurationError(f"A record of {resource.naam} was stored by a release that read it otherwise.")
    return cast("R", record)


def _fits(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list | tuple | set | frozenset) else bool(value == wanted)
