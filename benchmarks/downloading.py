"""All products at once, and one after another as they arrive."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from .measuring import Bench, Contestant, Figures, process
from .table import megabytes, spread, table, verdict

FASTER = 10
MOST_MEMORY = 60
FIRST = 0.020


def sections(bench: Bench) -> Iterator[str]:
    """What is measured here, as sections of the report."""
    yield _lists(bench)
    yield _streams(bench)


def _lists(bench: Bench) -> str:
    count, times = bench.much(100_000, 10_000), bench.much(3, 1)
    rows = []
    for scheme, name in (("http", "http"), ("https", "TLS")):
        bare, theirs, *ours = bench.in_turn(
            scheme,
            times,
            Contestant("bare", "downloading", count),
            Contestant("published", "listing", count),
            Contestant("ours", "listing", count),
            Contestant("ours", "documented_listing", count),
            Contestant("ours", "streaming", count),
        )
        rows.append((f"published: `artikels.list()`, {name}", *_taken(theirs), "1", "", ""))
        for what, figures in zip(
            ("`erp.artikels.list()`", "documented `artikels.list()`", "`for … in erp.artikels`"), ours, strict=True
        ):
            rows.append((f"{what}, {name}", *_taken(figures), *_against(theirs, figures)))
        rows.append((f"*urllib3 alone, bytes thrown away, {name}*", *_taken(bare), "", "", ""))
    rows += _read_as_well(bench, count)
    if not bench.quick:
        rows += _from_sandbox(bench, count)
    megabytes_sent = bench.server["size"] * count / 100_000 / 1e6
    return f"## {count:,} products, {megabytes_sent:.0f} MB\n\n" + table(
        ("", "time", "processor", "peak memory", "times as fast", "target", ""), rows
    )


def _read_as_well(bench: Bench, count: int) -> list[tuple[str, ...]]:
    """The documented API makes an attribute when it is first read, the published one all of them at once."""
    theirs, ours = bench.in_turn(
        "http",
        bench.much(2, 1),
        Contestant("published", "reading", count),
        Contestant("ours", "documented_reading", count),
    )
    what = "`artikels.list()`, then name, price and photos of each, http"
    return [
        (f"published: {what}", *_taken(theirs), "1", "", ""),
        (f"documented {what}", *_taken(ours), f"{theirs.best / ours.best:.1f}", "", ""),
    ]


def _taken(figures: Figures) -> tuple[str, str, str]:
    return spread(figures.seconds), f"{min(figures.cpu):.2f} s", megabytes(figures.peak)


def _against(theirs: Figures, figures: Figures) -> tuple[str, str, str]:
    ratio = theirs.best / figures.best
    return f"{ratio:.1f}", f"{FASTER}", verdict(ratio, FASTER, at_least=True)


def _from_sandbox(bench: Bench, count: int) -> list[tuple[str, ...]]:
    command = [
        sys.executable,
        "-m",
        "cloudspot.sandbox",
        "--json",
        "--port",
        "0",
        "--artikels",
        str(count),
        "--klanten",
        "1",
    ]
    with process(command) as sandbox:
        theirs, ours = bench.in_turn(
            "http",
            1,
            Contestant("published", "listing", count),
            Contestant("ours", "streaming", count),
            base_url=sandbox["base_url"],
        )
    return [
        ("published: `artikels.list()` from the sandbox, once", *_taken(theirs), "1", "", ""),
        ("`for … in erp.artikels` from the sandbox, once", *_taken(ours), f"{theirs.best / ours.best:.1f}", "", ""),
    ]


def _streams(bench: Bench) -> str:
    times = bench.much(3, 1)
    counts = (1_000, 10_000, 50_000) if bench.quick else (10_000, 100_000, 500_000)
    rows = []
    for count in counts:
        (figures,) = bench.in_turn("https", times, Contestant("ours", "streaming", count))
        rows.append(
            (
                f"peak memory of the process, {count:,} products",
                megabytes(figures.peak),
                f"{MOST_MEMORY} MB",
                verdict(max(figures.peak), MOST_MEMORY, at_least=False),
            )
        )
        rows.append((f"time, {count:,} products", spread(figures.seconds), "", ""))
    for scheme, name in (("http", "http"), ("https", "TLS")):
        (figures,) = bench.in_turn(scheme, bench.much(7, 2), Contestant("ours", "first_record", counts[0]))
        rows.append(
            (
                f"from the first byte to the first record, {name}",
                spread(figures.first, "ms"),
                f"{FIRST * 1000:.0f} ms",
                verdict(max(figures.first), FIRST, at_least=False),
            )
        )
    return "## Streaming: memory and the first record\n\n" + table(("", "", "target", ""), rows)
