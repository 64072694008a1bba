"""What the terminal is like, and how it is spoken to: data goes to stdout, everything else to stderr."""

from __future__ import annotations

import re
import shutil
import sys
from typing import Any

import click

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
MOST_COLUMNS = 200
"""A wider terminal is not filled: the eye loses the line."""


def clean(text: str) -> str:
    """A text on one line, without the control characters that a terminal would obey."""
    return _CONTROL.sub(" ", text)


def is_terminal(stream: Any) -> bool:
    """Whether somebody looks at a stream."""
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):
        return False


def width() -> int | None:
    """The columns of the terminal that shows stdout; None where no terminal does, and lines may be of any length."""
    return min(shutil.get_terminal_size().columns, MOST_COLUMNS) if is_terminal(sys.stdout) else None


def say(line: str) -> None:
    """A line on stderr."""
    click.echo(line, err=True)
