"""The feed and those who follow it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from threading import Thread

import pytest
from tests.hostile import Hostile
from tests.mirror.conftest import Place, Syncing, contents
from tests.mirror.test_sync import rows_answer

from cloudspot import ConfigurationError, HistoryGone, NotFound, StoreFailed
from cloudspot.mirror import Mirror
from cloudspot.sandbox import Sandbox


def test_what_an_event_tells(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    sync(mirror)
    old = sandbox.artikels.get(130)
    sandbox.artikels.update(130, verkoopprijs_incl=Decimal("99.95"), EAN=["1", "2"])
    gone = sandbox.artikels.get(131)
    sandbox.artikels.delete(131)
    before = mirror.sequence
    sync(mirror)
    updated, deleted = mirror.changes(since=before)
    assert (updated.sequence, updated.kind, updated.key, updated.resource) == (before + 1, "updated", 130, "artikels")
    assert updated.company == "default"
    assert updated.fields["verkoopprijs_incl"] == (old.verkoopprijs_incl, Decimal("99.95"))
    assert updated.fields["EAN"].new == ("1", "2")
    assert updated.fields["EAN"].removed == list(old.EAN)
    assert set(updated.fields) == {"verkoopprijs_incl", "EAN"}
    assert updated.record == sandbox.artikels.get(130)
    assert (deleted.kind, deleted.record) == ("deleted", None)
    assert deleted.fields["SKU"] == (gone.SKU, None)
    assert json.loads(json.dumps(updated.to_dict(), default=str))["fields"]["EAN"] == [list(old.EAN), ["1", "2"]]
    assert updated.at == deleted.at
    sandbox.artikels.create(id=131, naam="terug")
    sync(mirror)
    (back,) = mirror.changes(since=before + 2)
    assert (back.kind, back.fields["naam"]) == ("reappeared", (None, "terug"))
    assert [change.kind for change in mirror.artikels.history(131)] == ["created", "deleted", "reappeared"]


def test_the_feed_can_be_narrowed(mirror: Mirror, sandbox: Sandbox, make_sync: Callable[..., Syncing]) -> None:
    make_sync(sandbox.base_url)(mirror, company="kist")
    make_sync(sandbox.base_url, "sandbox-other")(mirror, company="lampe")
    everything = list(mirror.changes())
    assert [change.sequence for change in everything] == list(range(1, len(everything) + 1))
    assert {change.company for change in mirror.changes(company="lampe")} == {"lampe"}
    assert {change.resource for change in mirror.changes(resource="klanten")} == {"klanten"}
    assert list(mirror.changes(kinds=["deleted"])) == []
    assert list(mirror.changes(kinds=[])) == []
    assert len(list(mirror.changes(key=125))) == 1
    for wrong in ({"resource": "orders"}, {"kinds": ["gone"]}, {"kinds": "deleted"}, {"company": "nobody"}):
        with pytest.raises(ConfigurationError):
            list(mirror.changes(**wrong))
    with pytest.raises(ConfigurationError, match=r"Say which company.*kist, lampe"):
        mirror.artikels  # noqa: B018
    assert len(mirror.company("lampe").artikels) < len(mirror.company("kist").artikels)
    with pytest.raises(ConfigurationError, match="no company 'nobody'"):
        mirror.company("nobody")


def test_consumers_are_told_until_they_acknowledge(place: Place, sandbox: Sandbox, sync: Syncing) -> None:
    mirror = place.open()
    sync(mirror)
    shop = mirror.consumer("webshop", resource="artikels")
    first = next(iter(shop))
    assert next(iter(shop)) == first
    shop.ack(first)
    rest = list(place.open().consumer("webshop", resource="artikels"))
    assert len(rest) == 59
    assert rest[0].sequence == first.sequence + 1
    assert len(list(mirror.consumer("other", resource="artikels"))) == 60
    shop.ack(rest[-1])
    shop.ack(first)  # never back
    assert shop.position == rest[-1].sequence
    assert list(shop) == []
    shop.ack()
    assert shop.position == mirror.sequence
    with pytest.raises(ConfigurationError, match="no change"):
        shop.ack(mirror.sequence + 1)
    shop.reset()
    assert len(list(shop)) == 60
    shop.remove()
    with pytest.raises(ConfigurationError, match="removed"):
        list(shop)
    assert len(list(mirror.consumer("late", since=mirror.sequence))) == 0
    with pytest.raises(ConfigurationError):
        mirror.consumer(" ")


def test_readers_during_syncs_see_no_gap_that_fills(place: Place, make_sync: Callable[..., Syncing]) -> None:
    """Two companies are synced at once, over and over; whoever reads sees each number once, in order, none missing."""
    rounds = 6
    with place.open() as mirror:
        assert mirror.companies == []

    def answers(first: int) -> list[bytes]:
        rows = [[{"id": first + number, "naam": f"{time} {number}"} for number in range(60)] for time in range(rounds)]
        return [rows_answer(*each) for each in rows]

    def follow() -> None:
        reader, since = place.open(), 0
        while since < 2 * rounds * 60 and not failures:
            for change in reader.changes(since=since):
                seen.append(change.sequence)
                since = change.sequence

    def keep_syncing(company: str, sync: Syncing) -> None:
        try:
            own = place.open()
            for _ in range(rounds):
                sync(own, company=company, resources=["artikels"])
        except BaseException as error:
            failures.append(error)

    seen: list[int] = []
    failures: list[BaseException] = []
    with Hostile(*answers(0)) as one, Hostile(*answers(1000)) as two:
        syncs = [("a", make_sync(one.url, "token-of-company-a")), ("b", make_sync(two.url, "token-of-company-b"))]
        threads = [Thread(target=keep_syncing, args=each) for each in syncs] + [Thread(target=follow)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert not failures
    assert seen == list(range(1, 2 * rounds * 60 + 1))


def test_each_sync_lets_go_of_old_history(place: Place, sandbox: Sandbox, sync: Syncing) -> None:
    mirror = place.open(keep_history=timedelta(seconds=1))
    sync(mirror)
    late = mirror.consumer("late")
    for price in (1, 2):
        sandbox.artikels.update(130, verkoopprijs_incl=price)
        sync(mirror)
    time.sleep(1.1)
    assert sync(mirror).pruned == 0  # somebody waits for it
    late.remove()
    assert sync(mirror).pruned == 2
    before = contents(mirror)
    assert sync(mirror).pruned == 0
    assert contents(mirror) == before
    assert [change.kind for change in mirror.artikels.history(130)] == ["created"]
    for wrong in (timedelta(0), timedelta(days=-1), timedelta.max):
        with pytest.raises(ConfigurationError, match="keep_history"):
            place.open(keep_history=wrong)


def test_a_sync_that_fails_lets_go_of_history_and_one_whose_history_stays_says_so(
    place: Place, sandbox: Sandbox, sync: Syncing, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = place.open(keep_history=timedelta(microseconds=1))
    sync(mirror)
    sandbox.artikels.update(130, verkoopprijs_incl=1)
    sync(mirror)
    sandbox.faults.add(route="klanten", status=404)
    report = sync(mirror, on_error="report")
    assert [type(error) for error in report.errors] == [NotFound]

    def fail(*_: object) -> int:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr("cloudspot.mirror.sync.prune", fail)
    report = sync(mirror, on_error="report")
    assert "history: failed" in str(report)
    assert report.to_dict()["prune_error"]
    with pytest.raises(StoreFailed, match="the disk is full"):
        sync(mirror)


def test_history_that_was_pruned(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    sync(mirror)
    for price in (1, 2, 3):
        sandbox.artikels.update(130, verkoopprijs_incl=price)
        sync(mirror)
    sandbox.artikels.delete(131)
    sync(mirror)
    last = mirror.sequence
    moment = next(iter(mirror.changes(since=last - 1))).at
    late = mirror.consumer("late", since=2)
    assert mirror.prune(moment) == 0
    late.ack()
    late.remove()
    records = list(mirror.artikels)
    assert mirror.prune(moment) == 3
    assert list(mirror.artikels) == records
    assert [change.kind for change in mirror.artikels.history(130)] == ["created"]
    assert [change.kind for change in mirror.artikels.history(131)] == ["created", "deleted"]
    replayed = {(c.resource, c.key): c.record for c in mirror.changes() if c.record is not None}
    assert replayed["artikels", 130] == mirror.artikels.get(130)
    with pytest.raises(HistoryGone):
        list(mirror.changes(since=5))
    with pytest.raises(HistoryGone):
        mirror.artikels.as_of(5)
    with pytest.raises(HistoryGone):
        mirror.consumer("another", since=5)
    anew = mirror.consumer("anew")
    anew.ack(next(iter(anew)))
    assert len(list(anew)) == len(list(mirror.changes())) - 1
    sandbox.artikels.create(id=131, naam="terug")
    sync(mirror)
    assert mirror.artikels.history(131)[-1].kind == "reappeared"
