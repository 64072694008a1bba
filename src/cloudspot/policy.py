"""How a client deals with a server: requests, repeats, redirects, what an answer means, redaction. Pure: no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, NamedTuple
from urllib.parse import urljoin

from . import __version__
from .errors import (
    NOWHERE,
    CloudspotError,
    DocumentCutOff,
    NotAuthorised,
    NotFound,
    NotTrusted,
    RateLimited,
    RequestRefused,
    ServerTrouble,
    Unreachable,
    Where,
)
from .settings import Settings, origin

LONGEST_WAIT = 120.0
"""Seconds. A server that asks for a longer pause gets its way, but not by keeping the caller waiting."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
MOST_REDIRECTS = 5
_TELLING = 12  # characters of a token that no other text begins with
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REPEATABLE = frozenset({429, 502, 503, 504})


class Request(NamedTuple):
    """One request as it goes out."""

    method: str
    url: str
    headers: dict[str, str]
    path: str
    """What errors and logs show: below the base URL, without host."""
    body: bytes | None = None


class Reply(NamedTuple):
    """An answer's head; header names are lower case."""

    status: int
    headers: Mapping[str, str]


def make_request(
    settings: Settings, path: str, query: str = "", *, request_id: str, etag: str | None = None
) -> Request:
    """A GET of the ERP. The token goes in a header, never in the URL."""
    target = f"{path}?{query}" if query else path
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "Accept-Encoding": ACCEPT_ENCODING,
        **settings.headers,
        "X-Request-ID": request_id,
        "X-ERP-TOKEN": settings.token,
    }
    if etag:
        headers["If-None-Match"] = etag
    return Request("GET", f"{settings.base_url}{target}", headers, target)


def _decodable_encodings() -> tuple[str, ...]:
    found = ["gzip", "deflate"]
    if _is_there("brotli") or _is_there("brotlicffi"):
        found.append("br")
    if _is_there("compression.zstd") or _is_there("backports.zstd"):
        found.append("zstd")
    return tuple(found)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it would be in
        return False


# Only what can be decoded is asked for: a packed body that can't be would arrive as if it were plain.
ENCODINGS = _decodable_encodings()
ACCEPT_ENCODING = ", ".join(ENCODINGS)
USER_AGENT = f"cloudspot-erp-api/{__version__}"


def where(request: Request, reply: Reply | None = None) -> Where:
    """How errors name a request: under the server's request id where it gave one of its own."""
    request_id = request.headers["X-Request-ID"]
    if reply is None:
        return Where(request.method, request.path, None, request_id)
    given = reply.headers.get("x-request-id", request_id)
    if given != request_id and not re.fullmatch(r"[\w.:-]{1,80}", given):
        given = request_id
    return Where(request.method, request.path, reply.status, given)


def check_encoding(reply: Reply, place: Where = NOWHERE) -> None:
    """Raise ServerTrouble where the body is packed in a way that wasn't asked for and can't be unpacked."""
    encoding = reply.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", *ENCODINGS}:
        raise ServerTrouble(f"The answer is packed as {encoding[:20]!r}, which was not asked for.", where=place)


def redirected(request: Request, reply: Reply) -> Request | None:
    """The request to go on with where an answer redirects within its own server; None where it doesn't redirect.

    Raises:
        RequestRefused: it leads to another host, port or scheme; the token goes to the configured server alone.
    """
    if reply.status not in _REDIRECTS or not (location := reply.headers.get("location")):
        return None
    try:
        target = urljoin(request.url, location)
        # A user name, a backslash: what one reader of URLs takes for the host, another doesn't.
        same = origin(target) == origin(request.url) and not re.search(r"[\x00-\x20\\]|//[^/?#]*@", target)
    except ValueError:
        target, same = "", False
    if not same:
        raise RequestRefused(
            "The server redirects to another server, which does not get the token.",
            where=where(request, reply),
            hint="If the address has changed, set it as base_url.",
        )
    return request._replace(url=target)


def refusal(request: Request, reply: Reply, body: bytes, *, right: str, missing: str, now: float) -> CloudspotError:
    """The error that an answer other than 2xx stands for.

    Args:
        right: what the token must be allowed to do for this call.
        missing: what a 404 means here.
        now: seconds since the epoch, for a Retry-After that holds a date.
    """
    place = where(request, reply)
    said = said_by(body)
    says = f" The server says: {said}{'' if said[-1] in '.!?…' else '.'}" if said else ""
    retry_after = parse_retry_after(reply.headers.get("retry-after"), now)
    match reply.status:
        case 401 | 403:
            reason = says or " It is unknown here, or lacks a right."
            return NotAuthorised(
                f"The token is not accepted for this call, which needs the right to {right}.{reason}",
                where=place,
                hint="An administrator of the ERP can make a token with that right.",
            )
        case 404:
            return NotFound(f"{missing}{says}", where=place)
        case 429:
            wait = f" It asks to wait {retry_after:g} s." if retry_after is not None else ""
            if retry_after is not None and retry_after > LONGEST_WAIT:
                wait += f" That is more than the {LONGEST_WAIT:g} s that are waited for here."
            return RateLimited(f"Too many requests.{wait}{says}", where=place, retry_after=retry_after)
        case status if status >= 500:
            return ServerTrouble(f"The server failed.{says}", where=place, retry_after=retry_after)
    return RequestRefused(f"The server refused the request.{says}", where=place)


def said_by(body: bytes, limit: int = 300) -> str:
    """The human text in the body of an error: the API's own, or an error page's title; "" where there is none."""
    try:
        said = _message(json.loads(body))
    except (ValueError, RecursionError):
        title = re.search(rb"<(title|h1)[^>]*>(.*?)</\1", body, re.IGNORECASE | re.DOTALL)
        said = title[2].decode("utf-8", "replace") if title else ""
    said = " ".join(said.split())
    return said if len(said) <= limit else f"{said[: limit - 1]}…"


def stated_in(body: bytes) -> str:
    """The API's own text in the body of an error, as it is; "" where there is none."""
    try:
        return _message(json.loads(body))
    except (ValueError, RecursionError):
        return ""


def code_in(body: bytes) -> str:
    """The API's own word for what went wrong; "" where there is none."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    code = answer.get("error_code", answer.get("status")) if isinstance(answer, dict) else ""
    return code[:80] if isinstance(code, str) else ""


def _message(answer: Any) -> str:
    if not isinstance(answer, dict):
        return ""
    for value in (answer.get("message"), answer.get("error"), answer.get("detail"), answer.get("status")):
        if isinstance(value, dict):
            return _message(value)
        if isinstance(value, str) and value:
            return value
    return ""


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait, from a Retry-After in seconds or as a date; None where it says nothing usable."""
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return float(value)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - rarely needed, slow to load

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


def pause(error: CloudspotError, attempt: int, retries: int, jitter: float) -> float | None:
    """Seconds to wait before a GET is sent again; None where it should not be.

    Args:
        attempt: which attempt failed, from 1.
        retries: how many extra attempts are allowed.
        jitter: a random number in [0, 1): many clients that failed at once don't come back at once.
    """
    if attempt > retries or isinstance(error, NotTrusted):
        return None
    repeatable = isinstance(error, Unreachable | DocumentCutOff) or error.status in _REPEATABLE
    if not repeatable:
        return None
    asked = error.retry_after if isinstance(error, RateLimited | ServerTrouble) else None
    if asked is not None:
        return asked if asked <= LONGEST_WAIT else None
    return jitter * min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempt - 1, 9))


def redacted(text: str, settings: Settings) -> str:
    """A text without the token, which a server may have put into its answer and a message may have cut short."""
    token = str.__str__(settings.token)
    start, rest = token[:_TELLING], token[_TELLING:]
    return re.sub(re.escape(start) + (r"[\x21-\x7e]*" if rest else ""), "[redacted]", text)
