"""What a sandbox of its own costs each test: `python -m benchmarks.sandboxes`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from cloudspot.sandbox import Sandbox


def middle(work: Callable[[], object]) -> float:
    """Milliseconds of the middle one of many times, the first left out: it seeds."""
    work()
    times = []
    for _ in range(30):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def start_and_stop() -> None:
    """What the fixture does."""
    with Sandbox():
        pass


if __name__ == "__main__":
    print(f"a fresh sandbox of the default size: {middle(start_and_stop):.1f} ms")
    with Sandbox() as sandbox:
        print(f"a reset: {middle(sandbox.reset):.1f} ms")
