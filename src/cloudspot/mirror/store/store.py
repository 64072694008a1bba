"""`Store`: one mirror's database, and what a sync asks of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from cloudspot.errors import ConfigurationError, MirrorBusy
from cloudspot.mirror.report import Drift
from cloudspot.mirror.resources import Resource
from cloudspot.mirror.staging import Known, Staging

from . import bulk
from .applying import Applied, Target
from .database import checked_url, open_engine, path_of, reading, writing
from .locks import locked
from .migrations import prepare
from .schema import TABLES, about, companies, drift, forgotten, invalid, states, tokens


class Baseline(NamedTuple):
    """What the mirror holds of a resource before a sync.

    Attributes:
        generation: which state of the resource this is.
        etag: of the answer that made it, if that can be asked about again; None otherwise.
        is_forgotten: whether a key belongs to somebody who was forgotten; None where nobody was.
    """

    known: Known
    generation: int
    etag: str | None
    is_forgotten: Callable[[int], bool] | None


class Source(NamedTuple):
    """Who asks, in digests.

    Attributes:
        fingerprint: of the token.
        origin: of the base URL and the token.
    """

    fingerprint: bytes
    origin: bytes


class Outcome(NamedTuple):
    """What a commit did."""

    counts: dict[str, int]
    drift: tuple[Drift, ...]


class Store:
    """One mirror's database. Each method is a transaction of its own; threads may share it."""

    def __init__(self, url: str | os.PathLike[str], schema: str | None = None) -> None:
        """Open the database, and make or migrate its tables.

        Raises:
            ConfigurationError: it can't hold a mirror.
            StoreFailed: the database failed.
        """
        parsed = checked_url(url)
        if parsed.get_backend_name() == "sqlite" and not path_of(parsed).absolute().parent.is_dir():
            raise ConfigurationError(f"There is no folder {path_of(parsed).parent} for the mirror.")
        self.engine = open_engine(parsed, schema)
        try:
            prepare(self.engine, schema)
            with self.reading() as connection:
                self._secret: bytes = connection.execute(select(about.c.secret)).scalar_one()
        except BaseException:
            self.engine.dispose()
            raise

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection that sees one committed state."""
        return reading(self.engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction."""
        return writing(self.engine)

    def locked(self, company: str) -> AbstractContextManager[None]:
        """Nobody else syncs the company for the time of the block."""
        return locked(self.engine, company)

    def digest(self, *words: object) -> bytes:
        """A digest that can't be compared with that of another mirror."""
        return blake2b("\0".join(str(word) for word in words).encode(), key=self._secret, digest_size=16).digest()

    def source(self, base_url: str, token: str) -> Source:
        """Who asks."""
        return Source(self.digest("token", token), self.digest("origin", base_url, token))

    def latest(self) -> int:
        """The sequence of the latest change."""
        with self.reading() as connection:
            sequence: int = connection.execute(select(about.c.sequence)).scalar_one()
            return sequence

    def companies(self) -> list[str]:
        """The names of the companies, the first one first."""
        with self.reading() as connection:
            return list(connection.execute(select(companies.c.naam).order_by(companies.c.key)).scalars())

    def company_of(self, source: Source) -> str | None:
        """The company that a token has been used for; None for a token that is new here."""
        query = select(companies.c.naam).join(tokens).where(tokens.c.fingerprint == source.fingerprint)
        with self.reading() as connection:
            naam: str | None = connection.execute(query).scalar()
            return naam

    def baseline(self, company: str, resource: Resource[Any], source: Source) -> Baseline:
        """What is held of a resource of a company; nothing where it has never been synced."""
        with self.reading() as connection:
            key = company_key(connection, company)
            if key is None:
                return Baseline(Known(), 0, None, None)
            table = TABLES[resource.naam]
            column = table.c[resource.key]
            rows = select(column, table.c.digest).where(table.c.company == key).order_by(column)
            known = Known(_pairs(connection, rows))
            state = connection.execute(select(states).where(*_of(states, key, resource))).mappings().first()
            gone = self._forgotten(connection, key) if resource.naam == "klanten" else frozenset()
        generation, etag = 0, None
        if state is not None:
            generation = state["generation"]
            etag = state["etag"] if state["origin"] == source.origin else None
        is_forgotten = (lambda number: self.person(key, number) in gone) if gone else None
        return Baseline(known, generation, etag, is_forgotten)

    def person(self, company: int, number: int) -> bytes:
        """What is kept of somebody who was forgotten."""
        return self.digest("klant", company, number)

    def _forgotten(self, connection: Connection, company: int) -> frozenset[bytes]:
        return frozenset(connection.execute(select(forgotten.c.digest).where(forgotten.c.company == company)).scalars())

    def commit(
        self,
        company: str,
        resource: Resource[Any],
        source: Source,
        staging: Staging,
        *,
        generation: int,
        etag: str | None,
    ) -> Outcome:
        """Carry out what an answer does to a resource: all of it or nothing.

        Raises:
            MirrorBusy: the resource was changed since its baseline was read.
            StoreFailed: the database failed.
        """
        with self.writing() as connection:
            latest = latest_change(connection)
            key = _made_company(connection, company)
            if _generation(connection, key, resource) != generation:
                raise MirrorBusy(f"The mirror of {resource.naam} was changed by somebody else meanwhile.")
            at = max(datetime.now(UTC), latest.at or datetime.min.replace(tzinfo=UTC))
            applied = Applied(Target(connection, key, resource, at, latest.sequence))
            applied.apply(staging)
            found = _note_drift(connection, key, resource, staging, at)
            touched = _note_invalid(connection, key, resource, staging)
            if applied.sequence != latest.sequence:
                connection.execute(update(about).values(sequence=applied.sequence, at=at))
            touched = touched or bool(applied.rewritten) or applied.sequence != latest.sequence
            _note_state(connection, key, resource, etag, source.origin, touched=touched)
            known_token = select(tokens.c.company).where(tokens.c.fingerprint == source.fingerprint)
            if connection.execute(known_token).first() is None:
                connection.execute(insert(tokens), {"fingerprint": source.fingerprint, "company": key})
            return Outcome(applied.counts, found)


class Latest(NamedTuple):
    """The latest change of a store."""

    sequence: int
    at: datetime | None


def latest_change(connection: Connection) -> Latest:
    """The latest change. Until the transaction ends nobody else adds one, so that no reader sees a gap that fills."""
    return Latest(*connection.execute(select(about.c.sequence, about.c.at).with_for_update()).one())


def company_key(connection: Connection, naam: str) -> int | None:
    """The number of a company; None where the mirror doesn't have it."""
    key: int | None = connection.execute(select(companies.c.key).where(companies.c.naam == naam)).scalar()
    return key


def _made_company(connection: Connection, naam: str) -> int:
    if (key := company_key(connection, naam)) is not None:
        return key
    key = (connection.execute(select(func.max(companies.c.key))).scalar() or 0) + 1
    connection.execute(insert(companies), {"key": key, "naam": naam})
    return key


def _of(table: Any, company: int, resource: Resource[Any]) -> tuple[Any, ...]:
    return table.c.company == company, table.c.resource == resource.naam


def _pairs(connection: Connection, query: Any) -> Iterator[Any]:
    with connection.execution_options(yield_per=10_000).execute(query) as found:
        for rows in found.partitions():
            yield from rows


def _generation(connection: Connection, company: int, resource: Resource[Any]) -> int:
    query = select(states.c.generation).where(*_of(states, company, resource))
    return connection.execute(query).scalar() or 0


def _note_state(
    connection: Connection, company: int, resource: Resource[Any], etag: str | None, origin: bytes, *, touched: bool
) -> None:
    wanted = {"etag": etag, "origin": origin if etag else None}
    state = connection.execute(select(states).where(*_of(states, company, resource))).mappings().first()
    if state is None:
        first = {"company": company, "resource": resource.naam, "generation": 1}
        connection.execute(insert(states), first | wanted)
    elif touched or any(state[name] != value for name, value in wanted.items()):
        values = wanted | {"generation": state["generation"] + 1}
        connection.execute(update(states).where(*_of(states, company, resource)).values(**values))


def _note_drift(
    connection: Connection, company: int, resource: Resource[Any], staging: Staging, at: datetime
) -> tuple[Drift, ...]:
    """Keep what is new to this release; what of it was not reported before."""
    if not staging.drift:
        return ()
    query = select(drift.c.kind, drift.c.field, drift.c.word).where(*_of(drift, company, resource))
    known = {tuple(row) for row in connection.execute(query)}
    found = [each for each in staging.drift.values() if (each.kind, each.field[:200], each.word[:300]) not in known]
    of = {"company": company, "resource": resource.naam, "at": at}
    rows = [of | each._asdict() | {"field": each.field[:200], "word": each.word[:300]} for each in found]
    if rows:
        connection.execute(insert(drift), rows)
    return tuple(found)


def _note_invalid(connection: Connection, company: int, resource: Resource[Any], staging: Staging) -> bool:
    """Keep the unreadable records as they were sent; whether they are others than before."""
    query = select(invalid).where(*_of(invalid, company, resource)).order_by(invalid.c.number)
    before = [tuple(row) for row in connection.execute(query)]
    now = [(company, resource.naam, *row) for row in invalid_rows(staging.problems)]
    if before == now:
        return False
    connection.execute(delete(invalid).where(*_of(invalid, company, resource)))
    bulk.insert(connection, invalid, now)
    return True


def invalid_rows(problems: list[Any]) -> Iterator[tuple[Any, ...]]:
    """The unreadable records as they are kept; PostgreSQL takes no NUL."""
    for problem in problems:
        key = None if problem.key is None else str(problem.key)
        key = None if key is None else _without_nul(key)
        words = (_without_nul(word) for word in (problem.field, problem.reason, _text(problem.raw)))
        yield problem.number, key, *words


def _text(raw: Any) -> str:
    if isinstance(raw, bytes):
        return raw.decode("utf-8", "replace")
    return json.dumps(raw, default=str).encode("utf-8", "replace").decode()


def _without_nul(text: str) -> str:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
