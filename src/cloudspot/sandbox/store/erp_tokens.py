"""The ERP's tokens in the database: access of programs to one company."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from .keys import Opening, company_key, next_key
from .refusals import NoSuchRecord, RecordExists
from .schema import companies, tokens


class ErpToken(NamedTuple):
    """A token of the ERP and what it opens."""

    id: int
    """For paths: a token doesn't belong in a URL."""
    token: str
    company: str
    """The company's id."""
    naam: str
    sees_artikels: bool
    sees_klanten: bool


_columns = tokens.c
_TOKEN = (
    _columns.id, _columns.token, companies.c.id, _columns.naam, _columns.sees_artikels, _columns.sees_klanten,
)  # fmt: skip


class TokenStore:
    """One sandbox's tokens of the ERP. As with `Store`, any thread may call and calls take turns."""

    def __init__(self, reading: Opening, editing: Opening, forget: Callable[[], None]) -> None:
        """Take what opens connections, and what forgets the tokens that were looked up before."""
        self._reading, self._editing, self._forget = reading, editing, forget

    def all(self, company: str | None = None) -> list[ErpToken]:
        """Every token, or those of one company, by its id; those of the first company first."""
        query = select(*_TOKEN).join_from(tokens, companies).order_by(_columns.company, _columns.position)
        if company is not None:
            query = query.where(companies.c.id == company)
        with self._reading() as connection:
            return [ErpToken(*row) for row in connection.execute(query)]

    def find(self, which: int | str) -> ErpToken:
        """One token, by its id or itself.

        Raises:
            NoSuchRecord: it isn't there.
        """
        where = _columns.id == which if isinstance(which, int) else _columns.token == which
        with self._reading() as connection:
            row = connection.execute(select(*_TOKEN).join_from(tokens, companies).where(where)).first()
        if row is None:
            # A token that is unknown here may be a real one: it is not repeated.
            raise NoSuchRecord(f"there is no ERP token {which}" if isinstance(which, int) else "there is no such token")
        return ErpToken(*row)

    def add(self, token: ErpToken) -> ErpToken:
        """Write a new token, after those of its company, and give it with its id.

        Raises:
            NoSuchRecord: there is no such company.
            RecordExists: the token is in use.
        """
        with self._editing() as connection:
            self._forget()
            _refuse_taken(connection, token)
            key = company_key(connection, token.company)
            last = select(func.max(_columns.position)).where(_columns.company == key)
            made = token._replace(id=next_key(connection, _columns.id))
            position = connection.execute(last).scalar()
            row = {**_row(made), "company": key, "position": 0 if position is None else position + 1, "id": made.id}
            connection.execute(insert(tokens), row)
        return made

    def replace(self, token: ErpToken) -> None:
        """Write a token over the one with its id; its company stays.

        Raises:
            RecordExists: its new text is in use.
        """
        with self._editing() as connection:
            self._forget()
            _refuse_taken(connection, token)
            connection.execute(update(tokens).where(_columns.id == token.id).values(**_row(token)))

    def remove(self, id: int) -> None:
        """Delete a token."""
        with self._editing() as connection:
            self._forget()
            connection.execute(delete(tokens).where(_columns.id == id))


def _row(token: ErpToken) -> dict[str, Any]:
    return {name: getattr(token, name) for name in ("token", "naam", "sees_artikels", "sees_klanten")}


def _refuse_taken(connection: Connection, token: ErpToken) -> None:
    taken = select(_columns.id).where(_columns.token == token.token, _columns.id != token.id)
    if connection.execute(taken).first() is not None:
        raise RecordExists("there is such a token already")
