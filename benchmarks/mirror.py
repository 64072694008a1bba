"""Measure the mirror: `python -m benchmarks.mirror [--quick] [--million] [--dlt]`; writes mirror.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, text

from cloudspot.mirror.store.database import checked_url

from . import environments
from .measuring import CLIENTS, Figures, process
from .table import megabytes, spread, table, verdict

RESULTS = Path(__file__).with_name("mirror.md")

FIRST_SQLITE, FIRST_POSTGRESQL, UNCHANGED = 25_000, 20_000, 100_000
"""Rows a second."""
CHANGED = 1.3
"""Times as long as where nothing changed."""
MEMORY, MEMORY_OF_A_MILLION = 200, 400
"""MB."""

SCHEMAS = "bench_mirror_"
FASTER = 5
DLT = "dlt[sqlalchemy]==1.31.0"
BESIDE = f"""\
{DLT} copies the same list into an SQLite file, in turn with the mirror. Lists in a product stay one column each
(`max_table_nesting=0`), which is the fastest way that it has for them.
"""

INTRODUCTION = """\
# The mirror, measured

`{command}` wrote this on {date}, on {cores} cores (load {load:.1f} when it began), Python {python}, {system}.

Products of about 2 kB come over http from a server on the same machine that sends prepared bytes and no ETags. Each
sync is a process of its own; loading the packages and opening the database is not in its time. Times are of the
fastest run, with the median and the slowest in brackets: what else the machine does only ever adds to them. Memory is
the largest peak of a process.
"""


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mirror", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 products, once; only shown")
    parser.add_argument("--million", action="store_true", help="also 1,000,000 products into SQLite")
    parser.add_argument("--postgresql", default=os.environ.get("CLOUDSPOT_TEST_POSTGRESQL"), metavar="URL")
    parser.add_argument("--dlt", action="store_true", help=f"beside {DLT}, in an environment of its own")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    with process([sys.executable, "-m", "benchmarks.catalogue"]) as server:
        rows = list(_rows(server["url"], arguments))
        beside = list(_beside(server["url"], arguments)) if arguments.dlt else []
    flags = "".join(f" --{name}" for name in ("quick", "million", "dlt") if getattr(arguments, name))
    report = INTRODUCTION.format(
        command=f"python -m benchmarks.mirror{flags}",
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        load=load,
        python=platform.python_version(),
        system=platform.system(),
    )
    report += "\n" + table(("", "time", "rows/s", "processor", "peak memory", "target", ""), rows) + "\n"
    if beside:
        report += f"\n## Beside dlt\n\n{BESIDE}\n"
        report += table(("", "time", "rows/s", "processor", "peak memory", "times as fast", ""), beside) + "\n"
    print(f"\n{report}")
    if not arguments.quick:
        RESULTS.write_text(report, encoding="utf-8")


def _rows(server: str, arguments: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    count, times = (10_000, 1) if arguments.quick else (100_000, 3)
    with tempfile.TemporaryDirectory() as folder:
        yield from _kind("SQLite", server, count, times, FIRST_SQLITE, MEMORY, lambda: _file(folder))
        if arguments.million:
            yield from _kind("SQLite", server, 1_000_000, 1, 0, MEMORY_OF_A_MILLION, lambda: _file(folder))
    if arguments.postgresql:
        yield from _kind(
            "PostgreSQL", server, count, times, FIRST_POSTGRESQL, MEMORY, lambda: _schema(arguments.postgresql)
        )
        _drop_schemas(arguments.postgresql)


def _beside(server: str, arguments: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """The mirror and dlt in turn, a first time and again when nothing has changed."""
    count = 2_000 if arguments.quick else 20_000
    python = environments.environment("dlt", DLT, "requests")
    taken: dict[tuple[str, str], Figures] = {}
    for what in ("mirror", "merge", "scd2"):
        with tempfile.TemporaryDirectory() as folder:
            place = _file(folder)
            for run in ("first", "again"):
                if what == "mirror":
                    found = _run(place, f"{server}/{count}/api/v1", count, count if run == "first" else 0)
                else:
                    task = place | {"task": "copying", "how": what, "folder": f"{folder}/dlt", "count": count}
                    found = _timed(str(python), "dlt_copy.py", task | {"base_url": f"{server}/{count}/api/v1"})
                taken[what, run] = _figures([found])
    names = {"mirror": "the mirror", "merge": "dlt, `merge`", "scd2": "dlt, `scd2`"}
    for run, told in (("first", "a first time"), ("again", "again, nothing changed")):
        ours = taken["mirror", run]
        for what, name in names.items():
            ratio = taken[what, run].best / ours.best
            reached = "" if what == "mirror" else verdict(ratio, FASTER, at_least=True)
            yield (f"{count:,} products, {told}: {name}", *_taken(taken[what, run], count), f"{ratio:.1f}", reached)


def _file(folder: str) -> dict[str, Any]:
    for file in Path(folder).iterdir():
        file.unlink()
    return {"database": f"sqlite:///{folder}/{uuid4().hex}.db"}


def _schema(url: str) -> dict[str, Any]:
    return {"database": url, "schema": f"{SCHEMAS}{uuid4().hex[:12]}"}


def _drop_schemas(url: str) -> None:
    """Leave nothing behind."""
    with create_engine(checked_url(url)).begin() as connection:
        names = text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :start)")
        for name in connection.execute(names, {"start": SCHEMAS}).scalars().all():
            connection.execute(text(f'DROP SCHEMA "{name}" CASCADE'))


def _kind(
    name: str, server: str, count: int, times: int, first_target: int, memory: int, make: Any
) -> Iterator[tuple[str, ...]]:
    first: list[dict[str, float]] = []
    unchanged: list[dict[str, float]] = []
    changed: list[dict[str, float]] = []
    for _ in range(times):
        place = make()
        first.append(_run(place, f"{server}/{count}/api/v1", count, count))
        unchanged.append(_run(place, f"{server}/{count}/api/v1", count, 0))
        changed.append(_run(place, f"{server}/{count}-100/api/v1", count, count // 100))
    figures = [_figures(results) for results in (first, unchanged, changed)]
    what = f"{count:,} products into {name}"
    yield (f"{what}: first sync", *_taken(figures[0], count), *_at_least(count / figures[0].best, first_target))
    yield (f"{what}: nothing changed", *_taken(figures[1], count), *_at_least(count / figures[1].best, UNCHANGED))
    ratio = figures[2].best / figures[1].best
    target = f"{CHANGED} × nothing changed", f"{ratio:.2f} ×, {verdict(ratio, CHANGED, at_least=False)}"
    yield (f"{what}: 1 % changed", *_taken(figures[2], count), *target)
    peak = max(max(each.peak) for each in figures)
    target = f"{memory} MB", verdict(peak, memory, at_least=False)
    yield (f"{what}: peak memory", "", "", "", f"{peak:.0f} MB", *target)


def _at_least(reached: float, wanted: int) -> tuple[str, str]:
    return (f"{wanted:,}/s", verdict(reached, wanted, at_least=True)) if wanted else ("", "")


def _taken(figures: Figures, count: int) -> tuple[str, ...]:
    return (
        spread(figures.seconds),
        f"{count / figures.best:,.0f}",
        f"{min(figures.cpu):.2f} s",
        megabytes(figures.peak),
    )


def _figures(results: list[dict[str, float]]) -> Figures:
    return Figures(*([result[key] for result in results if key in result] for key in Figures._fields))


def _run(place: dict[str, Any], base_url: str, count: int, changed: int) -> dict[str, float]:
    task = place | {"task": "sync", "base_url": base_url, "count": count, "changed": changed}
    return _timed(sys.executable, "mirror.py", task)


def _timed(python: str, script: str, task: dict[str, Any]) -> dict[str, float]:
    command = [python, str(CLIENTS / script), json.dumps(task)]
    print(f"  {script}: {task['base_url'].split('/')[3]}", end=" ", flush=True)
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise RuntimeError(f"{script} failed:\n{answer.stderr}")
    result: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    print(f"{result['seconds']:.2f} s")
    return result


if __name__ == "__main__":
    main()
