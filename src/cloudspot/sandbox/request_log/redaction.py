"""Takes tokens, passwords and PINs out of what is kept. Pure.

A token becomes a label, which is the same for the same token; all else becomes `***`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from cloudspot.sandbox.servers import TOKEN_HEADERS

HIDDEN = "***"
ADDRESSES = frozenset({"location", "referer"})
"""Headers that hold what a request's own line does."""
OWN = "sandbox-"
"""How the tokens begin that every sandbox has, and that everybody may know."""
SHOWN_OF_OWN, SHOWN_ENDS, GIVEN_AWAY = (5, 4), 4, 6
"""So many characters of a token's ends stay: of one that may be a real one no more than a sixth at each end."""

_SECRET = re.compile(r"passw|wachtwoord|pwd|token|secret|(?:^|_)pin$", re.IGNORECASE)
_TOKEN = re.compile(r"token", re.IGNORECASE)
_HIDDEN_HEADER = re.compile(r"cookie|auth|api-?key|passw|token|secret", re.IGNORECASE)
# Names may be written with escapes, and forms with percent signs.
_SUSPICIOUS = re.compile(rb"passw|wachtwoord|pwd|token|secret|pin\b|\\u00|%[46]|%[57]", re.IGNORECASE)
_TOKENLIKE = re.compile(r"[\w-]{40,}", re.ASCII)


def label_of(token: str) -> str:
    """What stands for a token: its ends, and a fingerprint."""
    fingerprint = blake2b(token.encode("utf-8", "replace"), digest_size=3).hexdigest()
    at_each_end = min(SHOWN_ENDS, len(token) // GIVEN_AWAY)
    before, after = SHOWN_OF_OWN if token.startswith(OWN) else (at_each_end, at_each_end)
    return f"{token[:before]}…{token[len(token) - after :]}-{fingerprint}"


def headers_to_keep(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers by lower-case name, without what they give away."""
    return [(name.lower(), _header(name.lower(), value)) for name, value in headers.items()]


def _header(name: str, value: str) -> str:
    if name in TOKEN_HEADERS:
        return label_of(value)
    if name in ADDRESSES:
        path, mark, query = value.partition("?")
        return f"{text_to_keep(path)}{mark}{query_to_keep(query)}"
    return HIDDEN if _is_hidden(name) else value


@lru_cache(maxsize=256)
def _is_hidden(name: str) -> bool:
    return _HIDDEN_HEADER.search(name) is not None


def query_to_keep(query: str) -> str:
    """A query, without what its parameters give away."""
    if not query:
        return ""
    return "&".join(_parameter(part) for part in query.split("&"))


def _parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name}={HIDDEN}" if equals and value and is_secret(unquote_plus(name)) else text_to_keep(part)


def text_to_keep(text: str) -> str:
    """A text, such as a path, without anything that looks like a user's token."""
    return _TOKENLIKE.sub(lambda found: label_of(found[0]), text) if len(text) >= 40 else text


def body_to_keep(body: bytes) -> bytes | None:
    """A body without what its fields give away; None where that can't be known, so that nothing is kept."""
    if not _SUSPICIOUS.search(body):
        return body if _is_text(body) else None
    try:
        return msgspec.json.encode(_redacted(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_text(body: bytes) -> bool:
    """Whether what it says can be seen: it is neither compressed nor in an encoding that hides words."""
    try:
        return "\0" not in body.decode()
    except UnicodeDecodeError:
        return False


def _redacted(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {name: _field(name, value) for name, value in plain.items()}
    return [_redacted(each) for each in plain] if isinstance(plain, list) else plain


def _field(name: str, value: Any) -> Any:
    if not is_secret(name) or value is None or value == "":
        return _redacted(value)
    return label_of(value) if isinstance(value, str) and is_token(name) else HIDDEN


def is_secret(name: str) -> bool:
    """Whether a field or parameter of this name holds a secret."""
    return _SECRET.search(name) is not None


def is_token(name: str) -> bool:
    """Whether it holds a token."""
    return _TOKEN.search(name) is not None
