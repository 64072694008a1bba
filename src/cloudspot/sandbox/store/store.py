"""`Store`: what the servers ask of the database, and the edits that keep a collection's state true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from typing import NamedTuple
from weakref import WeakSet

from sqlalchemy import Connection, delete, func, insert, select, update

from cloudspot.sandbox.accounts import Accounts
from cloudspot.sandbox.companies import Company

from . import images, schema
from .accounts import AccountStore
from .database import is_in_memory, open_engine
from .filling import Contents, fill
from .indexing import GREATEST_ID, remove_index, write_index
from .listing import CollectionState, Listing, Page
from .refusals import NoSuchRecord, RecordExists
from .searching import Search, ids_and_total, resolved
from .statements import Statements, state_after
from .user_tokens import UserTokenStore


class Access(NamedTuple):
    """What a token opens."""

    company: int
    sees_artikels: bool
    sees_klanten: bool


class CompanyRow(NamedTuple):
    """A company as it is stored."""

    key: int
    id: str
    naam: str


class CategorieRow(NamedTuple):
    """A category as it is stored."""

    id: int
    parent: int | None
    naam: str | None


class Store:
    """One sandbox's database. Any thread may call; calls take turns, each for the time of a short query."""

    def __init__(self, database: str, *, image: bytes | None = None) -> None:
        """Open the database.

        Args:
            image: what a database in memory begins with.

        Raises:
            UnusableDatabase: it can't hold a sandbox.
        """
        self.is_in_memory = is_in_memory(database)
        self._engine = open_engine(database, image)
        is_sqlite = self._engine.dialect.name == "sqlite"
        # Reading needs no transaction; on PostgreSQL that saves two round trips a query.
        self._reads = self._engine if is_sqlite else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._statements = Statements(is_sqlite=is_sqlite)
        self._lock = RLock()
        self._under_way: WeakSet[Listing] = WeakSet()
        # Every request begins with its token: looking it up anew would double the work of a small one.
        self._known_tokens: dict[str, Access] = {}
        self.accounts = AccountStore(self._reading, self._editing)
        self.user_tokens = UserTokenStore(self._reading, self._editing)

    def close(self) -> None:
        """Give the database back. A file stays; what was in memory is gone."""
        with self._lock:
            self._engine.dispose()

    def turn(self) -> AbstractContextManager[object]:
        """Everybody else waits until it ends: for an edit that reads first what it writes then."""
        return self._lock

    def is_empty(self) -> bool:
        """Whether there is no company yet."""
        with self._reading() as connection:
            return connection.execute(select(func.count()).select_from(schema.companies)).scalar() == 0

    def fill(self, contents: Iterable[Contents], accounts: Accounts) -> None:
        """Replace everything by these contents, all or nothing."""
        with self._lock, self._engine.begin() as connection:
            self._let_go()
            fill(connection, contents, accounts)

    def image(self) -> bytes:
        """All of a database in memory, for others to begin with."""
        with self._lock:
            return images.image_of(self._engine)

    def become(self, image: bytes) -> None:
        """Replace everything in a database in memory by what an image holds."""
        with self._lock:
            self._let_go()
            images.load(self._engine, image)

    def access(self, token: str) -> Access | None:
        """What a token opens; None for an unknown one."""
        if (known := self._known_tokens.get(token)) is not None:
            return known
        with self._reading() as connection:
            row = connection.execute(self._statements.access, {"of_token": token}).first()
            if row is None:
                return None
            return self._known_tokens.setdefault(token, Access(*row))

    def token_names(self) -> list[str]:
        """All tokens, those of the first company first."""
        with self._reading() as connection:
            return list(connection.execute(self._statements.token_names).scalars())

    def companies(self) -> list[CompanyRow]:
        """Every company."""
        with self._reading() as connection:
            rows = connection.execute(select(schema.companies).order_by(schema.companies.c.key))
            return [CompanyRow(*row) for row in rows]

    def collection(self, company: int, naam: str) -> CollectionState:
        """What is known of a whole collection."""
        with self._reading() as connection:
            row = connection.execute(self._statements.collection, {"of_company": company, "of_naam": naam}).one()
        return CollectionState(*row)

    def listing(self, company: int, naam: str) -> Listing:
        """All records of a collection, as they are now."""
        statement = self._statements.pages[naam]

        def read_page(last: int | None) -> Page:
            after = -1 if last is None else last
            with self._reads.connect() as connection:
                return self._statements.rows(connection.execute(statement, {"of_company": company, "after": after}))

        with self._lock:
            listing = Listing((company, naam), self.collection(company, naam), read_page, self._lock)
            self._under_way.add(listing)
        return listing

    def record(self, company: int, naam: str, id: int) -> bytes | None:
        """One record as JSON; None where the company has none with that id."""
        if not 0 <= id <= GREATEST_ID:
            return None
        with self._reading() as connection:
            return self._record(connection, company, naam, id)

    def search(self, company: int, naam: str, asked: Search) -> tuple[list[bytes], int]:
        """The records of one page of what is searched for, as JSON, and how many there are on all pages."""
        with self._reading() as connection:
            asked = self._resolved(connection, company, asked)
            ids, total = ids_and_total(connection, company, naam, asked)
            return self._bodies(connection, company, naam, ids), total

    def categorieen(self, company: int) -> list[CategorieRow]:
        """All categories of a company, by id."""
        with self._reading() as connection:
            rows = connection.execute(self._statements.categorieen, {"of_company": company})
            return [CategorieRow(*row) for row in rows]

    def next_id(self, company: Company, naam: str) -> int:
        """The id after the highest one in use."""
        table = schema.RECORD_TABLES[naam]
        with self._reading() as connection:
            highest = connection.execute(select(func.max(table.c.id)).where(table.c.company == company.key)).scalar()
        return highest + 1 if highest is not None else company.first_of(naam)

    def add(self, company: int, naam: str, id: int, body: bytes) -> None:
        """Write a new record.

        Raises:
            RecordExists: its id is in use.
        """
        table = schema.RECORD_TABLES[naam]
        with self._editing() as connection:
            if self._record(connection, company, naam, id) is not None:
                raise RecordExists(f"there is a {id} in {naam} already")
            self._remember(company, naam, id, None)
            connection.execute(insert(table), {"company": company, "id": id, "body": body.decode()})
            write_index(connection, company, naam, [(id, body)])
            self._note_edit(connection, company, naam, id, body, records=1, growth=len(body))

    def replace(self, company: int, naam: str, id: int, body: bytes) -> None:
        """Write a record over the one with its id.

        Raises:
            NoSuchRecord: there is none.
        """
        table = schema.RECORD_TABLES[naam]
        with self._editing() as connection:
            before = self._present(connection, company, naam, id)
            self._remember(company, naam, id, before)
            where = (table.c.company == company, table.c.id == id)
            connection.execute(update(table).where(*where).values(body=body.decode()))
            remove_index(connection, company, naam, [id])
            write_index(connection, company, naam, [(id, body)])
            self._note_edit(connection, company, naam, id, body, records=0, growth=len(body) - len(before))

    def remove(self, company: int, naam: str, id: int) -> None:
        """Delete a record.

        Raises:
            NoSuchRecord: it isn't there.
        """
        table = schema.RECORD_TABLES[naam]
        with self._editing() as connection:
            before = self._present(connection, company, naam, id)
            self._remember(company, naam, id, before)
            connection.execute(delete(table).where(table.c.company == company, table.c.id == id))
            remove_index(connection, company, naam, [id])
            self._note_edit(connection, company, naam, id, b"", records=-1, growth=-len(before))

    def _let_go(self) -> None:
        """Forget what was read of contents that are about to be replaced."""
        self._known_tokens.clear()
        for listing in self._under_way:
            listing.cut_loose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._lock, self._reads.connect() as connection:
            yield connection

    @contextmanager
    def _editing(self) -> Iterator[Connection]:
        with self._lock, self._engine.begin() as connection:
            yield connection

    def _record(self, connection: Connection, company: int, naam: str, id: int) -> bytes | None:
        row = connection.execute(self._statements.records[naam], {"of_company": company, "of_id": id}).first()
        return None if row is None else self._statements.as_bytes(row[0])

    def _resolved(self, connection: Connection, company: int, asked: Search) -> Search:
        rows = connection.execute(self._statements.categorieen, {"of_company": company}) if asked.categorieen else ()
        return resolved(asked, ((row.id, row.naam) for row in rows))

    def _bodies(self, connection: Connection, company: int, naam: str, ids: list[int]) -> list[bytes]:
        """Records in this order; one query for each, since an index is all it takes."""
        found = (self._record(connection, company, naam, key) for key in ids)
        return [body for body in found if body is not None]

    def _present(self, connection: Connection, company: int, naam: str, id: int) -> bytes:
        body = self._record(connection, company, naam, id)
        if body is None:
            raise NoSuchRecord(f"there is no {id} in {naam}")
        return body

    def _remember(self, company: int, naam: str, id: int, body: bytes | None) -> None:
        for listing in self._under_way:
            if listing.of == (company, naam):
                listing.remember(id, body)

    def _note_edit(
        self, connection: Connection, company: int, naam: str, id: int, body: bytes, *, records: int, growth: int
    ) -> None:
        table = schema.collections
        where = (table.c.company == company, table.c.naam == naam)
        state = connection.execute(select(table.c.state).where(*where)).scalar_one()
        connection.execute(
            update(table)
            .where(*where)
            .values(state=state_after(state, id, body), records=table.c.records + records, size=table.c.size + growth)
        )
