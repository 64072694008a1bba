"""Forgetting people, and history that is older than it need be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from cloudspot.errors import StoreFailed

from .feed import horizon_of, known_company, slowest
from .resources import KLANTEN
from .store.database import WAIT, failing
from .store.schema import TABLES, about, changes, drift, forgotten, invalid, states, tombstones
from .store.store import Store, latest_change

WAIT_FOR_READERS = 5000
"""Milliseconds to wait for those who read the file."""
AFFECTED = ("mirror_klanten", "mirror_changes", "mirror_tombstones", "mirror_invalid")


class Forgotten(NamedTuple):
    """What was erased.

    Attributes:
        records: how many clients were in the mirror.
        changes: how many events of the feed, and of history, were theirs.
    """

    records: int
    changes: int


def forget(store: Store, company: str, numbers: list[int]) -> Forgotten:
    """Erase clients from the mirror, and keep them out of it.

    Raises:
        MirrorBusy: a sync of the company runs.
        StoreFailed: the database failed; or the rows are gone, but another process reads the file, so that its bytes
            could not be overwritten yet.
    """
    table = TABLES[KLANTEN.naam]
    number_of = table.c[KLANTEN.key]
    with store.locked(company):
        with store.writing() as connection:
            key = known_company(connection, company)
            records = connection.execute(delete(table).where(table.c.company == key, number_of.in_(numbers))).rowcount
            events = connection.execute(delete(changes).where(*_of(changes, key), changes.c.key.in_(numbers))).rowcount
            connection.execute(delete(tombstones).where(*_of(tombstones, key), tombstones.c.key.in_(numbers)))
            # A record without a readable number may be anybody's.
            unclear = or_(invalid.c.key.is_(None), invalid.c.key.in_([str(number) for number in numbers]))
            connection.execute(delete(invalid).where(*_of(invalid, key), unclear))
            connection.execute(update(drift).where(*_of(drift, key), drift.c.key.in_(numbers)).values(key=None))
            _keep_out(connection, store, key, numbers)
            connection.execute(update(states).where(*_of(states, key)).values(generation=states.c.generation + 1))
        _overwrite(store)
    return Forgotten(records, events)


def readmit(store: Store, company: str, numbers: list[int]) -> int:
    """Let clients who were forgotten come back with the next sync; how many of them had been.

    Raises:
        MirrorBusy: a sync of the company runs.
        StoreFailed: the database failed.
    """
    with store.locked(company), store.writing() as connection:
        key = known_company(connection, company)
        digests = [store.person(key, number) for number in numbers]
        gone = delete(forgotten).where(forgotten.c.company == key, forgotten.c.digest.in_(digests))
        came: int = connection.execute(gone).rowcount
        if came:
            # Without its ETag the server can't answer that nothing has changed, and leave them out.
            anew = {"generation": states.c.generation + 1, "etag": None, "origin": None}
            connection.execute(update(states).where(*_of(states, key)).values(**anew))
    return came


def _keep_out(connection: Connection, store: Store, company: int, numbers: list[int]) -> None:
    known = set(connection.execute(select(forgotten.c.digest).where(forgotten.c.company == company)).scalars())
    digests = {store.person(company, number) for number in numbers} - known
    if digests:
        connection.execute(insert(forgotten), [{"company": company, "digest": digest} for digest in sorted(digests)])


def _of(table: Any, company: int) -> tuple[Any, ...]:
    return table.c.company == company, table.c.resource == KLANTEN.naam


def _overwrite(store: Store) -> None:
    """See to it that the bytes are gone too, not only the rows."""
    with failing(), store.engine.connect() as connection:
        if store.engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql(f"VACUUM {', '.join(AFFECTED)}")
            return
        driver: Any = connection.connection.driver_connection  # a VACUUM stands in no transaction
        driver.execute("VACUUM")
        driver.execute(f"PRAGMA busy_timeout = {WAIT_FOR_READERS}")
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        driver.execute(f"PRAGMA busy_timeout = {WAIT * 1000:.0f}")
    if busy:
        raise StoreFailed(
            "The rows are gone, but a reader keeps their bytes in the file.",
            hint="End what reads the file, and forget the same clients again.",
        )


def prune(store: Store, before: datetime) -> int:
    """Let go of history before a time: of each record, what it was then stays as its beginning. How many events went.

    What a consumer has not acknowledged yet is kept.
    """
    before = before if before.tzinfo else before.replace(tzinfo=UTC)
    with store.writing() as connection:
        last = connection.execute(select(func.max(changes.c.sequence)).where(changes.c.at < before)).scalar() or 0
        waiting = slowest(connection)
        horizon = last if waiting is None else min(last, waiting)
        latest_change(connection)  # nobody adds to it meanwhile
        if horizon <= horizon_of(connection):
            return 0
        later = changes.alias("later")
        same = and_(
            later.c.company == changes.c.company, later.c.resource == changes.c.resource, later.c.key == changes.c.key
        )
        superseded = (
            select(later.c.sequence).where(same, later.c.sequence > changes.c.sequence, later.c.sequence <= horizon)
        ).exists()
        old = changes.c.sequence <= horizon
        gone = connection.execute(delete(changes).where(old, superseded)).rowcount
        gone += connection.execute(delete(changes).where(old, changes.c.document.is_(None))).rowcount
        connection.execute(delete(tombstones).where(tombstones.c.sequence <= horizon))
        beginning = {"kind": "created", "fields": None, "previous": None}
        is_none_yet = or_(changes.c.kind != "created", changes.c.previous.is_not(None))
        connection.execute(update(changes).where(old, is_none_yet).values(**beginning))
        dangling = and_(changes.c.sequence > horizon, changes.c.previous <= horizon, changes.c.kind == "reappeared")
        connection.execute(update(changes).where(dangling).values(previous=None, kind="created"))
        connection.execute(update(about).values(horizon=horizon))
    return gone
