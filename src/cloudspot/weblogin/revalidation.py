"""When a user who is logged in is asked about again, and what the answer means.

    confirmed          + interval              + grace
    ├── nothing to ask ──┼── ask; keep if no answer ──┼── ask; out if no answer

A token that is refused is out at once. An event for the user makes the next request ask, wherever on this line it
comes. What a user may do is therefore never older than interval and grace together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..errors import CloudspotError, InvalidToken


@dataclass(frozen=True, slots=True)
class Rules:
    """How long what the License server said is good, in seconds.

    Attributes:
        interval: until it is asked again.
        grace: so much longer while it gives no answer.
        pause: between two attempts of which the first failed, and between two that events ask for, so that neither a
            server that is down nor somebody who rings without end makes every request wait.
    """

    interval: float = 300
    grace: float = 3600
    pause: float = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a user's login; times in seconds since 1970.

    Attributes:
        confirmed: when the License server last confirmed it.
        tried: when it was last asked, whatever came of it.
        rung: when an event last said that something changed; 0 where none did.
    """

    confirmed: float
    tried: float = 0
    rung: float = 0


class Need(Enum):
    """Whether the License server has to be asked before a request is served."""

    NOTHING = "nothing"
    """What is known is good."""
    ASK = "ask"
    """Ask; where another request is asking already, what is known will do meanwhile."""
    MUST_ASK = "must ask"
    """Ask; what is known is too old for anything."""


class Outcome(Enum):
    """What becomes of a login."""

    RENEWED = "renewed"
    KEPT = "kept"
    OUT = "out"


def need(standing: Standing, now: float, rules: Rules) -> Need:
    """Whether to ask before a request is served; a time that a clock which was put back makes future is long ago."""
    if not _within(standing.confirmed, now, rules.interval + rules.grace):
        return Need.MUST_ASK
    is_due = not _within(standing.confirmed, now, rules.interval) or standing.rung >= standing.confirmed
    if is_due and not _within(standing.tried, now, rules.pause):
        return Need.ASK
    return Need.NOTHING


def outcome(standing: Standing, failure: CloudspotError | None, now: float, rules: Rules) -> Outcome:
    """What becomes of a login after the License server was asked.

    Args:
        standing: what was known before.
        failure: what came instead of an answer; None where it answered.
        now: seconds since 1970.
        rules: how long it may go on without.
    """
    if failure is None:
        return Outcome.RENEWED
    if isinstance(failure, InvalidToken):
        return Outcome.OUT
    return Outcome.KEPT if _within(standing.confirmed, now, rules.interval + rules.grace) else Outcome.OUT


def _within(then: float, now: float, seconds: float) -> bool:
    return 0 <= now - then < seconds
