"""Progress on stderr, where somebody looks on."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TypeVar

from .terminal import is_terminal

T = TypeVar("T")

STEP = 50
"""Records between two looks at the counter."""


@contextmanager
def watched(records: Iterable[T], what: str, *, quiet: bool) -> Generator[Iterable[T], None, None]:
    """The same records, counted before the eyes of whoever looks on."""
    if quiet or not is_terminal(sys.stderr):
        yield records
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
    )
    # Rich would put stdout in front of the counter, and stdout holds data.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(what, total=None, count="")

        def counted() -> Generator[T, None, None]:
            for number, record in enumerate(records, 1):
                if number % STEP == 0:
                    progress.update(task, count=f"{number:,}")
                yield record

        yield counted()
