"""Takes in the rows of an answer, and looks only into those that the mirror doesn't hold already.

Each row's bytes are digested. A digest that the mirror knows is a record as it was, of which nothing is decoded; any
other row is read, checked and laid aside, in a temporary file where there are many. So memory stays bounded, the
database is not held while a slow server sends, and nothing is written before the document has proved to be whole.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple

import msgspec

from cloudspot.decoder import read_record
from cloudspot.errors import InvalidRecord
from cloudspot.records import Record

from . import drift
from .checks import Fit, known_words
from .guard import Plan
from .report import Drift
from .resources import GREATEST, Resource, Unreadable

DIGEST_SIZE = 16
MOST_IN_MEMORY = 8 * 1024 * 1024
"""Bytes of laid-aside rows that stay in memory."""
MOST_PROBLEMS = 1000
"""How many unreadable records are kept in full; all are counted."""
MOST_DRIFT = 1000

_LENGTH = struct.Struct("<I")
_TROUBLES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Known:
    """The keys that the mirror holds of a resource, ascending, and where each row's digest leads."""

    def __init__(self, rows: Iterable[tuple[int, bytes]] = ()) -> None:
        self.keys = array("q")
        self.index: dict[bytes, int] = {}
        for number, (key, digest) in enumerate(rows):
            self.keys.append(key)
            self.index[digest] = number

    def find(self, key: int) -> int | None:
        """The place of a key; None where the mirror doesn't hold it."""
        place = bisect_left(self.keys, key)
        return place if place < len(self.keys) and self.keys[place] == key else None


class Progress(NamedTuple):
    """How far a download is.

    Attributes:
        resource: what is downloaded.
        seen: records so far.
        known: how many the mirror holds, and so about how many there will be; 0 in a first sync.
    """

    resource: str
    seen: int
    known: int


class StagedRow(NamedTuple):
    """A row that the mirror doesn't hold as it is."""

    key: int
    number: int
    """Its place in the answer, from 1."""
    digest: bytes
    document: bytes
    values: list[Any]


_pack, _unpack = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(list[StagedRow]).decode


Values = Callable[[Any], list[Any]]
"""A record's columns, in types that the database's driver takes and MessagePack holds."""


class Staging:
    """The rows of one answer.

    Attributes:
        seen: how many there were.
        unchanged: how many are as the mirror holds them, byte for byte.
        invalid: how many can't be read, those without a key of their own included.
        problems: the first of these.
        kept_out: how many are of people who were forgotten.
        drift: what the server sends that this release doesn't know.
    """

    def __init__(
        self,
        resource: Resource[Any],
        known: Known,
        values: Values,
        is_forgotten: Callable[[int], bool] | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> None:
        self._resource, self.known = resource, known
        self._values, self._is_forgotten, self._on_progress = values, is_forgotten, on_progress
        self._misfit, self._knows = Fit(resource).misfit, known_words(resource)
        self._spool: SpooledTemporaryFile[bytes] | None = None
        self.begin()

    def begin(self) -> None:
        """An attempt begins: forget what came of an earlier one."""
        self.close()
        self._spool = SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._found = bytearray(len(self.known.keys))
        self._fresh: set[int] = set()
        self._doubles: set[int] = set()
        self._unreadable: set[int] = set()
        self.seen = self.unchanged = self.invalid = self.without_key = self.kept_out = self._roots = 0
        self.problems: list[InvalidRecord] = []
        self.drift: dict[tuple[str, str, str], Drift] = {}

    def close(self) -> None:
        """Let go of what was laid aside."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def take(self, rows: Sequence[Any]) -> None:
        """Take in the next rows of the answer.

        Raises:
            InvalidDocument: a row is not JSON.
        """
        if self._resource.rows is not None:
            rows = list(self._of_trees(rows, self._resource.rows))
        index, found = self.known.index, self._found
        laid_aside: list[StagedRow] = []
        for row in rows:
            self.seen += 1
            digest = blake2b(row, digest_size=DIGEST_SIZE).digest()
            place = index.get(digest)
            if place is None:
                self._take_fresh(row, digest, laid_aside)
            elif found[place]:
                self._refuse_double(self.known.keys[place], row, self.seen)
            else:
                found[place] = 1
                self.unchanged += 1
        if laid_aside and self._spool is not None:
            block = _pack(laid_aside)
            self._spool.write(_LENGTH.pack(len(block)) + block)
        if self._on_progress is not None:
            self._on_progress(Progress(self._resource.naam, self.seen, len(self.known.keys)))

    def _of_trees(self, roots: Sequence[Any], rows_of: Callable[[Any, int], Sequence[Any]]) -> Iterator[Any]:
        for root in roots:
            self._roots += 1
            try:
                yield from rows_of(root, self._roots)
            except Unreadable as error:
                # What is below it is unknown, and may be any of those that are missing.
                self.seen += 1
                self.without_key += 1
                self._refuse(error.invalid)

    def _take_fresh(self, row: Any, digest: bytes, laid_aside: list[StagedRow]) -> None:
        document = bytes(row)
        read = self._read(document)
        if isinstance(read, InvalidRecord):
            self._refuse(read)
            return
        key: int | None = getattr(read, self._resource.key)
        if key is None:
            self._refuse_without_key(row)
        elif self._is_forgotten is not None and self._is_forgotten(key):
            self.kept_out += 1
        elif key in self._fresh:
            self._refuse_double(key, row, self.seen)
        else:
            self._fresh.add(key)
            laid_aside.append(StagedRow(key, self.seen, digest, document, self._values(read)))
            if not self._knows(read):
                for word in drift.new_words(read, self._resource, key):
                    self._note(word)

    def _read(self, row: bytes) -> Record | InvalidRecord:
        try:
            record: Record = self._resource.decode(row)
        except _TROUBLES:
            read = read_record(row, self._resource.record_type, self.seen)
            if isinstance(read, InvalidRecord):
                return read
            record = read
            for unknown in drift.unknown_fields(record, getattr(record, self._resource.key) or 0):
                self._note(unknown)
        if (problem := self._misfit(record, row)) is not None:
            name, reason = problem
            plain = record.to_dict()
            return InvalidRecord(self.seen, plain.get(self._resource.key), name, plain.get(name), reason, plain)
        return record

    def _refuse(self, invalid: InvalidRecord) -> None:
        key = invalid.key
        number = key if isinstance(key, int) and not isinstance(key, bool) and abs(key) <= GREATEST else None
        if number is not None and self._is_forgotten is not None and self._is_forgotten(number):
            self.kept_out += 1
            return
        self.invalid += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(invalid)
        if (other := drift.other_type(invalid)) is not None:
            self._note(other)
        if number is not None:
            self._unreadable.add(number)
            self._keep_old(number)
        else:
            self.without_key += 1

    def _refuse_without_key(self, row: Any) -> None:
        name = self._resource.key
        self._refuse(InvalidRecord(self.seen, None, name, None, "every record needs its number", bytes(row)))

    def _refuse_double(self, key: int, row: Any, number: int) -> None:
        """Neither is believed: which of the two is the record is not for us to guess."""
        self._doubles.add(key)
        self.without_key += 1
        reason = "another record has the same number"
        self._refuse(InvalidRecord(number, key, self._resource.key, key, reason, bytes(row)))

    def _keep_old(self, key: int) -> None:
        if (place := self.known.find(key)) is not None:
            self._found[place] = 1

    def _note(self, found: Drift) -> None:
        if len(self.drift) < MOST_DRIFT:
            self.drift.setdefault((found.kind, found.field, found.word), found)

    def settle(self) -> Plan:
        """What the whole answer would do; call it once, when the call has ended well."""
        found, known = self._found, self.known
        created = 0
        late: set[int] = set()
        for key in self._fresh:
            place = known.find(key)
            elsewhere = key in self._unreadable or (place is not None and found[place])
            if elsewhere and key not in self._doubles:
                # The same number stood elsewhere in the answer, on a record that is as it was or can't be read.
                late.add(key)
            elif key in self._doubles:
                self.invalid += 1
            if place is not None:
                found[place] = 1
            elif key not in self._doubles and key not in late:
                created += 1
        for row in self._laid_aside() if late else ():
            if row.key in late:
                self._refuse_double(row.key, row.document, row.number)
        missing = len(known.keys) - sum(found)
        return Plan(
            known=len(known.keys),
            seen=self.seen,
            found=len(known.keys) - missing,
            created=created,
            # A record without a key may be any of those that are missing.
            deleted=0 if self.without_key else missing,
            invalid=self.invalid,
            without_key=self.without_key,
        )

    def rows(self) -> Iterator[StagedRow]:
        """The rows that the mirror doesn't hold as they are, after `settle`."""
        return (row for row in self._laid_aside() if row.key not in self._doubles)

    def _laid_aside(self) -> Iterator[StagedRow]:
        if self._spool is None:
            return
        self._spool.seek(0)
        while head := self._spool.read(_LENGTH.size):
            yield from _unpack(self._spool.read(_LENGTH.unpack(head)[0]))

    def missing(self) -> Iterator[int]:
        """The keys of the mirror that are not in the answer, after `settle`."""
        if self.without_key:
            return
        place = self._found.find(0)
        while place >= 0:
            yield self.known.keys[place]
            place = self._found.find(0, place + 1)

    @property
    def fresh(self) -> int:
        """How many rows are laid aside."""
        return len(self._fresh)
