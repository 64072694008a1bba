"""What the control API asks of a sandbox, and how it reads requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import msgspec

from cloudspot.sandbox.account_edits import Applications, Permissions, Users, UserTokens
from cloudspot.sandbox.answers import Answer, Request
from cloudspot.sandbox.clock import Clock
from cloudspot.sandbox.company_edits import Companies, ErpTokens
from cloudspot.sandbox.edits import CompanyData
from cloudspot.sandbox.events import Events
from cloudspot.sandbox.faults import Faults
from cloudspot.sandbox.request_log import RequestLog
from cloudspot.sandbox.snapshots import Snapshots
from cloudspot.sandbox.store import Store

Handler = Callable[..., Answer]
"""Answers a request to a sandbox; what stands in the path for each name of its route follows."""


class Controlled(Protocol):
    """What the control API asks of a sandbox."""

    @property
    def faults(self) -> Faults:
        """The faults that wait."""
        ...

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    @property
    def requests(self) -> RequestLog:
        """The last requests."""
        ...

    @property
    def base_url(self) -> str:
        """Where the servers' paths begin."""
        ...

    @property
    def tokens(self) -> list[str]:
        """The tokens of companies."""
        ...

    @property
    def companies(self) -> Companies:
        """The companies."""
        ...

    @property
    def erp_tokens(self) -> ErpTokens:
        """The ERP's tokens."""
        ...

    @property
    def applications(self) -> Applications:
        """The applications."""
        ...

    @property
    def users(self) -> Users:
        """The users."""
        ...

    @property
    def permissions(self) -> Permissions:
        """What they may do."""
        ...

    @property
    def user_tokens(self) -> UserTokens:
        """The tokens they got."""
        ...

    @property
    def events(self) -> Events:
        """What applications are told."""
        ...

    def company(self, naam: str) -> CompanyData:
        """One company's data."""
        ...

    @property
    def snapshots(self) -> Snapshots:
        """Snapshots with a name."""
        ...

    @property
    def store(self) -> Store:
        """Its data."""
        ...

    def reset(self) -> None:
        """Begin anew."""
        ...


Fields = TypeVar("Fields")


def fields_of(request: Request, type: type[Fields]) -> Fields:
    """The fields of a request.

    Raises:
        ValueError: it is not JSON, a field is unknown or missing, or a value doesn't fit it.
    """
    return msgspec.json.decode(request.body, type=type)


def any_fields(request: Request) -> dict[str, Any]:
    """The fields of a request, to be checked by whom they are for.

    Raises:
        ValueError: it is not a JSON object.
    """
    return msgspec.json.decode(request.body, type=dict[str, Any])


def no_fields(request: Request) -> None:
    """See that nothing is said that means nothing here, so that no setting seems to have been taken.

    Raises:
        ValueError: something is.
    """
    if request.body.strip() not in {b"", b"{}"}:
        raise ValueError("this request takes no fields")


def filters_of(request: Request, *known: str) -> dict[str, str]:
    """The parameters of a request.

    Raises:
        ValueError: one is unknown.
    """
    for name in request.query:
        if name not in known:
            raise ValueError(f"there is no parameter {name}; there are {', '.join(known)}")
    return dict(request.query)


def number(text: str, what: str) -> int:
    """A number in a path.

    Raises:
        LookupError: it is none, so there is nothing there.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise LookupError(f"there is no {what} {text}")
    return int(text)
