"""How long it takes to load the packages, and what they bring along."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from .environments import installed
from .measuring import Bench
from .table import spread, table, verdict

MOST_DEPENDENCIES = 3
MOST_HELP = 0.200
_TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
_DOCUMENTED = _TIMED.format("from cloudspot.api import CloudspotERP_CompanyAPI")


def sections(bench: Bench) -> Iterator[str]:
    """What is measured here, as sections of the report."""
    times = bench.much(25, 5)
    theirs, documented, whole, client = bench.fresh(
        times,
        [str(bench.published), "-c", _DOCUMENTED],
        [str(bench.base), "-c", _DOCUMENTED],
        [str(bench.base), "-c", _TIMED.format("import cloudspot")],
        [str(bench.base), "-c", _TIMED.format("from cloudspot import Cloudspot")],
    )
    rows = [
        ("published: `from cloudspot.api import CloudspotERP_CompanyAPI`", spread(theirs, "ms"), "", ""),
        (
            "`from cloudspot.api import CloudspotERP_CompanyAPI`",
            spread(documented, "ms"),
            f"below {median(theirs) * 1000:.0f} ms",
            verdict(median(documented), median(theirs), at_least=False),
        ),
        ("`from cloudspot import Cloudspot`", spread(client, "ms"), "", ""),
        ("`import cloudspot`", spread(whole, "ms"), "", ""),
    ]
    command = Path(sys.executable).with_name("cloudspot")
    (helping,) = bench.fresh(times, [str(command), "--help"])
    rows.append(
        (
            "`cloudspot --help`, the whole process",
            spread(helping, "ms"),
            f"{MOST_HELP * 1000:.0f} ms",
            verdict(median(helping), MOST_HELP, at_least=False),
        )
    )
    mine, others = (
        [name for name in installed(python) if name != "cloudspot-erp-api"] for python in (bench.base, bench.published)
    )
    rows += [
        (
            f"packages a base install brings along: {', '.join(mine)}",
            str(len(mine)),
            str(MOST_DEPENDENCIES),
            verdict(len(mine), MOST_DEPENDENCIES, at_least=False),
        ),
        (f"published: {', '.join(others)}", str(len(others)), "", ""),
    ]
    yield "## Loading\n\n" + table(("", "", "target", ""), rows)
