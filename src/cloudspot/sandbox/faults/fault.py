"""What a fault is: one flat type, in which nothing that contradicts itself can be said."""

from __future__ import annotations

from math import isfinite
from typing import Literal

import msgspec

from cloudspot.records import Artikel, ArtikelCategorie, Klant, Record

Route = Literal[
    "artikels",
    "categories",
    "klanten",
    "auth/authenticate",
    "auth/get-permissions",
    "auth/get-company-permissions",
    "auth/users/profile",
    "auth/impersonation-validation",
    "auth/signin-external-app",
    "auth/get-user",
]
"""The paths of both servers, without what is around them."""

RECORDS: dict[str, type[Record]] = {"artikels": Artikel, "categories": ArtikelCategorie, "klanten": Klant}
RECORD_ROUTES = frozenset(RECORDS)
"""Those that answer with `{"data": [...]}`."""
LIST_ROUTES = RECORD_ROUTES | {
    "auth/authenticate",
    "auth/get-permissions",
    "auth/get-company-permissions",
    "auth/signin-external-app",
}
"""Those whose answers hold a list: `data`, or `permissions`."""

Alteration = Literal[
    "corrupt",
    "not_utf8",
    "wrong_types",
    "numbers_as_texts",
    "nulls",
    "unknown_fields",
    "empty_list",
    "half_list",
    "double_record",
    "no_data",
    "double_data",
]
"""What can be wrong with a document that arrives whole."""

NEEDED: dict[str, frozenset[str]] = {
    "empty_list": LIST_ROUTES,
    "half_list": LIST_ROUTES,
    "double_record": LIST_ROUTES,
    "no_data": RECORD_ROUTES,
    "double_data": RECORD_ROUTES,
}
"""Alterations that only some routes' answers can have."""

REDIRECTS = (301, 302, 303, 307, 308)
LONGEST_WAIT = 10**9


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What goes wrong, for which requests, and how often.

    At most one thing goes wrong at a time: `status` or `retry_after`, `redirect`, `expired`, `garbage`, `reset`,
    `stalls`, `cut_off`, `alter` or `wrong_length`. A delay, another content type and a slow line go with any of them,
    or alone.
    """

    route: Route | None = None
    """Only for requests to this path; None for any."""
    token: str | None = None
    """Only for requests with this token of a company or a user; None for any."""
    after: int = 0
    """How many of these requests pass before the first one is hit."""
    times: int | None = 1
    """How many requests it hits; None for all that come."""
    probability: float = 1
    """The part of these requests that it hits, above 0 and at most 1; the same seed hits the same ones."""

    delay: float = 0
    """Seconds before anything is answered."""
    jitter: float = 0
    """Up to so many seconds more, differently for each request; the same seed waits as long."""

    status: int | None = None
    """Answer with this status instead of the real answer."""
    body: Literal["json", "html", "empty"] = "json"
    """What the body of that answer is: an error of the server, a proxy's page, nothing."""
    retry_after: int | None = None
    """Seconds for the header Retry-After; without a status this means 429."""
    retry_after_as_date: bool = False
    """Write Retry-After as the date that many seconds from the sandbox's now."""
    redirect: str | None = None
    """Send the client to this path or URL, with 302 unless `status` is another redirect."""
    expired: bool = False
    """Answer that the token has expired: a 401 in the words of the server that is asked."""
    garbage: bool = False
    """Answer with bytes that are not HTTP, and close."""

    reset: bool = False
    """Break the connection instead of answering; with `cut_off`, after that much of the document."""
    stalls: bool = False
    """Never answer, until the client goes away; with `cut_off`, after that much of the document."""
    cut_off: int | float | None = None
    """Send only so much of the document, then close: a whole number of bytes, or a fraction between 0 and 1."""
    ends_cleanly: bool = False
    """With `cut_off`: let HTTP say that the shortened document is complete, instead of dropping the connection."""

    alter: Alteration | None = None
    """What is wrong with the document, which arrives whole and with a 200."""
    field: str | None = None
    """With `alter` "wrong_types": this field, in every record; else one field of the record in the middle."""
    wrong_length: int | None = None
    """Let Content-Length say so many bytes more than the document has, or fewer if it is negative."""
    content_type: str | None = None
    """Say that the body is of this type."""

    bytes_per_second: int | None = None
    """Send the body no faster than this."""
    pieces_of: int | None = None
    """Send the body in pieces of so many bytes, with `pause` between them."""
    pause: float | None = None
    """Seconds between the pieces."""

    def __post_init__(self) -> None:
        for is_wrong, complaint in (*_values(self), *_together(self)):
            if is_wrong:
                raise ValueError(complaint)

    @property
    def replaces(self) -> bool:
        """Whether another answer stands in for the real one."""
        return self.status is not None or self.retry_after is not None or self.redirect is not None or self.expired

    @property
    def silences(self) -> bool:
        """Whether nothing is answered at all, or nothing that is HTTP."""
        return self.garbage or ((self.reset or self.stalls) and self.cut_off is None)

    @property
    def summary(self) -> str:
        """What it says, in one line: `route=artikels status=503 times=2`."""
        said = {
            field.name: getattr(self, field.name)
            for field in msgspec.structs.fields(self)
            if getattr(self, field.name) != field.default
        }
        words = {None: "always"}
        return " ".join(name if value is True else f"{name}={words.get(value, value)}" for name, value in said.items())

    @property
    def spoils_body(self) -> bool:
        """Whether something is wrong with a body, so that there has to be one."""
        spoilt = (self.alter, self.cut_off, self.wrong_length, self.content_type)
        return any(each is not None for each in spoilt)

    @property
    def is_slow(self) -> bool:
        """Whether the body goes out bit by bit."""
        return self.bytes_per_second is not None or self.pieces_of is not None

    def is_for(self, route: str | None, token: str | None) -> bool:
        """Whether a request is one of those it is meant for."""
        if self.alter in NEEDED and route not in NEEDED[self.alter]:
            return False
        return (self.route is None or self.route == route) and (self.token is None or self.token == token)


Rule = tuple[bool, str]
"""Whether it is broken, and what is to be said then."""


def _values(fault: Fault) -> list[Rule]:
    """What holds of each field by itself, and of a route and what its answers can have."""
    cut_off, status, alter = fault.cut_off, fault.status, fault.alter
    return [
        (fault.times is not None and fault.times < 1, "times is at least 1, or null for ever"),
        (fault.after < 0, "after is not negative"),
        (not 0 < fault.probability <= 1, "probability is above 0 and at most 1"),
        (not _is_duration(fault.delay), "delay is a number of seconds, and not negative"),
        (not _is_duration(fault.jitter), "jitter is a number of seconds, and not negative"),
        (status is not None and not 200 <= status <= 599, "status is from 200 to 599"),
        (
            fault.retry_after is not None and not 0 <= fault.retry_after <= LONGEST_WAIT,
            f"retry_after is from 0 to {LONGEST_WAIT:,} seconds",
        ),
        (
            isinstance(cut_off, float) and not 0 < cut_off < 1,
            "cut_off is a whole number of bytes, or a fraction between 0 and 1",
        ),
        (cut_off is not None and cut_off < 0, "cut_off is not negative"),
        (fault.wrong_length == 0, "wrong_length is how far Content-Length is off, so it is not 0"),
        (fault.bytes_per_second is not None and fault.bytes_per_second < 1, "bytes_per_second is at least 1"),
        (fault.pieces_of is not None and fault.pieces_of < 1, "pieces_of is at least 1"),
        (
            fault.pause is not None and not (_is_duration(fault.pause) and fault.pause),
            "pause is a number of seconds above 0",
        ),
        (
            not _fits_a_header(fault.redirect) or not (fault.redirect or "/").startswith(("/", "http://", "https://")),
            "redirect is a path that begins with / or a whole http:// or https:// URL, in printable ASCII",
        ),
        (not _fits_a_header(fault.content_type), "content_type is printable ASCII, such as text/html"),
        (
            alter in NEEDED and fault.route is not None and fault.route not in NEEDED[alter],
            f"alter {alter} is for a list, which answers at {fault.route} have not",
        ),
        (
            fault.field is not None and fault.route in RECORDS and fault.field not in _fields(fault.route),
            f"there is no field {fault.field} in {fault.route}",
        ),
    ]


def _together(fault: Fault) -> list[Rule]:
    """What holds of fields together."""
    answers = fault.redirect is None and (fault.status is not None or fault.retry_after is not None)
    wrong = {
        "status": answers,
        "redirect": fault.redirect is not None,
        "expired": fault.expired,
        "garbage": fault.garbage,
        "reset": fault.reset and fault.cut_off is None,
        "stalls": fault.stalls and fault.cut_off is None,
        "cut_off": fault.cut_off is not None,
        "alter": fault.alter is not None,
        "wrong_length": fault.wrong_length is not None,
    }
    said = [name for name, is_said in wrong.items() if is_said]
    about_body = fault.content_type is not None or fault.is_slow
    return [
        (len(said) > 1, f"{' and '.join(said)} exclude each other: add a fault for each"),
        (not (said or fault.delay or fault.jitter or about_body), f"a fault needs one of {', '.join(EFFECTS)}"),
        (fault.body != "json" and not answers, "body goes with status or retry_after"),
        (
            fault.redirect is not None and fault.status not in (None, *REDIRECTS),
            f"redirect goes with one of the statuses {', '.join(map(str, REDIRECTS))}",
        ),
        (fault.retry_after is not None and fault.redirect is not None, "retry_after does not go with redirect"),
        (fault.retry_after_as_date and fault.retry_after is None, "retry_after_as_date goes with retry_after"),
        (fault.ends_cleanly and fault.cut_off is None, "ends_cleanly goes with cut_off"),
        (fault.reset + fault.stalls + fault.ends_cleanly > 1, "reset, stalls and ends_cleanly exclude each other"),
        (fault.field is not None and fault.alter != "wrong_types", "field goes with alter wrong_types"),
        ((fault.pieces_of is None) != (fault.pause is None), "pieces_of and pause go together"),
        (
            fault.bytes_per_second is not None and fault.pieces_of is not None,
            "bytes_per_second and pieces_of exclude each other",
        ),
        (
            fault.silences and about_body,
            "nothing is sent, so content_type, bytes_per_second and pieces_of have no meaning",
        ),
    ]


def _is_duration(seconds: float) -> bool:
    return isfinite(seconds) and seconds >= 0


def _fits_a_header(text: str | None) -> bool:
    return text is None or (bool(text.strip()) and text.isascii() and text.isprintable())


def _fields(route: str) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(RECORDS[route]))


EFFECTS = (
    "delay",
    "jitter",
    "status",
    "retry_after",
    "redirect",
    "expired",
    "garbage",
    "reset",
    "stalls",
    "cut_off",
    "alter",
    "wrong_length",
    "content_type",
    "bytes_per_second",
    "pieces_of",
)
"""The fields each of which lets something go wrong; the others say for whom, how often and how."""
