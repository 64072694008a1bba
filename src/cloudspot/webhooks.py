"""Events from the License server: read, proven, and recognised when they come twice. Pure: no I/O, no framework.

    receiver = Receiver(secrets=["whsec_…"])

    event = receiver.read(request.headers, request.body)
    match event.data:
        case PermissionsUpdated(username=username, company_id=company):
            ...

The License server's protocol does not sign events, so an application has to say what it takes for a proof: a signature
of Standard Webhooks (https://www.standardwebhooks.com), a secret in the webhook's URL, or none. What comes without a
proof can be anybody's invention: a doorbell at most, a reason to ask the License server with the user's own token.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from threading import Lock
from typing import Any, NamedTuple, Protocol

import msgspec

from .errors import ConfigurationError, InvalidEvent, NotAuthentic
from .records import InvalidField, Record
from .records.auth import EVENTS, EmailUpdated, OtherEvent, PermissionsUpdated, PinUpdated, UserCreated
from .secret import SecretText, revealed

__all__ = [
    "EmailUpdated",
    "Event",
    "EventData",
    "MemoryReplays",
    "OtherEvent",
    "PermissionsUpdated",
    "PinUpdated",
    "Proof",
    "Receiver",
    "Replays",
    "Signed",
    "UserCreated",
    "read_event",
    "same_secret",
    "signed_headers",
    "verify_signature",
]

EventData = PermissionsUpdated | EmailUpdated | PinUpdated | UserCreated | OtherEvent
"""What an event carries; `OtherEvent` where this release doesn't know it."""

LONGEST_BODY = 1024 * 1024
"""Bytes. Ten thousand companies fit."""
LONGEST_TEXT = 1000
"""Characters of one text in an event."""
TOLERANCE = 300.0
"""Seconds by which the clocks of sender and receiver may differ, with the time on the way."""
_LONGEST_HEADER = 8192
_PREFIX = "whsec_"


class Proof(Enum):
    """What shows that an event comes from the License server."""

    SIGNATURE = "signature"
    """It is signed, and recently so."""
    URL = "url"
    """It came to an address that nobody else should know."""
    NONE = "none"
    """Nothing: look the truth up before anything is changed."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something about the application's users has changed, or so it says; see `proof`.

    Attributes:
        name: such as `permissions.updated`.
        data: what it carries, in a type for each event.
        proof: what shows that it comes from the License server.
        id: the same each time it is sent; "" where it is not signed, since anybody may invent one.
        until: when a signed event is too old to be taken, in seconds since 1970; so long its id has to be remembered.
    """

    name: str
    data: EventData
    proof: Proof = Proof.NONE
    id: str = ""
    until: float = 0.0

    @property
    def is_authentic(self) -> bool:
        """Whether there is a proof of any kind."""
        return self.proof is not Proof.NONE

    @property
    def is_known(self) -> bool:
        """Whether this release knows what the event means; answer others with 202."""
        return not isinstance(self.data, OtherEvent)


class Receiver:
    """Reads the webhooks of one application, and demands of each what it was told to.

    Args:
        secrets: keys of Standard Webhooks, `whsec_…`. Then events have to be signed with one of them; several are for
            the time in which one is replaced by another.
        url_secrets: secrets in the webhook's URL. Then events have to come with one of them.
        allow_unproven: take events that have no signature, or come without the secret, as doorbells; one that has a
            wrong signature or a wrong secret is refused all the same.
        tolerance: seconds by which a signature may be old, or ahead of this machine's clock.

    Raises:
        ConfigurationError: a key is none, or nothing could ever be accepted.
    """

    def __init__(
        self,
        *,
        secrets: Sequence[str | SecretText] = (),
        url_secrets: Sequence[str | SecretText] = (),
        allow_unproven: bool = False,
        tolerance: float = TOLERANCE,
    ) -> None:
        for name, given in (("secrets", secrets), ("url_secrets", url_secrets)):
            if isinstance(given, str | SecretText):
                raise ConfigurationError(f"{name} is a list of secrets, not one.")
        self._secrets = tuple(SecretText(secret) for secret in secrets)
        self._url_secrets = tuple(SecretText(secret) for secret in url_secrets)
        for secret in self._secrets:
            _key(secret)
        if not all(self._url_secrets):
            raise ConfigurationError("A secret for the URL is empty.")
        if not (self._secrets or self._url_secrets or allow_unproven):
            raise ConfigurationError(
                "Nothing proves that an event is the License server's.",
                hint="Give secrets or url_secrets; or allow_unproven=True, and take events as doorbells.",
            )
        self._allow_unproven = allow_unproven
        self._tolerance = tolerance

    def read(
        self, headers: Mapping[str, str], body: bytes, *, url_secret: str | None = None, now: float | None = None
    ) -> Event:
        """The event in a request, when it is what it has to be.

        Args:
            headers: the request's; names in any case.
            body: the request's, unread by anything else: a signature is of its bytes.
            url_secret: the secret in the URL that it came to; None where the URL has no place for one.
            now: seconds since 1970; the clock's where nothing else is said.

        Raises:
            NotAuthentic: it is not proven as it has to be; answer with 401.
            InvalidEvent: it is no event; answer with 400.
        """
        if len(body) > LONGEST_BODY:
            raise InvalidEvent(f"The body has more than {LONGEST_BODY} bytes.")
        signed = self._signed(headers, body, time.time() if now is None else now)
        proof = Proof.SIGNATURE if signed else Proof.NONE
        if self._url_secrets:
            if url_secret is not None and not same_secret(url_secret, self._url_secrets):
                raise NotAuthentic("The secret in the URL is not right.")
            if url_secret is None and not self._allow_unproven:
                raise NotAuthentic("There is no secret in the URL.")
            if url_secret is not None and proof is Proof.NONE:
                proof = Proof.URL
        event = read_event(body)
        if signed is None:
            return Event(event.name, event.data, proof)
        return Event(event.name, event.data, proof, signed.id, signed.timestamp + self._tolerance)

    def _signed(self, headers: Mapping[str, str], body: bytes, now: float) -> Signed | None:
        if not self._secrets or (self._allow_unproven and _header(headers, "webhook-signature") is None):
            return None
        return verify_signature(headers, body, self._secrets, now=now, tolerance=self._tolerance)

    def __repr__(self) -> str:
        demands = [name for name, given in (("signed", self._secrets), ("by URL", self._url_secrets)) if given]
        return f"<{type(self).__name__} {', '.join(demands) or 'of doorbells'}>"


class Signed(NamedTuple):
    """What a signature vouches for, besides the body."""

    id: str
    timestamp: int
    """When it was sent, in seconds since 1970."""


def verify_signature(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str | SecretText],
    *,
    now: float,
    tolerance: float = TOLERANCE,
) -> Signed:
    """Check a signature of Standard Webhooks, in a time that tells nothing of how wrong it is.

    Args:
        headers: with `webhook-id`, `webhook-timestamp` and `webhook-signature`; names in any case.
        body: the bytes that were signed.
        secrets: `whsec_…`, any of which may have signed.
        now: seconds since 1970.
        tolerance: seconds by which it may be old, or ahead of `now`.

    Raises:
        NotAuthentic: there is none, it is wrong, or it is too old.
        ConfigurationError: a secret is no key.
    """
    keys = [_key(secret) for secret in secrets]
    id, sent, signatures = (_header(headers, f"webhook-{name}") for name in ("id", "timestamp", "signature"))  # noqa: A001
    if id is None or sent is None or signatures is None:
        raise NotAuthentic("The event is not signed.")
    # Without a full stop in it, nothing of id, time and body can be taken for another of them.
    if not re.fullmatch(r"[\x21-\x2d\x2f-\x7e]{1,255}", id) or not re.fullmatch(r"[0-9]{1,12}", sent):
        raise NotAuthentic("The event's id or time can't be read.")
    if abs(now - int(sent)) > tolerance:
        raise NotAuthentic(
            "The event was signed too long ago, or in the future.", hint="Is the clock of this machine right?"
        )
    given = [_decoded(signature) for signature in signatures[:_LONGEST_HEADER].split(" ")]
    is_right = False
    for key in keys:
        expected = _digest(key, id, sent, body)
        for signature in given:
            is_right |= hmac.compare_digest(expected, signature)
    if not is_right:
        raise NotAuthentic("The event's signature is not right.")
    return Signed(id, int(sent))


def signed_headers(secret: str | SecretText, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers by which `verify_signature` takes a body for the sender's.

    Args:
        secret: `whsec_…`.
        id: the event's, the same whenever it is sent again; no full stop is in it.
        timestamp: now, in seconds since 1970.
        body: the bytes to sign.

    Raises:
        ConfigurationError: the secret is no key.
    """
    signature = base64.b64encode(_digest(_key(secret), id, str(timestamp), body)).decode()
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}


def _digest(key: bytes, id: str, sent: str, body: bytes) -> bytes:
    """What Standard Webhooks signs, and how."""
    return hmac.digest(key, f"{id}.{sent}.".encode() + body, "sha256")


def read_event(body: bytes) -> Event:
    """The event in a body, whoever sent it.

    Raises:
        InvalidEvent: it is none; the error names what is wrong, and shows nothing of it.
    """
    if len(body) > LONGEST_BODY:
        raise InvalidEvent(f"The body has more than {LONGEST_BODY} bytes.")
    document = _json(body)
    if not isinstance(document, dict):
        raise InvalidEvent("The body is not a JSON object.")
    name, data = document.get("event"), document.get("data")
    if not isinstance(name, str) or not re.fullmatch(r"[\x21-\x7e]{1,100}", name):
        raise InvalidEvent("`event` is the name of an event.")
    if not isinstance(data, dict):
        raise InvalidEvent("`data` is an object.")
    return Event(name, _data(EVENTS.get(name, OtherEvent), data))


def same_secret(given: str | None, secrets: Sequence[str | SecretText]) -> bool:
    """Whether a text is one of the secrets, in a time that tells nothing of how wrong it is."""
    if not given:
        return False
    found = False
    for secret in secrets:
        found |= hmac.compare_digest(_bytes(given), _bytes(revealed(secret)))
    return found


class Replays(Protocol):
    """Remembers events that were taken, so that none is taken twice.

    An application of several processes needs one that they share: a table with unique ids, a key with an expiry.
    """

    def claim(self, id: str, until: float) -> bool:
        """Note an event before it is acted on; False where it is noted already.

        Args:
            id: the event's.
            until: when it may be forgotten, in seconds since 1970.
        """
        ...

    def release(self, id: str) -> None:
        """Forget an event that could not be acted on, so that the next attempt to deliver it is taken."""


class MemoryReplays:
    """Remembers events in this process alone; for threads, tests and applications of one process.

    Args:
        most: so many are remembered; beyond that the oldest are forgotten.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._until: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def claim(self, id: str, until: float) -> bool:
        """Note an event; False where it is noted already."""
        with self._lock:
            now = time.time()
            known = self._until.get(id)
            if known is not None and known >= now:
                return False
            self._until.pop(id, None)
            self._until[id] = until
            while self._until and (len(self._until) > self._most or next(iter(self._until.values())) < now):
                self._until.popitem(last=False)
            return True

    def release(self, id: str) -> None:
        """Forget an event."""
        with self._lock:
            self._until.pop(id, None)

    def __len__(self) -> int:
        return len(self._until)


def _header(headers: Mapping[str, str], name: str) -> str | None:
    found = headers.get(name)
    if found is None:
        found = next((value for each, value in headers.items() if each.lower() == name), None)
    return found


def _key(secret: str | SecretText) -> bytes:
    text = revealed(secret)
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True) if text.startswith(_PREFIX) else b""
    except (binascii.Error, ValueError):
        key = b""
    del text
    if not 24 <= len(key) <= 64:
        raise ConfigurationError("A secret of Standard Webhooks is whsec_ and 24 to 64 bytes as base64.")
    return key


def _decoded(signature: str) -> bytes:
    version, _, text = signature.partition(",")
    if version != "v1":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise InvalidEvent("The body is not JSON.")


def _data(kind: type[Record], data: dict[str, Any]) -> Any:
    try:
        record = kind.from_dict(data)
    except InvalidField as error:
        refused = InvalidEvent(f"`data.{error.field}`: {error.reason}.")
    else:
        for name in getattr(kind, "REQUIRED", ()):
            if not getattr(record, name):
                raise InvalidEvent(f"`data.{name}` is missing.")
        _check_texts(record)
        return record
    raise refused


def _check_texts(record: Record) -> None:
    """Refuse what no database takes, or nobody is called."""
    for name in record.__struct_fields__:
        value = getattr(record, name)
        texts = value if isinstance(value, tuple) else (value,)
        for text in texts:
            if isinstance(text, Record):
                _check_texts(text)
            elif isinstance(text, str) and (len(text) > LONGEST_TEXT or "\x00" in text):
                raise InvalidEvent(f"`data.{name}` holds a text that is too long, or one with a zero byte.")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
