"""How a mirror of an older release becomes one of this release, one version at a time, in one transaction.

Each step is written out, not taken from `schema`: what a version was does not change when the tables do. Views are made
anew by every migration, since they hold nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from sqlalchemy import Connection, Engine, inspect, select, text, update

from cloudspot.errors import ConfigurationError

from . import schema, views, words
from .database import writing

SECRET_SIZE = 32


def prepare(engine: Engine, schema_name: str | None) -> None:
    """Make what is missing, or bring what is older up to date.

    Raises:
        ConfigurationError: the mirror was made by a newer release.
        StoreFailed: the database failed.
    """
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            # Two that begin at once would both make the tables.
            connection.execute(text("SELECT pg_advisory_xact_lock(7302117)"))
            if schema_name is not None:
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema_name}"'))
        if not inspect(connection).has_table(schema.about.name):
            _make(connection)
            return
        version: int = connection.execute(select(schema.about.c.schema_version)).scalar_one()
        if version > schema.VERSION:
            raise ConfigurationError(
                f"This mirror was made by a newer release (its version is {version}, this release knows "
                f"{schema.VERSION}).",
                hint="Upgrade cloudspot-erp-api.",
            )
        if version < schema.VERSION:
            for step in MIGRATIONS[version - 1 :]:
                step(connection)
            views.make(connection, anew=True)
            connection.execute(update(schema.about).values(schema_version=schema.VERSION))


def _make(connection: Connection) -> None:
    schema.metadata.create_all(connection)
    if connection.dialect.name == "postgresql":
        _pack_fast(connection)
    words.make(connection)
    views.make(connection)
    values = {"one": 1, "schema_version": schema.VERSION, "secret": os.urandom(SECRET_SIZE), "sequence": 0}
    connection.execute(schema.about.insert(), values | {"horizon": 0, "indexed": 0})


def _pack_fast(connection: Connection) -> None:
    """Documents are just long enough to be packed, which by default takes longer than writing them."""
    offered = text("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
    how = "SET COMPRESSION lz4" if connection.execute(offered).scalar() else "SET STORAGE EXTERNAL"
    connection.execute(text(f"ALTER TABLE {schema.changes.name} ALTER COLUMN document {how}"))


MIGRATIONS: tuple[Callable[[Connection], None], ...] = ()
"""The first brings version 1 to version 2, and so on."""
