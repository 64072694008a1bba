"""The sandbox: how soon it is there, and what it serves on one core. Alone: `python -m benchmarks.sandboxes`."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cloudspot.sandbox import Sandbox

from .measuring import Bench
from .table import spread, table, verdict

GETS_A_SECOND = 2_000
SECONDS_TO_START = 1.0
SECONDS_TO_BE_FRESH = 0.010

ABOUT = """\
Small GETs come from one client on one kept connection, in a process of its own; the rate is that of the server's
processor time alone, so of one core that does nothing else.

"""

SERVER = """
import sys, time
from cloudspot.sandbox import Sandbox

with Sandbox(requests=int(sys.argv[1])) as sandbox:
    print(sandbox.port, flush=True)
    for _ in sys.stdin:
        print(time.process_time(), flush=True)
"""


class Served(NamedTuple):
    """What answering so many requests took."""

    seconds: float
    cpu: float
    """Seconds of processor time of the server alone."""


def sections(bench: Bench) -> Iterator[str]:
    """What is measured here, as sections of the report."""
    times, count = bench.much(5, 2), bench.much(10_000, 2_000)
    started = started_seconds(bench.much(10, 3))
    fresh, reset = fresh_seconds(bench.much(30, 10))
    rows = [
        (
            "`cloudspot sandbox`, from the command to its line of JSON",
            spread(started),
            f"{SECONDS_TO_START:g} s",
            verdict(statistics.median(started), SECONDS_TO_START, at_least=False),
        ),
        (
            "a sandbox of its own for a test, from start to stop",
            spread(fresh, "ms"),
            f"{SECONDS_TO_BE_FRESH * 1000:g} ms",
            verdict(statistics.median(fresh), SECONDS_TO_BE_FRESH, at_least=False),
        ),
        (
            "`sandbox.reset()`",
            spread(reset, "ms"),
            f"{SECONDS_TO_BE_FRESH * 1000:g} ms",
            verdict(statistics.median(reset), SECONDS_TO_BE_FRESH, at_least=False),
        ),
    ]
    for log, kept in (("with the request log", 1000), ("without it", 0)):
        runs = [served(count, kept) for _ in range(times)]
        rate, in_time = (count / min(taken) for taken in ([run.cpu for run in runs], [run.seconds for run in runs]))
        what = f"GETs of one product a second of the server's processor time, {log} ({in_time:,.0f} a second of time)"
        rows.append((what, f"{rate:,.0f}", f"{GETS_A_SECOND:,}", verdict(rate, GETS_A_SECOND, at_least=True)))
    yield "## The sandbox\n\n" + ABOUT + table(("", "", "target", ""), rows)


def started_seconds(times: int) -> list[float]:
    """From starting the command until it says that it is ready, each time a process of its own."""
    command = [sys.executable, "-m", "cloudspot.sandbox", "--port", "0", "--json"]
    return [_one_start(command) for _ in range(times)]


def _one_start(command: list[str]) -> float:
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        taken = time.perf_counter() - started
        process.terminate()
    return taken


def fresh_seconds(times: int) -> tuple[list[float], list[float]]:
    """What a fresh sandbox and a reset cost a test, the first left out: it seeds."""

    def start_and_stop() -> None:
        with Sandbox():
            pass

    with Sandbox() as sandbox:
        return _each(start_and_stop, times), _each(sandbox.reset, times)


def _each(work: Callable[[], object], times: int) -> list[float]:
    work()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return taken


def served(count: int, kept: int) -> Served:
    """One client asks for one product after another on one connection; the server is a process of its own."""
    command = [sys.executable, "-c", SERVER, str(kept)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port = int(server.stdout.readline())

        def cpu() -> float:
            server.stdin.write("\n")
            server.stdin.flush()
            return float(server.stdout.readline())

        with socket.create_connection(("127.0.0.1", port)) as connection:
            _ask(connection, 500)
            before, started = cpu(), time.perf_counter()
            _ask(connection, count)
            seconds = time.perf_counter() - started
            taken = Served(seconds, cpu() - before)
        server.stdin.close()
    return taken


def _ask(connection: socket.socket, count: int) -> None:
    """Ask as plainly as can be, so that the client takes little of the machine."""
    for number in range(count):
        connection.sendall(
            f"GET /api/v1/artikels/?id={125 + number % 500} HTTP/1.1\r\nHost: localhost\r\n"
            "X-ERP-TOKEN: sandbox-token\r\nAccept: application/json\r\nUser-Agent: bench\r\n\r\n".encode()
        )
        head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)


if __name__ == "__main__":
    print("\n".join(sections(Bench(None, None, {}, None, quick="--quick" in sys.argv))))  # type: ignore[arg-type]
