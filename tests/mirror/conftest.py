"""A sandbox, and mirrors of it in an SQLite file and in a schema of PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from cloudspot import AsyncCloudspot, Cloudspot
from cloudspot.mirror import Mirror, SyncReport
from cloudspot.mirror.store.database import checked_url
from cloudspot.mirror.store.schema import metadata
from cloudspot.sandbox import Sandbox

POSTGRESQL = os.environ.get("CLOUDSPOT_TEST_POSTGRESQL")


class Place:
    """Where a mirror is: opens it, as often as wanted."""

    def __init__(self, url: str, schema: str | None = None) -> None:
        self.url, self.schema = url, schema
        self._opened: list[Mirror] = []

    def open(self, **options: Any) -> Mirror:
        mirror = Mirror(self.url, schema=self.schema, **options)
        self._opened.append(mirror)
        return mirror

    def close(self) -> None:
        for mirror in self._opened:
            mirror.close()
        self._opened.clear()


def drop(place: Place) -> None:
    engine = create_engine(checked_url(place.url))
    with engine.begin() as connection:
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{place.schema}" CASCADE'))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        found = Place(f"sqlite:///{tmp_path}/erp.db")
        yield found
        found.close()
        return
    if not POSTGRESQL:
        pytest.skip("CLOUDSPOT_TEST_POSTGRESQL is not set")
    found = Place(POSTGRESQL, f"test_{uuid4().hex[:12]}")
    yield found
    drop(found)
    found.close()


@pytest.fixture
def mirror(place: Place) -> Mirror:
    return place.open()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=60, klanten=30) as running:
        yield running


class Syncing:
    """Syncs with one client, without pauses between attempts; behind the same face for both kinds of client."""

    def __init__(self, kind: str, base_url: str, token: str = "sandbox-token") -> None:
        self._runner = asyncio.Runner() if kind == "async" else None
        self.client: Any = (AsyncCloudspot if self._runner else Cloudspot)(token, base_url=base_url, timeout=5)
        self.client.context = replace(self.client.context, jitter=lambda: 0.0)

    def __call__(self, mirror: Mirror, **options: Any) -> SyncReport:
        if self._runner is None:
            return mirror.sync(self.client, **options)

        async def run() -> SyncReport:
            return await mirror.sync(self.client, **options)

        return self._runner.run(run())

    def close(self) -> None:
        if self._runner is None:
            self.client.close()
            return
        self._runner.run(self.client.aclose())
        self._runner.close()


@pytest.fixture
def make_sync() -> Iterator[Callable[..., Syncing]]:
    made: list[Syncing] = []

    def make(base_url: str, token: str = "sandbox-token", kind: str = "plain") -> Syncing:
        made.append(Syncing(kind, base_url, token))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def sync(make_sync: Callable[..., Syncing], sandbox: Sandbox) -> Syncing:
    """Syncs with the sandbox."""
    return make_sync(sandbox.base_url)


def contents(mirror: Mirror) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table: what nothing may have changed in."""
    with mirror._store.reading() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }
