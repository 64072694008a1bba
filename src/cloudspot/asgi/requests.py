"""What a request says of where it comes from, and its body, up to a size. Deciding is pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request

from ..secret import Secret, SecretBytes

LONGEST_FORM = 16 * 1024
"""Bytes."""
MOST_FIELDS = 20
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class BodyTooLong(Exception):
    """A body has more bytes than may be."""


class NoForm(Exception):
    """A body is no form, or did not arrive."""


class Place(NamedTuple):
    """Where a request comes from, as the browser says.

    Attributes:
        host: what it was sent to: the header Host.
        origin: the header Origin.
        site: the header Sec-Fetch-Site, which pages can't set.
    """

    host: str
    origin: str | None
    site: str | None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Place:
        """As the headers of a request say."""
        return cls(headers.get("host", ""), headers.get("origin"), headers.get("sec-fetch-site"))


def is_own(place: Place, trusted: Collection[str] = ()) -> bool:
    """Whether a request comes from a page of the application itself, or from no page at all.

    By Sec-Fetch-Site where the browser sends it; else by Origin, of which the scheme is not looked at, since a proxy
    may take TLS off. Without both it is no browser, which has no cookie that it would not want to send.

    Args:
        place: what the browser says.
        trusted: origins that are believed too, as `https://host`.
    """
    if place.origin is not None and place.origin in trusted:
        return True
    if place.site is not None:
        return place.site in {"same-origin", "none"}
    if place.origin is None:
        return True
    try:
        return urlsplit(place.origin).netloc.lower() == place.host.lower() != ""
    except ValueError:
        return False


async def read_body(request: Request, most: int) -> SecretBytes:
    """The body of a request.

    Raises:
        BodyTooLong: it has more bytes, or says that it will have.
        NoForm: it did not arrive.
    """
    said = request.headers.get("content-length", "0")
    if not said.isascii() or not said.isdigit() or int(said[:20]) > most:
        raise BodyTooLong
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                break
            parts.append(SecretBytes(part))
            part = b""  # noqa: PLW2901 - a crash report would show it
    except ClientDisconnect:
        raise NoForm from None
    if size > most:
        raise BodyTooLong
    return SecretBytes(b"".join(parts))


async def read_form(request: Request) -> dict[str, Secret]:
    """The fields of a form; of several with one name the first.

    Raises:
        BodyTooLong: it is too long.
        NoForm: it is none.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request, LONGEST_FORM)
    if kind != "application/x-www-form-urlencoded":
        raise NoForm
    return parsed(body)


def parsed(body: bytes) -> dict[str, Secret]:
    """The fields of a form's body.

    Raises:
        NoForm: it is none.
    """
    fields: dict[str, Secret] = {}
    try:
        for name, value in parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        ):
            fields.setdefault(name, Secret(value))
    except ValueError:
        pass
    else:
        return fields
    raise NoForm
