"""The control API: the clock."""

from __future__ import annotations

import msgspec

from cloudspot.sandbox.answers import Answer, Request, json_document
from cloudspot.sandbox.clock import Clock

from .asked import Controlled, Handler, fields_of, no_fields


class ToSet(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How the clock is to be; what is left out stays."""

    now: str | float | None = None
    """Put it to this moment: ISO 8601 with a zone, or seconds since 1970."""
    advance: float | None = None
    """Move it on by so many seconds, or back if they are negative."""
    frozen: bool | None = None
    """Let it stand still, or run."""


class ShownClock(msgspec.Struct, kw_only=True):
    """What time it is in the sandbox."""

    now: str
    """ISO 8601."""
    timestamp: float
    """Seconds since 1970."""
    frozen: bool
    """Whether it stands still."""
    real: bool
    """Whether it is the machine's own clock."""


def _show(sandbox: Controlled, _: Request) -> Answer:
    return json_document(_shown(sandbox.clock))


def _set(sandbox: Controlled, request: Request) -> Answer:
    asked = fields_of(request, ToSet)
    if asked.now is not None and asked.advance is not None:
        raise ValueError("now and advance exclude each other")
    if asked == ToSet():
        raise ValueError("say at least one of now, advance, frozen")
    clock = sandbox.clock
    if asked.now is not None and asked.frozen:
        # At that moment, not at what it is by the time it stops.
        clock.freeze(asked.now)
    elif asked.now is not None:
        clock.set(asked.now)
    if asked.advance is not None:
        clock.advance(asked.advance)
    if asked.frozen and not clock.is_frozen:
        clock.freeze()
    elif asked.frozen is False:
        clock.run()
    return json_document(_shown(clock))


def _start_anew(sandbox: Controlled, request: Request) -> Answer:
    no_fields(request)
    sandbox.clock.start_anew()
    return json_document(_shown(sandbox.clock))


def _shown(clock: Clock) -> ShownClock:
    now = clock.now()
    return ShownClock(now=now.isoformat(), timestamp=now.timestamp(), frozen=clock.is_frozen, real=clock.is_real)


ROUTES: dict[str, dict[str, Handler]] = {"clock": {"GET": _show, "PUT": _set, "DELETE": _start_anew}}
