"""What a store has to do; whoever brings one can run these against it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.asgi.conftest import Clock

from cloudspot.asgi import Kept, MemoryStore, Store


@pytest.fixture
def store(clock: Clock) -> Store:
    return MemoryStore(clock=clock)


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
