"""Files as rows: a number, and cells by column; a row at a time wherever the format allows it."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, NamedTuple

import msgspec

from cloudspot.sandbox.file_formats import FORMATS, Format, format_told_by

from .problems import InvalidImport

DELIMITERS = (";", ",", "\t", "|")
PIECE = 1 << 16
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Row(NamedTuple):
    """A row of a file."""

    number: int
    cells: dict[str, Any]
    trouble: str = ""
    """Why it can't be read, where it can't."""


class Rows(NamedTuple):
    """The rows of a file."""

    rows: Iterator[Row]
    columns: Sequence[str] | None
    """The header; None where each row names its own fields."""


def format_of(name: str) -> Format:
    """The format that a file's name tells.

    Raises:
        InvalidImport: it tells none.
    """
    found = format_told_by(name)
    if found is None:
        raise InvalidImport(f"{name} doesn't tell its format; say which it is: {', '.join(FORMATS)}")
    return found


def known_format(text: str) -> Format:
    """A format by its name.

    Raises:
        ValueError: there is none of that name.
    """
    if text not in FORMATS:
        raise ValueError(f"there is no format {text!r}; there are {', '.join(FORMATS)}")
    return text


def rows_of(file: BinaryIO, format: Format) -> Rows:
    """The rows of a file.

    Raises:
        InvalidImport: it is not of that format.
    """
    file.seek(0)
    try:
        return _READERS[known_format(format)](file)
    except UnicodeDecodeError as error:
        raise InvalidImport(f"the file is no text: {error.reason}") from None


def _csv(file: BinaryIO) -> Rows:
    lines = _text(file, encoding_of(file))
    first = next(lines, "")
    if first.lower().startswith("sep=") and len(first.rstrip("\r\n")) == 5:
        delimiter, header, before = first[4], next(lines, ""), 2
    else:
        delimiter, header, before = "", first, 1
    delimiter = delimiter or max(DELIMITERS, key=lambda each: _outside_quotes(header).count(each))
    table = csv.reader(_after(header, lines), delimiter=delimiter, strict=True)
    try:
        names = next(table, [])
    except csv.Error as error:
        raise InvalidImport(f"the header can't be read: {error}") from None
    return Rows(_numbered(table, _header(names), before), _header(names))


def _text(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a file, which is left to whoever opened it."""
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        # Not the text itself: what is left of a generator closes what it yields from, and so the file.
        yield from iter(text.readline, "")
    finally:
        with suppress(ValueError):
            text.detach()


def _after(header: str, lines: Iterable[str]) -> Iterator[str]:
    yield header
    yield from lines


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _numbered(table: Iterator[list[str]], columns: Sequence[str], number: int) -> Iterator[Row]:
    while True:
        number += 1
        try:
            cells = next(table, None)
        except (csv.Error, UnicodeDecodeError) as error:
            yield Row(number, {}, f"the row can't be read: {error}")
            # What follows a broken quote is of no use.
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _row(number, columns, cells)


def _row(number: int, columns: Sequence[str], cells: Sequence[Any]) -> Row:
    surplus = [cell for cell in cells[len(columns) :] if cell not in {None, ""}]
    if surplus:
        return Row(number, {}, f"there are {len(cells)} cells below {len(columns)} columns")
    padded = [*cells, *[None] * (len(columns) - len(cells))]
    return Row(number, {name: cell for name, cell in zip(columns, padded, strict=False) if name})


def _header(cells: Iterable[Any]) -> list[str]:
    names = [str(cell).strip() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not any(names):
        raise InvalidImport("the file has no header")
    for name in names:
        if name and names.count(name) > 1:
            raise InvalidImport(f"the column {name} is there twice")
    return names


def encoding_of(file: BinaryIO) -> str:
    """How the text of a file is encoded: as its mark says, else UTF-8, else as Windows in Western Europe does."""
    start = file.read(4)
    file.seek(0)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    for encoding in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while piece := file.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        else:
            return encoding
        finally:
            file.seek(0)
    raise InvalidImport("the file is no text: neither in UTF-8 nor in Windows-1252")


def _xlsx(file: BinaryIO) -> Rows:
    try:
        from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise InvalidImport("Excel files need python-calamine: pip install 'cloudspot-erp-api[xlsx]'") from None
    try:
        book = CalamineWorkbook.from_filelike(file)
        table = book.get_sheet_by_index(0).iter_rows()
        first = next(table, [])
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise InvalidImport(f"the file is no Excel workbook: {error}") from None
    columns = _header(first)
    rows = (
        _row(number, columns, [None if cell == "" else cell for cell in cells])
        for number, cells in enumerate(table, 2)
        if any(cell not in {None, ""} for cell in cells)
    )
    return Rows(rows, columns)


def _jsonl(file: BinaryIO) -> Rows:
    decoder = msgspec.json.Decoder(float_hook=Decimal)

    def rows() -> Iterator[Row]:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield _object(number, _decoded(decoder, line))
                except (ValueError, RecursionError) as error:
                    yield Row(number, {}, f"the line is no JSON: {error}")

    return Rows(rows(), None)


def _json(file: BinaryIO) -> Rows:
    try:
        whole = _decoded(msgspec.json.Decoder(float_hook=Decimal), file.read())
    except (ValueError, RecursionError) as error:
        raise InvalidImport(f"the file is no JSON: {error}") from None
    if isinstance(whole, dict) and isinstance(whole.get("data"), list):
        # As the ERP itself answers.
        whole = whole["data"]
    if not isinstance(whole, list):
        raise InvalidImport("the file is no list of records")
    return Rows((_object(number, each) for number, each in enumerate(whole, 1)), None)


def _decoded(decoder: msgspec.json.Decoder[Any], document: bytes) -> Any:
    try:
        return _with_long_numbers(decoder, document)
    except InvalidOperation:
        raise ValueError("it holds a number with an exponent that no amount has") from None


def _with_long_numbers(decoder: msgspec.json.Decoder[Any], document: bytes) -> Any:
    try:
        return decoder.decode(document)
    except msgspec.ValidationError:
        # A number with more digits than fit in 64 bits.
        found = json.loads(document, parse_float=Decimal)
        try:
            json.dumps(found, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            raise ValueError("it holds half a surrogate pair, which no text has") from None
        return found


def _object(number: int, value: Any) -> Row:
    return Row(number, value) if isinstance(value, dict) else Row(number, {}, "a record is an object")


_READERS: dict[str, Callable[[BinaryIO], Rows]] = {"csv": _csv, "xlsx": _xlsx, "json": _json, "jsonl": _jsonl}
