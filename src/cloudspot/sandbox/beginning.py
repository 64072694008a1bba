"""What sandboxes begin with: seeding takes tens of milliseconds, copying what was seeded before takes one.

Few states are kept, and only small ones, so that a process never holds more than some 50 MB of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from .accounts import fixed_accounts
from .clock import Clock
from .ids import Ids
from .seed import seeded
from .store import CAN_COPY, Store, is_in_memory

IMAGES_KEPT = 4
MOST_RECORDS_KEPT = 5000
"""Of the first company; a record takes 2 to 3 kB."""


class Beginning(NamedTuple):
    """What a sandbox is filled with: the same values make the same data, byte for byte."""

    seed: int
    artikels: int
    klanten: int

    def check(self) -> None:
        """Refuse numbers that can't be.

        Raises:
            ValueError: a number is negative, or so large that the companies' ids would meet.
        """
        seeded(*self)

    def open_store(self, database: str, clock: Clock, ids: Ids) -> Store:
        """The database, filled if it is empty.

        Raises:
            UnusableDatabase: the database can't hold a sandbox.
        """
        if is_in_memory(database) and self._is_worth_keeping:
            return Store(database, image=_image(self), clock=clock, ids=ids)
        store = Store(database, clock=clock, ids=ids)
        try:
            if store.is_empty():
                store.fill(seeded(*self), fixed_accounts())
        except BaseException:
            store.close()
            raise
        return store

    def replace(self, store: Store) -> None:
        """Forget what is in a store, and fill it anew."""
        if store.is_in_memory and self._is_worth_keeping:
            store.become(_image(self))
        else:
            store.fill(seeded(*self), fixed_accounts())

    @property
    def _is_worth_keeping(self) -> bool:
        return CAN_COPY and self.artikels + self.klanten <= MOST_RECORDS_KEPT


@lru_cache(maxsize=IMAGES_KEPT)
def _image(beginning: Beginning) -> bytes:
    store = Store("sqlite://")
    try:
        store.fill(seeded(*beginning), fixed_accounts())
        return store.image()
    finally:
        store.close()
