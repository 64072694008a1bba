"""The tables of a mirror. What people read are the views over them (`views.py`); these names are not promised."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from cloudspot.mirror.resources import RESOURCES, Resource

VERSION = 1
"""Goes up with every change of these tables; `migrations.py` has a step for each."""

metadata = MetaData()


class Moment(TypeDecorator[datetime.datetime]):
    """A time in UTC; SQLite keeps it as text without a zone, which its functions of dates read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """To the store."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(datetime.UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """From the store."""
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if dialect.name == "sqlite" else value.astimezone(datetime.UTC)


about = Table(
    "mirror_about",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # for digests of tokens and of people who were forgotten
    Column("sequence", BigInteger, nullable=False),  # of the latest change
    Column("at", Moment),  # of the latest change
    Column("horizon", BigInteger, nullable=False),  # history up to here has been pruned
    Column("indexed", BigInteger, nullable=False),  # the full-text index holds the changes up to here
)

companies = Table(
    "mirror_companies",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("naam", String(200), nullable=False, unique=True),
)

tokens = Table(
    "mirror_tokens",
    metadata,
    Column("fingerprint", LargeBinary, primary_key=True),
    Column("company", Integer, ForeignKey("mirror_companies.key"), nullable=False),
)

states = Table(
    "mirror_states",
    metadata,
    Column("company", Integer, ForeignKey("mirror_companies.key"), primary_key=True),
    Column("resource", String(20), primary_key=True),
    Column("generation", BigInteger, nullable=False),  # goes up whenever anything of the resource changes
    Column("etag", Text),  # of the answer that made this state, where it was whole and all of it could be read
    Column("origin", LargeBinary),  # digest of the base URL and token that gave it
)

changes = Table(
    "mirror_changes",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("company", Integer, nullable=False),
    Column("resource", String(20), nullable=False),
    Column("key", BigInteger, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("previous", BigInteger),  # the change of the same record before this one
    Column("fields", Text),  # of an update: {name: [old, new]}
    Column("document", Text),  # the record as it was sent; none where it is deleted
    Index("mirror_changes_of", "company", "resource", "key", "sequence"),
    Index("mirror_changes_at", "at"),
)

tombstones = Table(
    "mirror_tombstones",
    metadata,
    Column("company", Integer, primary_key=True),
    Column("resource", String(20), primary_key=True),
    Column("key", BigInteger, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

invalid = Table(
    "mirror_invalid",
    metadata,
    Column("company", Integer, primary_key=True),
    Column("resource", String(20), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("key", Text),
    Column("field", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("document", Text, nullable=False),
)

drift = Table(
    "mirror_drift",
    metadata,
    Column("company", Integer, primary_key=True),
    Column("resource", String(20), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("field", String(200), primary_key=True),
    Column("word", String(300), primary_key=True),
    Column("key", BigInteger),
    Column("at", Moment, nullable=False),
)

consumers = Table(
    "mirror_consumers",
    metadata,
    Column("naam", String(200), primary_key=True),
    Column("acked", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
)

forgotten = Table(
    "mirror_forgotten",
    metadata,
    Column("company", Integer, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
)

_TYPES: dict[type, Any] = {
    bool: Boolean(),
    int: BigInteger(),
    Decimal: Numeric(asdecimal=False),
    datetime.date: Date(),
    str: Text(),
}


def _table_of(resource: Resource[Any]) -> Table:
    columns = [
        # In lower case, so that nobody needs to quote SKU in PostgreSQL.
        Column(name.lower(), _TYPES[holds], key=name, primary_key=name == resource.key, autoincrement=False)
        for name, holds in resource.columns.items()
    ]
    return Table(
        f"mirror_{resource.naam}",
        metadata,
        Column("company", Integer, primary_key=True, autoincrement=False),
        *columns,
        Column("sequence", BigInteger, nullable=False),
        Column("digest", LargeBinary, nullable=False),
    )


TABLES: dict[str, Table] = {naam: _table_of(resource) for naam, resource in RESOURCES.items()}
"""The records as they are now, by resource; their documents are in `changes`."""
