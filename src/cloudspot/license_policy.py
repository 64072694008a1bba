"""How the License server is dealt with: requests, what an answer means, what is sent again. Pure: no I/O."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from . import policy
from .errors import (
    CloudspotError,
    DocumentCutOff,
    InvalidDocument,
    InvalidInput,
    InvalidToken,
    NotAuthorised,
    RequestRefused,
    ServerTrouble,
    UnknownApplication,
    Unreachable,
    WrongCredentials,
)
from .policy import ACCEPT_ENCODING, USER_AGENT, Reply, Request
from .records import InvalidField, Record
from .secret import SHOWN, Secret, SecretBytes, SecretText
from .settings import LicenseSettings

R = TypeVar("R", bound=Record)

LONGEST_ANSWER = 4 * 1024 * 1024
"""Bytes. Ten thousand companies with twenty permissions each fit; what goes on for ever does not."""
_TELLING = 8  # characters of a secret that no other text begins with
_OF_APPLICATIONS = frozenset(
    {"application", "applicatie", "toepassing", "module", "requestor", "x-license-module", "x-erp-requestor"}
)
_OF_USERS = frozenset(
    {"user", "username", "password", "token", "gebruiker", "gebruikersnaam", "wachtwoord", "utilisateur", "passe"}
)


NO_TOKEN = Secret()


class Headers(NamedTuple):
    """What the headers are called that say who asks."""

    application: str | None
    token: str


LICENSE = Headers("X-LICENSE-MODULE", "X-LICENSE-TOKEN")
EXTERNAL_APP = Headers("X-ERP-REQUESTOR", "X-ERP-TOKEN")


@dataclass(frozen=True, slots=True)
class Question(Generic[R]):
    """What is asked of the License server.

    Attributes:
        method: GET, or POST, which is sent again only where nothing of it was sent.
        path: below the base URL, with both slashes.
        record_type: what the answer is.
        needs: what must be in the answer, or else it is none.
        refused: what a 401 means.
        token: the user's; empty where none is needed.
        body: what a POST sends.
        secrets: what is in the body and must not be in an error.
        missing: what a 404 means.
        hint: what to do next where it is refused; "" for what the error says of itself.
        headers: how it says who asks.
    """

    method: str
    path: str
    record_type: type[R]
    needs: tuple[str, ...]
    refused: type[NotAuthorised] = InvalidToken
    token: Secret = NO_TOKEN
    body: SecretBytes | None = None
    secrets: tuple[SecretText, ...] = ()
    missing: str = "There is no such address. Is the base URL right?"
    hint: str = ""
    headers: Headers = LICENSE


def make_request(settings: LicenseSettings, question: Question[Any], request_id: str) -> Request:
    """The request that asks it. Token and application go in headers, a password in the body; none in the URL."""
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Accept-Encoding": ACCEPT_ENCODING,
        **settings.headers,
        "X-Request-ID": request_id,
    }
    if question.headers.application:
        headers[question.headers.application] = settings.application
    if question.token:
        headers[question.headers.token] = question.token
    return Request(question.method, f"{settings.base_url}{question.path}", headers, question.path, question.body)


def encoded(**fields: str | SecretText) -> SecretBytes:
    """The body of a POST.

    Raises:
        InvalidInput: a text is none that JSON can hold.
    """
    plain = {name: value.reveal() if isinstance(value, SecretText) else value for name, value in fields.items()}
    try:
        return SecretBytes(msgspec.json.encode(plain))
    except UnicodeEncodeError:
        del plain
    raise InvalidInput(f"{' or '.join(fields)} holds half a character, which can't be sent.")


def checked_user_token(token: str | SecretText) -> Secret:
    """A user's token as a header can carry it.

    Raises:
        InvalidToken: it can't be one; nothing was sent.
    """
    text = Secret(token.reveal() if isinstance(token, SecretText) else token)
    del token
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise InvalidToken("The user's token is empty or holds a character that no token has. Nothing was sent.")
    return text


def refusal(question: Question[Any], request: Request, reply: Reply, body: bytes, *, now: float) -> CloudspotError:
    """The error that an answer other than 2xx stands for."""
    said = policy.said_by(body)
    says = f" The server says: {said}{'' if said[-1] in '.!?…' else '.'}" if said else ""
    place = policy.where(request, reply)
    if 300 <= reply.status < 400:
        return RequestRefused(
            "The server redirects this call, which is not sent to another address.",
            where=place,
            hint="If the address has changed, set it as base_url.",
        )
    if reply.status not in {401, 403}:
        return policy.refusal(request, reply, body, right="", missing=question.missing, now=now)
    application = request.headers.get(question.headers.application or "", "")
    if _is_about_application(said):
        return UnknownApplication(f"The application {application!r} is not accepted.{says}", where=place)
    if question.refused is WrongCredentials:
        return WrongCredentials(f"This user name and password are not accepted.{says}", where=place)
    return question.refused(f"The token is not accepted.{says}", where=place, hint=question.hint)


def _is_about_application(said: str) -> bool:
    """Whether a 401 is the application's fault. The protocol has no word for it, so the server's text decides."""
    words = set(re.findall(r"[a-z-]+", said.lower()))
    return bool(words & _OF_APPLICATIONS) and not words & _OF_USERS


def read(question: Question[R], body: bytes) -> R:
    """What an answer says. No error shows any of it, since all of it may be secret.

    Raises:
        ServerTrouble, InvalidDocument, DocumentCutOff: it says nothing that can be used.
    """
    if not body.strip():
        raise ServerTrouble("The answer is empty.")
    if body.lstrip()[:1] == b"<":
        raise ServerTrouble(
            "The answer is a web page, not data.",
            hint="Is the base URL right, and is there a proxy or a login page in between?",
        )
    plain, failure = _decoded(body)
    if failure is not None:
        raise failure
    if not isinstance(plain, dict):
        raise InvalidDocument("The answer is not a JSON object.")
    if missing := [name for name in question.needs if plain.get(name) is None]:
        raise InvalidDocument(f"The answer has no {' and no '.join(f'`{name}`' for name in missing)}.")
    try:
        return question.record_type.from_dict(plain)
    except InvalidField as error:
        failure = InvalidDocument(f"`{error.field}` of the answer can't be read: {error.reason}.")
    raise failure


def _decoded(body: bytes) -> tuple[Any, InvalidDocument | None]:
    """The JSON, or why it is none; not raised here, since the decoder's own error would come along."""
    try:
        return msgspec.json.decode(body), None
    except msgspec.DecodeError as error:
        if "truncated" in str(error):
            return None, DocumentCutOff("The answer ended before it was complete.")
    except (UnicodeDecodeError, RecursionError):
        pass
    return None, InvalidDocument("The answer is not JSON.")


def pause(question: Question[Any], error: CloudspotError, attempt: int, retries: int, jitter: float) -> float | None:
    """Seconds to wait before it is asked again; None where it should not be.

    A POST goes out again only where nothing of it can have arrived: a second login may lock the user out, and an
    impersonation is used up by the first.
    """
    if question.method != "GET" and not (isinstance(error, Unreachable) and not error.was_sent):
        return None
    return policy.pause(error, attempt, retries, jitter)


def redacted(text: str, secrets: Sequence[str | SecretText]) -> str:
    """A text without secrets. One that shows the beginning of a secret is not to be trusted with the rest of it."""
    plain = html.unescape(text)
    for secret in secrets:
        known = secret.reveal() if isinstance(secret, SecretText) else str.__str__(secret)
        if not known:
            continue
        # A short one may be a part of any word, and is looked for as a word of its own.
        start = re.escape(known[:_TELLING]) if len(known) >= _TELLING else rf"(?<!\w){re.escape(known)}(?!\w)"
        if re.search(start, text) or re.search(start, plain):
            return SHOWN
    return text
