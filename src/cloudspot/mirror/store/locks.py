"""One sync of a company at a time: a lock that is gone with the process that holds it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b

from sqlalchemy import Engine, text

from cloudspot.errors import MirrorBusy, StoreFailed

from .database import failing, path_of


@contextmanager
def locked(engine: Engine, company: str) -> Iterator[None]:
    """Nobody else syncs the company for the time of the block.

    Raises:
        MirrorBusy: somebody does.
    """
    lock = _locked_sqlite if engine.dialect.name == "sqlite" else _locked_postgresql
    with lock(engine, company):
        yield


@contextmanager
def _locked_sqlite(engine: Engine, company: str) -> Iterator[None]:
    """SQLite's own lock on an empty file beside the database, which every system lets go of when a process dies."""
    path = f"{path_of(engine.url).resolve()}-sync-{blake2b(company.encode(), digest_size=4).hexdigest()}"
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise StoreFailed(f"The lock file {path} can't be opened: {error}.") from error
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise StoreFailed(f"The lock file {path} can't be used: {error}.") from error
            raise _busy(company) from None
        yield


@contextmanager
def _locked_postgresql(engine: Engine, company: str) -> Iterator[None]:
    """A lock of the session, which the server lets go of when the connection ends."""
    with failing(), engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
        digest = blake2b(f"cloudspot mirror {schema} {company}".encode(), digest_size=8).digest()
        key = {"key": int.from_bytes(digest, "big", signed=True)}
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar_one():
            raise _busy(company)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


def _busy(company: str) -> MirrorBusy:
    return MirrorBusy(f"Another sync of the company {company!r} runs.")
