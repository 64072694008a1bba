"""Tables, trees and cards as lines of text."""

from __future__ import annotations

import click
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.cli.layout import NARROWEST, Column, card, cell_width, cut, fitted, pad, table, tree
from cloudspot.records import ArtikelCategorie

COLUMNS = (
    Column("nr", lambda row: str(row[0]), right=True),
    Column("naam", lambda row: str(row[1]), shrinks=True),
    Column("merk", lambda row: "M", from_width=60),
    Column("status", lambda row: "AAN", colours={"AAN": "green"}),
)
ROWS = [(1, "een"), (100, "een heel lange naam " * 3)]


def test_a_table_fits_the_terminal_and_is_whole_without_one() -> None:
    for width in (40, 60, 120):
        lines = [click.unstyle(line) for line in table(ROWS, COLUMNS, width)]
        assert max(map(len, lines)) <= width
        assert ("merk" in lines[0]) is (width >= 60)
    assert any("…" in line for line in table(ROWS, COLUMNS, 40))
    lines = [click.unstyle(line) for line in table(ROWS, COLUMNS, None)]
    assert "…" not in "".join(lines)
    assert lines[2].startswith("  1  een")


def test_an_empty_table_has_its_head() -> None:
    assert len(list(table([], COLUMNS, 80))) == 2


@given(st.text(max_size=20), st.integers(1, 20))
def test_cut_and_padded_texts_have_their_width(text: str, width: int) -> None:
    if text.isprintable():
        assert cell_width(cut(text, width)) <= width
        assert cell_width(pad(cut(text, width), width)) == width


@given(st.lists(st.tuples(st.integers(1, 100), st.booleans()), min_size=1), st.integers(1, 200))
def test_columns_shrink_only_as_far_as_they_must(columns: list[tuple[int, bool]], width: int) -> None:
    widths, shrinks = [each for each, _ in columns], [may for _, may in columns]
    result = fitted(widths, shrinks, width)
    assert all(min(NARROWEST, before) <= after <= before for before, after in zip(widths, result, strict=True))
    if sum(widths) + 2 * (len(widths) - 1) <= width:
        assert result == widths
    elif sum(result) + 2 * (len(widths) - 1) > width:
        assert max(result) <= NARROWEST


def test_a_tree() -> None:
    leaf = ArtikelCategorie(id=4, naam="D")
    root = ArtikelCategorie(
        id=1, naam="A", children=(ArtikelCategorie(id=2, naam="B", children=(leaf,)), ArtikelCategorie(naam="C\x1b[2J"))
    )
    assert [click.unstyle(line) for line in tree([root])] == ["A  1", "├─ B  2", "│  └─ D  4", "└─ C [2J"]


def test_a_deep_tree() -> None:
    root = ArtikelCategorie(id=0, naam="0")
    for number in range(1, 3000):
        root = ArtikelCategorie(id=number, naam=str(number), children=(root,))
    assert sum(1 for _ in tree([root])) == 3000


def test_a_card_wraps_and_leaves_out_what_is_empty() -> None:
    lines = [click.unstyle(line) for line in card([("a", ["x " * 40]), ("bb", [""]), ("ccc", ["1", "2"])], 40)]
    assert max(map(len, lines)) <= 40
    assert [line[:4].strip() for line in lines] == ["a", "", "", "ccc", ""]
    assert list(card([], 80)) == []
