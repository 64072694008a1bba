"""What can be asked of every collection: all of its records at once, or one by one as they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar, Generic, TypeVar, overload

from ..calls import Async, Endpoint, Mode, Plain, Steps, call
from ..downloads import Ask, OnInvalid, RecordList, fetch, fetch_one, stream
from ..records import Record
from ..streams import AsyncRecordStream, RecordStream

R = TypeVar("R", bound=Record)


class Collection(Endpoint[Mode], Generic[Mode, R]):
    """Records of the token's company. Iterate over it to stream them: at constant memory, the first ones at once."""

    _all: ClassVar[Ask[Any]]

    @call
    def list(self, *, on_invalid: OnInvalid = "raise") -> Steps[RecordList[R]]:
        """All records, at once; unchanged ones are not downloaded again while an earlier list is kept.

        Args:
            on_invalid: what to do with records that can't be read: "raise" when all others are there, "collect" them
                in `.invalid`, or a function that gets each.

        Raises:
            InvalidRecords: some can't be read; the error holds these and the good ones.
            CloudspotError: the call failed; a failure is never an empty list.
        """
        return fetch(self.client.context, self._all, on_invalid)

    @overload
    def stream(self: Collection[Plain, R], *, on_invalid: OnInvalid = "raise") -> RecordStream[R]: ...
    @overload
    def stream(self: Collection[Async, R], *, on_invalid: OnInvalid = "raise") -> AsyncRecordStream[R]: ...
    def stream(self, *, on_invalid: OnInvalid = "raise") -> Any:
        """The records as they arrive, each once; the same as iterating, with a choice and `.response` at the end.

        Args:
            on_invalid: as for `list`; "raise" raises after the last good record.

        Raises, while it is iterated:
            InvalidRecords: some can't be read; all others have been delivered.
            CloudspotError: the call failed, perhaps after some records.
        """
        return self.client.stream(stream(self.client.context, self._all, on_invalid))

    def __iter__(self: Collection[Plain, R]) -> Iterator[R]:
        return iter(self.stream())

    def __aiter__(self: Collection[Async, R]) -> AsyncIterator[R]:
        return aiter(self.stream())


class KeyedCollection(Collection[Mode, R]):
    """A collection whose records can be asked for by their `id`."""

    @call
    def get(self, id: int | str) -> Steps[R]:
        """One record, by its `id`.

        Raises:
            NotFound: the token's company has no such record.
            CloudspotError: the call failed.
            TypeError: the id is no whole number.
        """
        if isinstance(id, bool) or not str(id).isdecimal():
            raise TypeError(f"an id is a whole number, not {id!r}")
        key = int(id)
        return fetch_one(self.client.context, self._all.one(key), key)
