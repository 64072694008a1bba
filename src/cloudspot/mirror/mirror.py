"""`Mirror`: the local copy of what the ERP holds, and what has changed in it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, overload

from cloudspot.errors import ConfigurationError

from .guard import Guard
from .report import SyncReport
from .resources import RESOURCES, Resource
from .store.store import Store
from .sync import Asked, OnError, run_async, run_plainly, sync

if TYPE_CHECKING:
    from cloudspot.async_client import AsyncCloudspot
    from cloudspot.client import Cloudspot


class Mirror:
    """A copy of one or more companies' records in a database, which knows what changed.

        with Mirror("sqlite:///erp.db") as mirror:
            print(mirror.sync(erp))

    Threads may share one. Needs the extra `mirror`, and `postgresql` for PostgreSQL.

    Args:
        url: `sqlite:///erp.db` or `postgresql://user@host/database`.
        schema: a schema of PostgreSQL to keep everything in; made where it isn't there.
        guard: what a sync may do without being asked again.

    Raises:
        ConfigurationError: the database can't hold a mirror, or was made by a newer release.
        StoreFailed: the database failed.
    """

    def __init__(self, url: str, *, schema: str | None = None, guard: Guard | None = None) -> None:
        self.guard = guard or Guard()
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
    ) -> Awaitable[SyncReport]: ...
    def sync(
        self,
        erp: Any,
        *,
        company: str | None = None,
        resources: Sequence[str] = tuple(RESOURCES),
        confirm_deletes: bool = False,
        on_error: OnError = "raise",
    ) -> Any:
        """Bring a company's records up to date, each resource in a transaction of its own: all of it or nothing.

        With an async client it is awaited.

        Args:
            company: its name in the mirror. Without it: the one that the token was used for before.
            resources: which of `artikels`, `categorieen` and `klanten`.
            confirm_deletes: go on where the guard asks whether so many records are really gone; for this once.
            on_error: "raise" what went wrong when all resources have been tried, or only "report" it.

        Raises:
            GuardRefused: the answer would do what one that went wrong would do.
            MirrorBusy: another sync of this company runs.
            ConfigurationError: the token belongs to another company, or there is no such resource.
            CloudspotError: the call failed. Whatever is raised, that resource is as it was.
        """
        asked = Asked(company, resources_named(resources), self.guard, confirm_deletes, on_error)
        steps = sync(self._store, erp, asked)
        return run_async(steps, erp) if inspect.iscoroutinefunction(erp.run) else run_plainly(steps, erp)

    @property
    def companies(self) -> list[str]:
        """The names of the companies in the mirror."""
        return self._store.companies()

    def close(self) -> None:
        """Close the connections to the database."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Mirror {self._store.engine.url.render_as_string(hide_password=True)}>"


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
