"""What a client is: its answers' metadata, invalid records, threads, forks, loops, secrets."""

from __future__ import annotations

import asyncio
import copy
import gc
import json
import logging
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any

import aiohttp
import pytest
import urllib3
from tests.client.conftest import TOKEN, Erp, drain
from tests.hostile import HANG_UP, RESET, SILENCE, Asked, Hostile, answer, head

from cloudspot import (
    Artikel,
    AsyncCloudspot,
    Cloudspot,
    CloudspotError,
    ConfigurationError,
    InvalidRecord,
    InvalidRecords,
    Klant,
    RecordList,
    TimedOut,
)

MakeClient = Callable[..., Erp]
MakeServer = Callable[..., Hostile]

GOOD = answer({"data": [{"id": 1}]})


def by_id(asked: Asked) -> bytes:
    """Each id exists."""
    _, _, key = asked.target.partition("?id=")
    return answer({"data": [{"id": int(key)}] if key else [{"id": 1}, {"id": 2}]}, X_Request_ID=f"srv-{key}")


# --- Metadata -----------------------------------------------------------------------------------------------------


def test_what_is_known_of_an_answer(make_client: MakeClient, hostile: MakeServer) -> None:
    body = {"data": [{"id": 1}]}
    server = hostile(answer(b"", 502), [0.1, answer(body, X_Request_ID="srv-7", X_Extra="ä")])
    erp = make_client(server)
    assert erp.last_response() is None
    records = erp.list()
    response = records.response
    assert isinstance(records, RecordList)
    assert response.status == 200
    assert response.headers["content-length"] == str(response.bytes) == str(len(json.dumps(body)))
    assert response.request_id == response.headers["x-request-id"] == "srv-7"
    assert response.attempts == 2
    assert 0.1 <= response.elapsed < 2
    assert erp.last_response() == response
    server.scripts = [by_id]
    erp.get(17)
    assert erp.last_response().request_id == "srv-17"  # type: ignore[union-attr]
    stream = erp.stream()
    assert stream.response is None
    with suppress(StopIteration):
        while True:
            erp.take(stream)
    assert stream.response.status == 200
    assert stream.invalid == ()


def test_a_request_id_of_our_own(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile(GOOD)
    erp = make_client(server)
    ids = {erp.list().response.request_id for _ in range(3)}
    assert ids == {asked.headers["x-request-id"] for asked in server.requests}
    assert len(ids) == 3


def test_a_list_of_records_is_a_list(make_client: MakeClient, hostile: MakeServer) -> None:
    records = make_client(hostile(answer({"data": [{"id": 1}, {"id": 2}]}))).list()
    assert isinstance(records, list)
    for again in (pickle.loads(pickle.dumps(records)), copy.copy(records), copy.deepcopy(records)):
        assert again == records
        assert again.response == records.response
        assert again.invalid == ()
    assert records[0:1] == [Artikel(id=1)]


def test_an_unchanged_list_is_not_downloaded_again(make_client: MakeClient, hostile: MakeServer) -> None:
    def tagged(asked: Asked) -> bytes:
        if asked.headers.get("if-none-match") == 'W/"1"':
            return head(304, ETag='W/"1"')
        return answer({"data": [{"id": 1}, {"id": 2}]}, ETag='W/"1"')

    server = hostile(tagged)
    erp = make_client(server)
    first = erp.list()
    second = erp.list()
    assert second == first
    assert second is not first
    assert (first.response.status, second.response.status) == (200, 304)
    assert second.response.bytes == 0
    assert all(a is b for a, b in zip(first, second, strict=True))
    assert len(erp.list("klanten")) == 2  # another list
    assert drain(erp)[0] == first
    assert server.connections == 1
    del first, second
    gc.collect()
    assert erp.list().response.status == 200


# --- Invalid records ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bad_among_many() -> bytes:
    rows: list[Any] = [{"id": number, "naam": f"Artikel {number}"} for number in range(10_000)]
    rows[4999] = {"id": 4999, "BTW": "duur"}
    return answer({"data": rows})


def test_one_bad_record_among_ten_thousand(make_client: MakeClient, hostile: MakeServer, bad_among_many: bytes) -> None:
    erp = make_client(hostile(bad_among_many))

    def check(invalid: Any, records: Any) -> None:
        (bad,) = invalid
        assert (bad.number, bad.key, bad.field, bad.value) == (5000, 4999, "BTW", "duur")
        assert bad.raw == {"id": 4999, "BTW": "duur"}
        assert len(records) == 9999
        assert all(record.id != 4999 for record in records)

    with pytest.raises(InvalidRecords, match=r"record 5000 \(4999\), field BTW: 'duur'") as caught:
        erp.list()
    check(caught.value.invalid, caught.value.records)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)

    records = erp.list(on_invalid="collect")
    check(records.invalid, records)

    told: list[InvalidRecord] = []
    check(told, erp.list(on_invalid=told.append))

    delivered, error = drain(erp)
    assert isinstance(error, InvalidRecords)
    check(error.invalid, delivered)

    stream = erp.stream(on_invalid="collect")
    delivered = []
    with suppress(StopIteration):
        while True:
            delivered.append(erp.take(stream))
    check(stream.invalid, delivered)

    told = []
    delivered, error = drain(erp, on_invalid=told.append)
    assert error is None
    check(told, delivered)


def test_get_of_a_bad_record(make_client: MakeClient, hostile: MakeServer) -> None:
    erp = make_client(hostile(answer({"data": [{"id": 5, "BTW": "duur"}]})))
    with pytest.raises(InvalidRecords, match="field BTW"):
        erp.get(5)


def test_a_callable_that_fails(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile(answer({"data": [{"id": "x"}]}))
    erp = make_client(server)

    def fail(record: InvalidRecord) -> None:
        raise KeyError(record.field)

    with pytest.raises(KeyError):
        erp.list(on_invalid=fail)
    with pytest.raises(KeyError):
        drain(erp, on_invalid=fail)
    assert len(server.requests) == 2


def test_the_three_collections(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile(answer({"data": [{"id": 1, "klantennummer": 2}]}))
    erp = make_client(server)
    assert erp.list("klanten")[0] == Klant.from_dict({"id": 1, "klantennummer": 2})
    assert erp.list("categorieen")[0].id == 1
    assert erp.get(1, "categorieen").id == 1
    assert not hasattr(erp.client.klanten, "get")
    assert [asked.target.removeprefix("/api/v1") for asked in server.requests] == [
        "/klanten/",
        "/categories/",
        "/categories/?id=1",
    ]


# --- Iteration ----------------------------------------------------------------------------------------------------


def test_for_loops(hostile: MakeServer) -> None:
    server = hostile(answer({"data": [{"id": number} for number in range(1000)]}))
    with Cloudspot(TOKEN, base_url=server.url) as erp:
        assert [artikel.id for artikel in erp.artikels] == [*range(1000)]
        assert [artikel.id for artikel in erp.artikels] == [*range(1000)]
        for artikel in erp.artikels:
            if artikel.id == 3:
                break
        with erp.artikels.stream() as stream:
            assert next(stream).id == 0
        assert [*stream] == []


async def test_async_for_loops(hostile: MakeServer) -> None:
    server = hostile(answer({"data": [{"id": number} for number in range(1000)]}))
    async with AsyncCloudspot(TOKEN, base_url=server.url) as erp:
        assert [artikel.id async for artikel in erp.artikels] == [*range(1000)]
        assert [artikel.id async for artikel in erp.artikels] == [*range(1000)]
        async for artikel in erp.artikels:
            if artikel.id == 3:
                break
        async with erp.artikels.stream() as stream:
            assert (await anext(stream)).id == 0
        assert [artikel async for artikel in stream] == []


async def test_many_at_once(hostile: MakeServer) -> None:
    server = hostile(by_id)
    async with AsyncCloudspot(TOKEN, base_url=server.url) as erp:

        async def get(id: int) -> tuple[int | None, str]:
            artikel = await erp.artikels.get(id)
            assert erp.last_response is not None
            return artikel.id, erp.last_response.request_id

        found = await asyncio.gather(*(asyncio.create_task(get(key)) for key in range(64)))
    assert found == [(key, f"srv-{key}") for key in range(64)]
    assert server.connections <= 64


async def test_a_call_that_is_cancelled(hostile: MakeServer) -> None:
    server = hostile([head(length=10_000), b'{"data": [', SILENCE], GOOD)
    async with AsyncCloudspot(TOKEN, base_url=server.url, retries=0) as erp:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.1):
                await erp.artikels.list()
        assert not isinstance(caught.value, TimedOut)
        assert len(await erp.artikels.list()) == 1
        assert asyncio.all_tasks() == {asyncio.current_task()}


# --- Threads, forks, loops ----------------------------------------------------------------------------------------


def test_threads_share_a_client(hostile: MakeServer) -> None:
    server = hostile(by_id)
    with Cloudspot(TOKEN, base_url=server.url) as erp:

        def get(id: int) -> tuple[int | None, str]:
            artikel = erp.artikels.get(id)
            assert erp.last_response is not None
            return artikel.id, erp.last_response.request_id

        with ThreadPoolExecutor(8) as threads:
            assert [*threads.map(get, range(200))] == [(key, f"srv-{key}") for key in range(200)]
    assert server.connections <= 8
    assert len(server.requests) == 200


def test_threads_that_start_together_share_their_connections(hostile: MakeServer) -> None:
    server = hostile(by_id)
    with Cloudspot(TOKEN, base_url=server.url) as erp:
        barrier = threading.Barrier(8)

        def get(id: int) -> int | None:
            barrier.wait()
            return erp.artikels.get(id).id

        with ThreadPoolExecutor(8) as threads:
            assert sorted(threads.map(get, range(8))) == [*range(8)]  # type: ignore[type-var]
        erp.artikels.get(9)
    assert server.connections <= 8


FORK = """
    import asyncio, os, sys
    from cloudspot import AsyncCloudspot, Cloudspot

    def child(work):
        pid = os.fork()
        if pid == 0:
            try:
                work()
            except BaseException as error:
                print(repr(error), file=sys.stderr)
                os._exit(1)
            os._exit(0)
        return os.waitpid(pid, 0)[1]

    def plain(url):
        with Cloudspot("x", base_url=url) as erp:
            for id in range(3):
                assert erp.artikels.get(id).id == id
            def work():
                for id in range(10, 13):
                    assert erp.artikels.get(id).id == id
                erp.close()
            assert child(work) == 0
            for id in range(20, 23):
                assert erp.artikels.get(id).id == id

    async def asynchronous(url):
        async with AsyncCloudspot("x", base_url=url) as erp:
            for id in range(3):
                assert (await erp.artikels.get(id)).id == id
            async def in_child():
                for id in range(10, 13):
                    assert (await erp.artikels.get(id)).id == id
                await erp.aclose()
            assert child(lambda: asyncio.run(in_child())) == 0
            for id in range(20, 23):
                assert (await erp.artikels.get(id)).id == id

    plain(sys.argv[1]) if sys.argv[2] == "plain" else asyncio.run(asynchronous(sys.argv[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("kind", ["plain", "async"])
def test_a_forked_child_makes_its_own_connections(hostile: MakeServer, kind: str) -> None:
    server = hostile(by_id)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(FORK), server.url, kind],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    by_connection = [(asked.connection, asked.target[-2:]) for asked in server.requests]
    assert [connection for connection, _ in by_connection] == [1, 1, 1, 2, 2, 2, 1, 1, 1]


def test_an_async_client_belongs_to_one_loop(hostile: MakeServer) -> None:
    server = hostile(GOOD)
    erp = AsyncCloudspot(TOKEN, base_url=server.url)

    async def use() -> int:
        return len(await erp.artikels.list())

    with asyncio.Runner() as first:
        assert first.run(use()) == 1
        with asyncio.Runner() as second, pytest.raises(ConfigurationError, match="event loop that first used it"):
            second.run(use())
        assert first.run(use()) == 1
        first.run(erp.aclose())


def test_a_closed_client_says_so(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile(GOOD)
    erp = make_client(server)
    erp.list()
    erp.client.close() if hasattr(erp.client, "close") else erp.runner.run(erp.client.aclose())  # type: ignore[attr-defined]
    for call in (erp.list, lambda: erp.get(1)):
        with pytest.raises(ConfigurationError, match="The client is closed"):
            call()
    assert isinstance(drain(erp)[1], ConfigurationError)
    assert len(server.requests) == 1


def test_a_pool_of_ones_own(hostile: MakeServer) -> None:
    server = hostile(GOOD)
    with urllib3.PoolManager() as pool:
        with Cloudspot(TOKEN, base_url=server.url, pool=pool) as erp:
            assert len(erp.artikels.list()) == 1
        assert len(pool.pools) == 1
        assert pool.request("GET", server.url).status == 200
    assert server.connections == 1


async def test_a_session_of_ones_own(hostile: MakeServer) -> None:
    server = hostile(GOOD)
    async with aiohttp.ClientSession() as session:
        async with AsyncCloudspot(TOKEN, base_url=server.url, session=session) as erp:
            assert len(await erp.artikels.list()) == 1
        assert not session.closed
        async with session.get(server.url) as response:
            assert response.status == 200
    assert server.connections == 1


def test_a_client_that_is_never_closed(hostile: MakeServer) -> None:
    server = hostile(GOOD)
    erp = Cloudspot(TOKEN, base_url=server.url)
    assert len(erp.artikels.list()) == 1
    del erp
    gc.collect()


STREAM = """
    import asyncio, resource, sys
    from cloudspot import AsyncCloudspot, Cloudspot

    MOST = 60_000

    def size():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def plain(url):
        with Cloudspot("x", base_url=url) as erp:
            for number, artikel in enumerate(erp.artikels):
                if number == 1000:
                    before = size()
                if number == MOST:
                    return size() - before

    async def asynchronous(url):
        async with AsyncCloudspot("x", base_url=url) as erp:
            number = 0
            async for artikel in erp.artikels:
                number += 1
                if number == 1000:
                    before = size()
                if number == MOST:
                    return size() - before

    print(plain(sys.argv[1]) if sys.argv[2] == "plain" else asyncio.run(asynchronous(sys.argv[1])))
"""


@pytest.mark.parametrize("packing", ["", "gzip"])
@pytest.mark.parametrize("kind", ["plain", "async"])
def test_a_stream_takes_little_memory(hostile: MakeServer, kind: str, packing: str) -> None:
    """120 MB and more to come, of which nothing is kept; packed, they are 0.2 MB that arrive at once."""
    block = b", ".join(b'{"id": %d, "naam": "%s"}' % (number, b"x" * 2000) for number in range(500)) + b", "
    pack = zlib.compressobj(9, wbits=31)
    start = b'{"data": ['
    if packing:
        pieces = [pack.compress(start), *[pack.compress(block) for _ in range(200)]]
        script = [head(Content_Encoding="gzip"), b"".join(pieces), SILENCE]
    else:
        script = [head(), start, *[block] * 200, SILENCE]
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(STREAM), hostile(script).url, kind],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stderr == ""
    assert int(run.stdout) < 40 * 1024


def test_without_aiohttp() -> None:
    code = """
        import sys, asyncio
        sys.modules["aiohttp"] = None
        from cloudspot import AsyncCloudspot, ConfigurationError

        async def main():
            async with AsyncCloudspot("x", test_mode=True) as erp:
                try:
                    await erp.artikels.list()
                except ConfigurationError as error:
                    print(error.hint)

        asyncio.run(main())
    """
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.stderr) == ("pip install 'cloudspot-erp-api[async]'", "")


# --- Secrets ------------------------------------------------------------------------------------------------------


def _everything_of(error: BaseException, *, with_frames: bool) -> Iterator[str]:
    """What a report of the error may show: the texts, and the variables of each frame."""
    waiting: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while waiting:
        if (one := waiting.pop()) is None or one in seen:
            continue
        seen.append(one)
        yield f"{one!s} {one!r} {one.args!r} {vars(one)!r}"
        if with_frames:
            yield from _frames(one.__traceback__)
        waiting += [one.__cause__, one.__context__]


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        frame = traceback.tb_frame
        if "/tests/" not in frame.f_code.co_filename and "/_pytest/" not in frame.f_code.co_filename:
            yield from (f"{frame.f_code.co_filename}:{name}={value!r}" for name, value in frame.f_locals.items())
        traceback = traceback.tb_next


FAILURES: dict[str, Any] = {
    "refused": None,
    "reset": [RESET],
    "hung up": [HANG_UP],
    "silence": [SILENCE],
    "401": answer({"message": f"unknown token {TOKEN}"}, 401),
    "429": answer({"message": TOKEN}, 429),
    "502": answer(f"<title>{TOKEN}</title>", 502),
    "echo": answer({"message": TOKEN}),
    "cut off": answer(b'{"data": ['),
    "reset in the body": [head(length=99), b'{"data": [', 0.02, RESET],
    "elsewhere": answer(b"", 302, Location=f"https://evil.example/{TOKEN}"),
    "nonsense": [b"nonsense\r\n\r\n", HANG_UP],
    "text": answer(TOKEN.encode()),
    "head": answer(b"", 302, Location="/\r\n\r\n"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_error_shows_the_token(
    make_client: MakeClient, hostile: MakeServer, failure: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    script = FAILURES[failure]
    server = "http://127.0.0.1:9" if script is None else hostile(script)
    erp = make_client(server, retries=1, timeout=0.2)
    for call in (erp.list, lambda: erp.get(1)):
        with pytest.raises(CloudspotError) as caught:
            call()
        # A token that the server sent back stands in what was received, wherever that is looked at.
        sent_back = isinstance(script, bytes) and TOKEN.encode() in script
        shown = [*_everything_of(caught.value, with_frames=not sent_back)]
        assert not [text for text in shown if TOKEN in text]
        again = pickle.loads(pickle.dumps(caught.value))
        assert type(again) is type(caught.value)
        assert str(again) == str(caught.value)
        assert vars(again) == vars(caught.value)
        assert caught.value.request_id
        assert caught.value.path.startswith("/artikels/")
    assert TOKEN not in caplog.text
    assert TOKEN not in f"{erp.client!r} {erp.client.artikels!r} {erp.client.settings!r} {erp.client.context!r}"
    assert TOKEN not in repr(vars(erp.client))


def test_the_log(make_client: MakeClient, hostile: MakeServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = hostile(answer(b"", 503), GOOD)
    make_client(server).list()
    ours = [record.getMessage() for record in caplog.records if record.name == "cloudspot"]
    first, wait, second = ours
    assert first.startswith("GET /artikels/ → 503 (")
    assert wait == "no usable answer; asking again in 0.0 s"
    assert server.requests[1].headers["x-request-id"] in second
    assert TOKEN not in caplog.text


def test_silent_by_default() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import cloudspot.client, logging; logging.getLogger('cloudspot').error('x')"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (run.stdout, run.stderr) == ("", "")
