"""From names to the numbers that tables refer to each other by."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import ColumnElement, Connection, Table, func, select

from .refusals import NoSuchRecord
from .schema import applications, companies, users

Opening = Callable[[], AbstractContextManager[Connection]]
"""A connection for the time of a query or of a few edits."""


def application_key(connection: Connection, id: str) -> int:
    """The number of an application.

    Raises:
        NoSuchRecord: there is none with this id.
    """
    return _key(connection, applications, applications.c.id == id, f"there is no application {id!r}")


def user_key(connection: Connection, email: str) -> int:
    """The number of a user.

    Raises:
        NoSuchRecord: there is none with this name.
    """
    return _key(connection, users, users.c.email == email, f"there is no user {email!r}")


def company_key(connection: Connection, id: str) -> int:
    """The number of a company.

    Raises:
        NoSuchRecord: there is none with this id.
    """
    return _key(connection, companies, companies.c.id == id, f"there is no company {id!r}")


def next_key(connection: Connection, column: ColumnElement[int]) -> int:
    """The number after the highest one in use."""
    return (connection.execute(select(func.max(column))).scalar() or 0) + 1


def _key(connection: Connection, table: Table, where: ColumnElement[bool], complaint: str) -> int:
    key: int | None = connection.execute(select(table.c.key).where(where)).scalar()
    if key is None:
        raise NoSuchRecord(complaint)
    return key
