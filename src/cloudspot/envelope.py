"""The object around the rows of a document: what stands before and after `data`, read as it arrives. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from .errors import InvalidDocument, ServerTrouble

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises where the bytes are not JSON, rather than JSON of another form."""
COMMA, END_OF_ROWS = ord(","), ord("]")
STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)

decode_plain = msgspec.json.Decoder(float_hook=Decimal).decode

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_QUOTE, _OPEN, _CLOSE = ord('"'), b"[{", b"]}"
_WHITE = re.compile(rb"[ \t\n\r]*+")
_SCALAR = re.compile(rb'[^\s,:\[\]{}"]*+')
_MARK = re.compile(rb'[\[\]{},]|"[^"\\]*+(?:\\.[^"\\]*+)*+"|"', re.DOTALL)  # a lone quote opens a string still arriving


class Envelope:
    """The object around the rows: what stands before and after `data`."""

    def __init__(self) -> None:
        self.is_untouched = True
        self.is_complete = False
        self.at_rows = False
        self._expected = "document"
        self._name = ""
        self._members: dict[str, Any] = {}
        self._value: Scan | None = None

    def require_rows(self) -> None:
        """Raise InvalidDocument where the document has no list of records."""
        if "data" not in self._members:
            said = self._members.get("message") or self._members.get("error")
            raise InvalidDocument(f"The answer has no `data`{f': it says {str(said)[:200]!r}' if said else ''}.")
        if self._members["data"] is not True:
            raise InvalidDocument(f"`data` is no list of records but {str(self._members['data'])[:60]!r}.")

    def read(self, data: bytes) -> int:
        """Read on, to the rows, the end of `data` or the last thing that has wholly arrived; how far that is."""
        self.at_rows = False
        at = len(_BYTE_ORDER_MARK) if self.is_untouched and data.startswith(_BYTE_ORDER_MARK) else 0
        while not self.at_rows:
            at = _end_of(_WHITE, data, at)
            if at == len(data):
                return at
            self.is_untouched = False
            used = getattr(self, f"_read_{self._expected}")(data, at)
            if not used:
                return at
            at += used
        return at

    def _read_document(self, data: bytes, at: int) -> int:
        if data[at : at + 1] == b"<":
            raise ServerTrouble(
                f"The answer is a web page, not data{_title(data)}.",
                hint="Is the base URL right, and is there a proxy or a login page in between?",
            )
        if data[at : at + 1] != b"{":
            raise InvalidDocument(f"The answer is not a JSON object: it starts with {data[at : at + 40]!r}.")
        self._expected = "first_name"
        return 1

    def _read_first_name(self, data: bytes, at: int) -> int:
        return self._read_next(data, at) if data[at : at + 1] == b"}" else self._read_name(data, at)

    def _read_name(self, data: bytes, at: int) -> int:
        if data[at] != _QUOTE:
            raise InvalidDocument(f"The answer is not valid JSON: a name was expected, not {data[at : at + 40]!r}.")
        if not (name := STRING.match(data, at)):
            return 0
        self._name = _strictly(name[0])
        if self._name == "data" and "data" in self._members:
            raise InvalidDocument("The answer has `data` twice.")
        self._expected = "colon"
        return len(name[0])

    def _read_colon(self, data: bytes, at: int) -> int:
        if data[at : at + 1] != b":":
            raise InvalidDocument(f"The answer is not valid JSON: `:` was expected, not {data[at : at + 40]!r}.")
        self._expected = "value"
        return 1

    def _read_value(self, data: bytes, at: int) -> int:
        if self._name == "data" and data[at : at + 1] == b"[":
            self._members["data"], self._expected, self.at_rows = True, "next", True
            return 1
        if not (end := self._end_of_value(data, at)):
            return 0
        value = _strictly(data[at:end])
        self._members[self._name] = None if self._name == "data" and value is True else value
        self._expected = "next"
        return end - at

    def _end_of_value(self, data: bytes, at: int) -> int | None:
        if data[at] in _OPEN:
            self._value = self._value or Scan()
            for offset, mark in self._value.marks(data[at + 1 :]):
                if mark != COMMA:
                    self._value = None
                    return at + offset + 2
            return None
        if data[at] == _QUOTE:
            text = STRING.match(data, at)
            return text.end() if text else None
        end = _end_of(_SCALAR, data, at)
        if end == at:
            raise InvalidDocument(f"The answer is not valid JSON: a value was expected, not {data[at : at + 40]!r}.")
        return None if end == len(data) else end

    def _read_next(self, data: bytes, at: int) -> int:
        if data[at : at + 1] == b"}":
            self._expected, self.is_complete = "end", True
        elif data[at] == COMMA:
            self._expected = "name"
        else:
            raise InvalidDocument(f"The answer is not valid JSON: `,` was expected, not {data[at : at + 40]!r}.")
        return 1

    def _read_end(self, data: bytes, at: int) -> int:
        raise InvalidDocument(f"The answer goes on after its end, with {data[at : at + 40]!r}.")


class Scan:
    """Finds, among values that arrive in pieces, the commas between them and the bracket that closes them."""

    def __init__(self) -> None:
        self._at = 0
        self._depth = 0

    def marks(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Offset and byte of each comma at depth 0, and of the bracket that ends it all.

        Call it again with a longer `data` to go on where it stopped.
        """
        for match in _MARK.finditer(data, self._at):
            start, mark = match.start(), data[match.start()]
            if mark == _QUOTE and match.end() == start + 1:
                self._at = start
                return
            self._at = match.end()
            if mark in _OPEN:
                self._depth += 1
            elif mark in _CLOSE:
                if self._depth == 0:
                    yield start, mark
                    return
                self._depth -= 1
            elif mark == COMMA and self._depth == 0:
                yield start, mark
        self._at = len(data)


def _end_of(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    return match.end() if match else at


def _strictly(value: bytes) -> Any:
    try:
        return decode_plain(value)
    except UNREADABLE as error:
        raise InvalidDocument(f"The answer is not valid JSON: {error}, in {value[:40]!r}.") from None


def _title(page: bytes) -> str:
    title = re.search(rb"<title[^>]*>(.*?)</title", page, re.IGNORECASE | re.DOTALL)
    return f" ({' '.join(title[1].decode('utf-8', 'replace').split())[:60]!r})" if title else ""
