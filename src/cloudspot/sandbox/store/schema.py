"""The tables. They carry a prefix, so that a sandbox can live in a database that has other tenants."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

VERSION = 4
"""Raised whenever a table changes; `migrations` then says how the tables of the version before become these."""

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
    # For paths: a token doesn't belong in a URL.
    Column("id", Integer, nullable=False, server_default="0"),
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

Types = dict[str, type[TypeEngine[Any]]]


def _index(name: str, fields: Types) -> Table:
    return Table(
        f"sandbox_{name}_index",
        metadata,
        _company(),
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("words", Text, nullable=False),
        *(Column(field, kind) for field, kind in fields.items()),
    )


# What records are searched, filtered and sorted by stands beside them, in rows a tenth of their size: looking through
# 100,000 of these takes milliseconds, where reading as many documents would take a second.
# Texts are folded (`indexing.folded`), `words` is all that a search looks in.
INDEXES = {
    "artikels": _index(
        "artikels",
        {
            "naam": Text,
            "merk": Text,
            "SKU": Text,
            "categorie": Text,
            "categorie_id": BigInteger,
            "status": Text,
            "voorraad_bijhouden": Text,
            "op_voorraad": Float,
            "bestellingtype": Text,
            "BTW": Float,
            "verkoopprijs_excl": Float,
            "verkoopprijs_incl": Float,
            "inkoopprijs_excl": Float,
            "inkoopprijs_incl": Float,
        },
    ),
    "klanten": _index(
        "klanten",
        {
            "naam": Text,
            "aanspreektitel": Text,
            "voornaam": Text,
            "achternaam": Text,
            "straat": Text,
            "postcode": Text,
            "plaats": Text,
            "land": Text,
            "geboortedatum": Text,
            "is_bedrijf": Boolean,
            "bedrijfsnaam": Text,
            "BTW_nummer": Text,
            "ondernemingsnummer": Text,
        },
    ),
}
"""By the name of the collection."""

placements = Table(
    "sandbox_placements",
    metadata,
    _company(),
    Column("categorie", BigInteger, primary_key=True, autoincrement=False),
    Column("artikel", BigInteger, primary_key=True, autoincrement=False),
    Index("sandbox_placements_of_artikel", "company", "artikel"),
)
"""Which product is in which category: its main one and all that it lists."""

applications = Table(
    "sandbox_applications",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("id", String(100), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("requestor", String(100), unique=True),
    Column("webhook_url", Text),
    Column("webhook_secret", Text),
    Column("automatic_events", Boolean, nullable=False),
)

# Users and applications have a number beside their name, so that a name can change.
users = Table(
    "sandbox_users",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("email", String(254), nullable=False, unique=True),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("pin", String(6)),
    Column("is_active", Boolean, nullable=False),
    Column("password", Text, nullable=False),
)


def _application(*, primary_key: bool = False) -> Column[int]:
    return Column("application", Integer, ForeignKey(applications.c.key), primary_key=primary_key, nullable=False)


def _user(*, primary_key: bool = False) -> Column[int]:
    return Column("user", Integer, ForeignKey(users.c.key), primary_key=primary_key, nullable=False)


permissions = Table(
    "sandbox_permissions",
    metadata,
    _application(primary_key=True),
    _user(primary_key=True),
    _company(),
    Column("slug", String(100), primary_key=True),
)

# Unlike the ERP's tokens these are random and personal: only their digests are kept, and nobody can read them back.
user_tokens = Table(
    "sandbox_user_tokens",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False, unique=True),
    _application(),
    _user(),
    Column("issued_at", Float, nullable=False),
    Column("expires_at", Float),
)

impersonations = Table(
    "sandbox_impersonations",
    metadata,
    Column("digest", String(64), primary_key=True),
    _application(),
    _user(),
    Column("company", Integer, ForeignKey(companies.c.key), nullable=False),
    Column("expires_at", Float, nullable=False),
)

snapshots = Table(
    "sandbox_snapshots",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("taken_at", Float, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("artikels", Integer, nullable=False),
    Column("klanten", Integer, nullable=False),
)

snapshot_parts = Table(
    "sandbox_snapshot_parts",
    metadata,
    Column("snapshot", String(200), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

KEPT = frozenset({about, snapshots, snapshot_parts})
"""What stays when everything else begins anew."""
