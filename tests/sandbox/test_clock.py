"""The clock: by itself, and what goes by it."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.clock import Clock

from .conftest import Http

BRUSSELS = timezone(timedelta(hours=1))
NEW_YEAR = "2026-01-01T00:00:00+01:00"


def test_left_alone_it_is_this_machines():
    clock = Clock()
    assert abs(clock.time() - time.time()) < 1
    assert (clock.is_real, clock.is_frozen, clock.now().tzinfo) == (True, False, UTC)


def test_a_start_stands_still():
    clock = Clock("2026-01-31T23:59:00+01:00")
    assert clock.now() == datetime(2026, 1, 31, 23, 59, tzinfo=BRUSSELS)
    assert clock.now().isoformat() == "2026-01-31T23:59:00+01:00"
    assert (clock.is_real, clock.is_frozen) == (False, True)


def test_setting_moving_stopping_and_running():
    clock = Clock(NEW_YEAR)
    assert clock.advance(90).isoformat() == "2026-01-01T00:01:30+01:00"
    assert clock.advance(timedelta(days=-1)).isoformat() == "2025-12-31T00:01:30+01:00"
    assert clock.set(0).timestamp() == 0
    assert clock.is_frozen
    clock.set(NEW_YEAR)
    clock.run()
    assert 0 <= clock.time() - datetime.fromisoformat(NEW_YEAR).timestamp() < 5
    assert not clock.is_frozen
    before = clock.time()
    clock.advance(3600)
    assert 3600 <= clock.time() - before < 3605
    clock.set("2027-01-01T00:00:00Z")
    assert not clock.is_frozen
    stopped = clock.freeze()
    assert clock.now() == stopped
    assert clock.freeze(NEW_YEAR).isoformat() == NEW_YEAR
    clock.run()
    clock.run()
    assert clock.start_anew().isoformat() == NEW_YEAR


def test_a_clock_that_began_real_goes_back_to_that():
    clock = Clock()
    clock.freeze(NEW_YEAR)
    clock.start_anew()
    assert clock.is_real


@pytest.mark.parametrize(
    ("moment", "says"),
    [
        ("yesterday", "2026-01-31T23:59:00\\+01:00"),
        ("2026-01-31T23:59:00", "has no zone"),
        (datetime(2026, 1, 31), "has no zone"),  # noqa: DTZ001
        (float("nan"), "1970 to 9998"),
        (-1, "1970 to 9998"),
        ("9999-06-01T00:00:00Z", "1970 to 9998"),
        (True, "no moment"),
        (None, "no moment"),
    ],
)
def test_what_is_no_moment(moment, says):
    clock = Clock(NEW_YEAR)
    with pytest.raises(ValueError, match=says):
        clock.set(moment)
    assert clock.now().isoformat() == NEW_YEAR


def test_it_does_not_leave_its_years():
    clock = Clock(NEW_YEAR)
    for by in (1e15, -1e15, float("inf")):
        with pytest.raises(ValueError, match="1970 to 9998"):
            clock.advance(by)
        clock.run()
        with pytest.raises(ValueError, match="1970 to 9998"):
            clock.advance(by)
        clock.freeze(NEW_YEAR)


@given(st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_every_moment_is_kept(moment):
    if moment.utcoffset() is None:
        return
    assert abs(Clock(moment).time() - moment.timestamp()) < 1e-3


def test_steps_of_many_threads_add_up():
    clock = Clock(0)
    threads = [threading.Thread(target=lambda: [clock.advance(1) for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.time() == 2000


# What goes by it


@pytest.fixture
def frozen(http_pool):
    with Sandbox(artikels=1, klanten=1, clock=NEW_YEAR) as sandbox:
        yield Http(sandbox, http_pool)


def test_answers_are_dated(frozen):
    dates = [frozen.get("/klanten/").headers["Date"] for _ in range(2)]
    assert dates == ["Wed, 31 Dec 2025 23:00:00 GMT"] * 2
    frozen.sandbox.clock.advance(60)
    assert parsedate_to_datetime(frozen.get("/klanten/").headers["Date"]) == frozen.sandbox.clock.now()


def test_tokens_are_issued_and_expire(frozen):
    token = frozen.login()
    (issued,) = frozen.sandbox.user_tokens.list()
    assert issued.issued_at == frozen.sandbox.clock.time()
    frozen.sandbox.user_tokens.expire(token=token)
    assert frozen.license("GET", "users/profile/", token).json()["message"] == "The token has expired."
    frozen.sandbox.clock.advance(-1)
    assert frozen.license("GET", "users/profile/", token).status == 200


def test_impersonations_expire(frozen):
    def validated(token):
        return frozen.license("POST", "impersonation-validation/", body={"token": token}).status

    tokens = [frozen.sandbox.user_tokens.impersonate("jan@sandbox.test", "Lampe SA") for _ in range(2)]
    frozen.sandbox.clock.advance(299)
    assert validated(tokens[0]) == 200
    frozen.sandbox.clock.advance(1)
    assert validated(tokens[1]) == 401


def test_events_are_stamped(frozen):
    frozen.sandbox.events.retry_delays = ()
    frozen.sandbox.applications.update("sandbox-app", webhook_url="http://127.0.0.1:9/hook")
    frozen.sandbox.events.send("user.created", {})
    frozen.sandbox.events.wait()
    assert frozen.sandbox.events.list()[0].attempts[0].at == frozen.sandbox.clock.time()


def test_a_reset_puts_it_back(frozen):
    frozen.sandbox.clock.run()
    frozen.sandbox.reset()
    assert frozen.sandbox.clock.now().isoformat() == NEW_YEAR


def test_over_the_control_api(small):
    def put(**fields):
        return small.control("PUT", "clock", json.dumps(fields).encode())

    assert small.control("GET", "clock").json()["real"] is True
    assert put(now=NEW_YEAR, frozen=True).json() == {
        "now": NEW_YEAR,
        "timestamp": 1767222000.0,
        "frozen": True,
        "real": False,
    }
    assert put(advance=60).json()["now"] == "2026-01-01T00:01:00+01:00"
    assert put(frozen=False).json()["frozen"] is False
    assert small.control("DELETE", "clock").json()["real"] is True
    for wrong in ({}, {"now": NEW_YEAR, "advance": 5}, {"now": "noon"}, {"advance": 1e300}, {"nwo": NEW_YEAR}):
        answer = put(**wrong)
        assert answer.status == 400, answer.data
    assert small.control("GET", "clock").json()["real"] is True


# Ids


def test_seeded_ids_come_again_in_the_same_order():
    def ids(seed, **options):
        with Sandbox(artikels=1, klanten=1, seed=seed, **options) as sandbox:
            first = [sandbox.user_tokens.issue("jan@sandbox.test") for _ in range(3)]
            sandbox.reset()
            assert (sandbox.user_tokens.issue("jan@sandbox.test") == first[0]) is bool(options)
            assert len(set(first)) == 3
            return first

    assert ids(1, seeded_ids=True) == ids(1, seeded_ids=True) != ids(2, seeded_ids=True)
    assert ids(1) != ids(1)


def test_seeded_answers_are_the_same_to_the_byte(http_pool):
    def answers():
        with Sandbox(artikels=1, klanten=1, seeded_ids=True, clock=NEW_YEAR) as sandbox:
            http = Http(sandbox, http_pool)
            http.login()
            answer = http.get("/klanten/")
            return dict(answer.headers), answer.data

    assert answers() == answers()


def test_seeded_ids_are_refused_where_data_is_kept(tmp_path):
    with pytest.raises(ValueError, match="seeded_ids go with a database in memory"):
        Sandbox(seeded_ids=True, database=f"sqlite:///{tmp_path}/x.db")
