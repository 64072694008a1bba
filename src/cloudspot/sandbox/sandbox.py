"""`Sandbox`: the stand-in for Cloudspot's servers, running in this process."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from cloudspot.records import Artikel, Klant

from .accounts import fixed_accounts
from .app import application
from .companies import COMPANIES, KIST, Company
from .edits import Records
from .faults import Faults
from .seed import seeded
from .serving import Serving
from .store import Store

HOST = "127.0.0.1"


class Sandbox:
    """A stateful ERP server on a port of this machine, filled with realistic data.

    It serves from a thread of its own from `start()` to `stop()`, or for the time of a `with` block. Several in one
    process share nothing. Data that a file or server database holds already is used as it is; then `artikels`,
    `klanten` and `seed` only say what `reset()` makes.
    """

    def __init__(
        self,
        *,
        artikels: int = 500,
        klanten: int = 100,
        seed: int = 1,
        port: int = 0,
        host: str = HOST,
        database: str = "sqlite://",
        compress: bool = False,
    ) -> None:
        """Say what the sandbox is to be; nothing is opened yet.

        Args:
            artikels: how many products the first company has; the other has fewer.
            klanten: how many clients the first company has; the other has fewer.
            seed: the same seed makes the same data, byte for byte.
            port: where to listen; 0 takes a free port.
            host: the address to listen on; anything but this machine's own makes the data public.
            database: `sqlite://` (in memory), `sqlite:///file.db` or `postgresql://…`.
            compress: compress answers for clients that ask for it. Off, since on one machine it only costs time.
        """
        seeded(seed, artikels, klanten)
        self._counts = (seed, artikels, klanten)
        self._host, self._port, self._database = host, port, database
        self.compress = compress
        self.faults = Faults()
        self._store: Store | None = None
        self._serving: Serving | None = None

    def start(self) -> Self:
        """Fill the database if it is empty, and serve. A sandbox that was stopped can be started again.

        Raises:
            OSError: the port is in use.
            UnusableDatabase: the database can't hold a sandbox.
            RuntimeError: it runs already.
        """
        if self._serving is not None:
            raise RuntimeError("the sandbox runs already")
        serving = Serving(application(self), self._host, self._port)
        try:
            self._store = Store(self._database)
            if self._store.is_empty():
                self._store.fill(seeded(*self._counts), fixed_accounts())
        except BaseException:
            serving.discard()
            self._close_store()
            raise
        self._serving = serving
        serving.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection, and give the database back. Stopping twice does nothing."""
        if self._serving is not None:
            self._serving.stop()
            self._serving = None
        self._close_store()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def store(self) -> Store:
        """The data behind the servers.

        Raises:
            RuntimeError: the sandbox doesn't run.
        """
        if self._store is None:
            raise RuntimeError("the sandbox does not run: use `with Sandbox() as sandbox:` or `start()`")
        return self._store

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._serving is None:
            raise RuntimeError("the sandbox does not run: use `with Sandbox() as sandbox:` or `start()`")
        return self._serving.port

    @property
    def base_url(self) -> str:
        """Where the servers' paths begin: `http://127.0.0.1:PORT/api/v1`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}/api/v1"

    @property
    def tokens(self) -> list[str]:
        """The tokens that open something."""
        return self.store.token_names()

    @property
    def artikels(self) -> Records[Artikel]:
        """The products of the first company, to edit."""
        return self.company(KIST.naam).artikels

    @property
    def klanten(self) -> Records[Klant]:
        """The clients of the first company, to edit."""
        return self.company(KIST.naam).klanten

    def company(self, naam: str) -> CompanyData:
        """One company's data, by its name or id.

        Raises:
            LookupError: there is no such company.
        """
        for company in COMPANIES:
            if naam in {company.naam, company.id}:
                return CompanyData(self.store, company)
        raise LookupError(f"there is no company {naam!r}; there are {', '.join(each.naam for each in COMPANIES)}")

    def reset(self) -> None:
        """Make the data anew from the seed, and clear the faults."""
        self.store.fill(seeded(*self._counts), fixed_accounts())
        self.faults.clear()

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


class CompanyData:
    """The data of one company, to edit."""

    def __init__(self, store: Store, company: Company) -> None:
        self.naam, self.id = company.naam, company.id
        self.artikels = Records(store, company, "artikels", Artikel)
        self.klanten = Records(store, company, "klanten", Klant)
