"""The formats that files of records have."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal, get_args

Format = Literal["csv", "xlsx", "json", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)

_BY_SUFFIX: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


def format_told_by(name: str) -> Format | None:
    """The format that a file's name tells; None where it tells none."""
    return _BY_SUFFIX.get(PurePath(name).suffix.lower())
