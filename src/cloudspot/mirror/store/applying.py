"""Carrying out what a staged answer does to a resource, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, select, update

from cloudspot.decoder import read_record
from cloudspot.errors import InvalidRecord
from cloudspot.mirror.diff import CREATED, DELETED, REAPPEARED, UPDATED, compare, to_json
from cloudspot.mirror.resources import Resource
from cloudspot.mirror.staging import StagedRow, Staging
from cloudspot.records import Record

from . import bulk
from .schema import TABLES, changes, tombstones

ROWS_AT_ONCE = 1000
KEYS_AT_ONCE = 500


class Target(NamedTuple):
    """Where changes go.

    Attributes:
        after: the sequence of the change before the first of these.
    """

    connection: Connection
    company: int
    resource: Resource[Any]
    at: datetime
    after: int


class Applied:
    """Writes the changes of one resource; counts them.

    Attributes:
        sequence: of the latest change.
        counts: how many changes of each kind.
        rewritten: how many rows say the same in other words, which is no change.
    """

    def __init__(self, target: Target) -> None:
        self.sequence = target.after
        self.counts: dict[str, int] = dict.fromkeys((CREATED, UPDATED, DELETED, REAPPEARED), 0)
        self.rewritten = 0
        self._connection, self._company, self._resource = target.connection, target.company, target.resource
        self._at = bulk.moment(target.connection, target.at)
        self._table = TABLES[target.resource.naam]
        self._key = self._table.c[target.resource.key]
        self._changes: list[bulk.Row] = []
        self._rows: list[bulk.Row] = []
        self._replaced: list[int] = []

    def apply(self, staging: Staging) -> None:
        """Carry out all of an answer."""
        self._tombstones = self._dead_keys()
        for batch in bulk.batches(staging.rows(), ROWS_AT_ONCE):
            self._write(batch, staging)
        for keys in bulk.batches(staging.missing(), KEYS_AT_ONCE):
            self._delete(keys)

    def _write(self, batch: Sequence[StagedRow], staging: Staging) -> None:
        old = self._old([row.key for row in batch if staging.known.find(row.key) is not None])
        same: list[dict[str, Any]] = []
        back: list[int] = []
        for row in batch:
            if row.key in old:
                before, last = old[row.key]
                if not (fields := compare(before, read_stored(row.document, self._resource))):
                    same.append({"of_key": row.key, "new_digest": row.digest})
                    continue
                self._replaced.append(row.key)
                self._add(UPDATED, row, last, to_json(fields))
            elif (sequence := self._tombstones.get(row.key)) is not None:
                back.append(row.key)
                self._add(REAPPEARED, row, sequence)
            else:
                self._add(CREATED, row)
        self._flush()
        self._bury(back)
        self.rewritten += len(same)
        if same:
            statement = update(self._table).where(
                self._table.c.company == self._company, self._key == bindparam("of_key")
            )
            self._connection.execute(statement.values(digest=bindparam("new_digest")), same)

    def _add(self, kind: str, row: StagedRow, previous: int | None = None, fields: str | None = None) -> None:
        self._note(kind, row.key, previous, fields, bulk.document(self._connection, row.document))
        self._rows.append([self._company, *row.values, self.sequence, row.digest])

    def _note(self, kind: str, key: int, previous: int | None, fields: str | None, document: Any) -> None:
        self.sequence += 1
        self.counts[kind] += 1
        naam = self._resource.naam
        self._changes.append(
            (self.sequence, self._at, self._company, naam, key, kind, previous, fields, document),
        )

    def _flush(self) -> None:
        self._remove(self._replaced)
        bulk.insert(self._connection, changes, self._changes)
        bulk.insert(self._connection, self._table, self._rows)
        self._changes, self._rows, self._replaced = [], [], []

    def _delete(self, keys: list[int]) -> None:
        where = (self._table.c.company == self._company, self._key.in_(keys))
        sequences = self._connection.execute(select(self._key, self._table.c.sequence).where(*where)).all()
        dead: list[bulk.Row] = []
        for key, sequence in sorted(tuple(row) for row in sequences):
            self._note(DELETED, key, sequence, None, None)
            dead.append((self._company, self._resource.naam, key, self.sequence))
        self._remove(keys)
        self._flush()
        bulk.insert(self._connection, tombstones, dead)

    def _remove(self, keys: Sequence[int]) -> None:
        for some in bulk.batches(keys, KEYS_AT_ONCE):
            where = (self._table.c.company == self._company, self._key.in_(some))
            self._connection.execute(delete(self._table).where(*where))

    def _bury(self, keys: Sequence[int]) -> None:
        for some in bulk.batches(keys, KEYS_AT_ONCE):
            self._connection.execute(delete(tombstones).where(*self._dead(), tombstones.c.key.in_(some)))

    def _dead_keys(self) -> dict[int, int]:
        found = self._connection.execute(select(tombstones.c.key, tombstones.c.sequence).where(*self._dead()))
        return {row.key: row.sequence for row in found}

    def _dead(self) -> tuple[Any, ...]:
        return tombstones.c.company == self._company, tombstones.c.resource == self._resource.naam

    def _old(self, keys: Sequence[int]) -> dict[int, tuple[Record | None, int]]:
        found: dict[int, tuple[Record | None, int]] = {}
        for some in bulk.batches(keys, KEYS_AT_ONCE):
            query = (
                select(self._key, changes.c.sequence, changes.c.document)
                .join(changes, changes.c.sequence == self._table.c.sequence)
                .where(self._table.c.company == self._company, self._key.in_(some))
            )
            for key, sequence, document in self._connection.execute(query):
                found[key] = read_stored(document.encode(), self._resource), sequence
        return found


def read_stored(document: bytes, resource: Resource[Any]) -> Record | None:
    """A record from a document of the store; None where it was stored by a release that read it otherwise."""
    try:
        record: Record = resource.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        read = read_record(document, resource.record_type, 0)
        return None if isinstance(read, InvalidRecord) else read
    return record
