"""Where sessions are kept between requests: what a store does, and one in memory.

A store sees no token, name or address: sessions are encrypted before they come here, and named by hashes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as a store keeps it.

    Attributes:
        sealed: encrypted; a store does nothing with it.
        account: whose, as a hash; several sessions may be of one account.
        until: when it ends, in seconds since 1970; it may be thrown away then.
        version: counted up each time it is replaced.
        rung: when something changed for the account, in seconds since 1970; 0 where nothing did.
    """

    sealed: bytes
    account: str
    until: float
    version: int = 0
    rung: float = 0


class Store(Protocol):
    """What an application of several processes brings: a table or a cache that all of them share.

    Each call is one step of its own that no other call can come between.
    """

    async def create(self, name: str, kept: Kept) -> None:
        """Keep a new session."""
        ...

    async def load(self, name: str) -> Kept | None:
        """A session; None where there is none, or it has ended."""
        ...

    async def replace(self, name: str, kept: Kept) -> bool:
        """Keep a session anew where the one that is kept has the version before; False where not, or it is gone.

        `rung` stays what it is in the store, whatever it is in `kept`.
        """
        ...

    async def delete(self, name: str) -> None:
        """Forget a session; nothing, where there is none."""
        ...

    async def ring(self, account: str, at: float) -> list[str]:
        """Set `rung` of every session of an account, and give their names."""
        ...

    async def count(self, name: str, by: int, until: float) -> int:
        """Add to a counter, which begins at 0, and give what it is then; it may be thrown away after `until`."""
        ...

    async def claim(self, name: str, until: float) -> bool:
        """Note a name; False where it is noted already, until a time in seconds since 1970 that has not come."""
        ...

    async def forget(self, name: str) -> None:
        """Throw away what was counted or claimed by that name."""
        ...


class MemoryStore:
    """Keeps sessions in this process: for tests, and for applications of one process whose users may log in anew.

    Args:
        most: so many sessions, and so many counters and names; beyond that the oldest are forgotten.
        clock: seconds since 1970.
    """

    def __init__(self, most: int = 100_000, clock: Callable[[], float] = time.time) -> None:
        self._most = most
        self._clock = clock
        self._sessions: OrderedDict[str, Kept] = OrderedDict()
        self._of_account: dict[str, set[str]] = {}
        self._counted: OrderedDict[str, tuple[int, float]] = OrderedDict()

    async def create(self, name: str, kept: Kept) -> None:
        """Keep a new session."""
        self._drop(name)
        self._put(name, kept)
        while self._sessions:
            oldest, first = next(iter(self._sessions.items()))
            if len(self._sessions) <= self._most and first.until > self._clock():
                break
            self._drop(oldest)

    async def load(self, name: str) -> Kept | None:
        """A session; None where there is none, or it has ended."""
        kept = self._sessions.get(name)
        if kept is not None and kept.until <= self._clock():
            self._drop(name)
            return None
        return kept

    async def replace(self, name: str, kept: Kept) -> bool:
        """Keep a session anew where the one that is kept has the version before."""
        present = await self.load(name)
        if present is None or present.version != kept.version - 1:
            return False
        self._forget_account(name, present.account)
        self._put(name, replace(kept, rung=present.rung))
        return True

    async def delete(self, name: str) -> None:
        """Forget a session."""
        self._drop(name)

    async def ring(self, account: str, at: float) -> list[str]:
        """Set `rung` of every session of an account, and give their names."""
        names = sorted(self._of_account.get(account, ()))
        for name in names:
            self._sessions[name] = replace(self._sessions[name], rung=at)
        return names

    async def count(self, name: str, by: int, until: float) -> int:
        """Add to a counter."""
        counted, ends = self._counted.pop(name, (0, 0.0))
        counted = (counted if ends > self._clock() else 0) + by
        if counted:
            self._counted[name] = counted, max(ends, until)
        while len(self._counted) > self._most:
            self._counted.popitem(last=False)
        return counted

    async def claim(self, name: str, until: float) -> bool:
        """Note a name; False where it is noted already."""
        if self._counted.get(name, (0, 0.0))[1] > self._clock():
            return False
        await self.forget(name)
        await self.count(name, 1, until)
        return True

    async def forget(self, name: str) -> None:
        """Throw away what was counted or claimed by that name."""
        self._counted.pop(name, None)

    def __len__(self) -> int:
        return len(self._sessions)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} with {len(self)} sessions>"

    def _put(self, name: str, kept: Kept) -> None:
        self._sessions[name] = kept
        self._of_account.setdefault(kept.account, set()).add(name)

    def _drop(self, name: str) -> None:
        if (kept := self._sessions.pop(name, None)) is not None:
            self._forget_account(name, kept.account)

    def _forget_account(self, name: str, account: str) -> None:
        names = self._of_account.get(account, set())
        names.discard(name)
        if not names:
            self._of_account.pop(account, None)
