"""A sandbox with very many products: `python -m benchmarks.large_sandboxes` alone, or as a part of the bench.

With CLOUDSPOT_TEST_POSTGRESQL in PostgreSQL too, in a schema of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import create_engine, text

from cloudspot.sandbox import Sandbox

from .measuring import Bench
from .table import spread, table, verdict

SECONDS_TO_LIST = 2.0
PRODUCTS_LISTED = 100_000
"""What the target for a list is told of."""
MOST_MEMORY = 150
POSTGRESQL = "CLOUDSPOT_TEST_POSTGRESQL"
REQUEST = (
    b"GET /api/v1/artikels/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-ERP-TOKEN: sandbox-token\r\n\r\n"
)
SEARCHES = {"all": {}, "a word": {"text": "kist"}, "a category, by name": {"categorie": "Voeding", "sort": "naam"}}


class Measured(NamedTuple):
    """What one sandbox took, in seconds, and the largest memory of its process, in MB."""

    fill: float
    fill_memory: float
    lists: list[float]
    memory: float
    searches: dict[str, float]
    change: float
    changed: int
    snapshot: float
    restore: float


def sections(bench: Bench) -> Iterator[str]:
    """What is measured here, as sections of the report."""
    yield section(bench.much(1_000_000, 20_000), bench.much(PRODUCTS_LISTED, 10_000), bench.much(5, 2))


def section(most: int, many: int, times: int) -> str:
    """The table for an SQLite file of each size, and for PostgreSQL where there is one."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for count in (many, most):
            taken = measured(f"sqlite:///{folder}/{count}.db", count, times)
            rows += _rows("SQLite file", count, taken)
    if POSTGRESQL in os.environ:
        with schema(os.environ[POSTGRESQL]) as url:
            rows += _rows("PostgreSQL", many, measured(url, many, times))
    told = (
        "Server and client are one process: its memory is both's. A list is read to its end by a client that does "
        "nothing with it.\n\n"
    )
    return f"## A large sandbox\n\n{told}{table(('', '', 'target', ''), rows)}"


def _rows(where: str, count: int, taken: Measured) -> Iterator[tuple[str, str, str, str]]:
    what = f"{where}, {count:,} products"
    listed = f"{SECONDS_TO_LIST:g} s" if count == PRODUCTS_LISTED else ""
    reached = verdict(min(taken.lists), SECONDS_TO_LIST, at_least=False) if listed else ""
    yield f"{what}: the list", spread(taken.lists), listed, reached
    memory = max(taken.fill_memory, taken.memory)
    yield f"{what}: peak memory", f"{memory:.0f} MB", f"{MOST_MEMORY} MB", verdict(memory, MOST_MEMORY, at_least=False)
    yield f"{what}: filling it", f"{taken.fill:.0f} s", "", ""
    for name, seconds in taken.searches.items():
        yield f"{what}: search, {name}", f"{seconds * 1000:.0f} ms", "", ""
    yield f"{what}: prices of {taken.changed:,} raised", f"{taken.change:.1f} s", "", ""
    yield f"{what}: a snapshot, and restoring it", f"{taken.snapshot:.1f} s, {taken.restore:.0f} s", "", ""


def measured(url: str, count: int, times: int) -> Measured:
    """What a sandbox takes, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.large_sandboxes", "measure", url, str(count), str(times)]
    print(f"  a sandbox of {count:,} products in {url.partition(':')[0]}", flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Measured(**json.loads(done.stdout))


def measure(url: str, count: int, times: int) -> Measured:
    """What a sandbox takes, in this process."""
    sandbox = Sandbox(artikels=count, klanten=1, database=url)
    fill = _seconds(sandbox.start)
    fill_memory = _memory()
    with contextlib.ExitStack() as stack:
        stack.callback(sandbox.stop)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        lists = [_seconds(lambda: _read(sandbox.port)) for _ in range(times)]
        memory = _memory()
        searches = {
            name: min(_seconds(lambda asked=asked: sandbox.artikels.search(**asked)) for _ in range(times))  # type: ignore[misc]
            for name, asked in SEARCHES.items()
        }
        changed = 0

        def change() -> None:
            nonlocal changed
            changed = sandbox.artikels.change_prices(3, categorie="Voeding").changed

        changing = _seconds(change)
        file = Path(folder) / "sandbox.jsonl"
        snapshot = _seconds(lambda: sandbox.snapshot(file))
        restore = _seconds(lambda: sandbox.restore(file))
        return Measured(
            fill, fill_memory, lists, max(memory, _memory()), searches, changing, changed, snapshot, restore
        )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _read(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(REQUEST)
        while connection.recv(1 << 16):
            pass


@contextlib.contextmanager
def schema(url: str) -> Iterator[str]:
    """A schema of one's own in a PostgreSQL database, as the URL of an empty database."""
    name = f"bench_{uuid4().hex}"
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
        try:
            yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{name}"
        finally:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def main(arguments: list[str]) -> None:
    """Measure and show, or measure one sandbox for another process."""
    if arguments[:1] == ["measure"]:
        print(json.dumps(measure(arguments[1], int(arguments[2]), int(arguments[3]))._asdict()))
        return
    quick = "--quick" in arguments
    print(section(20_000 if quick else 1_000_000, 10_000 if quick else PRODUCTS_LISTED, 2 if quick else 5))


if __name__ == "__main__":
    main(sys.argv[1:])
