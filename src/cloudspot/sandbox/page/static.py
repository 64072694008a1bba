"""The page's style, script and pictures. Addresses hold a digest: browsers keep each until it changes."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

from cloudspot.sandbox.answers import Answer, Request, document, refusal

PREFIX = "/static/"

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}


def url(name: str) -> str:
    """Where a browser finds a file."""
    return f"{PREFIX}{name}?{_files()[name][1]}"


def answer(request: Request) -> Answer:
    """A file."""
    found = _files().get(request.path.removeprefix(PREFIX))
    if found is None or request.method not in {"GET", "HEAD"}:
        return refusal(404, f"There is nothing at {request.path}.")
    content, digest, kind = found
    given = document(content, content_type=kind, etag=digest)
    is_this_one = request.raw_query == digest
    given.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_this_one else "no-cache"
    return given


@cache
def _files() -> dict[str, tuple[bytes, str, str]]:
    found = {}
    for file in _FOLDER.iterdir():
        content = file.read_bytes()
        found[file.name] = content, blake2b(content, digest_size=8).hexdigest(), _TYPES[file.suffix[1:]]
    return found
