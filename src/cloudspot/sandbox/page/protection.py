"""What keeps other web sites from using the page: who may post, and what browsers are told not to do. Pure."""

from __future__ import annotations

import hmac
from secrets import token_bytes
from urllib.parse import urlsplit

from cloudspot.sandbox.answers import Answer, Request

CSRF_FIELD = "csrf"

# Of this process alone: a page that was opened before the sandbox was started anew must be loaded again.
_SECRET = token_bytes(32)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
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


def refuse(request: Request, sent: str, expected: str) -> str | None:
    """Why a request that changes something is refused, as the key of a text; None where it isn't.

    Args:
        sent: the token in its form.
        expected: the token that this browser was given.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return "problem.other_site"
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return "problem.other_site"
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        return "problem.stale"
    return None
