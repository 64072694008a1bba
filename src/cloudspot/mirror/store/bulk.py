"""Many rows into a table at once, past SQLAlchemy: executemany on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table

from cloudspot.mirror.resources import Resource
from cloudspot.records import Record

Row = Sequence[Any]


def insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that have a value for each column of the table, in its order.

    Values are None, numbers, text, bytes, booleans and what the driver takes for a time; amounts and dates are text.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        # A document comes as bytes: making text of it and bytes again takes a third of its insertion.
        marks = ", ".join("CAST(? AS TEXT)" if column.name == "document" else "?" for column in table.columns)
        connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({marks})", list(map(tuple, rows)))  # noqa: S608
        return
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def document(connection: Connection, row: bytes) -> Any:
    """The bytes of a record as the driver takes them."""
    return row if connection.dialect.name == "sqlite" else row.decode()


def moment(connection: Connection, at: datetime) -> Any:
    """A time as the driver takes it."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds") if connection.dialect.name == "sqlite" else at


def row_maker(resource: Resource[Any]) -> Callable[[Record], list[Any]]:
    """A function from a record to the values of its columns, as `insert` takes them."""
    values = []
    for name, holds in resource.columns.items():
        value = f"record.{name}"
        if name in resource.words:
            value = f"{value} and {value}._value_"
        elif holds is Decimal:
            value = f"None if {value} is None else str({value})"
        elif holds is date:
            value = f"{value} and {value}.isoformat()"
        values.append(value)
    # Written out, like the questions of checks.py, and for the same reason.
    return eval(f"lambda record: [{', '.join(values)}]")  # type: ignore[no-any-return]  # noqa: S307


def batches(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """The items in lists of at most so many."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
