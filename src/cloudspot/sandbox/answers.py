"""What the servers of the sandbox are asked and what they answer, free of sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

from cloudspot.records.auth import LicenseError

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """A request, with what the servers look at."""

    method: str
    path: str
    query: Mapping[str, str]
    """The last value of each parameter, as Django reads them."""
    headers: Mapping[str, str]
    """By lower-case name."""
    raw_query: str = ""
    body: bytes = b""
    file: BinaryIO | None = None
    """What was sent instead of a body, where a file is meant; it is closed after the answer."""


@dataclass(slots=True)
class Answer:
    """An answer before anything is done to it on the way out."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Iterable[bytes] = ()
    length: int | None = 0
    """Bytes of the whole body, known before it is read; None where they can't be known."""
    etag: str = ""


def document(body: bytes, *, status: int = 200, content_type: str = JSON, etag: str = "") -> Answer:
    """An answer with a body that is at hand."""
    return Answer(status, {"Content-Type": content_type}, (body,) if body else (), len(body), etag)


def json_document(value: object, *, status: int = 200) -> Answer:
    """An answer that is made here and now."""
    return document(msgspec.json.encode(value), status=status)


def refusal(status: int, message: str, **headers: str) -> Answer:
    """An error as the ERP words it: the human text is the top-level `message`."""
    answer = json_document({"message": message}, status=status)
    answer.headers.update(headers)
    return answer


def license_refusal(status: int, message: str, error_code: str = "", **headers: str) -> Answer:
    """An error as the License server words it: exactly these keys, or the published client breaks."""
    error = LicenseError(message=message, error_code=error_code or WORDS.get(status, "ERROR"))
    answer = document(error.to_json(), status=status)
    answer.headers.update(headers)
    return answer


WORDS = {400: "INVALID_FORMAT", 401: "NOT_AUTHORIZED", 404: "NOT_FOUND", 405: "NOT_ALLOWED"}
"""The word that goes with a status, where none is said."""


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this version already.

    Compared weakly, as RFC 9110 asks of If-None-Match, and whatever the encoding of the copy that the client holds.
    """
    if not if_none_match or not etag:
        return False
    if if_none_match.strip() == "*":
        return True
    held = (tag.strip().removeprefix("W/").strip('"') for tag in if_none_match.split(","))
    return any(tag == etag or tag.startswith(f"{etag}-") for tag in held)
