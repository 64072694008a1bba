"""Records that are taken in one by one, as they arrive."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar

from .downloads import Answer, Response
from .errors import InvalidRecord
from .records import Record

R = TypeVar("R", bound=Record)


class _Stream:
    def __init__(self) -> None:
        # Its own list, for the generator of the records: were that to know the stream, a loop that is left early
        # would keep its connection until the next garbage collection.
        self._answers: list[Answer] = []

    @property
    def response(self) -> Response | None:
        """What is known of the answer besides its records; None until the last one was taken."""
        return self._answers[0].response if self._answers else None

    @property
    def invalid(self) -> Sequence[InvalidRecord]:
        """The records that could not be read, with on_invalid="collect"; complete when the last record was taken."""
        return tuple(self._answers[0].invalid) if self._answers else ()


class RecordStream(_Stream, Generic[R]):
    """The records of an answer, to be iterated once. Closing it, or leaving its `with`, ends the download."""

    def __init__(self, batches: Generator[Sequence[R], None, Answer]) -> None:
        super().__init__()
        self._batches = batches
        self._records = _each(batches, self._answers)

    def __iter__(self) -> Iterator[R]:
        return self._records

    def __next__(self) -> R:
        return next(self._records)

    def close(self) -> None:
        """End the download."""
        self._records.close()
        self._batches.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _each(batches: Generator[Sequence[R], None, Answer], answers: list[Answer]) -> Generator[R, None, None]:
    try:
        while True:
            try:
                batch = next(batches)
            except StopIteration as end:
                answers.append(end.value)
                return
            yield from batch
    finally:
        batches.close()


class AsyncRecordStream(_Stream, Generic[R]):
    """The records of an answer, to be iterated once with `async for`. Closing it ends the download."""

    def __init__(self, batches: AsyncGenerator[Sequence[R] | Answer, None]) -> None:
        super().__init__()
        self._batches = batches
        self._records = _each_async(batches, self._answers)

    def __aiter__(self) -> AsyncIterator[R]:
        return self._records

    async def __anext__(self) -> R:
        return await anext(self._records)

    async def aclose(self) -> None:
        """End the download."""
        await self._records.aclose()
        await self._batches.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()


async def _each_async(
    batches: AsyncGenerator[Sequence[R] | Answer, None], answers: list[Answer]
) -> AsyncGenerator[R, None]:
    try:
        async for batch in batches:
            if isinstance(batch, Answer):
                answers.append(batch)
                return
            for record in batch:
                yield record
    finally:
        await batches.aclose()
