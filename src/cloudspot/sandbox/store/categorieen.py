"""The categories of companies in the database."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from .keys import Opening
from .schema import categorieen, collections, placements


class CategorieRow(NamedTuple):
    """A category as it is stored."""

    id: int
    parent: int | None
    naam: str | None


_columns = categorieen.c


class CategorieStore:
    """The categories of one sandbox. As with `Store`, any thread may call and calls take turns."""

    def __init__(self, reading: Opening, editing: Opening) -> None:
        self._reading, self._editing = reading, editing

    def all(self, company: int) -> list[CategorieRow]:
        """All categories of a company, by id."""
        with self._reading() as connection:
            return _rows(connection, company)

    def put(self, company: int, row: CategorieRow) -> None:
        """Write a category over the one with its id, or beside the others."""
        of_row = (_columns.company == company, _columns.id == row.id)
        with self._editing() as connection:
            values = row._asdict()
            if connection.execute(update(categorieen).where(*of_row).values(**values)).rowcount == 0:
                connection.execute(insert(categorieen), {**values, "company": company})
            _note(connection, company)

    def remove(self, company: int, id: int) -> None:
        """Delete a category."""
        with self._editing() as connection:
            connection.execute(delete(categorieen).where(_columns.company == company, _columns.id == id))
            _note(connection, company)

    def artikels_in(self, company: int, id: int) -> list[int]:
        """The ids of the products that are in a category itself."""
        query = select(placements.c.artikel).where(placements.c.company == company, placements.c.categorie == id)
        with self._reading() as connection:
            return list(connection.execute(query.order_by(placements.c.artikel)).scalars())

    def counts(self, company: int) -> dict[int, int]:
        """How many products are in each category itself, where there are any."""
        query = (
            select(placements.c.categorie, func.count())
            .where(placements.c.company == company)
            .group_by(placements.c.categorie)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return {row[0]: row[1] for row in rows}


def _rows(connection: Connection, company: int) -> list[CategorieRow]:
    query = select(_columns.id, _columns.parent, _columns.naam).where(_columns.company == company)
    return [CategorieRow(*row) for row in connection.execute(query.order_by(_columns.id))]


def _note(connection: Connection, company: int) -> None:
    rows: list[tuple[int, int | None, str | None]] = [
        (row.id, row.parent, row.naam) for row in _rows(connection, company)
    ]
    where = (collections.c.company == company, collections.c.naam == "categories")
    connection.execute(update(collections).where(*where).values(state=state_of(rows), records=len(rows)))


def state_of(rows: list[tuple[int, int | None, str | None]]) -> str:
    """What tells the categories of a company from others."""
    return blake2b(repr(rows).encode(), digest_size=16).hexdigest()
