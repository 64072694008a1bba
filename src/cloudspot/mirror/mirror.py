"""`Mirror`: the local copy of what the ERP holds, and what has changed in it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, overload

from cloudspot.errors import ConfigurationError
from cloudspot.records import Klant

from .feed import Change, Consumer, Wanted, positions, read_changes
from .guard import Guard
from .hooks import Hook, notify
from .privacy import Forgotten, forget, prune, readmit
from .reading import Artikels, Categorieen, Klanten
from .report import SyncReport
from .resources import ARTIKELS, CATEGORIEEN, KLANTEN, RESOURCES, Resource
from .staging import Progress
from .store.database import read_only
from .store.store import Store
from .sync import Asked, OnError, run_async, run_plainly, sync

if TYPE_CHECKING:
    from cloudspot.async_client import AsyncCloudspot
    from cloudspot.client import Cloudspot


class Mirror:
    """A copy of one or more companies' records in a database, which knows what changed.

        with Mirror("erp.db") as mirror:
            print(mirror.sync(erp))

    Threads may share one. Needs the extra `mirror`, and `postgresql` for PostgreSQL.

    Args:
        url: a path or `sqlite:///erp.db` for an SQLite file, or `postgresql://user@host/database`.
        schema: a schema of PostgreSQL to keep everything in; made where it isn't there.
        guard: what a sync may do without being asked again.
        keep_history: each sync lets go of history that is older, as `prune` does; None keeps all of it.

    Raises:
        ConfigurationError: the time is none; the database can't hold a mirror, or was made by a newer release.
        StoreFailed: the database failed.
    """

    def __init__(
        self,
        url: str | os.PathLike[str],
        *,
        schema: str | None = None,
        guard: Guard | None = None,
        keep_history: timedelta | None = None,
    ) -> None:
        self.guard = guard or Guard()
        self.keep_history = _checked(keep_history)
        self._store = Store(url, schema)

    @overload
    def sync(
        self,
        erp: Cloudspot,
        *,
        company: str | None = None,
        resources: Sequence[str] = ...,
        confirm_deletes: bool = False,
        on_error: OnError = "raise",
        on_progress: Callable[[Progress], object] | None = None,
    ) -> SyncReport: ...
    @overload
    def sync(
        self,
        erp: AsyncCloudspot,
        *,
        company: str | None = None,
        resources: Sequence[str] = ...,
        confirm_deletes: bool = False,
        on_error: OnError = "raise",
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Awaitable[SyncReport]: ...
    def sync(
        self,
        erp: Any,
        *,
        company: str | None = None,
        resources: Sequence[str] = tuple(RESOURCES),
        confirm_deletes: bool = False,
        on_error: OnError = "raise",
        on_progress: Callable[[Progress], object] | None = None,
    ) -> Any:
        """Bring a company's records up to date, each resource in a transaction of its own: all of it or nothing.

        With an async client it is awaited.

        Args:
            company: its name in the mirror. Without it: the one that the token was used for before.
            resources: which of `artikels`, `categorieen` and `klanten`.
            confirm_deletes: go on where the guard asks whether so many records are really gone; for this once.
            on_error: "raise" what went wrong when all resources have been tried, or only "report" it.
            on_progress: gets how far a download is, as it goes on.

        Raises:
            GuardRefused: the answer would do what one that went wrong would do.
            MirrorBusy: another sync of this company runs.
            ConfigurationError: the token belongs to another company, or there is no such resource.
            CloudspotError: the call failed. Whatever is raised, that resource is as it was.
        """
        asked = Asked(
            company,
            resources_named(resources),
            self.guard,
            confirm_deletes,
            on_error,
            on_progress,
            keep_history=self.keep_history,
        )
        steps = sync(self._store, erp, asked)
        return run_async(steps, erp) if inspect.iscoroutinefunction(erp.run) else run_plainly(steps, erp)

    def company(self, naam: str | None = None) -> Company:
        """The records of one company; without a name, of the only one there is.

        Raises:
            ConfigurationError: there is no such company, or more than one to choose from.
        """
        known = self.companies
        if naam is None and len(known) == 1:
            return Company(self._store, known[0])
        if naam is not None and naam in known:
            return Company(self._store, naam)
        names = ", ".join(known[:10]) or "none yet"
        if naam is not None:
            raise ConfigurationError(f"The mirror has no company {naam!r}; it has {names}.")
        raise ConfigurationError(f"Say which company: mirror.company(…). The mirror has {names}.")

    @property
    def artikels(self) -> Artikels:
        """The products of the only company there is."""
        return self.company().artikels

    @property
    def categorieen(self) -> Categorieen:
        """The categories of the only company there is."""
        return self.company().categorieen

    @property
    def klanten(self) -> Klanten:
        """The clients of the only company there is."""
        return self.company().klanten

    def changes(
        self,
        since: int = 0,
        *,
        company: str | None = None,
        resource: str | None = None,
        kinds: Sequence[str] | None = None,
        key: int | None = None,
    ) -> Iterator[Change]:
        """The feed: every change after `since`, in the order it was committed.

        Args:
            since: the `sequence` of the last change that is known already; 0 for all.
            company, resource, kinds, key: only changes of these.

        Raises:
            HistoryGone: some of them have been pruned.
            ConfigurationError: there is no such company, resource or kind.
        """
        return read_changes(self._store, Wanted(company, resource, kinds, key), since)

    def consumer(
        self,
        naam: str,
        *,
        since: int = 0,
        company: str | None = None,
        resource: str | None = None,
        kinds: Sequence[str] | None = None,
    ) -> Consumer:
        """Somebody who follows the feed; the mirror remembers how far.

        Args:
            naam: the name under which it remembers; a new one begins after `since`.
            company, resource, kinds: only changes of these.

        Raises:
            ConfigurationError: there is no such resource or kind.
        """
        return Consumer(self._store, naam, Wanted(company, resource, kinds), since)

    def notify(self, hook: Hook, report: SyncReport) -> bool:
        """Tell a hook what changed since it was last told; False where nothing did, and it was not called.

            mirror.notify(Webhook("https://example.com/cloudspot"), mirror.sync(erp))

        Args:
            hook: a `Command`, a `Webhook`, or one of your own.
            report: of the sync that has just ended; it is about this company, and is told too.

        Raises:
            NotTold: it did not take notice. What it was to be told is told again the next time.
            StoreFailed: the database failed.
        """
        return notify(self._store, hook, report)

    def sql(self, query: str) -> list[dict[str, Any]]:
        """The rows that a query of the mirror's views gives, as dicts by column; nothing can be written this way.

        Raises:
            StoreFailed: the database does not understand the query, or refuses it.
        """
        with self._store.reading() as connection:
            read_only(connection)
            found = connection.exec_driver_sql(query, execution_options={"no_parameters": True})  # a % is a %
            return [dict(row) for row in found.mappings()] if found.returns_rows else []

    @property
    def sequence(self) -> int:
        """The sequence of the latest change; 0 where there was none."""
        return self._store.latest()

    def forget(self, *klanten: Klant | int, company: str | None = None) -> Forgotten:
        """Erase clients, by their number, from rows, history, feed and search, and keep them out of the next syncs.

        On SQLite their bytes are overwritten in the file; PostgreSQL lets go of them as it reuses the space. Backups,
        and what consumers of the feed have made of it, are not reached from here.

        Args:
            klanten: clients or their numbers.
            company: whose; may be left out where there is only one.

        Raises:
            MirrorBusy: a sync of the company runs.
            StoreFailed: the database failed, or a reader keeps the bytes in the file.
        """
        numbers = [_number(klant) for klant in klanten]
        return forget(self._store, self.company(company).naam, numbers)

    def readmit(self, *klanten: Klant | int, company: str | None = None) -> int:
        """Undo the keep-out of `forget`, for clients who come back: the next sync takes them in, as new ones.

        What was erased stays erased.

        Args:
            klanten: clients or their numbers.
            company: whose; may be left out where there is only one.

        Returns:
            How many of them had been forgotten.

        Raises:
            MirrorBusy: a sync of the company runs.
            StoreFailed: the database failed.
        """
        numbers = [_number(klant) for klant in klanten]
        return readmit(self._store, self.company(company).naam, numbers)

    def prune(self, before: datetime) -> int:
        """Let go of history before a time, and say how many events went: `prune(now - timedelta(days=365))`.

        Of each record, what it was then stays as its beginning. What a consumer has not acknowledged yet is kept.
        """
        return prune(self._store, before)

    @property
    def companies(self) -> list[str]:
        """The names of the companies in the mirror."""
        return self._store.companies()

    @property
    def consumers(self) -> dict[str, int]:
        """How far each consumer is, by its name, the slowest first: those that keep history from being let go of."""
        return positions(self._store)

    def close(self) -> None:
        """Close the connections to the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Mirror {self._store.engine.url.render_as_string(hide_password=True)}>"


class Company:
    """The records of one company of a mirror.

    Attributes:
        naam: its name in the mirror.
    """

    def __init__(self, store: Store, naam: str) -> None:
        self.naam = naam
        self.artikels = Artikels(store, naam, ARTIKELS)
        self.categorieen = Categorieen(store, naam, CATEGORIEEN)
        self.klanten = Klanten(store, naam, KLANTEN)

    def __repr__(self) -> str:
        return f"<Company {self.naam}>"


def _number(klant: Klant | int) -> int:
    number = klant.klantennummer if isinstance(klant, Klant) else klant
    if not isinstance(number, int) or isinstance(number, bool):
        raise ConfigurationError(f"A client is named by a number, not by {number!r}.")
    return number


def _checked(keep_history: timedelta | None) -> timedelta | None:
    """A time that history can be kept for.

    Raises:
        ConfigurationError: it is none, or longer than the calendar.
    """
    if keep_history is None:
        return None
    if not timedelta(0) < keep_history < datetime.now(UTC) - datetime.min.replace(tzinfo=UTC):
        raise ConfigurationError("keep_history is how long to keep history: timedelta(days=400).")
    return keep_history


def resources_named(names: Sequence[str]) -> list[Resource[Any]]:
    """The resources with these names, each once, in the order they are synced in.

    Raises:
        ConfigurationError: there is no such resource.
    """
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in RESOURCES:
            raise ConfigurationError(f"There is no resource {name!r}; there are {', '.join(RESOURCES)}.")
    return [resource for naam, resource in RESOURCES.items() if naam in wanted]
