"""Bytes of `{"data": [record, …]}` to typed records, chunk by chunk, at constant memory. Pure: no I/O.

How it is fast: the buffer is cut at the last comma between two records, which is *guessed* from the buffer's tail, and
everything before it is decoded at once. The guess needs no proof of its own, since only a prefix that ends between
two records closes as a JSON array. When the guess fails the buffer is scanned exactly.

How it is safe: a document that ends early is an error, never a short list. A batch that fails on a value is decoded
record by record, so that a bad one is reported with its number, key and field while the others arrive.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from .envelope import COMMA, END_OF_ROWS, STRING, UNREADABLE, Envelope, Scan, decode_plain
from .errors import DocumentCutOff, InvalidDocument, InvalidRecord, ServerTrouble
from .records.base import InvalidField, Record, whole_number

R = TypeVar("R", bound=Record)

BATCH = 256 * 1024
"""Bytes decoded at once: larger is not faster, smaller costs calls."""
FIRST_BATCH = 4 * 1024
"""The first batch is small, so that the first record comes with the first bytes."""
LONGEST_VALUE = 16 * 1024 * 1024
"""A record, or another value, longer than this ends the download: nothing in the protocol comes near it."""

_CONTROL = re.compile(rb"[\x00-\x1f]")
_AFTER_RECORD = re.compile(rb"\}\s*+,")
_OUTSIDE_STRINGS = re.compile(rb'[\s\[\]{},:0-9+\-.eEtrufalsnNIiy"]*+')


class RecordDecoder(Generic[R]):
    """Feed it the chunks of an answer; it gives back the records as they become whole.

    Attributes:
        invalid: the records that could not be read so far.
        seen: how many records there were so far, the invalid ones included.
    """

    def __init__(self, record_type: type[R]) -> None:
        self.invalid: list[InvalidRecord] = []
        self.seen = 0
        self._type = record_type
        self._decode_rows, self._decode_document = _decoders(record_type)
        self._chunks: list[bytes] = []
        self._waiting = 0  # bytes in them
        self._want = FIRST_BATCH
        self._has_begun = False

    def _begin(self) -> None:
        """Make what a small document does without."""
        self._has_begun = True
        self._buffer = _Buffer()
        self._batch = FIRST_BATCH
        self._average = FIRST_BATCH  # bytes of a record
        self._envelope = Envelope()
        self._scan: Scan | None = None  # while among the rows
        self._commas: list[int] = []
        self._after_comma = False

    def feed(self, chunk: bytes) -> list[R]:
        """The records that this chunk completes; often none, since records are decoded in batches.

        Raises:
            InvalidDocument, ServerTrouble: this is not the document that the protocol describes.
        """
        if len(chunk) > BATCH:
            return [record for at in range(0, len(chunk), BATCH) for record in self.feed(chunk[at : at + BATCH])]
        self._chunks.append(chunk)
        self._waiting += len(chunk)
        return self._decode() if self._waiting >= self._want else []

    def finish(self) -> list[R]:
        """The last records; call it once, when the answer has ended.

        Raises:
            DocumentCutOff: the document is not complete.
            InvalidDocument, ServerTrouble: this is not the document that the protocol describes.
        """
        if not self._has_begun and (small := self._decode_small_document()) is not None:
            return small
        records = self._decode(at_end=True)
        if not self._envelope.is_complete:
            if self._envelope.is_untouched:
                raise ServerTrouble("The answer is empty.")
            so_far = f"{self.seen} whole record{'' if self.seen == 1 else 's'}"
            raise DocumentCutOff(f"The answer ended in the middle of its document, after {so_far}.")
        self._envelope.require_rows()
        return records

    def _decode_small_document(self) -> list[R] | None:
        document = b"".join(self._chunks)
        if document.count(b'"data"') != 1:
            return None
        try:
            document.decode()  # what isn't asked for is skipped unseen
            records: list[R] = self._decode_document(document).data
        except UNREADABLE:
            return None
        self.seen = len(records)
        return records

    def _decode(self, *, at_end: bool = False) -> list[R]:
        if not self._has_begun:
            self._begin()
        buffer = self._buffer
        buffer.take(self._chunks)
        size = len(buffer)
        records: list[R] = []
        while len(buffer):
            if self._scan is None:
                used = self._envelope.read(buffer.content())
                if self._envelope.at_rows:
                    self._scan = Scan()
            else:
                used = self._read_rows(buffer, self._scan, records, at_end=at_end)
            buffer.drop(used)
            if not used or (not at_end and len(buffer) < self._batch):
                break
        is_stuck = len(buffer) == size
        if is_stuck and size > LONGEST_VALUE:
            raise InvalidDocument(f"One value of the answer is longer than {LONGEST_VALUE >> 20} MiB.")
        if records:
            self._batch = min(2 * self._batch, BATCH)
        self._chunks, self._waiting = [], 0
        self._want = max(self._batch - len(buffer), size if is_stuck else 0)
        return records

    def _read_rows(self, buffer: _Buffer, scan: Scan, records: list[R], *, at_end: bool) -> int:
        """Move the whole rows that are in the buffer to `records`; how many bytes they took."""
        if not at_end:
            for cut in buffer.guess_cuts(int(1.5 * self._average) + 256):
                with buffer.closed_at(cut) as array:
                    rows = self._decode_batch(array)
                if rows is not None:
                    records += rows
                    return self._cut(cut)
        data, end = buffer.content(), None
        for offset, mark in scan.marks(data):
            if mark == COMMA:
                self._commas.append(offset)
            elif mark == END_OF_ROWS:
                end = offset
            else:
                raise InvalidDocument("The answer is not valid JSON: its list of records is closed by `}`.")
        if end is None and not self._commas:
            return 0
        cut = self._commas[-1] if end is None else end
        found = self._decode_batch(b"[%b]" % data[:cut]) if data[:cut].strip() else None
        records += self._decode_singly(data, cut) if found is None else found
        self._cut(cut)
        if end is not None:
            self._scan = None
        return cut + 1

    def _cut(self, cut: int) -> int:
        self._scan, self._commas, self._after_comma = Scan(), [], True
        return cut + 1

    def _decode_batch(self, array: bytes | memoryview) -> list[R] | None:
        """The records of an array; None where it is not a whole number of rows, or they must be looked at singly."""
        before = self.seen
        try:
            records: list[R] = self._decode_rows(array)
            self.seen += len(records)
        except msgspec.ValidationError:
            try:
                plain = decode_plain(array)
            except UNREADABLE:
                return None
            records = [record for row in plain if (record := self._read(row)) is not None]
        except UNREADABLE:
            return None
        self._average = len(array) // max(self.seen - before, 1)
        return records

    def _decode_singly(self, data: bytes, end: int) -> Iterator[R]:
        if not self._commas and not self._after_comma and not data[:end].strip():
            return  # `[]`
        start = 0
        for stop in (*self._commas, end) if end not in self._commas else self._commas:
            if (record := self._read_single(data[start:stop])) is not None:
                yield record
            start = stop + 1

    def _read_single(self, row: bytes) -> R | None:
        return self._counted(read_record(row, self._type, self.seen + 1))

    def _read(self, plain: Any) -> R | None:
        return self._counted(_read_plain(plain, self._type, self.seen + 1))

    def _counted(self, read: R | InvalidRecord) -> R | None:
        self.seen += 1
        if not isinstance(read, InvalidRecord):
            return read
        self.invalid.append(read)
        return None


class RowDecoder(RecordDecoder[Any]):
    """The same, but it gives back the bytes of each record as they were sent, for those who read few of them.

    That the document is whole and its JSON well-formed is ensured; text in UTF-8 and the records' values are not:
    `read_record` does the rest.
    """

    def __init__(self) -> None:
        super().__init__(msgspec.Raw)

    def _decode_batch(self, array: bytes | memoryview) -> list[Any] | None:
        # The rows stay parts of what they were found in, and the buffer is used again.
        return super()._decode_batch(bytes(array))

    def _read_single(self, row: bytes) -> Any:
        self.seen += 1
        return msgspec.Raw(row.strip())


def read_record(row: Any, record_type: type[R], number: int) -> R | InvalidRecord:
    """One record from its bytes, or what is wrong with it.

    Args:
        number: its place in the answer, from 1.

    Raises:
        InvalidDocument: the bytes are not JSON.
    """
    try:
        return _read_plain(decode_plain(row), record_type, number)
    except UNREADABLE:
        pass
    row = bytes(row)
    try:
        text = row.decode("utf-8", "surrogateescape")
        plain = json.loads(text, parse_float=Decimal, parse_int=whole_number, strict=False)
    except RecursionError:
        return InvalidRecord(number, None, "", row, "nested too deep to be read", row)
    except ValueError as error:
        raise InvalidDocument(f"Record {number} is not valid JSON: {error}.") from None
    if (problem := _unreadable_value(plain, _texts_with_raw_control_characters(row))) is None:
        return _read_plain(plain, record_type, number)
    field, value, reason = problem
    return InvalidRecord(number, _key(plain, record_type), field, value, reason, plain)


def _read_plain(plain: Any, record_type: type[R], number: int) -> R | InvalidRecord:
    try:
        return record_type.from_dict(plain)
    except InvalidField as error:
        return InvalidRecord(number, _key(plain, record_type), error.field, error.value, error.reason, plain)


class _Buffer:
    """Bytes of rows that arrive in pieces and are used from the front.

    One piece of memory, in which a `[` stands before the rows: what was used makes room for what comes, and a batch is
    decoded where it lies. Every copy less is a few percent of the time that a long list takes.
    """

    def __init__(self) -> None:
        self._bytes = bytearray(b"[")
        self._end = 1

    def __len__(self) -> int:
        return self._end - 1

    def take(self, chunks: list[bytes]) -> None:
        """Put chunks after what is there."""
        needed = self._end + sum(map(len, chunks))
        if needed > len(self._bytes):
            self._bytes.extend(bytes(max(needed, 2 * len(self._bytes)) - len(self._bytes)))
        for chunk in chunks:
            end = self._end + len(chunk)
            self._bytes[self._end : end] = chunk
            self._end = end

    def content(self) -> bytes:
        """A copy of all that is there."""
        return bytes(memoryview(self._bytes)[1 : self._end])

    def drop(self, used: int) -> None:
        """Forget the first bytes."""
        rest = bytes(memoryview(self._bytes)[1 + used : self._end])
        self._end = 1 + len(rest)
        self._bytes[1 : self._end] = rest

    def guess_cuts(self, window: int) -> Iterator[int]:
        """Where the last comma between two records may be, judged by what came last; likelier places first."""
        for size in (window, 4 * window):
            start = max(1, self._end - size)
            while start > 1 and self._bytes[start - 1] == ord("\\"):
                start -= 1
            for comma in _outer_commas(bytes(memoryview(self._bytes)[start : self._end])):
                yield start - 1 + comma
            if start == 1:
                return

    @contextmanager
    def closed_at(self, comma: int) -> Iterator[memoryview]:
        """The rows before a comma as an array, for a while: a `]` stands in the place of the comma."""
        self._bytes[1 + comma] = END_OF_ROWS
        try:
            with memoryview(self._bytes)[: comma + 2] as array:
                yield array
        finally:
            self._bytes[1 + comma] = COMMA


def _outer_commas(tail: bytes) -> Iterator[int]:
    """Where the last comma between two records may be, once if the tail begins outside strings and once if inside."""
    pieces = tail.replace(b"\\\\", b"__").replace(b'\\"', b"__").split(b'"')
    for first_outside in (0, 1):
        outside = b'"'.join(pieces[first_outside::2])
        if _OUTSIDE_STRINGS.fullmatch(outside) and (comma := _last_outer_comma(outside)) is not None:
            strings = outside.count(b'"', 0, comma) + first_outside
            inside = pieces[1 - first_outside :: 2][:strings]
            yield comma + sum(map(len, inside)) + strings


def _last_outer_comma(outside: bytes) -> int | None:
    """The last of the commas after a `}` that stand least deep, in a text without its strings."""
    at = depth = 0
    best: tuple[int, int] | None = None
    for match in _AFTER_RECORD.finditer(outside):
        end = match.end()
        depth += outside.count(b"{", at, end) + outside.count(b"[", at, end)
        depth -= outside.count(b"}", at, end) + outside.count(b"]", at, end)
        if best is None or depth <= best[0]:
            best = depth, end - 1
        at = end
    return best[1] if best else None


@cache
def _decoders(record_type: type[R]) -> tuple[Any, Any]:
    document = msgspec.defstruct("Document", [("data", list[record_type])])  # type: ignore[valid-type]
    return msgspec.json.Decoder(list[record_type]).decode, msgspec.json.Decoder(document).decode  # type: ignore[valid-type]


def _key(plain: Any, record_type: type[Record]) -> object:
    return plain.get(record_type.KEY) if isinstance(plain, dict) else None


def _unreadable_value(plain: Any, raw: set[str]) -> tuple[str, object, str] | None:
    """The first value that JSON, or Unicode, doesn't know: where it stands, the value, what was expected."""
    waiting: list[tuple[str, Any]] = [("", plain)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            return path, value, "expected a finite number"
        if isinstance(value, str) and not _is_unicode(value):
            return path, value, "expected text in UTF-8"
        if isinstance(value, str) and value in raw:
            return path, value, "expected text without raw control characters, such as a tab or a line break"
        if isinstance(value, dict):
            if bad := next((name for name in value if not _is_unicode(name)), None):
                return f"{path}.{bad}".lstrip("."), bad, "expected a name in UTF-8"
            if bad := next((name for name in value if name in raw), None):
                return f"{path}.{bad}".lstrip("."), bad, "expected a name without raw control characters"
            waiting += ((f"{path}.{name}".lstrip("."), item) for name, item in reversed(value.items()))
        elif isinstance(value, list):
            waiting += ((f"{path}[{index}]", item) for index, item in reversed(list(enumerate(value))))
    return None


def _texts_with_raw_control_characters(row: bytes) -> set[str]:
    strings = (string.decode("utf-8", "surrogateescape") for string in STRING.findall(row) if _CONTROL.search(string))
    return {json.loads(string, strict=False) for string in strings}


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
