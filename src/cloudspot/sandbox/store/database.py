"""Opening the database: SQLite in memory, an SQLite file, or PostgreSQL."""

from __future__ import annotations

from sqlite3 import Connection as SQLiteConnection
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from . import images, schema
from .migrations import migrate


class UnusableDatabase(ValueError):
    """The database can't hold a sandbox; the text says why."""


def is_in_memory(database: str) -> bool:
    """Whether the database is in memory, and so nobody else's.

    Raises:
        UnusableDatabase: the URL means nothing here.
    """
    return _is_in_memory(_url(database))


def open_engine(database: str, image: bytes | None = None) -> Engine:
    """An engine for the database with all tables in place.

    Args:
        image: what a database in memory begins with.

    Raises:
        UnusableDatabase: the URL means nothing here, or the tables are of another release.
    """
    url = _url(database)
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else create_engine(url)
    try:
        if image is not None:
            images.load(engine, image)
        _prepare(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _url(database: str) -> URL:
    try:
        url = make_url(database)
        backend = url.get_backend_name()
        if backend == "postgres":
            url, backend = url.set(drivername="postgresql"), "postgresql"
        if url.drivername == "postgresql":
            # SQLAlchemy 2.0 takes psycopg2 for this name, 2.1 psycopg; the extra installs psycopg.
            url = url.set(drivername="postgresql+psycopg")
    except (ArgumentError, NoSuchModuleError) as error:
        raise UnusableDatabase(f"not a database URL: {database!r} ({error})") from None
    if backend not in {"sqlite", "postgresql"}:
        raise UnusableDatabase(f"a sandbox lives in SQLite or PostgreSQL, not in {backend}")
    return url


def _is_in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def _sqlite(url: URL) -> Engine:
    in_memory = _is_in_memory(url)
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False}}
    if in_memory:
        # An in-memory database is its connection: every thread must get the same one. The store takes turns.
        options["poolclass"] = StaticPool
    engine = create_engine(url, **options)
    if not in_memory:
        event.listen(engine, "connect", _tune_file)
    return engine


def _tune_file(connection: SQLiteConnection, _: object) -> None:
    """Write-ahead logging: a reader elsewhere (a database browser) and the sandbox don't block each other."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _prepare(engine: Engine) -> None:
    """Make what is missing, or bring what is older up to date; a broken-off start left tables without a version."""
    version = None
    if inspect(engine).has_table(schema.about.name):
        with engine.connect() as connection:
            version = connection.execute(select(schema.about.c.schema_version)).scalar()
    if version is None:
        with engine.begin() as connection:
            schema.metadata.create_all(connection)
            connection.execute(schema.about.insert(), {"schema_version": schema.VERSION})
    elif 1 <= version < schema.VERSION:
        with engine.begin() as connection:
            migrate(connection, version)
    elif version != schema.VERSION:
        raise UnusableDatabase(
            f"the database was made by another release of the sandbox (schema {version}, this one is {schema.VERSION})"
        )
