"""How often somebody may try to log in, counted in the store."""

from __future__ import annotations

from ..weblogin.attempts import Counter, Limits, counters, is_allowed, wait
from .stores import Store


class Attempts:
    """The login attempts at one application."""

    def __init__(self, store: Store, limits: Limits, *, secret: bytes) -> None:
        self._store, self._limits, self._secret = store, limits, secret

    async def begin(self, username: str, address: str | None, now: float) -> float:
        """Count an attempt before it is made: 0 where it may be, else the seconds to wait.

        One that may not be made is not counted, so that who keeps trying in vain does not keep the owner out for ever.
        """
        waits, counted = [], self._counters(username, address)
        for counter in counted:
            slot, before = counter.slots(now)
            current = await self._store.count(slot, 1, now + counter.kept_for)
            previous = await self._store.count(before, 0, now)
            if not is_allowed(counter.limit, current, previous, now):
                waits.append(max(wait(counter.limit, current - 1, previous, now), 1.0))
        if waits:
            for counter in counted:
                await self._store.count(counter.slots(now)[0], -1, now)
        return max(waits, default=0.0)

    async def succeeded(self, username: str, address: str | None, now: float) -> None:
        """Forget the attempts of an account from an address: it was its owner, who mistyped.

        Those of the address go on counting, so that nobody makes room for more by logging in as oneself between them.
        """
        for counter in self._counters(username, address):
            if counter.name == "pair":
                for slot in counter.slots(now):
                    await self._store.forget(slot)

    def _counters(self, username: str, address: str | None) -> tuple[Counter, ...]:
        return counters(username, address, self._limits, secret=self._secret)
