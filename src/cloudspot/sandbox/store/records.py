"""Writing records: everything that an edit has to keep true beside the record itself, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from cloudspot.sandbox.companies import first_id

from . import schema
from .indexing import rewrite_index, write_index
from .keys import Opening
from .refusals import NoSuchRecord, RecordExists
from .searching import Search, all_ids, ids_and_total, resolved
from .statements import Statements, state_after

AT_ONCE = 500
"""Records that are held at once: some 2 MB of products."""

Item = TypeVar("Item")

Remember = Callable[[int, str, int, "bytes | None"], None]
"""Tells the lists under way what a record was before an edit: company, collection, id and document."""


class Written(NamedTuple):
    """What became of records that were written together."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def __add__(self, other: object) -> Written:
        if not isinstance(other, Written):
            return NotImplemented
        return Written(*(one + more for one, more in zip(self, other, strict=True)))


class RecordStore:
    """The records of one sandbox, as JSON. As with `Store`, any thread may call and calls take turns."""

    def __init__(self, reading: Opening, editing: Opening, statements: Statements, remember: Remember) -> None:
        self._reading, self._editing = reading, editing
        self._statements, self._remember = statements, remember

    def search(self, company: int, naam: str, asked: Search) -> tuple[list[bytes], int]:
        """The records of one page of what is searched for, and how many there are on all pages."""
        with self._reading() as connection:
            ids, total = ids_and_total(connection, company, naam, self._resolved(connection, company, asked))
            found = self._bodies(connection, company, naam, ids)
        return [found[key] for key in ids], total

    def ids(self, company: int, naam: str, asked: Search) -> list[int]:
        """The ids of all that is searched for, whatever the page."""
        with self._reading() as connection:
            return all_ids(connection, company, naam, self._resolved(connection, company, asked))

    def next_id(self, company: int, naam: str) -> int:
        """The id after the highest one in use."""
        table = schema.RECORD_TABLES[naam]
        with self._reading() as connection:
            highest = connection.execute(select(func.max(table.c.id)).where(table.c.company == company)).scalar()
        return highest + 1 if highest is not None else first_id(company, naam)

    def add(self, company: int, naam: str, id: int, body: bytes) -> None:
        """Write a new record.

        Raises:
            RecordExists: its id is in use.
        """
        with self._editing() as connection:
            if self._bodies(connection, company, naam, [id]):
                raise RecordExists(f"there is a {id} in {naam} already")
            self._write(connection, company, naam, {}, {id: body})

    def replace(self, company: int, naam: str, id: int, body: bytes) -> None:
        """Write a record over the one with its id.

        Raises:
            NoSuchRecord: there is none.
        """
        with self._editing() as connection:
            self._write(connection, company, naam, self._present(connection, company, naam, [id]), {id: body})

    def remove(self, company: int, naam: str, id: int) -> None:
        """Delete a record.

        Raises:
            NoSuchRecord: it isn't there.
        """
        with self._editing() as connection:
            self._write(connection, company, naam, self._present(connection, company, naam, [id]), {id: None})

    def change(self, company: int, naam: str, ids: Iterable[int], rule: Callable[[bytes], bytes]) -> Written:
        """Change many records by a rule, all or none.

        Raises:
            NoSuchRecord: one isn't there.
            Exception: whatever the rule raises; then nothing is changed.
        """
        written = Written()
        with self._editing() as connection:
            for some in in_parts(ids):
                before = self._present(connection, company, naam, some)
                after = {key: rule(before[key]) for key in some}
                written += self._write(connection, company, naam, before, after)
        return written

    def put(
        self,
        company: int,
        naam: str,
        items: Iterable[tuple[int, Item]],
        rule: Callable[[bytes | None, Item], bytes],
        *,
        only: bool = False,
    ) -> Written:
        """Write many records over those with their ids, or beside them, all or none.

        Args:
            company: whose.
            naam: the collection.
            items: what each record is made of, by its id; no id comes twice.
            rule: makes a record of what is there under its id, None for nothing, and its item.
            only: remove every other record.

        Raises:
            Exception: whatever the iterable raises; then nothing is changed.
        """
        table, written = schema.RECORD_TABLES[naam], Written()
        with self._editing() as connection:
            kept: set[int] = set()
            for some in in_parts(items):
                before = self._bodies(connection, company, naam, [key for key, _ in some])
                after = {key: rule(before.get(key), item) for key, item in some}
                written += self._write(connection, company, naam, before, after)
                kept |= after.keys()
            if only:
                ids = list(connection.execute(select(table.c.id).where(table.c.company == company)).scalars())
                for others in in_parts(key for key in ids if key not in kept):
                    before = self._bodies(connection, company, naam, others)
                    written += self._write(connection, company, naam, before, dict.fromkeys(others))
        return written

    def _resolved(self, connection: Connection, company: int, asked: Search) -> Search:
        rows = connection.execute(self._statements.categorieen, {"of_company": company}) if asked.categorieen else ()
        return resolved(asked, ((row.id, row.naam) for row in rows))

    def _bodies(self, connection: Connection, company: int, naam: str, ids: Sequence[int]) -> dict[int, bytes]:
        """Those of these records that are there."""
        found: dict[int, bytes] = {}
        for some in in_parts(ids):
            rows = connection.execute(self._statements.several[naam], {"of_company": company, "of_ids": some})
            found |= dict(self._statements.rows(rows))
        return found

    def _present(self, connection: Connection, company: int, naam: str, ids: Sequence[int]) -> dict[int, bytes]:
        found = self._bodies(connection, company, naam, ids)
        for key in ids:
            if key not in found:
                raise NoSuchRecord(f"there is no {key} in {naam}")
        return found

    def _write(
        self,
        connection: Connection,
        company: int,
        naam: str,
        before: Mapping[int, bytes],
        after: Mapping[int, bytes | None],
    ) -> Written:
        """Make records what they are to be (None: gone), and everything that follows from them."""
        changes = {key: body for key, body in after.items() if body != before.get(key)}
        if not changes:
            return Written(unchanged=len(after))
        for key in changes:
            self._remember(company, naam, key, before.get(key))
        added = [(key, body) for key, body in changes.items() if body is not None and key not in before]
        changed = [(key, body) for key, body in changes.items() if body is not None and key in before]
        removed = [key for key, body in changes.items() if body is None]
        table = schema.RECORD_TABLES[naam]
        _insert(connection, table, company, added)
        _update(connection, table, company, changed)
        if removed:
            connection.execute(delete(table).where(table.c.company == company, table.c.id.in_(removed)))
        write_index(connection, company, naam, added)
        rewrite_index(connection, company, naam, [(key, before[key], changes[key]) for key in changes if key in before])
        growth = sum(len(body or b"") - len(before.get(key, b"")) for key, body in changes.items())
        _note_edits(connection, company, naam, changes, records=len(added) - len(removed), growth=growth)
        return Written(len(added), len(changed), len(after) - len(changes), len(removed))


def in_parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items a handful at a time."""
    waiting = iter(items)
    while some := list(islice(waiting, AT_ONCE)):
        yield some


def _insert(connection: Connection, table: Table, company: int, records: Sequence[tuple[int, bytes]]) -> None:
    if records:
        rows = [{"company": company, "id": key, "body": body.decode()} for key, body in records]
        connection.execute(insert(table), rows)


def _update(connection: Connection, table: Table, company: int, records: Sequence[tuple[int, bytes]]) -> None:
    if records:
        where = (table.c.company == company, table.c.id == bindparam("of_id"))
        rows = [{"of_id": key, "new_body": body.decode()} for key, body in records]
        connection.execute(update(table).where(*where).values(body=bindparam("new_body")), rows)


def _note_edits(
    connection: Connection, company: int, naam: str, changes: Mapping[int, bytes | None], *, records: int, growth: int
) -> None:
    table = schema.collections
    where = (table.c.company == company, table.c.naam == naam)
    state = connection.execute(select(table.c.state).where(*where)).scalar_one()
    for key, body in changes.items():
        state = state_after(state, key, body or b"")
    connection.execute(
        update(table).where(*where).values(state=state, records=table.c.records + records, size=table.c.size + growth)
    )
