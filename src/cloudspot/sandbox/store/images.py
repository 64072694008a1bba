"""Whole SQLite databases as bytes: immutable, so that sandboxes which begin from the same one share nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import cast

from sqlalchemy import Engine

# Only there where SQLite was built with it.
CAN_COPY = hasattr(sqlite3.Connection, "serialize")


def image_of(engine: Engine) -> bytes:
    """A database in memory, as it is now."""
    with closing(engine.raw_connection()) as connection:
        return cast("sqlite3.Connection", connection.driver_connection).serialize()


def load(engine: Engine, image: bytes) -> None:
    """Make a database in memory what another was when its image was taken."""
    with closing(sqlite3.connect(":memory:")) as copied, closing(engine.raw_connection()) as connection:
        copied.deserialize(image)
        # A deserialized database may not grow beyond 1 GiB, so it isn't used itself.
        copied.backup(cast("sqlite3.Connection", connection.driver_connection))
