"""What changed, in the order it was committed: the feed, and those who follow it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from cloudspot.errors import ConfigurationError, HistoryGone
from cloudspot.records import Record

from .diff import DELETED, KINDS, UPDATED, Fields, compare, from_json, to_plain
from .resources import RESOURCES
from .store.applying import read_stored
from .store.schema import about, changes, companies, consumers
from .store.store import Store, company_key

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Change:
    """One event of the feed.

    Attributes:
        sequence: rises with every change of the store; a later read never shows a lower one that is new.
        at: when it was committed to the mirror, UTC.
        company, resource, key: which record it is about.
        kind: `created`, `updated`, `deleted` or `reappeared`.
    """

    sequence: int
    at: datetime
    company: str
    resource: str
    key: int
    kind: str
    _fields: str | None = field(repr=False, default=None)
    _document: str | None = field(repr=False, default=None)
    _before: str | None = field(repr=False, default=None)

    @cached_property
    def record(self) -> Any:
        """The record as it is after the change; None where it is deleted."""
        return self._read(self._document)

    @cached_property
    def fields(self) -> Fields:
        """The fields that changed: name → `(old, new)`; of a deleted record, all that it had."""
        if self.kind == UPDATED and self._fields is not None:
            return from_json(self._fields, RESOURCES[self.resource].record_type)
        if self.kind == DELETED:
            return compare(self._read(self._before), None)
        return compare(None, self.record)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values: `fields` as name → [old, new]."""
        names = ("sequence", "at", "company", "resource", "key", "kind")
        return {name: getattr(self, name) for name in names} | {"fields": to_plain(self.fields)}

    def _read(self, document: str | None) -> Record | None:
        return None if document is None else read_stored(document.encode(), RESOURCES[self.resource])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are asked for; None where any will do."""

    company: str | None = None
    resource: str | None = None
    kinds: Sequence[str] | None = None
    key: int | None = None

    def check(self) -> None:
        """Refuse names that mean nothing.

        Raises:
            ConfigurationError: there is no such resource or kind.
        """
        if self.resource is not None and self.resource not in RESOURCES:
            raise ConfigurationError(f"There is no resource {self.resource!r}; there are {', '.join(RESOURCES)}.")
        if isinstance(self.kinds, str):
            raise ConfigurationError(f"`kinds` is a list of kinds: [{self.kinds!r}].")
        for kind in self.kinds or ():
            if kind not in KINDS:
                raise ConfigurationError(f"There is no kind {kind!r}; there are {', '.join(KINDS)}.")


def read_changes(store: Store, wanted: Wanted, since: int = 0) -> Iterator[Change]:
    """The changes after `since`, in order, as they are when they are read: those that come meanwhile are there too.

    Raises:
        HistoryGone: some of them have been pruned.
        ConfigurationError: there is no such company, resource or kind.
    """
    wanted.check()
    with store.reading() as connection:
        began = check_horizon(connection, since)
    while batch := _some(store, wanted, since, began):
        yield from batch
        since = batch[-1].sequence


def _some(store: Store, wanted: Wanted, since: int, began: int) -> list[Change]:
    before = changes.alias("before")
    query = (
        select(
            changes.c.sequence,
            changes.c.at,
            companies.c.naam,
            changes.c.resource,
            changes.c.key,
            changes.c.kind,
            changes.c.fields,
            changes.c.document,
            before.c.document,
        )
        .join(companies, companies.c.key == changes.c.company)
        .outerjoin(before, (before.c.sequence == changes.c.previous) & (changes.c.kind == DELETED))
        .where(changes.c.sequence > since)
        .order_by(changes.c.sequence)
        .limit(ROWS_AT_ONCE)
    )
    if wanted.resource is not None:
        query = query.where(changes.c.resource == wanted.resource)
    if wanted.kinds is not None:
        query = query.where(changes.c.kind.in_(wanted.kinds))
    if wanted.key is not None:
        query = query.where(changes.c.key == wanted.key)
    with store.reading() as connection:
        if horizon_of(connection) != began:
            check_horizon(connection, since)
        if wanted.company is not None:
            query = query.where(changes.c.company == known_company(connection, wanted.company))
        return [Change(*row) for row in connection.execute(query)]


def horizon_of(connection: Connection) -> int:
    """The change up to which history has been pruned."""
    horizon: int = connection.execute(select(about.c.horizon)).scalar_one()
    return horizon


def check_horizon(connection: Connection, since: int) -> int:
    """The change up to which history has been pruned. From 0 on, what is left is whole in itself.

    Raises:
        HistoryGone: changes after `since` are gone.
    """
    horizon = horizon_of(connection)
    if 0 < since < horizon:
        raise HistoryGone(
            f"Changes after {since} have been pruned; history begins after {horizon}.",
            hint="Begin anew, from 0: that gives all records as they are.",
        )
    return horizon


def known_company(connection: Connection, naam: str) -> int:
    """The number of a company.

    Raises:
        ConfigurationError: the mirror doesn't hold it.
    """
    if (key := company_key(connection, naam)) is None:
        others = connection.execute(select(companies.c.naam).order_by(companies.c.key)).scalars().all()
        raise ConfigurationError(f"The mirror has no company {naam!r}; it has {', '.join(others[:10]) or 'none yet'}.")
    return key


class Consumer:
    """Somebody who follows the feed, and is told again what was not acknowledged: each change at least once.

        consumer = mirror.consumer("webshop")
        for change in consumer:
            push(change)
            consumer.ack(change)

    Attributes:
        naam: under which name the store remembers how far it is.
    """

    def __init__(self, store: Store, naam: str, wanted: Wanted, since: int) -> None:
        wanted.check()
        if not naam.strip() or len(naam) > 200 or "\0" in naam:
            raise ConfigurationError("A consumer's name has 1 to 200 characters.")
        self.naam = naam
        self._store, self._wanted = store, wanted
        self._handed_out = 0
        with store.writing() as connection:
            if connection.execute(select(consumers.c.acked).where(consumers.c.naam == naam)).first() is None:
                check_horizon(connection, since)
                connection.execute(insert(consumers), {"naam": naam, "acked": since, "at": datetime.now(UTC)})

    @property
    def position(self) -> int:
        """The sequence up to which everything is acknowledged."""
        with self._store.reading() as connection:
            return self._position(connection)

    def __iter__(self) -> Iterator[Change]:
        """What is not acknowledged yet. None of it has been pruned, since pruning waits for consumers."""
        with self._store.reading() as connection:
            since, began = self._position(connection), horizon_of(connection)
            last: int = connection.execute(select(about.c.sequence)).scalar_one()
        while batch := _some(self._store, self._wanted, since, began):
            for change in batch:
                since = self._handed_out = change.sequence
                yield change
        self._handed_out = max(self._handed_out, last)

    def ack(self, change: Change | int | None = None) -> None:
        """Take a change, and all before it, as dealt with; without one: all that were handed out.

        Raises:
            ConfigurationError: there is no such change yet.
        """
        sequence = change.sequence if isinstance(change, Change) else change
        sequence = self._handed_out if sequence is None else sequence
        with self._store.writing() as connection:
            if sequence > connection.execute(select(about.c.sequence)).scalar_one():
                raise ConfigurationError(f"There is no change {sequence} yet.")
            self._put(connection, max(sequence, self._position(connection)))

    def reset(self, sequence: int = 0) -> None:
        """Be told again everything after this.

        Raises:
            HistoryGone: some of it has been pruned.
        """
        with self._store.writing() as connection:
            check_horizon(connection, sequence)
            self._put(connection, sequence)
        self._handed_out = sequence

    def remove(self) -> None:
        """Forget the consumer, so that history need not wait for it."""
        with self._store.writing() as connection:
            connection.execute(delete(consumers).where(consumers.c.naam == self.naam))

    def _position(self, connection: Connection) -> int:
        query = select(consumers.c.acked).where(consumers.c.naam == self.naam)
        position: int | None = connection.execute(query).scalar()
        if position is None:
            raise ConfigurationError(f"The consumer {self.naam!r} has been removed.")
        return position

    def _put(self, connection: Connection, sequence: int) -> None:
        if self._position(connection) != sequence:
            values = {"acked": sequence, "at": datetime.now(UTC)}
            connection.execute(update(consumers).where(consumers.c.naam == self.naam).values(**values))

    def __repr__(self) -> str:
        return f"<Consumer {self.naam}>"


def positions(store: Store) -> dict[str, int]:
    """How far each consumer is, by its name, the slowest first."""
    with store.reading() as connection:
        query = select(consumers.c.naam, consumers.c.acked).order_by(consumers.c.acked, consumers.c.naam)
        return {row.naam: row.acked for row in connection.execute(query)}


def slowest(connection: Connection) -> int | None:
    """How far every consumer is; None where there is none."""
    position: int | None = connection.execute(select(func.min(consumers.c.acked))).scalar()
    return position
