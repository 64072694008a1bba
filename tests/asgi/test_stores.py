"""What a store has to do; whoever brings one can run these against it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import create_async_engine
from tests.asgi.conftest import KIST, LAMPE, Browser, Clock, application

from cloudspot.asgi import CloudspotLogin, Kept, MemoryStore, Store
from cloudspot.asgi.sql import SqlStore
from cloudspot.errors import ConfigurationError

Make = Callable[..., CloudspotLogin]
Open = Callable[..., Browser]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore(clock=clock)
        return
    prefix = f"asgi_{uuid4().hex[:8]}_"
    if request.param == "postgresql":
        if "CLOUDSPOT_TEST_POSTGRESQL" not in os.environ:
            pytest.skip("CLOUDSPOT_TEST_POSTGRESQL names no database")
        url = make_url(os.environ["CLOUDSPOT_TEST_POSTGRESQL"]).set(drivername="postgresql+psycopg")
    else:
        url = make_url(f"sqlite+aiosqlite:///{tmp_path}/sessions.db")
    engine = create_async_engine(url)
    store = SqlStore(engine, prefix=prefix, clock=clock)
    await store.create_tables()
    await store.create_tables()
    yield store
    async with engine.begin() as connection:
        await connection.run_sync(store.tables.drop_all)
    await engine.dispose()


async def test_sessions_are_kept_until_they_end(store: Store, clock: Clock) -> None:
    kept = Kept(b"sealed", "jan", clock.now + 10)
    await store.create("a", kept)
    assert await store.load("a") == kept
    assert await store.load("b") is None
    clock.now += 10
    assert await store.load("a") is None
    assert await store.replace("a", replace(kept, version=1)) is False


async def test_sessions_are_replaced_by_the_next_version_alone(store: Store, clock: Clock) -> None:
    kept = Kept(b"0", "jan", clock.now + 10)
    await store.create("a", kept)
    assert await store.replace("a", replace(kept, sealed=b"1", version=1))
    assert not await store.replace("a", replace(kept, sealed=b"2", version=1))
    found = await store.load("a")
    assert found is not None
    assert found.sealed == b"1"
    await store.delete("a")
    await store.delete("a")
    assert not await store.replace("a", replace(kept, version=2))
    assert await store.load("a") is None


async def test_all_sessions_of_an_account_are_rung(store: Store, clock: Clock) -> None:
    for name, account in [("a", "jan"), ("b", "jan"), ("c", "marie")]:
        await store.create(name, Kept(b"", account, clock.now + 10))
    assert await store.ring("jan", 5.0) == ["a", "b"]
    assert await store.ring("nobody", 5.0) == []
    assert await store.replace("b", Kept(b"new", "marie", clock.now + 10, version=1, rung=0))
    assert [(await store.load(name)).rung for name in "abc"] == [5.0, 5.0, 0]  # type: ignore[union-attr]
    assert await store.ring("jan", 6.0) == ["a"]
    assert await store.ring("marie", 6.0) == ["b", "c"]


async def test_counters_begin_anew_when_they_end(store: Store, clock: Clock) -> None:
    assert [await store.count("n", 1, clock.now + 10) for _ in range(3)] == [1, 2, 3]
    assert await store.count("n", 0, clock.now) == 3
    assert await store.count("n", -1, clock.now) == 2
    assert await store.count("m", 0, clock.now) == 0
    clock.now += 10
    assert await store.count("n", 1, clock.now + 10) == 1
    await store.forget("n")
    assert await store.count("n", 0, clock.now) == 0


async def test_names_are_claimed_once(store: Store, clock: Clock) -> None:
    assert [await store.claim("e", clock.now + 10) for _ in range(2)] == [True, False]
    clock.now += 10
    assert await store.claim("e", clock.now + 10)
    await store.forget("e")
    assert await store.claim("e", clock.now + 10)


async def test_of_calls_side_by_side_none_is_lost(store: Store, clock: Clock) -> None:
    kept, until = Kept(b"", "jan", clock.now + 10), clock.now + 10
    await store.create("a", kept)
    counted = await asyncio.gather(*(store.count("n", 1, until) for _ in range(15)))
    assert sorted(counted) == list(range(1, 16))
    assert sum(await asyncio.gather(*(store.claim("e", until) for _ in range(15)))) == 1
    again = replace(kept, version=1)
    assert sum(await asyncio.gather(*(store.replace("a", again) for _ in range(15)))) == 1


async def test_processes_share_a_store(store: Store, make_login: Make, open_browser: Open) -> None:
    here, there = (open_browser(application(make_login(store=store))) for _ in range(2))
    await here.log_in()
    await here.choose(KIST)
    there.cookies = here.cookies
    assert await there.works_in() == "Kist & Vijs BV"
    await there.choose(LAMPE)
    assert await here.works_in() == "Lampe SA"
    await there.post("/auth/logout", data={"csrf": await there.token("/auth/logout")})
    assert await here.works_in() is None


async def test_what_has_ended_is_deleted(clock: Clock, tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/sessions.db")
    store = SqlStore(engine, clock=clock)
    await store.create_tables()
    for name, seconds in [("old", 5), ("new", 50)]:
        await store.create(name, Kept(b"", "jan", clock.now + seconds))
        await store.count(name, 1, clock.now + seconds)
    clock.now += 10
    await store.clean()
    async with engine.connect() as connection:
        for table in store.tables.sorted_tables:
            assert (await connection.execute(select(table.c.name))).scalars().all() == ["new"]
    await engine.dispose()


def test_other_databases_are_refused() -> None:
    class Engine:
        class dialect:
            name = "mysql"

    with pytest.raises(ConfigurationError, match="not for mysql"):
        SqlStore(Engine())  # type: ignore[arg-type]


async def test_memory_has_an_end(clock: Clock) -> None:
    store = MemoryStore(most=3, clock=clock)
    for n in range(10):
        await store.create(str(n), Kept(b"", str(n), clock.now + 10))
        await store.count(f"n{n}", 1, clock.now + 10)
    assert len(store) == 3
    assert await store.load("9")
    assert await store.load("0") is None
    assert await store.count("n0", 0, clock.now) == 0
    clock.now += 10
    await store.create("new", Kept(b"", "x", clock.now + 10))
    assert len(store) == 1
