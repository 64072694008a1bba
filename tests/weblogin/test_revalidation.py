from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot import CloudspotError, InvalidToken, RateLimited, ServerTrouble, TimedOut, UnknownApplication
from cloudspot.weblogin.revalidation import Need, Outcome, Rules, Standing, need, outcome

RULES = Rules(interval=300, grace=3600, pause=5)
seconds = st.floats(0, 1e9)
standings = st.builds(Standing, confirmed=seconds, tried=seconds, rung=seconds)
failures = st.sampled_from(
    [ServerTrouble("x"), TimedOut("x"), RateLimited("x"), UnknownApplication("x"), CloudspotError("x")]
)


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, Need.NOTHING), (299, Need.NOTHING), (300, Need.ASK), (3899, Need.ASK), (3900, Need.MUST_ASK)],
)
def test_asked_again_after_the_interval_and_not_served_without_an_answer_after_the_grace(age, expected) -> None:
    assert need(Standing(confirmed=1000), 1000 + age, RULES) is expected


def test_a_doorbell_makes_the_next_request_ask() -> None:
    assert need(Standing(confirmed=1000, tried=1000, rung=1001), 1006, RULES) is Need.ASK
    assert need(Standing(confirmed=1000, tried=1000, rung=1001), 1001, RULES) is Need.NOTHING, "a moment later"
    assert need(Standing(confirmed=1002, tried=1002, rung=1001), 1100, RULES) is Need.NOTHING, "it was asked since"


def test_a_doorbell_in_the_moment_of_the_last_answer_is_not_lost() -> None:
    assert need(Standing(confirmed=1000, tried=1000, rung=1000), 1010, RULES) is Need.ASK


def test_a_server_that_is_down_is_not_asked_by_every_request() -> None:
    assert need(Standing(confirmed=1000, tried=1400), 1404, RULES) is Need.NOTHING
    assert need(Standing(confirmed=1000, tried=1400), 1405, RULES) is Need.ASK


@given(standings, seconds)
def test_whoever_is_served_without_asking_was_confirmed_within_interval_and_grace(standing, now) -> None:
    if need(standing, now, RULES) is not Need.MUST_ASK:
        assert 0 <= now - standing.confirmed < RULES.interval + RULES.grace


@given(standings, seconds, failures)
def test_without_an_answer_nobody_stays_longer_than_interval_and_grace(standing, now, failure) -> None:
    stays = outcome(standing, failure, now, RULES) is Outcome.KEPT
    assert stays == (0 <= now - standing.confirmed < RULES.interval + RULES.grace)


@given(standings, seconds)
def test_a_refused_token_is_out_at_once_and_an_answer_renews(standing, now) -> None:
    assert outcome(standing, InvalidToken("x"), now, RULES) is Outcome.OUT
    assert outcome(standing, None, now, RULES) is Outcome.RENEWED


@given(st.floats(1, 1e9), st.floats(1, 1e9))
def test_a_clock_that_was_put_back_asks_again(now, ahead) -> None:
    assert need(Standing(confirmed=now + ahead + 1), now, RULES) is Need.MUST_ASK
