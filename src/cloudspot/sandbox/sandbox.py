"""`Sandbox`: the stand-in for Cloudspot's servers, running in this process."""

from __future__ import annotations

import os
from collections.abc import Iterable
from socket import gethostname
from types import TracebackType
from typing import Self

from cloudspot.records import Klant

from .account_edits import Applications, Permissions, Users, UserTokens
from .app import application
from .beginning import Beginning
from .category_edits import Categorieen
from .clock import Clock, Moment
from .company_edits import Companies, ErpTokens
from .deliveries import Deliveries
from .edits import Artikels, CompanyData, Records
from .events import Events
from .faults import Faults
from .guards import Guards, is_this_machine, names_of
from .ids import Ids
from .request_log import KEPT, RequestLog
from .serving import Serving
from .snapshots import Snapshots, restore_file, save_file
from .store import Store, is_in_memory

HOST = "127.0.0.1"


class Sandbox:
    """A stateful ERP and License server on a port of this machine, filled with realistic data.

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
        remote_webhooks: bool = False,
        clock: Moment | None = None,
        seeded_ids: bool = False,
        requests: int = KEPT,
        allow_hosts: Iterable[str] = (),
        restore: str | os.PathLike[str] | None = None,
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
            remote_webhooks: let events go to other machines than this one.
            restore: a snapshot to begin from, and to go back to with `reset()`, instead of the seed.
            clock: the moment at which the sandbox's clock stands still: a `datetime` with a zone, ISO 8601 with a
                zone, or seconds since 1970. Left out, it is this machine's clock.
            seeded_ids: tokens of users and ids of requests and events are the same ones in the same order for the same
                seed. Only in memory: where data is kept, those of an earlier run would come again.
            requests: how many requests `sandbox.requests` keeps.
            allow_hosts: further names by which browsers may ask for the page and the control API.

        Raises:
            ValueError: an argument can't be, or doesn't go with another.
        """
        self._beginning = Beginning(seed, artikels, klanten, None if restore is None else os.fspath(restore))
        self._beginning.check()
        self._host, self._port, self._database = host, port, database
        if seeded_ids and not is_in_memory(database):
            raise ValueError("seeded_ids go with a database in memory: in one that is kept, they would come again")
        self.compress = compress
        self.clock = Clock(clock)
        self.ids = Ids(seed if seeded_ids else None)
        self.faults = Faults(seed)
        self.requests = RequestLog(requests)
        self.guards = Guards(is_exposed=False, names=names_of((host, gethostname()), allow_hosts))
        self._remote_webhooks = remote_webhooks
        self._deliveries = Deliveries(self._webhook_secret, self.clock, self.ids, remote=remote_webhooks)
        self._store: Store | None = None
        self._serving: Serving | None = None

    def start(self) -> Self:
        """Fill the database if it is empty, and serve. A sandbox that was stopped can be started again.

        Raises:
            OSError: the port is in use.
            UnusableDatabase: the database can't hold a sandbox.
            InvalidSnapshot: what it is to begin from can't be restored.
            RuntimeError: it runs already.
        """
        if self._serving is not None:
            raise RuntimeError("the sandbox runs already")
        serving = Serving(application(self), self._host, self._port, self._deliveries.send_all)
        try:
            self._store = self._beginning.open_store(self._database, self.clock, self.ids)
        except BaseException:
            serving.discard()
            self._close_store()
            raise
        self.guards = Guards(not is_this_machine(serving.address), self.guards.names)
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
    def is_exposed(self) -> bool:
        """Whether it listens where other machines reach it."""
        return self.guards.is_exposed

    @property
    def base_url(self) -> str:
        """Where the servers' paths begin: `http://127.0.0.1:PORT/api/v1`."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}/api/v1"

    @property
    def page_url(self) -> str:
        """Where a browser finds the page: `http://127.0.0.1:PORT/`."""
        return self.base_url.removesuffix("api/v1")

    @property
    def license_url(self) -> str:
        """Where the License server's paths begin: in the same place, as `test_mode` expects."""
        return self.base_url

    @property
    def tokens(self) -> list[str]:
        """The tokens that open something."""
        return [each.token for each in self.store.erp_tokens.all()]

    @property
    def erp_tokens(self) -> ErpTokens:
        """The ERP's tokens and their rights, to edit."""
        return ErpTokens(self.store)

    @property
    def artikels(self) -> Artikels:
        """The products of the first company, to edit."""
        return self._first_company.artikels

    @property
    def klanten(self) -> Records[Klant]:
        """The clients of the first company, to edit."""
        return self._first_company.klanten

    @property
    def categorieen(self) -> Categorieen:
        """The categories of the first company, to edit."""
        return self._first_company.categorieen

    def company(self, naam: str) -> CompanyData:
        """One company's data, by its name or id.

        Raises:
            NoSuchRecord: there is none.
        """
        return CompanyData(self.store, self.store.companies.named(naam))

    @property
    def _first_company(self) -> CompanyData:
        return CompanyData(self.store, self.store.companies.all()[0])

    @property
    def companies(self) -> Companies:
        """The companies, to edit."""
        return Companies(self.store, self.events)

    @property
    def applications(self) -> Applications:
        """The applications that users log in to, to edit."""
        return Applications(self.store, remote=self._remote_webhooks)

    @property
    def users(self) -> Users:
        """The users, to edit."""
        return Users(self.store, self.events)

    @property
    def permissions(self) -> Permissions:
        """What users may do, to edit."""
        return Permissions(self.store, self.events)

    @property
    def user_tokens(self) -> UserTokens:
        """The tokens of users: to issue, revoke and let expire."""
        return UserTokens(self.store, self.clock)

    @property
    def events(self) -> Events:
        """What applications are told at their webhooks."""
        return Events(self.store, self._deliveries)

    def snapshot(self, path: str | os.PathLike[str]) -> None:
        """Save all companies, tokens, categories, records, applications, users and permissions to a file.

        It is text, a line for each thing, always in the same order: made to be committed and compared. Tokens that
        users got by logging in, faults, events and snapshots with a name are not in it.

        Raises:
            OSError: the file can't be written; one that was there is as it was.
        """
        save_file(self.store, path)

    def restore(self, path: str | os.PathLike[str]) -> None:
        """Make the data what a file of `snapshot()` says, all or nothing. Users are logged out.

        Raises:
            OSError: the file can't be read.
            InvalidSnapshot: it is no snapshot, cut off, or of a newer release; the data is as it was.
        """
        restore_file(self.store, path)

    @property
    def snapshots(self) -> Snapshots:
        """Snapshots with a name, kept in the sandbox's own database."""
        return Snapshots(self.store, self.clock)

    def reset(self) -> None:
        """Make the data anew from the seed, clear faults, events and the request log, and put the clock back."""
        """Make the data anew from the seed or the snapshot it began from, and clear the faults and events."""
        self._beginning.replace(self.store)
        self.faults.start_anew()
        self._deliveries.clear()
        self.requests.clear()
        self.clock.start_anew()
        self.ids.start_anew()

    def _webhook_secret(self, application: str) -> str | None:
        self.applications.get(application)
        return self.store.accounts.webhook_secret(application)

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
