"""Runs one task in this process and prints what it took. Shared by the clients; knows neither package."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

Task = dict[str, Any]


def main(tasks: dict[str, Callable[[Task], Callable[[], Any]]]) -> None:
    """Prepare the task that is named on the command line, then run it under the clock.

    A task's function does what is not measured (imports, making a client) and returns what is. That may return more
    figures, or records: these are kept, so that the clock stops before they are freed.
    """
    task: Task = json.loads(sys.argv[1])
    run = tasks[task["task"]](task)
    cpu, start = time.process_time(), time.perf_counter()
    outcome = run()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak} | (outcome if isinstance(outcome, dict) else {})))
