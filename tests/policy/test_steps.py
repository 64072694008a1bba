"""Calls run step by step, by hand: no clock, no loop, no sockets."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloudspot import (
    Artikel,
    CloudspotError,
    DocumentCutOff,
    InvalidRecord,
    InvalidRecords,
    NotFound,
    RateLimited,
    RecordList,
    RequestRefused,
    Response,
    ServerTrouble,
    TimedOut,
    Unreachable,
)
from cloudspot.calls import Deliver, Read, Send, Steps, Wait
from cloudspot.downloads import Answer, Ask, Context, Received, Remembered, fetch, fetch_one, fetch_rows, stream
from cloudspot.policy import Reply
from cloudspot.settings import make_settings

TOKEN = "tok-3f9c1e77aa5b4d"
ARTIKELS = Ask("/artikels/", Artikel, right="see all products")
BIG = [{"id": number, "beschrijving": "x" * 2000} for number in range(1, 11)]


class World:
    """Answers the steps of a call by hand, and writes them down."""

    def __init__(self, *answers: Any, retries: int = 2) -> None:
        self.answers = list(answers)
        self.body: list[Any] = []
        self.sent: list[Any] = []
        self.waits: list[float] = []
        self.delivered: list[Artikel] = []
        self.notes: list[Response] = []
        self.seconds = 0.0
        settings = make_settings(TOKEN, {"base_url": "https://erp.example/api/v1", "retries": retries}, {})
        self.context = Context(
            settings=settings,
            remembered=Remembered(),
            note=self.notes.append,
            new_request_id=lambda: f"id-{len(self.sent) + 1}",
            clock=self.clock,
            now=lambda: 1000.0,
            jitter=lambda: 1.0,
        )

    def clock(self) -> float:
        self.seconds += 1
        return self.seconds

    def run(self, steps: Steps[Any]) -> Any:
        resume: Callable[[Any], Any] = steps.send
        value: Any = None
        while True:
            try:
                step = resume(value)
            except StopIteration as end:
                return end.value
            resume, value = steps.send, self.answer(step)
            if isinstance(value, Exception):
                resume = steps.throw

    def answer(self, step: Any) -> Any:
        match step:
            case Send(request):
                self.sent.append(request)
                answer = self.answers.pop(0)
                if isinstance(answer, Exception):
                    return answer
                status, headers, *self.body = answer
                return Reply(status, headers)
            case Read():
                return self.body.pop(0) if self.body else b""
            case Deliver(records):
                self.delivered += records
            case Wait(seconds):
                self.waits.append(seconds)
                return self.answers.pop(0) if self.answers and self.answers[0] is LATE else None
        return None


LATE = TimedOut("The call took longer than it was given.")


def document(*rows: Any) -> bytes:
    return json.dumps({"data": rows}).encode()


ONE = (200, {}, document({"id": 1}))


def test_an_answer() -> None:
    world = World((200, {"x-request-id": "srv-7"}, b'{"data": [{"i', b'd": 1}', b"]}"))
    records = world.run(fetch(world.context, ARTIKELS))
    assert records == [Artikel(id=1)]
    assert isinstance(records, RecordList)
    assert records.response == Response(200, {"x-request-id": "srv-7"}, "srv-7", attempts=1, bytes=21, elapsed=1.0)
    assert world.notes == [records.response]
    assert world.waits == []


def test_a_502_then_an_answer() -> None:
    world = World((502, {}, b"<h1>Bad Gateway</h1>"), Unreachable("refused"), ONE)
    records = world.run(fetch(world.context, ARTIKELS))
    assert records == [Artikel(id=1)]
    assert records.response.attempts == 3
    assert world.waits == [0.5, 1.0]
    assert [request.headers["X-Request-ID"] for request in world.sent] == ["id-1", "id-2", "id-3"]


def test_no_more_attempts() -> None:
    world = World((502, {}), (503, {}, b"x"), (504, {}))
    with pytest.raises(ServerTrouble) as caught:
        world.run(fetch(world.context, ARTIKELS))
    assert (caught.value.status, caught.value.request_id) == (504, "id-3")
    assert world.notes == []
    world = World((502, {}), retries=0)
    with pytest.raises(ServerTrouble):
        world.run(fetch(world.context, ARTIKELS))


@pytest.mark.parametrize("broken", [[b'{"data": [{"id": 9}'], [b'{"data": [{"id": 9}', DocumentCutOff("broke")]])
def test_cut_off_then_whole(broken: list[Any]) -> None:
    """Nothing of the first attempt is left, whether it just ended or the connection broke."""
    world = World((200, {}, *broken), ONE)
    assert world.run(fetch(world.context, ARTIKELS)) == [Artikel(id=1)]
    world = World((200, {}, document(*BIG)[:-5], *broken[1:]), ONE)
    assert world.run(fetch(world.context, ARTIKELS)) == [Artikel(id=1)]


def test_a_stream_that_broke_after_records_is_not_repeated() -> None:
    whole = document(*BIG)
    world = World((200, {}, whole[:9000], whole[9000:15_000], DocumentCutOff("broke")), ONE)
    with pytest.raises(DocumentCutOff, match="broke"):
        world.run(stream(world.context, ARTIKELS))
    assert len(world.sent) == 1
    assert [artikel.id for artikel in world.delivered] == [1, 2, 3, 4, 5, 6, 7][: len(world.delivered)]
    assert world.delivered


def test_a_stream_that_broke_before_records_is_repeated() -> None:
    world = World((200, {}, b'{"data": [{"id": 9', DocumentCutOff("broke")), (429, {}), ONE)
    answer = world.run(stream(world.context, ARTIKELS))
    assert isinstance(answer, Answer)
    assert answer.response.attempts == 3
    assert world.delivered == [Artikel(id=1)]


def test_a_bad_record_is_told_once() -> None:
    bad = json.dumps({"id": "x", "beschrijving": "y" * 5000})
    start = f'{{"data": [{bad}, {bad}, {bad}, '.encode()
    told: list[InvalidRecord] = []
    world = World((200, {}, start, DocumentCutOff("broke")), (200, {}, start + b'{"id": 1}]}'))
    with pytest.raises(DocumentCutOff):
        world.run(stream(world.context, ARTIKELS, told.append))
    assert [record.number for record in told] == sorted({record.number for record in told})
    told.clear()
    world = World((200, {}, start, DocumentCutOff("broke")), (200, {}, start + b'{"id": 1}]}'))
    assert world.run(fetch(world.context, ARTIKELS, told.append)) == [Artikel(id=1)]
    assert [record.number for record in told] == [1, 2, 3]


def test_too_late_while_waiting() -> None:
    world = World((503, {"retry-after": "60"}, b"x"), LATE)
    with pytest.raises(TimedOut, match=r"longer than it was given\. The last attempt: The server failed") as caught:
        world.run(fetch(world.context, ARTIKELS))
    assert world.waits == [60]
    assert isinstance(caught.value.__cause__, ServerTrouble)
    assert caught.value.path == "/artikels/"


def test_a_wait_that_is_asked_for() -> None:
    world = World((429, {"retry-after": "7"}), (503, {"retry-after": "Thu, 01 Jan 1970 00:17:00 GMT"}), ONE)
    assert len(world.run(fetch(world.context, ARTIKELS))) == 1
    assert world.waits == [7, 20]
    world = World((429, {"retry-after": "121"}), ONE)
    with pytest.raises(RateLimited) as caught:
        world.run(fetch(world.context, ARTIKELS))
    assert caught.value.retry_after == 121
    assert world.waits == []


def test_redirects() -> None:
    moved = (301, {"location": "/api/v1/artikels/?x=1"}, b"moved")
    world = World(moved, ONE)
    assert len(world.run(fetch(world.context, ARTIKELS))) == 1
    assert [request.url for request in world.sent] == [
        "https://erp.example/api/v1/artikels/",
        "https://erp.example/api/v1/artikels/?x=1",
    ]
    world = World(*[moved] * 5)
    with pytest.raises(RequestRefused, match="keeps redirecting") as caught:
        world.run(fetch(world.context, ARTIKELS))
    assert caught.value.path == "/artikels/"
    world = World((302, {"location": "https://evil.example/"}))
    with pytest.raises(RequestRefused, match="another server"):
        world.run(fetch(world.context, ARTIKELS))
    assert len(world.sent) == 1


def test_an_error_with_a_broken_body_is_still_that_error() -> None:
    world = World((404, {}, b'{"mess', DocumentCutOff("broke")))
    with pytest.raises(NotFound):
        world.run(fetch_one(world.context, ARTIKELS.one(5), 5))
    world = World((503, {"content-encoding": "martian"}, b"x"), ONE)
    assert len(world.run(fetch(world.context, ARTIKELS))) == 1


def test_an_echoed_token_is_not_shown() -> None:
    for status in (400, 401, 404, 429, 500):
        world = World((status, {}, json.dumps({"message": f"bad token {TOKEN}!"}).encode()), retries=0)
        with pytest.raises(CloudspotError, match="redacted") as caught:
            world.run(fetch(world.context, ARTIKELS))
        assert TOKEN not in f"{caught.value!s} {caught.value!r} {caught.value.args} {vars(caught.value)}"
    world = World((200, {}, json.dumps({"message": TOKEN}).encode()))
    with pytest.raises(CloudspotError, match="redacted"):
        world.run(fetch(world.context, ARTIKELS))


def test_an_echoed_token_that_was_cut_short_is_not_shown() -> None:
    token = "0123456789abcdef" * 8
    for body in (token.encode(), json.dumps({"message": "x" * 190 + token}).encode(), f'{{"a": {token}'.encode()):
        world = World((200, {}, body))
        world.context = replace(world.context, settings=make_settings(token, {"retries": 0}, {}))
        with pytest.raises(CloudspotError) as caught:
            world.run(fetch(world.context, ARTIKELS))
        assert token[:13] not in f"{caught.value!s} {caught.value!r}"
        world = World((400, {}, json.dumps({"message": "x" * 290 + token}).encode()))
        world.context = replace(world.context, settings=make_settings(token, {"retries": 0}, {}))
        with pytest.raises(CloudspotError) as caught:
            world.run(fetch(world.context, ARTIKELS))
        assert token[:13] not in f"{caught.value!s} {caught.value!r} {vars(caught.value)}"


def test_etags() -> None:
    tagged = (200, {"etag": '"1"'}, document({"id": 1}, {"id": 2}))
    unchanged = (304, {"etag": '"1"'})
    world = World(tagged, unchanged, unchanged, unchanged)
    records = world.run(fetch(world.context, ARTIKELS))
    for _ in range(2):  # the first list is gone by now, and the second stands for it
        records = world.run(fetch(world.context, ARTIKELS))
        assert records == [Artikel(id=1), Artikel(id=2)]
        assert records.response.status == 304
    records.clear()  # a list is its owner's, and what is done to it is nobody else's business
    assert len(world.run(fetch(world.context, ARTIKELS))) == 2
    assert [request.headers.get("If-None-Match") for request in world.sent] == [None, '"1"', '"1"', '"1"']


def test_an_etag_of_a_list_that_nobody_keeps() -> None:
    world = World((200, {"etag": '"1"'}, document({"id": 1})), ONE)
    world.run(fetch(world.context, ARTIKELS))
    gc.collect()
    world.run(fetch(world.context, ARTIKELS))
    assert "If-None-Match" not in world.sent[1].headers


def test_an_incomplete_list_is_not_remembered() -> None:
    rows = document({"id": 1}, {"id": "x"})
    world = World((200, {"etag": '"1"'}, rows), ONE)
    kept = world.run(fetch(world.context, ARTIKELS, "collect"))
    assert len(kept.invalid) == 1
    world.run(fetch(world.context, ARTIKELS))
    assert "If-None-Match" not in world.sent[1].headers


def test_a_304_that_was_not_asked_for() -> None:
    world = World((304, {}))
    with pytest.raises(RequestRefused):
        world.run(fetch(world.context, ARTIKELS))


def test_invalid_records() -> None:
    answer = (200, {}, document({"id": 1}, {"id": "x"}, {"id": 3, "BTW": "duur"}))
    world = World(answer)
    with pytest.raises(InvalidRecords, match=r"2 records could not be read: record 2 \(x\), field id") as caught:
        world.run(fetch(world.context, ARTIKELS))
    assert [(bad.number, bad.key, bad.field, bad.value) for bad in caught.value.invalid] == [
        (2, "x", "id", "x"),
        (3, 3, "BTW", "duur"),
    ]
    assert caught.value.records == [Artikel(id=1)]
    assert caught.value.status == 200
    world = World(answer)
    with pytest.raises(InvalidRecords) as caught:
        world.run(stream(world.context, ARTIKELS))
    assert world.delivered == [Artikel(id=1)]
    world = World(answer)
    assert len(world.run(stream(world.context, ARTIKELS, "collect")).invalid) == 2


def test_one_record() -> None:
    def get(*rows: Any) -> Any:
        world = World((200, {}, document(*rows)))
        return world.run(fetch_one(world.context, ARTIKELS.one(5), 5))

    assert get({"id": 5}) == Artikel(id=5)
    assert get({"id": 4}, {"id": "x"}, {"id": 5}) == Artikel(id=5)
    with pytest.raises(NotFound, match="no Artikel 5"):
        get()
    with pytest.raises(CloudspotError, match="another record came"):
        get({"id": 4})
    with pytest.raises(InvalidRecords):
        get({"id": 5, "BTW": "x"})


def test_remembered_is_bounded() -> None:
    remembered, kept = Remembered(most=3), [Received([number]) for number in range(5)]
    for number, received in enumerate(kept):
        remembered.put(str(number), "etag", received)
    assert [remembered.get(str(number)) is not None for number in range(5)] == [False, False, True, True, True]


class Rows(list[bytes]):
    """Takes in rows, and counts attempts."""

    attempts = 0

    def begin(self) -> None:
        self.attempts += 1
        self.clear()

    def take(self, rows: Any) -> None:
        self += map(bytes, rows)


def test_rows_are_taken_in_anew_when_an_attempt_breaks_off() -> None:
    rows = Rows()
    world = World((200, {}, document(*BIG)[:15_000], DocumentCutOff("broke")), ONE)
    response = world.run(fetch_rows(world.context, ARTIKELS, rows))
    assert (rows, rows.attempts, response.attempts) == ([b'{"id": 1}'], 2, 2)
    rows = Rows()
    world = World((304, {}))
    assert world.run(fetch_rows(world.context, ARTIKELS, rows, etag='"x"')).status == 304
    assert (rows, rows.attempts, world.sent[0].headers["If-None-Match"]) == ([], 1, '"x"')
    world = World((200, {}, b'{"data": [{"id": 1}'), retries=0)
    with pytest.raises(DocumentCutOff):
        world.run(fetch_rows(world.context, ARTIKELS, rows))
