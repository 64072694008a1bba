"""One product at a time: one after another, and 32 at once."""

from __future__ import annotations

from collections.abc import Iterator

from .measuring import TOGETHER, Bench, Contestant, Figures
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
            _row(f"published: {alone:,} × `get(id)`, one after another, {name}", theirs, alone),
            _row(
                f"{alone:,} × `erp.artikels.get(id)`, {name}",
                ours,
                alone,
                theirs.best / ours.best,
                ALONE[scheme],
            ),
            _row(f"*urllib3 alone, {name}*", bare, alone),
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
            _row(f"published: {together:,} × `get(id)`, in {TOGETHER} threads, {name}", theirs, together),
            _row(
                f"{together:,} × `await erp.artikels.get(id)`, {TOGETHER} at once, {name}",
                ours,
                together,
                theirs.best / ours.best,
                TOGETHER_FASTER,
            ),
            _row(f"*aiohttp alone, {TOGETHER} at once, {name}*", bare, together),
        ]
    yield "## One product at a time\n\n" + table(
        ("", "time", "processor", "a second", "times as fast", "target", ""), rows
    )


def _row(what: str, figures: Figures, count: int, ratio: float = 0, wanted: float = 0) -> tuple[str, ...]:
    taken = (what, spread(figures.seconds), f"{min(figures.cpu):.2f} s", f"{count / figures.best:,.0f}")
    if wanted:
        return *taken, f"{ratio:.1f}", f"{wanted:g}", verdict(ratio, wanted, at_least=True)
    return *taken, "1" if what.startswith("published") else "", "", ""
