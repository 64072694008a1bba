"""How a database of an older release becomes one of this release, one version at a time.

Each step is written out, not taken from `schema`: what a version was does not change when the tables do. Steps may be
broken off and run again, since SQLite keeps what was made before.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect, select, text, update

from cloudspot.sandbox.accounts import fixed_accounts

from . import schema
from .filling import fill_accounts
from .indexing import rebuild_index


def migrate(connection: Connection, version: int) -> None:
    """Bring a database of this version to the current one."""
    for step in MIGRATIONS[version - 1 :]:
        step(connection)
    has_companies = connection.execute(select(schema.companies.c.key).limit(1)).first() is not None
    if version < FIRST_WITH_ACCOUNTS and has_companies:
        fill_accounts(connection, fixed_accounts())
    if version < FIRST_WITH_INDEX:
        rebuild_index(connection)
    connection.execute(update(schema.about).values(schema_version=schema.VERSION))


def _accounts(connection: Connection) -> None:
    for statement in _ACCOUNT_TABLES:
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS {statement}"))


_ACCOUNT_TABLES = (
    """sandbox_applications (
        key INTEGER NOT NULL PRIMARY KEY,
        id VARCHAR(100) NOT NULL,
        name TEXT NOT NULL,
        requestor VARCHAR(100),
        webhook_url TEXT,
        webhook_secret TEXT,
        automatic_events BOOLEAN NOT NULL,
        UNIQUE (id),
        UNIQUE (requestor)
    )""",
    """sandbox_users (
        key INTEGER NOT NULL PRIMARY KEY,
        email VARCHAR(254) NOT NULL,
        first_name TEXT NOT NULL,
        last_name TEXT NOT NULL,
        pin VARCHAR(6),
        is_active BOOLEAN NOT NULL,
        password TEXT NOT NULL,
        UNIQUE (email)
    )""",
    """sandbox_permissions (
        application INTEGER NOT NULL REFERENCES sandbox_applications (key),
        "user" INTEGER NOT NULL REFERENCES sandbox_users (key),
        company INTEGER NOT NULL REFERENCES sandbox_companies (key),
        slug VARCHAR(100) NOT NULL,
        PRIMARY KEY (application, "user", company, slug)
    )""",
    """sandbox_user_tokens (
        id INTEGER NOT NULL PRIMARY KEY,
        digest VARCHAR(64) NOT NULL,
        application INTEGER NOT NULL REFERENCES sandbox_applications (key),
        "user" INTEGER NOT NULL REFERENCES sandbox_users (key),
        issued_at FLOAT NOT NULL,
        expires_at FLOAT,
        UNIQUE (digest)
    )""",
    """sandbox_impersonations (
        digest VARCHAR(64) NOT NULL PRIMARY KEY,
        application INTEGER NOT NULL REFERENCES sandbox_applications (key),
        "user" INTEGER NOT NULL REFERENCES sandbox_users (key),
        company INTEGER NOT NULL REFERENCES sandbox_companies (key),
        expires_at FLOAT NOT NULL
    )""",
)

FIRST_WITH_ACCOUNTS, FIRST_WITH_INDEX = 2, 3


def _index(connection: Connection) -> None:
    """What records are found by, and an id for each token."""
    for statement in _INDEX_TABLES:
        connection.execute(text(statement))
    if not any(each["name"] == "id" for each in inspect(connection).get_columns("sandbox_tokens")):
        connection.execute(text("ALTER TABLE sandbox_tokens ADD COLUMN id INTEGER DEFAULT '0' NOT NULL"))
    tokens = connection.execute(text("SELECT token FROM sandbox_tokens ORDER BY company, position")).scalars().all()
    numbered = [{"id": key, "token": token} for key, token in enumerate(tokens, 1)]
    if numbered:
        connection.execute(text("UPDATE sandbox_tokens SET id = :id WHERE token = :token"), numbered)


_INDEX_TABLES = (
    """CREATE TABLE IF NOT EXISTS sandbox_artikels_index (
        company INTEGER NOT NULL REFERENCES sandbox_companies (key),
        id BIGINT NOT NULL,
        words TEXT NOT NULL,
        naam TEXT,
        merk TEXT,
        "SKU" TEXT,
        categorie TEXT,
        categorie_id BIGINT,
        status TEXT,
        voorraad_bijhouden TEXT,
        op_voorraad FLOAT,
        bestellingtype TEXT,
        "BTW" FLOAT,
        verkoopprijs_excl FLOAT,
        verkoopprijs_incl FLOAT,
        inkoopprijs_excl FLOAT,
        inkoopprijs_incl FLOAT,
        PRIMARY KEY (company, id)
    )""",
    """CREATE TABLE IF NOT EXISTS sandbox_klanten_index (
        company INTEGER NOT NULL REFERENCES sandbox_companies (key),
        id BIGINT NOT NULL,
        words TEXT NOT NULL,
        naam TEXT,
        aanspreektitel TEXT,
        voornaam TEXT,
        achternaam TEXT,
        straat TEXT,
        postcode TEXT,
        plaats TEXT,
        land TEXT,
        geboortedatum TEXT,
        is_bedrijf BOOLEAN,
        bedrijfsnaam TEXT,
        "BTW_nummer" TEXT,
        ondernemingsnummer TEXT,
        PRIMARY KEY (company, id)
    )""",
    """CREATE TABLE IF NOT EXISTS sandbox_placements (
        company INTEGER NOT NULL REFERENCES sandbox_companies (key),
        categorie BIGINT NOT NULL,
        artikel BIGINT NOT NULL,
        PRIMARY KEY (company, categorie, artikel)
    )""",
    "CREATE INDEX IF NOT EXISTS sandbox_placements_of_artikel ON sandbox_placements (company, artikel)",
)


def _snapshots(connection: Connection) -> None:
    binary = "BYTEA" if connection.dialect.name == "postgresql" else "BLOB"
    for statement in _SNAPSHOT_TABLES:
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS {statement.format(binary=binary)}"))


_SNAPSHOT_TABLES = (
    """sandbox_snapshots (
        name VARCHAR(200) NOT NULL PRIMARY KEY,
        taken_at FLOAT NOT NULL,
        size BIGINT NOT NULL,
        artikels INTEGER NOT NULL,
        klanten INTEGER NOT NULL
    )""",
    """sandbox_snapshot_parts (
        snapshot VARCHAR(200) NOT NULL,
        number INTEGER NOT NULL,
        body {binary} NOT NULL,
        PRIMARY KEY (snapshot, number)
    )""",
)

MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_accounts, _index, _snapshots)
"""The first brings version 1 to version 2, and so on."""
