"""Where output goes: stdout, or a file that is whole or not there at all."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def destination(path: str | None) -> Generator[BinaryIO, None, None]:
    """A place for bytes: stdout, or the file at a path.

    Raises:
        OSError: it can't be written.
    """
    if path is None or path == "-":
        if sys.stdout is None:
            raise OSError(errno.EBADF, "stdout is closed")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as file:  # a pipe or a device can't be replaced
            yield file
        return
    with replaced(target) as file:
        yield file


@contextmanager
def replaced(target: Path) -> Generator[BinaryIO, None, None]:
    """A file that takes the place of `target` when it is complete; on any failure the old one stays as it was."""
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            unfinished.chmod(target.stat().st_mode & 0o7777)
        unfinished.replace(target)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(unfinished):
            error.filename = str(target)
        raise
