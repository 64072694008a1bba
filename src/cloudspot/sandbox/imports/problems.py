"""What keeps a file from being imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SHOWN = 20
MOST = 10_000
"""Problems that are kept one by one; those after them are only counted."""
LONGEST_VALUE = 80


class Problem(NamedTuple):
    """One thing that is wrong with a file."""

    row: int
    """Which row, as a spreadsheet counts them: the header is the first. Of JSON the record, of JSON lines the line."""
    field: str
    """The column; "" for the row itself."""
    value: str
    """What is there, cut where it is long."""
    reason: str

    def __str__(self) -> str:
        what = f"{self.field}: {self.reason}" if self.field else self.reason
        return f"row {self.row}, {what}, not {self.value!r}" if self.value else f"row {self.row}, {what}"


class InvalidImport(ValueError):
    """A file that can't be imported; nothing of it was.

    Attributes:
        problems: what is wrong, row by row; empty where the file can't be read at all.
        count: how many problems there are; more than `problems` holds where a file has tens of thousands.
    """

    def __init__(self, text: str, problems: Sequence[Problem] = (), count: int = 0) -> None:
        super().__init__(text, tuple(problems), count)
        self.text, self.problems, self.count = text, tuple(problems), count

    def __str__(self) -> str:
        lines = [self.text, *map(str, self.problems[:SHOWN])]
        if self.count > SHOWN:
            lines.append(f"and {self.count - SHOWN:,} more")
        return "\n".join(lines)


class Problems:
    """What is found wrong while a file is read."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.count = 0

    def add(self, row: int, field: str, value: object, reason: str) -> None:
        """Note one."""
        self.count += 1
        if len(self.kept) < MOST:
            text = "" if value is None else str(value)
            short = text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
            self.kept.append(Problem(row, field, short, reason))
