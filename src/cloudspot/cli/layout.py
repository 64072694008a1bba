"""Tables, trees and cards as lines of text. Pure: what is shown and how wide it may be go in, lines come out.

Rich's own table takes 3 s for 10,000 products, of which all other work takes a quarter of a second.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import click

from cloudspot.records import ArtikelCategorie

from .terminal import clean

GAP = "  "
NARROWEST = 8
"""A column is not made narrower than this to fit a terminal."""


class Column(NamedTuple):
    """A column of a table."""

    title: str
    text: Callable[[Any], str]
    right: bool = False
    from_width: int = 0
    """Left out where the terminal is narrower than this."""
    shrinks: bool = False
    """Whether its texts may be cut, with an ellipsis, where the terminal is too narrow."""
    colours: dict[str, str] | None = None


def table(records: Iterable[Any], columns: Sequence[Column], width: int | None) -> Iterator[str]:
    """The lines of a table; with a width of None nothing is left out or cut."""
    shown = [column for column in columns if width is None or column.from_width <= width]
    rows = [[clean(column.text(record)) for column in shown] for record in records]
    widths = [
        max([cell_width(column.title), *map(cell_width, texts)])
        for column, texts in zip(shown, zip(*rows, strict=True) if rows else [()] * len(shown), strict=True)
    ]
    widths = fitted(widths, [column.shrinks for column in shown], width)
    yield click.style(_line([column.title for column in shown], shown, widths), bold=True)
    yield click.style(GAP.join("─" * each for each in widths), dim=True)
    for row in rows:
        yield _line(row, shown, widths, coloured=True)


def fitted(widths: Sequence[int], shrinks: Sequence[bool], width: int | None) -> list[int]:
    """Widths that fit: the widest column that may shrink gives way first; then any."""
    result = list(widths)
    if width is None:
        return result
    surplus = sum(result) + len(GAP) * (len(result) - 1) - width
    for candidates in ([i for i, may in enumerate(shrinks) if may], range(len(result))):
        while surplus > 0:
            widest = max(candidates, key=result.__getitem__, default=None)
            if widest is None or result[widest] <= NARROWEST:
                break
            result[widest] -= 1
            surplus -= 1
    return result


def _line(texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int], *, coloured: bool = False) -> str:
    cells = []
    for text, column, width in zip(texts, columns, widths, strict=True):
        fitting = cut(text, width)
        is_last = column is columns[-1]
        padded = fitting if is_last and not column.right else pad(fitting, width, right=column.right)
        colour = (column.colours or {}).get(text) if coloured else None
        cells.append(click.style(padded, fg=colour) if colour else padded)
    return GAP.join(cells)


def cell_width(text: str) -> int:
    """The columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """A text that fits, with an ellipsis where some of it is gone."""
    if cell_width(text) <= width:
        return text
    while cell_width(text) > width - 1:
        text = text[: max(0, min(len(text) - 1, width - 1))]
    return f"{text}…"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """A text filled up with spaces."""
    spaces = " " * (width - cell_width(text))
    return spaces + text if right else text + spaces


def tree(roots: Iterable[ArtikelCategorie]) -> Iterator[str]:
    """The lines of trees of categories."""
    for root in roots:
        yield _categorie(root)
        waiting = [("", child, child is root.children[-1]) for child in reversed(root.children)]
        while waiting:
            indent, categorie, is_last = waiting.pop()
            yield f"{indent}{'└─' if is_last else '├─'} {_categorie(categorie)}"
            below = f"{indent}{'   ' if is_last else '│  '}"
            waiting.extend((below, child, child is categorie.children[-1]) for child in reversed(categorie.children))


def _categorie(categorie: ArtikelCategorie) -> str:
    number = "" if categorie.id is None else click.style(f"  {categorie.id}", dim=True)
    return f"{clean(categorie.naam or '?')}{number}"


def card(facts: Iterable[tuple[str, Sequence[str]]], width: int | None) -> Iterator[str]:
    """Names and values below each other; long values wrapped, the empty ones left out."""
    shown = [(name, [line for each in values if (line := " ".join(clean(each).split()))]) for name, values in facts]
    indent = max((len(name) for name, values in shown if values), default=0) + len(GAP)
    for name, values in shown:
        room = None if width is None else max(20, width - indent)
        lines = [line for value in values for line in (textwrap.wrap(value, room) if room else [value])]
        for number, line in enumerate(lines):
            yield (" " * indent if number else click.style(name.ljust(indent), bold=True)) + line
