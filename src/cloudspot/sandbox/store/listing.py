"""A list as it was at one moment, read in pages while the data may go on changing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple

ROWS_PER_PAGE = 256
"""About 512 kB of products: enough to make a page's cost vanish, little enough to hold many lists at once."""

Page = list[tuple[int, bytes]]

HEAD, TAIL = b'{"data":[', b"]}"


class ListReplaced(Exception):
    """The sandbox was reset while a list was being sent."""


class CollectionState(NamedTuple):
    """What is known of a whole collection without reading it."""

    state: str
    """Changes with every edit; equal states have equal contents."""
    records: int
    size: int
    """Bytes of all records together, without what joins them."""

    @property
    def length(self) -> int:
        """Bytes of the whole document."""
        return len(HEAD) + self.size + max(0, self.records - 1) + len(TAIL)


class Listing:
    """The document `{"data": [...]}` of one collection, a page at a time.

    No transaction stays open while a slow client reads, so nobody waits for it. Instead an edit hands every listing
    under way the record as it was (`remember`), and the listing puts that in the page it belongs to: what is sent is
    the list of the moment the listing was made, and as long as was promised.
    """

    def __init__(
        self,
        of: tuple[int, str],
        collection: CollectionState,
        read_page: Callable[[int | None], Page],
        lock: AbstractContextManager[object],
    ) -> None:
        self.of = of
        self.collection = collection
        self.length = collection.length
        self._read_page = read_page
        self._lock = lock
        self._before: dict[int, bytes | None] = {}
        self._last: int | None = None
        self._at_end = False
        self._is_replaced = False

    def remember(self, id: int, body: bytes | None) -> None:
        """Keep a record as it was before an edit; None where it didn't exist."""
        if self._last is None or id > self._last:
            self._before.setdefault(id, body)

    def cut_loose(self) -> None:
        """Everything it was reading from is replaced: what it promised can't be kept."""
        self._is_replaced = True

    def __iter__(self) -> Iterator[bytes]:
        """The document in chunks.

        Raises:
            ListReplaced: the sandbox was reset meanwhile.
        """
        opening = HEAD
        for bodies in self.pages():
            yield opening + b",".join(bodies)
            opening = b","
        yield TAIL if opening == b"," else HEAD + TAIL

    @property
    def records(self) -> int:
        """How many records it has."""
        return self.collection.records

    def pages(self) -> Iterator[list[bytes]]:
        """The records, a page at a time.

        Raises:
            ListReplaced: the sandbox was reset meanwhile.
        """
        while bodies := self._next_bodies():
            yield bodies

    def _next_bodies(self) -> list[bytes]:
        """The bodies of the next page that has any; none at the end.

        Under the store's lock, as edits are: a page and what was remembered of it always agree.
        """
        with self._lock:
            if self._is_replaced:
                raise ListReplaced
            while not self._at_end:
                page = self._read_page(self._last)
                self._at_end = len(page) < ROWS_PER_PAGE
                self._last = page[-1][0] if page else self._last
                if self._before:
                    page = self._as_it_was(page)
                if page:
                    return [body for _, body in page]
        return []

    def _as_it_was(self, page: Page) -> Page:
        rows: dict[int, bytes] = dict(page)
        due = [key for key in self._before if self._at_end or (self._last is not None and key <= self._last)]
        for key in due:
            body = self._before.pop(key)
            if body is None:
                rows.pop(key, None)
            else:
                rows[key] = body
        return sorted(rows.items())
