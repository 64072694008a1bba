"""How often somebody may try to log in, counted in Django's cache."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.core.cache import caches

from ..weblogin import attempts
from .conf import conf
from .encryption import cache_key_secret

if TYPE_CHECKING:
    from django.core.cache.backends.base import BaseCache
    from django.http import HttpRequest


def begin(username: str, address: str | None) -> float:
    """Count an attempt before it is made: 0 where it may be, else the seconds to wait.

    One that may not be made is not counted, so that who keeps trying in vain does not keep the owner out for ever.
    """
    now, cache = time.time(), caches[conf().cache]
    waits: list[float] = []
    counted = attempts.counters(username, address, conf().limits, secret=cache_key_secret())
    for counter in counted:
        slot, before = counter.slots(now)
        current, previous = _add(cache, slot, counter.kept_for), cache.get(before, 0)
        if not attempts.is_allowed(counter.limit, current, previous, now):
            waits.append(max(attempts.wait(counter.limit, current - 1, previous, now), 1.0))
    if waits:
        for counter in counted:
            _take_back(cache, counter.slots(now)[0])
    return max(waits, default=0.0)


def succeeded(username: str, address: str | None) -> None:
    """Forget the attempts of an account from an address: it was its owner, who mistyped.

    Those of the address go on counting, so that nobody makes room for more by logging in as oneself between them.
    """
    now, cache = time.time(), caches[conf().cache]
    for counter in attempts.counters(username, address, conf().limits, secret=cache_key_secret()):
        if counter.name == "pair":
            cache.delete_many(counter.slots(now))


def address_of(request: HttpRequest | None) -> str | None:
    """Where a request comes from. X-Forwarded-For is believed for as many entries as there are proxies of one's own."""
    if request is None:
        return None
    peer: Any = request.META.get("REMOTE_ADDR")
    return attempts.address_of(peer or None, request.META.get("HTTP_X_FORWARDED_FOR", ""), conf().proxies)


def _add(cache: BaseCache, key: str, seconds: float) -> int:
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it was thrown out between the two
        cache.set(key, 1, seconds)
        return 1


def _take_back(cache: BaseCache, key: str) -> None:
    with suppress(ValueError):
        cache.decr(key)
