"""How a database of an older release becomes one of this release, one version at a time.

Each step is written out, not taken from `schema`: what a version was does not change when the tables do. Steps may be
broken off and run again, since SQLite keeps what was made before.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select, text, update

from cloudspot.sandbox.accounts import fixed_accounts

from . import schema
from .filling import fill_accounts


def migrate(connection: Connection, version: int) -> None:
    """Bring a database of this version to the current one."""
    for step in MIGRATIONS[version - 1 :]:
        step(connection)
    has_companies = connection.execute(select(schema.companies.c.key).limit(1)).first() is not None
    if version < FIRST_WITH_ACCOUNTS and has_companies:
        fill_accounts(connection, fixed_accounts())
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

FIRST_WITH_ACCOUNTS = 2

MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_accounts,)
"""The first brings version 1 to version 2, and so on."""
