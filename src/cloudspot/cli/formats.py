"""Records as JSON, JSON lines and CSV: written one by one, as they arrive."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import msgspec

from cloudspot.records import Record

from .fields import Field, as_text

_encode = msgspec.json.Encoder(decimal_format="number").encode
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Write = Callable[[Iterable[Record], BinaryIO, Sequence[Field]], None]


def write_json(records: Iterable[Record], out: BinaryIO, fields: Sequence[Field]) -> None:
    """One JSON array, a record a line; closed only when all is well, so that a part is never taken for the whole."""
    before = b"[\n"
    for record in records:
        out.write(before + encoded(record, fields))
        before = b",\n"
    out.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def write_jsonl(records: Iterable[Record], out: BinaryIO, fields: Sequence[Field]) -> None:
    """A record a line."""
    out.writelines(encoded(record, fields) + b"\n" for record in records)


def encoded(record: Record, fields: Sequence[Field]) -> bytes:
    """A record as JSON: all that was sent, or only some fields."""
    return _encode({field.name: _plain(field.read(record)) for field in fields}) if fields else record.to_json()


def _plain(value: Any) -> Any:
    """A value as it is encoded: records write themselves, since they know what else was sent in them."""
    if isinstance(value, tuple) and value and isinstance(value[0], Record):
        return msgspec.Raw(b"[" + b",".join(each.to_json() for each in value) + b"]")
    return value


def write_csv(records: Iterable[Record], out: BinaryIO, fields: Sequence[Field]) -> None:
    """RFC 4180, UTF-8: exactly what was sent, lists as JSON in their cell, nothing where there is null."""
    _write_rows(records, out, fields, cell, delimiter=",")


def write_csv_excel(records: Iterable[Record], out: BinaryIO, fields: Sequence[Field]) -> None:
    """As Excel opens it in Belgium: semicolons, decimal commas, and no text that is taken for a formula."""
    _write_rows(records, out, fields, excel_cell, delimiter=";", before=BYTE_ORDER_MARK)


def _write_rows(
    records: Iterable[Record],
    out: BinaryIO,
    fields: Sequence[Field],
    as_cell: Callable[[Any], str],
    *,
    delimiter: str,
    before: str = "",
) -> None:
    """Write rows below a header, which waits for the first of them: with a header alone, a failure looks empty."""
    line = io.StringIO(newline="")
    line.write(before)
    rows = csv.writer(line, delimiter=delimiter)
    rows.writerow(field.name for field in fields)

    def write() -> None:
        out.write(line.getvalue().encode())
        line.seek(0)
        line.truncate()

    for record in records:
        rows.writerow([as_cell(field.read(record)) for field in fields])
        write()
    write()


def cell(value: Any) -> str:
    """A value in a cell; a list as JSON."""
    if isinstance(value, list | tuple | dict):
        return _encode(_plain(value)).decode()
    return as_text(value)


def excel_cell(value: Any) -> str:
    """A value in a cell for a spreadsheet: a text that would run as a formula gets an apostrophe before it."""
    text = cell(value)
    if isinstance(value, Decimal):
        return text.replace(".", ",")
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def write_one(record: Record, out: BinaryIO, fields: Sequence[Field]) -> None:
    """A single record as a JSON object."""
    out.write(encoded(record, fields) + b"\n")


WRITERS: dict[str, Write] = {
    "json": write_json,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "csv-excel": write_csv_excel,
}
