"""Companies in the database."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, func, or_, select, update

from cloudspot.sandbox.companies import Company

from . import schema
from .filling import Contents, fill_company
from .keys import Opening, next_key
from .refusals import NoSuchRecord, RecordExists


class CompanyStore:
    """One sandbox's companies. As with `Store`, any thread may call and calls take turns."""

    def __init__(self, reading: Opening, editing: Opening, let_go: Callable[[int], None]) -> None:
        self._reading, self._editing, self._let_go = reading, editing, let_go

    def all(self) -> list[Company]:
        """Every company, the first one first."""
        with self._reading() as connection:
            rows = connection.execute(select(schema.companies).order_by(schema.companies.c.key))
            return [Company(*row) for row in rows]

    def named(self, naam: str) -> Company:
        """A company, by its name or id.

        Raises:
            NoSuchRecord: there is none.
        """
        for company in (every := self.all()):
            if naam in {company.naam, company.id}:
                return company
        raise NoSuchRecord(f"there is no company {naam!r}; there are {', '.join(each.naam for each in every)}")

    def next_key(self) -> int:
        """The number after the highest one in use."""
        with self._reading() as connection:
            return next_key(connection, schema.companies.c.key)

    def add(self, company: Company) -> None:
        """Write a new company, with nothing in it.

        Raises:
            RecordExists: its id or name is in use.
        """
        with self._editing() as connection:
            _refuse_taken(connection, company)
            fill_company(connection, Contents(company, (), [], (), ()))

    def replace(self, company: Company) -> None:
        """Give a company another name.

        Raises:
            RecordExists: it is in use.
        """
        with self._editing() as connection:
            _refuse_taken(connection, company)
            where = schema.companies.c.key == company.key
            connection.execute(update(schema.companies).where(where).values(naam=company.naam))

    def remove(self, company: Company) -> None:
        """Delete a company and everything of it."""
        with self._editing() as connection:
            self._let_go(company.key)
            for table in reversed(schema.metadata.sorted_tables):
                if "company" in table.c:
                    connection.execute(delete(table).where(table.c.company == company.key))
            connection.execute(delete(schema.companies).where(schema.companies.c.key == company.key))

    def count(self) -> int:
        """How many there are."""
        with self._reading() as connection:
            return connection.execute(select(func.count()).select_from(schema.companies)).scalar_one()


def _refuse_taken(connection: Connection, company: Company) -> None:
    """Names and ids stand for one another, so neither may be another company's name or id."""
    columns, words = schema.companies.c, (company.id, company.naam)
    taken = select(columns.key).where(columns.key != company.key, or_(columns.id.in_(words), columns.naam.in_(words)))
    if connection.execute(taken).first() is not None:
        raise RecordExists(f"there is a company with the id or name of {company.naam!r} already")
