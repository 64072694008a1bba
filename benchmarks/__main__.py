"""Measure this package against the published one: `python -m benchmarks [--quick]`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from . import downloading, environments, getting, large_sandboxes, sandboxes, starting
from .environments import PUBLISHED, installed
from .measuring import Bench, serving

RESULTS = Path(__file__).with_name("results.md")
PARTS = {
    "downloading": downloading.sections,
    "getting": getting.sections,
    "starting": starting.sections,
    "sandbox": sandboxes.sections,
    "large_sandbox": large_sandboxes.sections,
}

INTRODUCTION = """\
# Measured against the published package

`{command}` wrote this on {date}, on {cores} cores (load {load:.1f} when it began), Python {python}, {system}.

- This package: {ours}.
- The published one, in an environment of its own: {published}, {theirs}.

Both talk to one server on the same machine, in turn. It is neither Cloudspot nor the sandbox: it sends bytes that were
prepared before (the sandbox's products, about 2 kB each), so that the clients are what is measured; the rows in italics
show how fast it is read by a client that does nothing with them. A real server takes longer to answer and a network to
carry it, the same for both packages: that makes the ratios smaller, and changes nothing about the time that the client
itself takes. It does not hold for TLS: the published package makes a connection for each request, which costs a
millisecond or two here and some round trips more over a network.

Each figure comes from fresh processes that do nothing else. Loading the packages is not in it, except under *Loading*;
connecting is. The documented API makes an attribute of a product when it is first read, the published package makes all
of them in `list()`: a row of its own has the reading in it. The first record is timed from just before the server hands
its first byte to the system, by the machine's clock. The packages take turns. Times are of the fastest run, with the
median and the slowest in brackets: what else the machine does only ever adds to them. Ratios compare the fastest runs.
Memory is the largest peak of a process.
"""


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller run of about a minute, which is only shown")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part, which is only shown")
    arguments = parser.parse_args()
    start = time.monotonic()
    with serving(environments.published(), environments.base(), quick=arguments.quick) as bench:
        load = os.getloadavg()[0]
        parts = [PARTS[name] for name in arguments.only or PARTS]
        report = "\n".join([_introduction(bench, load), *(f"{text}\n" for part in parts for text in part(bench))])
    print(f"\n{report}\n{time.monotonic() - start:.0f} s")
    if not arguments.quick and not arguments.only:
        RESULTS.write_text(report, encoding="utf-8")


def _introduction(bench: Bench, load: float) -> str:
    theirs, ours = installed(bench.published), installed(Path(sys.executable))
    return INTRODUCTION.format(
        command=f"python -m benchmarks{' --quick' if bench.quick else ''}",
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        load=load,
        python=platform.python_version(),
        system=platform.system(),
        published=PUBLISHED,
        ours=", ".join(f"{name} {ours[name]}" for name in ("cloudspot-erp-api", "urllib3", "aiohttp", "msgspec")),
        theirs=", ".join(f"{name} {theirs[name]}" for name in ("requests", "urllib3")),
    )


if __name__ == "__main__":
    main()
