"""`Store`: what the servers ask of the database, and the edits that keep a collection's state true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from typing import NamedTuple
from weakref import WeakSet

from sqlalchemy import Connection, func, select

from cloudspot.sandbox.accounts import Accounts
from cloudspot.sandbox.clock import Clock
from cloudspot.sandbox.ids import Ids

from . import images, schema
from .accounts import AccountStore
from .categorieen import CategorieStore
from .companies import CompanyStore
from .database import is_in_memory, open_engine
from .erp_tokens import TokenStore
from .filling import Contents, fill
from .indexing import GREATEST_ID
from .listing import ROWS_PER_PAGE, CollectionState, Listing, Page
from .records import RecordStore
from .snapshots import SnapshotStore
from .statements import Statements
from .user_tokens import UserTokenStore


class Access(NamedTuple):
    """What a token opens."""

    company: int
    sees_artikels: bool
    sees_klanten: bool


class Store:
    """One sandbox's database. Any thread may call; calls take turns, each for the time of a short query."""

    def __init__(
        self, database: str, *, image: bytes | None = None, clock: Clock | None = None, ids: Ids | None = None
    ) -> None:
        """Open the database.

        Args:
            image: what a database in memory begins with.
            clock: what tokens expire by; this machine's clock if left out.
            ids: where tokens come from; random ones if left out.

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
        self._shared: Connection | None = None
        self._known_tokens: dict[str, Access] = {}
        self.companies = CompanyStore(self._reading, self._editing, self._let_go)
        self.erp_tokens = TokenStore(self._reading, self._editing, self._known_tokens.clear)
        self.categorieen = CategorieStore(self._reading, self._editing)
        self.records = RecordStore(self._reading, self._editing, self._statements, self._remember)
        self.snapshots = SnapshotStore(self._reading, self._editing)
        self.accounts = AccountStore(self._reading, self._editing)
        self.user_tokens = UserTokenStore(self._reading, self._editing, clock or Clock(), ids or Ids())

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

    def fill(self, contents: Iterable[Contents], accounts: Callable[[], Accounts]) -> None:
        """Replace everything by these contents, all or nothing; accounts are asked for when all contents are in."""
        with self._lock:
            # What is read meanwhile, such as a snapshot that is kept here too, is read in the same transaction.
            with self.together(), self._editing() as connection:
                fill(connection, contents, accounts)
            self._let_go()

    def bodies(self, company: int, naam: str) -> Iterator[bytes]:
        """All records of a collection as JSON, by id; hold the turn until the last."""
        statement, last = self._statements.pages[naam], -1
        while True:
            with self._reading() as connection:
                rows = connection.execute(statement, {"of_company": company, "after": last})
                page = self._statements.rows(rows)
            yield from (body for _, body in page)
            if len(page) < ROWS_PER_PAGE:
                return
            last = page[-1][0]

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
            row = connection.execute(self._statements.records[naam], {"of_company": company, "of_id": id}).first()
        return None if row is None else self._statements.as_bytes(row[0])

    def _let_go(self, company: int | None = None) -> None:
        """Forget what was read of contents that are about to be replaced: all, or those of one company."""
        self._known_tokens.clear()
        for listing in self._under_way:
            if company is None or listing.of[0] == company:
                listing.cut_loose()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Everything that is written until it ends is written, or nothing is."""
        with self._lock:
            if self._shared is not None:
                yield
                return
            with self._engine.begin() as connection:
                self._shared = connection
                try:
                    yield
                finally:
                    self._shared = None

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._lock:
            if self._shared is not None:
                yield self._shared
                return
            with self._reads.connect() as connection:
                yield connection

    @contextmanager
    def _editing(self) -> Iterator[Connection]:
        with self._lock:
            if self._shared is not None:
                yield self._shared
                return
            with self._engine.begin() as connection:
                yield connection

    def _remember(self, company: int, naam: str, id: int, body: bytes | None) -> None:
        for listing in self._under_way:
            if listing.of == (company, naam):
                listing.remember(id, body)
