"""What sandboxes begin with: seeding takes tens of milliseconds, copying what was seeded before takes one.

Few states are kept, and only small ones, so that a process never holds more than some 50 MB of them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from .accounts import fixed_accounts
from .clock import Clock
from .ids import Ids
from .seed import seeded
from .snapshot_lines import InvalidSnapshot
from .snapshots import restore_file
from .store import CAN_COPY, Store, is_in_memory

IMAGES_KEPT = 4
MOST_RECORDS_KEPT = 5000
"""Of the first company; a record takes 2 to 3 kB."""
LARGEST_SNAPSHOT_KEPT = 12_000_000


class Beginning(NamedTuple):
    """What a sandbox is filled with: the same values make the same data, byte for byte."""

    seed: int
    artikels: int
    klanten: int
    snapshot: str | None = None
    """A file that says it all, whatever the seed and the numbers."""

    def check(self) -> None:
        """Refuse numbers that can't be.

        Raises:
            ValueError: a number is negative, or so large that the companies' ids would meet.
        """
        seeded(self.seed, self.artikels, self.klanten)

    def open_store(self, database: str, clock: Clock, ids: Ids) -> Store:
        """The database, filled if it is empty.

        Raises:
            UnusableDatabase: the database can't hold a sandbox.
            InvalidSnapshot: the file can't be read, or is no snapshot that can be restored.
        """
        if is_in_memory(database) and self._is_worth_keeping:
            return Store(database, image=_image(self, self._version), clock=clock, ids=ids)
        store = Store(database, clock=clock, ids=ids)
        try:
            if store.is_empty():
                self.fill(store)
        except BaseException:
            store.close()
            raise
        return store

    def replace(self, store: Store) -> None:
        """Forget what is in a store, but for its snapshots, and fill it anew.

        Raises:
            InvalidSnapshot: the file can't be read any more, or is no snapshot that can be restored.
        """
        if store.is_in_memory and self._is_worth_keeping and store.snapshots.is_empty():
            store.become(_image(self, self._version))
        else:
            self.fill(store)

    def fill(self, store: Store) -> None:
        """Write it all.

        Raises:
            InvalidSnapshot: the file can't be read, or is no snapshot that can be restored.
        """
        if self.snapshot is None:
            store.fill(seeded(self.seed, self.artikels, self.klanten), fixed_accounts)
            return
        try:
            restore_file(store, self.snapshot)
        except OSError as error:
            raise InvalidSnapshot(f"can't read {self.snapshot}: {error.strerror or error}") from None

    @property
    def _is_worth_keeping(self) -> bool:
        if self.snapshot is None:
            return CAN_COPY and self.artikels + self.klanten <= MOST_RECORDS_KEPT
        return CAN_COPY and self._version is not None and self._version[1] <= LARGEST_SNAPSHOT_KEPT

    @property
    def _version(self) -> tuple[int, int] | None:
        """What tells a snapshot file from what it was before: when it was written, and its size."""
        if self.snapshot is None:
            return None
        try:
            found = Path(self.snapshot).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=IMAGES_KEPT)
def _image(beginning: Beginning, _version: tuple[int, int] | None) -> bytes:
    store = Store("sqlite://")
    try:
        beginning.fill(store)
        return store.image()
    finally:
        store.close()
