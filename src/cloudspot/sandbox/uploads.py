"""What a request brings along: small bodies in memory, files in a temporary file."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, NamedTuple, cast

from .serving import Receive

LARGEST_BODY = 1 << 20
LARGEST_FILE = 16 << 30
IN_MEMORY = 1 << 20


class Brought(NamedTuple):
    """The body of a request."""

    body: bytes = b""
    file: BinaryIO | None = None
    """Where a file is meant, from its beginning; whoever takes it closes it."""
    is_too_large: bool = False


NOTHING = Brought()


async def take(receive: Receive, *, as_file: bool) -> Brought:
    """Take in the whole body; nothing of it where the client went away meanwhile."""
    file = cast("BinaryIO", tempfile.SpooledTemporaryFile(IN_MEMORY)) if as_file else None  # noqa: SIM115 - handed on
    parts: list[bytes] = []
    size, largest = 0, LARGEST_FILE if as_file else LARGEST_BODY
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return NOTHING
            piece = message.get("body", b"")
            size += len(piece)
            if size > largest:
                return Brought(is_too_large=True)
            if file is None:
                parts.append(piece)
            else:
                file.write(piece)
            if not message.get("more_body"):
                break
        if file is None:
            return Brought(b"".join(parts))
        file.seek(0)
        kept, file = file, None
        return Brought(file=kept)
    finally:
        if file is not None:
            file.close()
