"""The tables. They carry a prefix, so that a sandbox can live in a database that has other tenants."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, MetaData, String, Table, Text

VERSION = 1
"""Raised whenever a table changes, so that a file of another release is refused rather than misread."""

metadata = MetaData()

about = Table("sandbox_about", metadata, Column("schema_version", Integer, nullable=False))

companies = Table(
    "sandbox_companies",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("id", String(36), nullable=False, unique=True),
    Column("naam", Text, nullable=False),
)


def _company() -> Column[int]:
    return Column("company", Integer, ForeignKey(companies.c.key), primary_key=True, autoincrement=False)


# Tokens are kept as they are, not hashed: the page and the control API of a sandbox must be able to show them,
# and nothing behind them is secret.
tokens = Table(
    "sandbox_tokens",
    metadata,
    Column("token", String(200), primary_key=True),
    Column("company", Integer, ForeignKey(companies.c.key), nullable=False),
    Column("position", Integer, nullable=False),
    Column("naam", Text, nullable=False),
    Column("sees_artikels", Boolean, nullable=False),
    Column("sees_klanten", Boolean, nullable=False),
)

# What is true of a whole list, kept beside it: its ETag, and its length for Content-Length, cost no reading.
collections = Table(
    "sandbox_collections",
    metadata,
    _company(),
    Column("naam", String(20), primary_key=True),
    Column("state", String(32), nullable=False),
    Column("records", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
)

categorieen = Table(
    "sandbox_categorieen",
    metadata,
    _company(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("parent", BigInteger),
    Column("naam", Text),
)


def _records(name: str) -> Table:
    return Table(
        f"sandbox_{name}",
        metadata,
        _company(),
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("body", Text, nullable=False),
    )


artikels = _records("artikels")
klanten = _records("klanten")

RECORD_TABLES = {"artikels": artikels, "klanten": klanten}
"""Tables of ready-made JSON, by the name of their collection: listing them is reading and joining."""
