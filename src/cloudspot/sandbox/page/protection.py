"""What keeps other sites from using the page, beside `guards`: tokens in forms, and what browsers are told. Pure."""

from __future__ import annotations

import hmac
from secrets import token_bytes

from cloudspot.sandbox.answers import Answer

CSRF_FIELD = "csrf"

# Of this process alone: a page that was opened before the sandbox was started anew must be loaded again.
_SECRET = token_bytes(32)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not `no-referrer`: with that, browsers hide the origin of a plain form even from its own site.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def protected(answer: Answer) -> Answer:
    """An answer with what browsers need to be told."""
    answer.headers.update(HEADERS)
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def csrf_token(cookie: str, port: int) -> str:
    """What a form must carry: only a page of this sandbox, shown to the browser that has the cookie, can know it."""
    return hmac.new(_SECRET, f"{port}:{cookie}".encode(), "sha256").hexdigest()


def is_own(sent: str, expected: str) -> bool:
    """Whether a form carries the token that this browser was given."""
    return hmac.compare_digest(sent.encode("utf-8", "replace"), expected.encode())
