"""Opening a mirror's database: an SQLite file, or PostgreSQL."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from cloudspot.errors import ConfigurationError, StoreFailed

WAIT = 30.0
"""Seconds that a write waits for another one of the same store."""


def checked_url(database: str | os.PathLike[str]) -> URL:
    """The URL of a database that can hold a mirror; a path is an SQLite file.

    Raises:
        ConfigurationError: it can't.
    """
    text = os.fspath(database)
    if text and "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        parsed = make_url(text)
        backend = parsed.get_backend_name()
        if backend == "postgres":
            parsed, backend = parsed.set(drivername="postgresql"), "postgresql"
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
    except (ArgumentError, NoSuchModuleError):
        raise ConfigurationError(
            "That is neither a path nor the URL of a database.",
            hint="Use erp.db, sqlite:///erp.db or postgresql://user@host/database.",
        ) from None
    if backend not in {"sqlite", "postgresql"}:
        raise ConfigurationError(f"A mirror is kept in SQLite or PostgreSQL, not in {backend}.")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise ConfigurationError("A mirror in memory would be gone tomorrow.", hint="Give a file: sqlite:///erp.db")
    return parsed


def open_engine(url: URL, schema: str | None) -> Engine:
    """An engine for the database; nothing is connected yet.

    Args:
        schema: the schema of PostgreSQL to keep everything in.

    Raises:
        ConfigurationError: a driver is missing, or the name of the schema is none.
    """
    if url.get_backend_name() == "sqlite":
        if schema is not None:
            raise ConfigurationError("Only PostgreSQL has schemas; for SQLite, give another file.")
        engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": WAIT})
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if schema is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", schema):
        raise ConfigurationError(f"{schema!r} is no name of a schema.")
    try:
        engine = create_engine(url, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"PostgreSQL needs {error.name}.", hint="pip install 'cloudspot-erp-api[postgresql]'"
        ) from error
    if schema is not None:

        def use_schema(connection: Any, _: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f'SET search_path TO "{schema}"')
            connection.commit()

        event.listen(engine, "connect", use_schema)
    return engine


def _tune_sqlite(connection: SQLiteConnection, _: object) -> None:
    """Write-ahead logging, so that readers and a sync don't wait for each other; what is deleted is overwritten."""
    connection.isolation_level = None  # BEGIN is ours, so that a write holds its lock from the start
    for pragma in (
        "page_size=16384",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "cache_size=-32000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one committed state for as long as it is open.

    Raises:
        StoreFailed: the database failed.
    """
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with failing(), engine.connect() as connection, connection.execution_options(**options).begin():
        yield connection


def read_only(connection: Connection) -> None:
    """Let the database refuse every write of this transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        return
    connection.exec_driver_sql("PRAGMA query_only = ON")
    event.listen(connection, "rollback", _let_write)
    event.listen(connection, "commit", _let_write)


def _let_write(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA query_only = OFF")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is committed at the end, or undone where anything is raised.

    Raises:
        StoreFailed: the database failed; nothing is written.
    """
    with failing(), engine.connect() as connection, connection.execution_options(writes=True).begin():
        yield connection


@contextmanager
def failing() -> Iterator[None]:
    """Say in the toolkit's words that the database failed.

    Raises:
        StoreFailed: instead of what the driver raises.
    """
    try:
        yield
    except DBAPIError as error:
        raise StoreFailed(f"The database failed: {_said(error.orig)}.", hint=_hint(str(error.orig))) from error
    except SQLAlchemyError as error:
        raise StoreFailed(f"The database failed: {_said(error)}.") from error


def _said(error: BaseException | None) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")


def _hint(said: str) -> str:
    if "database is locked" in said:
        return f"Another process has been writing to it for {WAIT:g} s; try again."
    if "disk is full" in said or "No space left" in said:
        return "Make room, and run it again: nothing was changed."
    if "already exists" in said:
        return "Give the mirror a database, or with schema=… a schema, of its own."
    if "readonly" in said or "unable to open" in said:
        return "May the process write there?"
    if "malformed" in said or "not a database" in said:
        return "The file is damaged or is no SQLite database; restore a copy, or start a new mirror in another file."
    return ""


def path_of(url: URL) -> Path:
    """The file of an SQLite database."""
    return Path(url.database or "")
