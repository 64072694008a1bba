"""Tables in Markdown, and how figures are written in them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown: the first column is text, the others are figures."""
    lines = [head, [":--", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def spread(values: Sequence[float], unit: str = "s") -> str:
    """The fastest, and where there were several, the median and the slowest."""
    factor = {"s": 1, "ms": 1000}[unit]
    low, middle, high = (value * factor for value in (min(values), median(values), max(values)))
    places = 2 if unit == "s" else 1
    if len(values) == 1:
        return f"{middle:.{places}f} {unit}"
    return f"{low:.{places}f} {unit} ({middle:.{places}f}, {high:.{places}f})"


def megabytes(values: Sequence[float]) -> str:
    """The largest of some peaks."""
    return f"{max(values):.0f} MB"


def verdict(reached: float, wanted: float, *, at_least: bool) -> str:
    """Whether a target is reached."""
    return "reached" if (reached >= wanted if at_least else reached <= wanted) else "**missed**"
