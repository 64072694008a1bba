"""Filling an empty database, or one that is to begin anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, delete, insert

from cloudspot.sandbox.accounts import Accounts
from cloudspot.sandbox.companies import Company, Token

from . import schema
from .categorieen import state_of
from .indexing import write_index
from .keys import next_key
from .listing import CollectionState

ROWS_PER_INSERT = 1000

Record = tuple[int, bytes]


class Contents(NamedTuple):
    """Everything of one company. The records may be iterators: they are taken one by one."""

    company: Company
    tokens: tuple[Token, ...]
    categorieen: list[tuple[int, int | None, str | None]]
    artikels: Iterable[Record]
    klanten: Iterable[Record]


def fill(connection: Connection, contents: Iterable[Contents], accounts: Callable[[], Accounts]) -> None:
    """Replace everything by these contents, and by the accounts that are asked for when all contents are in."""
    for table in reversed(schema.metadata.sorted_tables):
        if table not in schema.KEPT:
            connection.execute(delete(table))
    for content in contents:
        fill_company(connection, content)
    fill_accounts(connection, accounts())


def fill_accounts(connection: Connection, accounts: Accounts) -> None:
    """Write applications, users and what they may do into tables that have none; the companies are there."""
    applications = {each.id: key for key, each in enumerate(accounts.applications, 1)}
    users = {user.email: key for key, (user, _) in enumerate(accounts.users, 1)}
    for application in accounts.applications:
        key, secret = applications[application.id], accounts.secrets.get(application.id)
        row = msgspec.structs.asdict(application) | {"key": key, "webhook_secret": secret}
        connection.execute(insert(schema.applications), row)
    for user, password in accounts.users:
        row = msgspec.structs.asdict(user) | {"key": users[user.email], "password": password}
        connection.execute(insert(schema.users), row)
    for grant in accounts.grants:
        of = {"application": applications[grant.application], "user": users[grant.user], "company": grant.company}
        connection.execute(insert(schema.permissions), [{**of, "slug": slug} for slug in sorted(grant.permissions)])


def fill_company(connection: Connection, content: Contents) -> None:
    """Write a company that isn't there yet."""
    company = content.company
    connection.execute(insert(schema.companies), company._asdict())
    first = next_key(connection, schema.tokens.c.id)
    for position, token in enumerate(content.tokens):
        row = {**token._asdict(), "position": position, "id": token.id or first + position}
        connection.execute(insert(schema.tokens), row)
    _fill_categorieen(connection, company.key, content.categorieen)
    _fill_records(connection, company.key, "artikels", content.artikels)
    _fill_records(connection, company.key, "klanten", content.klanten)


def _fill_categorieen(connection: Connection, company: int, rows: list[tuple[int, int | None, str | None]]) -> None:
    if rows:
        connection.execute(
            insert(schema.categorieen),
            [{"company": company, "id": key, "parent": parent, "naam": naam} for key, parent, naam in rows],
        )
    _note(connection, company, "categories", CollectionState(state_of(rows), len(rows), 0))


def _fill_records(connection: Connection, company: int, naam: str, records: Iterable[Record]) -> None:
    table = schema.RECORD_TABLES[naam]
    digest, count, size = blake2b(digest_size=16), 0, 0
    for batch in _batches(records):
        for _, body in batch:
            digest.update(body)
            size += len(body)
        count += len(batch)
        connection.execute(
            insert(table), [{"company": company, "id": key, "body": body.decode()} for key, body in batch]
        )
        write_index(connection, company, naam, batch)
    _note(connection, company, naam, CollectionState(digest.hexdigest(), count, size))


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    waiting = iter(records)
    while batch := list(islice(waiting, ROWS_PER_INSERT)):
        yield batch


def _note(connection: Connection, company: int, naam: str, collection: CollectionState) -> None:
    connection.execute(
        insert(schema.collections),
        {"company": company, "naam": naam, **collection._asdict()},
    )
