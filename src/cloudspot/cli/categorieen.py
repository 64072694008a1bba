"""`cloudspot categorieen`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import click

from cloudspot.errors import InvalidRecord
from cloudspot.records import ArtikelCategorie
from cloudspot.records.artikels import path_text

from .connection import open_client
from .failures import ExitCode
from .formats import BYTE_ORDER_MARK, WRITERS, excel_cell
from .layout import tree
from .listing import destination_of, emit, reporting, settled
from .options import Choices, Sectioned, connection_options
from .record_options import format_options, wanted_in


@click.command(cls=Sectioned)
@format_options
@connection_options
@click.pass_context
def categorieen(ctx: click.Context) -> ExitCode:
    """Show the trees of categories, with their ids.

    With --json and --jsonl each tree is one record; with --csv each category is a row, with its parent and its path.
    """
    wanted = wanted_in(ctx)
    invalid: list[InvalidRecord] = []
    with destination_of(wanted) as out, open_client(ctx.ensure_object(Choices)) as erp:
        roots = erp.categorieen.list(on_invalid=reporting(invalid))
        if out is None or wanted.format == "table":
            emit(list(tree(roots)), out)
        elif wanted.format in {"csv", "csv-excel"}:
            out.write(as_rows(roots, for_excel=wanted.format == "csv-excel").encode())
        else:
            WRITERS[wanted.format](roots, out, ())
    return settled(invalid, len(roots))


def as_rows(roots: Iterable[ArtikelCategorie], *, for_excel: bool) -> str:
    """The categories as CSV, each parent before its children."""
    text = io.StringIO(newline="")
    if for_excel:
        text.write(BYTE_ORDER_MARK)
    rows = csv.writer(text, delimiter=";" if for_excel else ",")
    rows.writerow(("id", "naam", "parent", "path"))
    for row in _rows(roots):
        rows.writerow([excel_cell(value) for value in row] if for_excel else row)
    return text.getvalue()


def _rows(roots: Iterable[ArtikelCategorie]) -> Iterator[tuple[int | str | None, ...]]:
    for root in roots:
        for line in root.lines():
            *above, categorie = line
            yield categorie.id, categorie.naam, above[-1].id if above else None, path_text(line)
