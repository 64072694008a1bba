"""Named snapshots in the database, compressed and in parts: none is ever held whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select

from .keys import Opening
from .refusals import NoSuchRecord
from .schema import snapshot_parts, snapshots

PART = 1 << 20


class KeptSnapshot(NamedTuple):
    """A named snapshot."""

    name: str
    taken_at: float
    """Seconds since 1970."""
    size: int
    """Bytes of its text."""
    artikels: int
    """How many products it holds."""
    klanten: int
    """How many clients it holds."""


class SnapshotStore:
    """The named snapshots of one sandbox. As with `Store`, any thread may call and calls take turns."""

    def __init__(self, reading: Opening, editing: Opening) -> None:
        self._reading, self._editing = reading, editing

    def all(self) -> list[KeptSnapshot]:
        """Every snapshot, the oldest first."""
        with self._reading() as connection:
            rows = connection.execute(select(snapshots).order_by(snapshots.c.taken_at, snapshots.c.name))
            return [KeptSnapshot(*row) for row in rows]

    def is_empty(self) -> bool:
        """Whether there is none."""
        with self._reading() as connection:
            return connection.execute(select(func.count()).select_from(snapshots)).scalar() == 0

    def named(self, name: str) -> KeptSnapshot:
        """One snapshot.

        Raises:
            NoSuchRecord: there is none.
        """
        with self._reading() as connection:
            row = connection.execute(select(snapshots).where(snapshots.c.name == name)).first()
        if row is None:
            raise NoSuchRecord(f"there is no snapshot {name!r}")
        return KeptSnapshot(*row)

    def keep(self, name: str, taken_at: float, text: Iterable[bytes], *, artikels: int, klanten: int) -> KeptSnapshot:
        """Write a snapshot, over the one with its name if there is one."""
        with self._editing() as connection:
            self.remove(name)
            size = 0
            for number, (grown, part) in enumerate(_compressed(text)):
                size += grown
                connection.execute(insert(snapshot_parts), {"snapshot": name, "number": number, "body": part})
            kept = KeptSnapshot(name, taken_at, size, artikels, klanten)
            connection.execute(insert(snapshots), kept._asdict())
        return kept

    def text(self, name: str) -> Iterator[bytes]:
        """The text of a snapshot, a piece at a time."""
        unpacked, columns, number = zlib.decompressobj(), snapshot_parts.c, 0
        while True:
            query = select(columns.body).where(columns.snapshot == name, columns.number == number)
            with self._reading() as connection:
                part: bytes | None = connection.execute(query).scalar()
            if part is None:
                return
            if piece := unpacked.decompress(part):
                yield piece
            number += 1

    def remove(self, name: str) -> None:
        """Delete a snapshot."""
        with self._editing() as connection:
            connection.execute(delete(snapshot_parts).where(snapshot_parts.c.snapshot == name))
            connection.execute(delete(snapshots).where(snapshots.c.name == name))


def _compressed(text: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Parts of about a MiB, each with how many bytes of the text went in since the one before."""
    packed, waiting, grown = zlib.compressobj(6), bytearray(), 0
    for piece in text:
        grown += len(piece)
        waiting += packed.compress(piece)
        if len(waiting) >= PART:
            yield grown, bytes(waiting)
            waiting.clear()
            grown = 0
    yield grown, bytes(waiting) + packed.flush()
