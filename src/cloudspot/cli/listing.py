"""The way of records from the ERP to the output, which is the same for all that can be listed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from cloudspot.errors import InvalidRecord
from cloudspot.records import Artikel, Klant, Record

from .connection import open_client
from .destinations import destination
from .failures import ExitCode, NotUnderstood
from .fields import Field, Kind, as_text, known_fields, leaves, sent_fields
from .filters import BadFilter, Selection, find_field, parse_sort, parse_where, sought_extra, strange_word
from .formats import WRITERS
from .layout import Column, table
from .options import Choices
from .progress import watched
from .record_options import Wanted
from .terminal import clean, is_terminal, say, width

if TYPE_CHECKING:
    from cloudspot.calls import Plain
    from cloudspot.client import Cloudspot
    from cloudspot.endpoints.collection import Collection

BLOCK = 500
"""Lines of a table that are written at once."""
NAMES = {Artikel: ("artikel", "artikels"), Klant: ("klant", "klanten")}


def list_records(
    choices: Choices,
    record_type: type[Record],
    collection: Callable[[Cloudspot], Collection[Plain, Any]],
    wanted: Wanted,
    columns: Sequence[Column],
) -> ExitCode:
    """Fetch, select and write the records of a collection, as they arrive."""
    selection, fields = understood(wanted, record_type)
    for note in wanted.notes:
        remark(choices, note)
    invalid: list[InvalidRecord] = []
    one, many = NAMES[record_type]
    with destination_of(wanted) as out, open_client(choices) as erp:
        at_once = selection.order or (out is None and selection.limit is None)
        with (
            _arriving(collection(erp), reporting(invalid), at_once=bool(at_once)) as arriving,
            watched(arriving, f"Reading {many}", quiet=choices.quiet) as records,
        ):
            tally = Tally(selection.of(records))
            lines = _write(tally, out, wanted, fields or _usual_fields(record_type, wanted), columns)
        emit(lines, out)
    if selection.limit is None or tally.count < selection.limit:  # else not all were looked at
        for each in wanted.sought:
            if not each.found:
                remark(choices, each.note)
    if wanted.format.startswith("csv") and not fields and tally.unknown:
        unknown = ", ".join(sorted(tally.unknown))
        remark(choices, f"fields this release doesn't know are not in the CSV: {unknown}. Ask with --fields extra.")
    if out is None and is_terminal(sys.stdout):
        remark(choices, f"{tally.count:,} {one if tally.count == 1 else many}")
    return settled(invalid, tally.count)


@contextmanager
def _arriving(
    collection: Collection[Plain, Any], report: Callable[[InvalidRecord], None], *, at_once: bool
) -> Iterator[Iterable[Record]]:
    """The records as they arrive; or all at once where all are needed anyway, which is repeated when it breaks off."""
    if at_once:
        yield _when_asked(collection, report)
        return
    with collection.stream(on_invalid=report) as stream:
        yield stream


def _when_asked(collection: Collection[Plain, Any], report: Callable[[InvalidRecord], None]) -> Iterator[Record]:
    yield from collection.list(on_invalid=report)


def _usual_fields(record_type: type[Record], wanted: Wanted) -> Sequence[Field]:
    """What is written where no fields were asked for; for JSON, and for a table's own columns, nothing is picked."""
    return sent_fields(record_type) if wanted.format.startswith("csv") else ()


def _write(
    records: Iterable[Record], out: BinaryIO | None, wanted: Wanted, fields: Sequence[Field], columns: Sequence[Column]
) -> list[str]:
    """Write records, or lay them out as the lines of a table."""
    if out is None or wanted.format == "table":
        shown = [_plain_column(field) for field in fields] or columns
        return list(table(records, shown, width() if out is None else None))
    WRITERS[wanted.format](records, out, fields)
    return []


class Tally:
    """Records that pass by, with what is to be said of them afterwards."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = records
        self.count = 0
        self.unknown: set[str] = set()

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.count += 1
            if record.extra:
                self.unknown.update(record.extra)
            yield record


def understood(wanted: Wanted, record_type: type[Record]) -> tuple[Selection, list[Field]]:
    """What the options ask for.

    Raises:
        click.UsageError: one of them can't be understood.
    """
    known = known_fields(record_type)
    try:
        tests = [*wanted.tests, *(parse_where(text, known) for text in wanted.where)]
        order = [parse_sort(text, known) for text in wanted.sort]
        names = [name.strip() for name in wanted.fields.split(",")]
        fields = [find_field(name, known) for name in names if name]
        wanted.notes += [note for text in wanted.where if (note := strange_word(text, known))]
    except BadFilter as error:
        raise NotUnderstood(str(error), error.known) from None
    extra = [sought for text in (*wanted.where, *names) if (sought := sought_extra(text, known))]
    if extra:
        wanted.sought += extra
        tests.insert(0, lambda record: bool([each(record) for each in extra]))
    return Selection(tests, order, wanted.limit), fields


@contextmanager
def destination_of(wanted: Wanted) -> Iterator[BinaryIO | None]:
    """Where bytes go; None for lines on a terminal, which click writes in the terminal's own encoding."""
    if wanted.format == "table" and not wanted.file:
        yield None
        return
    with destination(wanted.file) as out:
        yield out


def emit(lines: Sequence[str], out: BinaryIO | None) -> None:
    """Write lines to the terminal, or without colours to a file."""
    for start in range(0, len(lines), BLOCK):
        block = "\n".join(lines[start : start + BLOCK])
        if out is None:
            click.echo(block)
        else:
            out.write(f"{click.unstyle(block)}\n".encode())


def remark(choices: Choices, text: str) -> None:
    """Say something on stderr that is no error."""
    if not choices.quiet:
        say(clean(f"cloudspot: {text}"))


def reporting(invalid: list[InvalidRecord]) -> Callable[[InvalidRecord], None]:
    """What tells of each invalid record as it comes, and keeps it in a list."""

    def report(record: InvalidRecord) -> None:
        invalid.append(record)
        say(clean(f"cloudspot: {record}"))

    return report


def settled(invalid: Sequence[InvalidRecord], good: int) -> ExitCode:
    """The exit code, and a last word where some records were invalid."""
    if not invalid:
        return ExitCode.OK
    count = len(invalid)
    say(f"cloudspot: {count:,} record{'' if count == 1 else 's'} could not be read; {good:,} others were written.")
    return ExitCode.INVALID_RECORDS


def _plain_column(field: Field) -> Column:
    def text(record: Any) -> str:
        value = field.read(record)
        return ", ".join(leaves(value)) if field.kind is Kind.ROWS else as_text(value)

    return Column(field.name, text, right=field.kind is Kind.NUMBER, shrinks=field.kind in {Kind.TEXT, Kind.ROWS})
