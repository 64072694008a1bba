"""Content-Encoding for clients that ask for it, a chunk at a time, at the fastest levels."""

from __future__ import annotations

import importlib
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Protocol


class Compressor(Protocol):
    """What all encodings have in common."""

    def compress(self, data: bytes, /) -> bytes:
        """Take data in; what comes out may lag behind."""
        ...

    def flush(self) -> bytes:
        """The end of the stream."""
        ...


@cache
def encodings() -> dict[str, Callable[[], Compressor]]:
    """The encodings this machine can make, best first."""
    found: dict[str, Callable[[], Compressor]] = {}
    if zstd := _importable("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"):
        found["zstd"] = lambda: zstd.ZstdCompressor(level=1)
    if brotli := _importable("brotli"):
        found["br"] = lambda: _Brotli(brotli)
    found["gzip"] = lambda: zlib.compressobj(level=1, wbits=31)
    return found


def _importable(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


class _Brotli:
    """Brotli under the names of the others."""

    def __init__(self, brotli: Any) -> None:
        self._compressor = brotli.Compressor(quality=1)

    def compress(self, data: bytes, /) -> bytes:
        return bytes(self._compressor.process(data))

    def flush(self) -> bytes:
        return bytes(self._compressor.finish())


def pick_encoding(accept_encoding: str) -> str | None:
    """The best encoding that the client takes; None for the plain body."""
    wanted = dict(_weights(accept_encoding))
    other = wanted.get("*", 0.0)
    weighed = [(wanted.get(name, other), -rank, name) for rank, name in enumerate(encodings())]
    weight, _, name = max(weighed)
    return name if weight > 0 else None


def _weights(accept_encoding: str) -> Iterator[tuple[str, float]]:
    for part in accept_encoding.split(","):
        name, _, parameter = part.partition(";")
        key, _, value = parameter.partition("=")
        weight = 1.0
        if key.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
        yield name.strip().lower(), weight


def compressed(body: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The body in that encoding, never whole in memory."""
    compressor = encodings()[encoding]()
    for chunk in body:
        if ready := compressor.compress(chunk):
            yield ready
    yield compressor.flush()
