from __future__ import annotations

from bisect import bisect_right
from collections import Counter as Count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.weblogin.attempts import Limit, Limits, address_of, counters, is_allowed, network, used, wait

SECRET = b"of a test"
limits = st.builds(Limit, st.integers(1, 20), st.integers(1, 1000).map(float))


@given(limits, st.lists(st.floats(0, 5000), min_size=1, max_size=120))
def test_in_no_window_are_twice_as_many_allowed_as_the_limit(limit, times) -> None:
    kept: Count[int] = Count()
    allowed: list[float] = []
    for now in sorted(times):
        slot = int(now // limit.seconds)
        if is_allowed(limit, kept[slot] + 1, kept[slot - 1], now):
            kept[slot] += 1
            allowed.append(now)
    for now in allowed:
        within = bisect_right(allowed, now) - bisect_right(allowed, now - limit.seconds)
        assert within <= 2 * limit.attempts - 1
    assert all(count <= limit.attempts for count in kept.values())


@given(limits, st.integers(0, 40), st.integers(0, 40), st.floats(0, 5000))
def test_after_the_wait_one_more_is_allowed_and_not_long_before(limit, current, previous, now) -> None:
    pause = wait(limit, current, previous, now)
    assert 0 <= pause <= 2 * limit.seconds + 1e-6

    def allowed_at(then: float) -> bool:
        passed = int(then // limit.seconds) - int(now // limit.seconds)
        kept = {0: (current, previous), 1: (0, current)}.get(passed, (0, 0))
        return used(limit, *kept, then) <= limit.attempts - 1 + 1e-6

    assert allowed_at(now + pause + 1e-6)
    if pause > 1:
        assert not allowed_at(now + pause - 1) or used(limit, current, previous, now) <= limit.attempts


def test_an_account_is_counted_in_one_spelling_and_told_from_others() -> None:
    def keys(name: str, address: str | None = "192.0.2.1") -> set[str]:
        return {each.key for each in counters(name, address, Limits(), secret=SECRET)}

    assert keys("Jan@Sandbox.TEST ") == keys("jan@sandbox.test")
    assert len(keys("jan@sandbox.test") & keys("piet@sandbox.test")) == 1, "the address alone"
    assert len(keys("jan@sandbox.test", None)) == 2
    assert not any("jan" in key for key in keys("jan@sandbox.test"))
    other = {each.key for each in counters("jan@sandbox.test", "192.0.2.1", Limits(), secret=b"another")}
    assert not keys("jan@sandbox.test") & other


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_addresses_of_one_customer_are_one(address, expected) -> None:
    assert network(address) == expected


@given(st.text(), st.none() | st.text())
def test_any_text_can_be_counted(name, address) -> None:
    for each in counters(name, address, Limits(), secret=SECRET):
        now, before = each.slots(1000.0)
        assert now != before
        assert now.isascii()


def test_forwarded_addresses_are_believed_of_ones_own_proxies_alone() -> None:
    assert address_of("10.0.0.1", "203.0.113.9", 0) == "10.0.0.1"
    assert address_of("10.0.0.1", "spoofed, 203.0.113.9", 1) == "203.0.113.9"
    assert address_of("10.0.0.1", "spoofed, 203.0.113.9, 10.0.0.2", 2) == "203.0.113.9"
    assert address_of("10.0.0.1", "", 1) == "10.0.0.1"
    assert address_of(None, "", 0) is None
