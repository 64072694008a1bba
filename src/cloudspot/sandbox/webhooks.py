"""Webhooks: where events may go, how they are signed, what an answer means. Pure."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from .guards import is_this_machine

SECRET_PREFIX = "whsec_"  # noqa: S105 - how secrets of Standard Webhooks begin

Verdict = Literal["delivered", "refused", "again"]


def refuse_url(url: str, *, remote: bool) -> str | None:
    """Why events may not go there; None where they may.

    Only to this machine, unless told otherwise: a sandbox must not send made-up users to a real application.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"webhook_url is not a URL: {error}"
    if parts.scheme not in {"http", "https"} or not host or not (url.isascii() and url.isprintable()) or " " in url:
        return "webhook_url is the complete http:// or https:// URL of a webhook"
    if parts.username is not None or parts.fragment:
        return "webhook_url has no user name and no fragment"
    if not remote and not is_this_machine(host):
        return f"events go to this machine only, not to {host}, unless the sandbox is told: remote_webhooks"
    return None


def refuse_secret(secret: str) -> str | None:
    """Why this can't sign; None where it can."""
    if _key(secret) is None:
        return "webhook_secret is whsec_ followed by 24 to 64 bytes as base64"
    return None


def _key(secret: str) -> bytes | None:
    if not secret.startswith(SECRET_PREFIX):
        return None
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if 24 <= len(key) <= 64 else None


def signature(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """The signature of Standard Webhooks.

    Raises:
        ValueError: the secret is none.
    """
    key = _key(secret)
    if key is None:
        raise ValueError(refuse_secret(secret))
    digest = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def headers(id: str, timestamp: int, body: bytes, secret: str | None) -> dict[str, str]:
    """The headers of an event: as bare as the real server's where there is no secret."""
    plain = {"Content-Type": "application/json", "User-Agent": "cloudspot-sandbox"}
    if secret is None:
        return plain
    signed = {"webhook-id": id, "webhook-timestamp": str(timestamp)}
    return {**plain, **signed, "webhook-signature": signature(secret, id, timestamp, body)}


def verdict(status: int) -> Verdict:
    """What an answer means for a delivery."""
    if 200 <= status <= 299:
        return "delivered"
    return "again" if status >= 500 or status in {408, 425, 429} else "refused"


def body(event: str, data: object) -> bytes:
    """An event as it is sent."""
    return msgspec.json.encode({"event": event, "data": data})
