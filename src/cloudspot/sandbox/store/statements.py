"""The queries of the hot paths, compiled once; and how a collection's state follows from what happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Executable, LargeBinary, Table, bindparam, cast, select

from . import schema
from .listing import ROWS_PER_PAGE, Page


class Statements:
    """The queries, in the dialect of one database."""

    def __init__(self, *, is_sqlite: bool) -> None:
        self._is_sqlite = is_sqlite
        tables = schema.RECORD_TABLES.items()
        self.records = {naam: self._record(table) for naam, table in tables}
        self.several = {naam: self._several(table) for naam, table in tables}
        self.pages = {naam: self._page(table) for naam, table in tables}
        token, collections, categorieen = schema.tokens.c, schema.collections.c, schema.categorieen.c
        self.access = select(token.company, token.sees_artikels, token.sees_klanten).where(
            token.token == bindparam("of_token")
        )
        self.token_names = select(token.token).order_by(token.company, token.position)
        self.collection = select(collections.state, collections.records, collections.size).where(
            collections.company == bindparam("of_company"), collections.naam == bindparam("of_naam")
        )
        self.categorieen = (
            select(categorieen.id, categorieen.parent, categorieen.naam)
            .where(categorieen.company == bindparam("of_company"))
            .order_by(categorieen.id)
        )

    def as_bytes(self, body: bytes | str) -> bytes:
        """A body as it goes over the wire."""
        return body if isinstance(body, bytes) else body.encode()

    def rows(self, result: Iterable[Any]) -> Page:
        """The rows of a page, bodies as bytes."""
        if self._is_sqlite:
            return [tuple(row) for row in result]
        return [(key, body.encode()) for key, body in result]

    def _body(self, table: Table) -> ColumnElement[Any]:
        # SQLite keeps text as UTF-8: asking for it as a blob saves decoding it here only to encode it again.
        return cast(table.c.body, LargeBinary) if self._is_sqlite else table.c.body

    def _record(self, table: Table) -> Executable:
        return select(self._body(table)).where(
            table.c.company == bindparam("of_company"), table.c.id == bindparam("of_id")
        )

    def _several(self, table: Table) -> Executable:
        return select(table.c.id, self._body(table)).where(
            table.c.company == bindparam("of_company"), table.c.id.in_(bindparam("of_ids", expanding=True))
        )

    def _page(self, table: Table) -> Executable:
        return (
            select(table.c.id, self._body(table))
            .where(table.c.company == bindparam("of_company"), table.c.id > bindparam("after"))
            .order_by(table.c.id)
            .limit(ROWS_PER_PAGE)
        )


def state_after(state: str, id: int, body: bytes) -> str:
    """The state that follows when a record becomes `body` (empty: deleted).

    States are a chain of digests, not a counter: the same edits give the same state in every process, and different
    edits never do, so an ETag of one sandbox can't be mistaken for one of another on the same port.
    """
    digest = blake2b(state.encode(), digest_size=16)
    digest.update(b"%d:" % id)
    digest.update(body)
    return digest.hexdigest()
