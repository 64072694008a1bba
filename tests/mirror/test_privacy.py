"""Whoever is forgotten is gone: from every table, from the file, and from the next syncs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.hostile import Hostile
from tests.mirror.conftest import Place, Syncing, contents
from tests.mirror.test_sync import rows_answer

from cloudspot import ConfigurationError, MirrorBusy, StoreFailed
from cloudspot.mirror import Forgotten, Mirror, privacy
from cloudspot.sandbox import Sandbox

PERSON = {"voornaam": "Zénobie", "achternaam": "Quetelbroeck", "straat": "Xanthippelaan", "plaats": "Wijnegem"}
TRACES = ("quetelbroeck", "zénobie", "xanthippelaan", "qwertzheimer")


def traces(mirror: Mirror) -> list[str]:
    said = repr(contents(mirror)).lower()
    return [trace for trace in TRACES if trace in said]


def test_a_person_is_forgotten(place: Place, sandbox: Sandbox, sync: Syncing, tmp_path: Path) -> None:
    mirror = place.open()
    klant = sandbox.klanten.create(**PERSON)
    sync(mirror)
    sandbox.klanten.update(klant.klantennummer, achternaam="Qwertzheimer")
    sync(mirror)
    sandbox.klanten.update(klant.klantennummer, achternaam="Quetelbroeck")
    sync(mirror)
    assert traces(mirror)
    assert mirror.forget(klant) == Forgotten(records=1, changes=3)
    assert traces(mirror) == []
    assert klant.klantennummer not in [change.key for change in mirror.changes(resource="klanten")]
    assert not mirror.klanten.search("quetelbroeck")
    if place.schema is None:
        for file in tmp_path.glob("erp.db*"):
            found = file.read_bytes().lower()
            assert not [trace for trace in TRACES if trace.encode() in found], file
    sandbox.klanten.update(klant.klantennummer, plaats="Ieper")
    report = sync(mirror)["klanten"]
    assert (report.kept_out, report.changed, report.unchanged) == (1, 0, 30)
    assert traces(mirror) == []
    assert mirror.forget(klant.klantennummer) == Forgotten(0, 0)
    number = str(klant.klantennummer)
    assert number not in repr(contents(mirror)["mirror_forgotten"])


def test_one_who_comes_back(mirror: Mirror, sync: Syncing) -> None:
    sync(mirror)
    mirror.forget(1001, 1002)
    sync(mirror)  # remembers the ETag of an answer that holds them both
    assert sync(mirror)["klanten"].not_modified
    assert mirror.readmit(1001, 9999) == 1
    report = sync(mirror)["klanten"]
    assert (report.created, report.kept_out) == (1, 1)
    assert [change.kind for change in mirror.klanten.history(1001)] == ["created"]
    assert mirror.readmit(1001) == 0
    assert sync(mirror)["klanten"].not_modified
    with mirror._store.locked("default"), pytest.raises(MirrorBusy):
        mirror.readmit(1002)


def test_one_who_was_deleted_before_and_one_who_could_not_be_read(
    mirror: Mirror, make_sync: Callable[..., Syncing]
) -> None:
    good = [{"klantennummer": number} for number in range(2, 12)]
    person = {"klantennummer": 1, **PERSON}
    answers = [
        rows_answer(person, *good),
        rows_answer(*good),
        rows_answer(person | {"geboortedatum": "gisteren"}, *good),
    ]
    with Hostile(*answers) as server:
        sync = make_sync(server.url)
        for _ in answers:
            sync(mirror, resources=["klanten"])
        assert traces(mirror)
        assert mirror.forget(1) == Forgotten(records=0, changes=2)
        assert traces(mirror) == []
        sync(mirror, resources=["klanten"])


def test_an_unreadable_record_of_somebody_forgotten_is_not_kept(
    mirror: Mirror, make_sync: Callable[..., Syncing]
) -> None:
    good = [{"klantennummer": number} for number in range(2, 12)]
    person = {"klantennummer": 1, **PERSON}
    with Hostile(rows_answer(person, *good), rows_answer(person | {"is_bedrijf": "misschien"}, *good)) as server:
        sync = make_sync(server.url)
        sync(mirror, resources=["klanten"])
        mirror.forget(1)
        report = sync(mirror, resources=["klanten"])["klanten"]
        assert (report.kept_out, report.invalid) == (1, 0)
        assert traces(mirror) == []


def test_not_while_a_sync_runs(mirror: Mirror, sync: Syncing) -> None:
    sync(mirror)
    with mirror._store.locked("default"), pytest.raises(MirrorBusy):
        mirror.forget(1001)
    with pytest.raises(ConfigurationError, match="named by a number"):
        mirror.forget("1001")  # type: ignore[arg-type]


def test_a_reader_that_holds_the_bytes_is_told(place: Place, sync: Syncing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "WAIT_FOR_READERS", 50)
    if place.schema is not None:
        pytest.skip("PostgreSQL has no such file")
    mirror = place.open()
    sync(mirror)
    with place.open()._store.reading() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM mirror_klanten").scalar()
        with pytest.raises(StoreFailed, match="a reader keeps their bytes"):
            mirror.forget(1001)
    assert mirror.forget(1001) == Forgotten(0, 0)
