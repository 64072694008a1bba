"""One product at a time: one after another, and 32 at once."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from .measuring import TOGETHER, Bench, Contestant
from .table import spread, table, verdict

ALONE = {"http": 2.5, "https": 8.0}
TOGETHER_FASTER = 8.0


def sections(bench: Bench) -> Iterator[str]:
    """What is measured here, as sections of the report."""
    alone, together, times = bench.much(2_000, 200), bench.much(4_000, 400), bench.much(5, 1)
    rows = []
    for scheme, name in (("http", "http"), ("https", "TLS")):
        bare, theirs, ours = bench.in_turn(
            scheme,
            times,
            Contestant("bare", "getting", alone),
            Contestant("published", "getting", alone),
            Contestant("ours", "getting", alone),
        )
        rows += [
            _row(f"published: {alone:,} × `get(id)`, one after another, {name}", theirs.seconds, alone),
            _row(
                f"{alone:,} × `erp.artikels.get(id)`, {name}",
                ours.seconds,
                alone,
                theirs.median / ours.median,
                ALONE[scheme],
            ),
            _row(f"*urllib3 alone, {name}*", bare.seconds, alone),
        ]
    for scheme, name in (("http", "http"), ("https", "TLS")):
        bare, theirs, ours = bench.in_turn(
            scheme,
            times,
            Contestant("bare", "getting_together", together),
            Contestant("published", "getting_together", together),
            Contestant("ours", "getting_together", together),
        )
        rows += [
            _row(f"published: {together:,} × `get(id)`, in {TOGETHER} threads, {name}", theirs.seconds, together),
            _row(
                f"{together:,} × `await erp.artikels.get(id)`, {TOGETHER} at once, {name}",
                ours.seconds,
                together,
                theirs.median / ours.median,
                TOGETHER_FASTER,
            ),
            _row(f"*aiohttp alone, {TOGETHER} at once, {name}*", bare.seconds, together),
        ]
    yield "## One product at a time\n\n" + table(("", "time", "a second", "times as fast", "target", ""), rows)


def _row(what: str, seconds: list[float], count: int, ratio: float = 0, wanted: float = 0) -> tuple[str, ...]:
    rate = f"{count / median(seconds):,.0f}"
    if wanted:
        return what, spread(seconds), rate, f"{ratio:.1f}", f"{wanted:g}", verdict(ratio, wanted, at_least=True)
    return what, spread(seconds), rate, "1" if what.startswith("published") else "", "", ""
