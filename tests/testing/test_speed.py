"""A state of its own for every test must cost little: `pytest -s tests/testing/test_speed.py` shows how much."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from cloudspot.sandbox import Sandbox

from .conftest import Run

MOST = 0.010


def middle(work: Callable[[], object]) -> float:
    """Seconds of the middle one of many times, the first left out: it seeds."""
    work()
    times = []
    for _ in range(30):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def test_a_fresh_sandbox() -> None:
    def start_and_stop() -> None:
        with Sandbox():
            pass

    seconds = middle(start_and_stop)
    print(f"a fresh sandbox of the default size: {seconds * 1000:.1f} ms")
    assert seconds < MOST


def test_a_reset() -> None:
    with Sandbox() as sandbox:
        seconds = middle(sandbox.reset)
    print(f"a reset: {seconds * 1000:.1f} ms")
    assert seconds < MOST


def test_a_test_with_the_fixture(run: Run) -> None:
    """All that pytest does for a test is in it."""
    done = run(
        """
        import statistics
        import time
        import pytest

        begun = []

        @pytest.mark.parametrize("number", range(40))
        def test_one(cloudspot_sandbox, erp, number):
            begun.append(time.perf_counter())

        def test_all():
            times = [later - earlier for earlier, later in zip(begun, begun[1:])]
            print(f"seconds: {statistics.median(times)}")
        """,
        "-s",
    )
    done.assert_outcomes(passed=41)
    (line,) = [line for line in done.outlines if "seconds: " in line]
    seconds = float(line.split("seconds: ")[1].split()[0])
    print(f"a test with a sandbox and a client, and pytest itself: {seconds * 1000:.1f} ms")
    assert seconds < MOST
