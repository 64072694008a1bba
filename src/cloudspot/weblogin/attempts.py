"""How often somebody may try to log in, by account and by address.

Attempts are counted in a window that slides: those of the window before count by the part of it that is not yet a whole
window ago. So two counters per key do, which any cache can add to, and no burst at the border of two windows gets
twice as much.

An attempt is counted before the password is checked, so that attempts side by side are all counted.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from .identity import account_name


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in so many seconds."""

    attempts: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What is limited.

    Attributes:
        pair: one account from one address: somebody who guesses, or forgot.
        account: one account from everywhere. More than `pair`, since strangers can use it up and keep the owner out.
        address: one address, whatever the account: somebody who tries a password on many. An office has one address.
    """

    pair: Limit = Limit(5, 300)
    account: Limit = Limit(50, 3600)
    address: Limit = Limit(100, 300)


class Counter(NamedTuple):
    """What an attempt is counted under.

    Attributes:
        name: `pair`, `account` or `address`.
        key: tells nothing of account and address to who reads the cache.
        limit: how much is allowed.
    """

    name: str
    key: str
    limit: Limit

    def slots(self, now: float) -> tuple[str, str]:
        """Keys of the counters of this window and of the one before."""
        slot = math.floor(now / self.limit.seconds)
        return f"{self.key}:{slot}", f"{self.key}:{slot - 1}"

    @property
    def kept_for(self) -> float:
        """Seconds for which a counter has to be kept after it was last added to."""
        return 2 * self.limit.seconds


def counters(username: str, address: str | None, limits: Limits, *, secret: bytes) -> tuple[Counter, ...]:
    """What an attempt is counted under; without an address, as behind a broken proxy, under the account alone.

    Args:
        username: as it was typed.
        address: where the request comes from.
        limits: what is allowed.
        secret: of the application, without which nobody can tell whose counter a key is; at most 64 bytes.
    """
    account, place = account_name(username), network(address)
    found = [Counter("account", _key(secret, "account", account), limits.account)]
    if place:
        found.append(Counter("address", _key(secret, "address", place), limits.address))
    found.append(Counter("pair", _key(secret, "pair", account, place), limits.pair))
    return tuple(found)


def used(limit: Limit, current: int, previous: int, now: float) -> float:
    """How many attempts count at this moment, of those in this window and in the one before."""
    gone = (now % limit.seconds) / limit.seconds
    return current + previous * (1 - gone)


def is_allowed(limit: Limit, current: int, previous: int, now: float) -> bool:
    """Whether an attempt may be made that is counted in `current` already."""
    return used(limit, current, previous, now) <= limit.attempts


def wait(limit: Limit, current: int, previous: int, now: float) -> float:
    """Seconds until one more attempt would be allowed, where none is made meanwhile; 0 where it is now."""
    room = limit.attempts - 1
    if used(limit, current, previous, now) <= room:
        return 0.0
    rest = limit.seconds - now % limit.seconds
    if current > room:
        # Only when this window has become the one before does it begin to count for less.
        return rest + limit.seconds * (1 - max(room, 0) / current)
    return max(rest - limit.seconds * (room - current) / previous, 0.0)


def address_of(peer: str | None, forwarded_for: str, proxies: int) -> str | None:
    """Where a request comes from; X-Forwarded-For is believed for as many entries as there are proxies of one's own."""
    forwarded = [each.strip() for each in forwarded_for.split(",") if each.strip()]
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return peer


def network(address: str | None) -> str:
    """An address, or the /64 of an IPv6 one, all of which one customer has; "" where it is none."""
    try:
        ip = ipaddress.ip_address((address or "").strip().partition("%")[0])
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _key(secret: bytes, *parts: str) -> str:
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16, key=secret, person=b"cloudspot-login").hexdigest()
