"""Sessions in a database that several processes share: PostgreSQL or SQLite, by SQLAlchemy's asynchronous engines."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import (
    Column,
    Double,
    Executable,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    case,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from ..errors import ConfigurationError
from .stores import Kept

_INSERTS: dict[str, Callable[[Table], postgresql.Insert | sqlite.Insert]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


class SqlStore:
    """Keeps sessions, counters and claims in two tables.

    Needs the extra `asgi-sql` and the database's driver. `create_tables()` makes the tables where they are not there;
    `tables` has them for who makes them with migrations. `clean()` deletes what has ended; call it now and then.

    Args:
        engine: of PostgreSQL, as `postgresql+psycopg://`, or SQLite, as `sqlite+aiosqlite://`.
        prefix: how the names of the tables begin.
        clock: seconds since 1970.

    Raises:
        ConfigurationError: it is an engine of another database.
    """

    def __init__(
        self, engine: AsyncEngine, *, prefix: str = "cloudspot_", clock: Callable[[], float] = time.time
    ) -> None:
        if engine.dialect.name not in _INSERTS:
            raise ConfigurationError(f"SqlStore is for PostgreSQL and SQLite, not for {engine.dialect.name}.")
        self._engine, self._clock = engine, clock
        self._insert = _INSERTS[engine.dialect.name]
        self.tables = MetaData()
        self._sessions = Table(
            f"{prefix}sessions",
            self.tables,
            Column("name", String(64), primary_key=True),
            Column("sealed", LargeBinary, nullable=False),
            Column("account", String(64), nullable=False),
            Column("until", Double, nullable=False),
            Column("version", Integer, nullable=False),
            Column("rung", Double, nullable=False),
            Index(f"{prefix}sessions_account", "account"),
            Index(f"{prefix}sessions_until", "until"),
        )
        self._counted = Table(
            f"{prefix}counted",
            self.tables,
            Column("name", String(400), primary_key=True),
            Column("number", Integer, nullable=False),
            Column("until", Double, nullable=False),
            Index(f"{prefix}counted_until", "until"),
        )

    async def create_tables(self) -> None:
        """Make the tables where they are not there."""
        async with self._engine.begin() as connection:
            await connection.run_sync(self.tables.create_all)

    async def clean(self) -> None:
        """Delete what has ended."""
        async with self._engine.begin() as connection:
            for table in (self._sessions, self._counted):
                await connection.execute(delete(table).where(table.c.until <= self._clock()))

    async def create(self, name: str, kept: Kept) -> None:
        """Keep a new session."""
        values = {"sealed": kept.sealed, "account": kept.account, "until": kept.until}
        async with self._engine.begin() as connection:
            row = {"name": name, **values, "version": kept.version, "rung": kept.rung}
            await connection.execute(self._sessions.insert().values(row))

    async def load(self, name: str) -> Kept | None:
        """A session; None where there is none, or it has ended."""
        found = self._sessions.c
        columns = select(found.sealed, found.account, found.until, found.version, found.rung)
        async with self._engine.connect() as connection:
            row = (await connection.execute(columns.where(found.name == name, found.until > self._clock()))).first()
        return Kept(bytes(row[0]), *row[1:]) if row else None

    async def replace(self, name: str, kept: Kept) -> bool:
        """Keep a session anew where the one that is kept has the version before."""
        row = self._sessions.c
        is_before = (row.name == name, row.version == kept.version - 1, row.until > self._clock())
        values = {"sealed": kept.sealed, "account": kept.account, "until": kept.until, "version": kept.version}
        async with self._engine.begin() as connection:
            return (await connection.execute(update(self._sessions).where(*is_before).values(values))).rowcount == 1

    async def delete(self, name: str) -> None:
        """Forget a session."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(self._sessions).where(self._sessions.c.name == name))

    async def ring(self, account: str, at: float) -> list[str]:
        """Set `rung` of every session of an account, and give their names."""
        table = self._sessions
        rung = update(table).where(table.c.account == account).values(rung=at).returning(table.c.name)
        async with self._engine.begin() as connection:
            return sorted((await connection.execute(rung)).scalars())

    async def count(self, name: str, by: int, until: float) -> int:
        """Add to a counter."""
        table, now = self._counted, self._clock()
        if by == 0:
            async with self._engine.connect() as connection:
                found = select(table.c.number).where(table.c.name == name, table.c.until > now)
                return (await connection.execute(found)).scalar() or 0
        # One that has ended begins anew; one that lasts longer goes on lasting.
        has_ended = table.c.until <= now
        insert = self._insert(table).values(name=name, number=by, until=until)
        counted = insert.on_conflict_do_update(
            index_elements=[table.c.name],
            set_={
                "number": case((has_ended, insert.excluded.number), else_=table.c.number + insert.excluded.number),
                "until": case(
                    (or_(has_ended, table.c.until < insert.excluded.until), insert.excluded.until),
                    else_=table.c.until,
                ),
            },
        ).returning(table.c.number)
        return await self._number(counted) or 0

    async def claim(self, name: str, until: float) -> bool:
        """Note a name; False where it is noted already."""
        table = self._counted
        insert = self._insert(table).values(name=name, number=1, until=until)
        claimed = insert.on_conflict_do_update(
            index_elements=[table.c.name],
            set_={"number": 1, "until": insert.excluded.until},
            where=table.c.until <= self._clock(),
        ).returning(table.c.number)
        return await self._number(claimed) is not None

    async def forget(self, name: str) -> None:
        """Throw away what was counted or claimed by that name."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(self._counted).where(self._counted.c.name == name))

    async def _number(self, statement: Executable) -> int | None:
        async with self._engine.begin() as connection:
            found: int | None = (await connection.execute(statement)).scalar()
            return found

    def __repr__(self) -> str:
        return f"<{type(self).__name__} in {self._engine.dialect.name}>"
