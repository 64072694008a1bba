"""The sandbox's clock: by it tokens are issued and expire, events are stamped and signed, and answers are dated."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Lock
from typing import NamedTuple

EARLIEST, LATEST = 0.0, datetime(9999, 1, 1, tzinfo=UTC).timestamp()

Moment = datetime | str | float
"""A `datetime` with a zone, ISO 8601 with a zone, or seconds since 1970."""


class _State(NamedTuple):
    seconds: float
    """Where it stands, or how far it is ahead of this machine's clock."""
    is_frozen: bool
    zone: tzinfo

    def time(self) -> float:
        return self.seconds if self.is_frozen else time.time() + self.seconds


_REAL = _State(0.0, is_frozen=False, zone=UTC)


class Clock:
    """A clock that can be set, moved and stopped, by any thread. Left alone it is this machine's.

    Only what the servers say and decide goes by it. How long things take is real: delays of faults, pauses before an
    event is sent again, time limits.
    """

    def __init__(self, start: Moment | None = None) -> None:
        """Say at which moment it stands still; None lets it run with this machine's.

        Raises:
            ValueError: that is no moment, or it has no zone.
        """
        self._lock = Lock()
        self._start = _REAL if start is None else _standing(start, UTC)
        self._state = self._start

    def time(self) -> float:
        """Seconds since 1970."""
        return self._state.time()

    def now(self) -> datetime:
        """The moment, in the zone in which it was set last, else in UTC."""
        state = self._state
        return datetime.fromtimestamp(state.time(), state.zone)

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return self._state.is_frozen

    @property
    def is_real(self) -> bool:
        """Whether it is this machine's clock."""
        return self._state[:2] == _REAL[:2]

    def set(self, moment: Moment) -> datetime:
        """Put it to a moment, from where it goes on or stands still as before.

        Raises:
            ValueError: that is no moment, or it has no zone.
        """
        with self._lock:
            self._state = _at(_standing(moment, self._state.zone), is_frozen=self._state.is_frozen)
        return self.now()

    def advance(self, by: float | timedelta) -> datetime:
        """Move it on by seconds or a `timedelta`, or back if that is negative.

        Raises:
            ValueError: it would leave the years 1970 to 9998.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else float(by)
        with self._lock:
            state = self._state
            moved = _State(_checked(state.time() + seconds), is_frozen=True, zone=state.zone)
            # A clock that runs keeps its exact distance, or each step would lose a little.
            self._state = moved if state.is_frozen else state._replace(seconds=state.seconds + seconds)
        return self.now()

    def freeze(self, moment: Moment | None = None) -> datetime:
        """Let it stand still: at a moment, or now.

        Raises:
            ValueError: that is no moment, or it has no zone.
        """
        with self._lock:
            state = self._state
            self._state = (
                state._replace(seconds=state.time(), is_frozen=True)
                if moment is None
                else _standing(moment, state.zone)
            )
        return self.now()

    def run(self) -> datetime:
        """Let it go on from where it stands."""
        with self._lock:
            self._state = _at(self._state, is_frozen=False) if self._state.is_frozen else self._state
        return self.now()

    def start_anew(self) -> datetime:
        """Put it back to how it was when the sandbox was made."""
        with self._lock:
            self._state = self._start
        return self.now()


def _at(standing: _State, *, is_frozen: bool) -> _State:
    return standing if is_frozen else standing._replace(seconds=standing.seconds - time.time(), is_frozen=False)


def _standing(moment: Moment, zone: tzinfo) -> _State:
    """A clock that stands at a moment."""
    if isinstance(moment, str):
        moment = _read(moment)
    if isinstance(moment, datetime):
        if moment.tzinfo is None or moment.utcoffset() is None:
            raise ValueError(f"{moment.isoformat()} has no zone: write it as {moment.isoformat()}+01:00")
        return _State(_checked(moment.timestamp()), is_frozen=True, zone=moment.tzinfo)
    if isinstance(moment, bool) or not isinstance(moment, int | float):
        raise ValueError(  # noqa: TRY004 - whoever reads settings catches one kind
            f"{moment!r} is no moment: a datetime, ISO 8601 or seconds since 1970"
        )
    return _State(_checked(float(moment)), is_frozen=True, zone=zone)


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no moment: write it as 2026-01-31T23:59:00+01:00") from None


def _checked(seconds: float) -> float:
    if not (math.isfinite(seconds) and EARLIEST <= seconds < LATEST):
        raise ValueError("the clock goes from 1970 to 9998")
    return seconds
