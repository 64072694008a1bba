"""A sync end to end: sandbox over HTTP, real clients, real databases."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from tests.hostile import Hostile, answer
from tests.mirror.conftest import Place, Syncing, contents

from cloudspot import (
    Cloudspot,
    CloudspotError,
    ConfigurationError,
    GuardRefused,
    InvalidDocument,
    MirrorBusy,
    NotAuthorised,
    StoreFailed,
    Unreachable,
)
from cloudspot.mirror import Drift, Guard, Mirror, Progress
from cloudspot.mirror.resources import ARTIKELS
from cloudspot.mirror.staging import Staging
from cloudspot.mirror.store.bulk import row_maker
from cloudspot.mirror.store.store import Source
from cloudspot.sandbox import Sandbox

RESOURCES = ("artikels", "categorieen", "klanten")


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_what_happens_from_one_sync_to_the_next(
    mirror: Mirror, sandbox: Sandbox, make_sync: Callable[..., Syncing], kind: str
) -> None:
    sync = make_sync(sandbox.base_url, kind=kind)
    first = sync(mirror)
    assert [(naam, report.created, report.changed) for naam, report in first] == [
        ("artikels", 60, 60),
        ("categorieen", first["categorieen"].seen, first["categorieen"].seen),
        ("klanten", 30, 30),
    ]
    assert first["artikels"].bytes > 60_000
    sandbox.artikels.update(130, verkoopprijs_incl="99.95")
    sandbox.artikels.delete(131)
    sandbox.klanten.create(voornaam="Jan")
    second = sync(mirror)
    assert (second["artikels"].updated, second["artikels"].deleted, second["artikels"].unchanged) == (1, 1, 58)
    assert second["categorieen"].not_modified
    assert (second["klanten"].created, second["klanten"].unchanged) == (1, 30)
    sandbox.artikels.create(id=131, naam="terug")
    third = sync(mirror)
    assert (third["artikels"].reappeared, third.changed) == (1, 1)
    assert third.to_dict()["artikels"]["reappeared"] == 1
    assert "1 reappeared" in str(third)


def rows_answer(*rows: Any, **headers: Any) -> bytes:
    return answer({"data": list(rows)}, **headers)


def test_a_second_sync_changes_nothing(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    sync(mirror)
    before = contents(mirror)
    assert sync(mirror).changed == 0
    assert contents(mirror) == before


def test_without_etags_nothing_changes_either(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    rows = [{"id": number, "naam": f"artikel {number}", "BTW": "21.00"} for number in range(1, 40)]
    with Hostile(rows_answer(*rows)) as server:
        sync = make_sync(server.url)
        sync(mirror, resources=["artikels"])
        before = contents(mirror)
        report = sync(mirror, resources=["artikels"])
        assert (report["artikels"].seen, report["artikels"].unchanged, report.changed) == (39, 39, 0)
        assert contents(mirror) == before


def test_the_same_in_other_words_is_no_change(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    first = {"id": 1, "BTW": "21.00", "naam": "x", "fotos": None, "nieuw": {"a": 1, "b": 2}}
    again = {"nieuw": {"b": 2, "a": 1}, "naam": "x", "BTW": 21, "id": 1, "merk": None}
    with Hostile(rows_answer(first), rows_answer(again)) as server:
        sync = make_sync(server.url)
        sync(mirror, resources=["artikels"])
        report = sync(mirror, resources=["artikels"])["artikels"]
        assert (report.changed, report.unchanged) == (0, 1)
        before = contents(mirror)
        sync(mirror, resources=["artikels"])
        assert contents(mirror) == before


FAULTS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 502, "body": "html"},
    {"status": 503, "body": "empty"},
    {"status": 200, "body": "html"},
    {"status": 200, "body": "empty"},
    {"status": 401},
    {"status": 404},
    {"retry_after": 1000},
    {"reset": True},
    {"cut_off": 0.5},
    {"cut_off": 0},
    {"cut_off": 10},
    {"cut_off": 0.99, "ends_cleanly": True},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_leaves_the_mirror_as_it_was(
    mirror: Mirror, sandbox: Sandbox, sync: Syncing, fault: dict[str, Any]
) -> None:
    """Every fault on every resource."""
    sync(mirror)
    sandbox.artikels.delete(125)
    sandbox.klanten.delete(1001)
    # A 304 would be right, and would hide the fault from the client: it must ask for the whole list.
    with mirror._store.writing() as connection:
        connection.exec_driver_sql("UPDATE mirror_states SET etag = NULL")
    before = contents(mirror)
    for route, resource in (("artikels", "artikels"), ("categories", "categorieen"), ("klanten", "klanten")):
        sandbox.faults.add(route=route, times=None, **fault)
        with pytest.raises(CloudspotError):
            sync(mirror, resources=[resource])
        assert contents(mirror) == before
    sandbox.faults.clear()
    report = sync(mirror)
    assert [found.deleted for _, found in report] == [1, 0, 1]


def test_a_cut_that_is_repeated_and_then_whole(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    sandbox.faults.add(route="artikels", cut_off=0.7, times=2)
    assert sync(mirror)["artikels"].created == 60


def test_an_empty_list_is_refused_until_it_is_confirmed(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    with Hostile(rows_answer({"id": 1}, {"id": 2}), rows_answer()) as server:
        sync = make_sync(server.url)
        sync(mirror, resources=["artikels"])
        before = contents(mirror)
        with pytest.raises(GuardRefused, match="the answer is empty, and the mirror holds 2 records") as caught:
            sync(mirror, resources=["artikels"])
        assert contents(mirror) == before
        assert caught.value.would == {"created": 0, "changed": 0, "deleted": 2, "invalid": 0}
        assert (caught.value.company, caught.value.resource) == ("default", "artikels")
        assert pickle.loads(pickle.dumps(caught.value)).objections == caught.value.objections
        assert "confirm_deletes=True" in caught.value.hint
        assert sync(mirror, resources=["artikels"], confirm_deletes=True)["artikels"].deleted == 2
        assert sync(mirror, resources=["artikels"])["artikels"].changed == 0


def test_many_deletions_are_refused(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    many = [{"id": number} for number in range(100)]
    with Hostile(rows_answer(*many), rows_answer(*many[:79])) as server:
        sync = make_sync(server.url)
        sync(mirror, resources=["artikels"])
        with pytest.raises(GuardRefused, match="21 of the 100 records of the mirror would be deleted"):
            sync(mirror, resources=["artikels"])
    with Hostile(rows_answer(*many[:80])) as server:
        assert make_sync(server.url)(mirror, resources=["artikels"])["artikels"].deleted == 20


def test_another_company_s_records_are_refused(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    with Hostile(rows_answer({"id": 1}, {"id": 2}), rows_answer({"id": 7}, {"id": 8})) as server:
        sync = make_sync(server.url)
        sync(mirror, resources=["artikels"])
        with pytest.raises(GuardRefused, match="looks like another company's"):
            sync(mirror, resources=["artikels"])


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": 1, "naam": "een"}, {"id": 2}, {"id": None}],
        [{"id": 1, "naam": "een"}, {"id": 2}, {"naam": "zonder"}],
        [{"id": 1, "naam": "een"}, {"id": 2}, {"id": 1, "naam": "anders"}],
        [{"id": 1, "naam": "anders"}, {"id": 2}, {"id": 1, "naam": "een"}],
        [{"id": 1, "naam": "anders"}, {"id": 2}, {"id": 1, "naam": "nog anders"}],
        [{"id": 1, "naam": "een"}, {"id": 2}, {"id": 1, "naam": "een"}],
        [{"id": 1, "naam": "een"}, {"id": 2}, {"id": "3"}],
        [{"id": 1, "naam": "anders"}, {"id": 2}, {"id": 1, "BTW": "x"}],
    ],
    ids=str,
)
def test_records_without_a_key_of_their_own(
    place: Place, make_sync: Callable[..., Syncing], rows: list[dict[str, Any]]
) -> None:
    """They are refused; where the guard lets them pass, the old rows stay, and nothing is deleted."""
    old = [{"id": 1, "naam": "een"}, {"id": 2}, {"id": 3}]
    with Hostile(rows_answer(*old), rows_answer(*rows)) as server:
        sync = make_sync(server.url)
        sync(place.open(), resources=["artikels"])
        with pytest.raises(GuardRefused, match="have no key, or one that another has too"):
            sync(place.open(), resources=["artikels"], confirm_deletes=True)
        lenient = place.open(guard=Guard(without_key=5))
        report = sync(lenient, resources=["artikels"])["artikels"]
        assert (report.changed, report.seen) == (0, 3)
        assert 1 <= report.invalid <= 2
        assert report.problems


def test_unreadable_records_keep_their_old_rows(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    old = [{"id": 1, "BTW": 21}, {"id": 2, "BTW": 6}, {"id": 3}]
    new = [{"id": 1, "BTW": "veel"}, {"id": 2, "BTW": 12}, {"id": 4, "BTW": []}]
    with Hostile(rows_answer(*old, etag='"1"'), rows_answer(*new, etag='"2"')) as server:
        sync = make_sync(server.url)
        sync(mirror, resources=["artikels"])
        report = sync(mirror, resources=["artikels"])["artikels"]
        assert (report.invalid, report.updated, report.deleted, report.created) == (2, 1, 1, 0)
        assert [(problem.key, problem.field) for problem in report.problems] == [(1, "BTW"), (4, "BTW")]
        before = contents(mirror)
        assert len(before["mirror_artikels"]) == 2
        assert [row[4] for row in before["mirror_invalid"]] == ["BTW", "BTW"]
        again = sync(mirror, resources=["artikels"])["artikels"]
        assert (again.invalid, again.changed, again.not_modified) == (2, 0, False)
        assert contents(mirror) == before


def test_too_many_unreadable_records_are_refused(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    rows = [{"id": number, "BTW": "x" if number < 25 else 6} for number in range(100)]
    with (
        Hostile(rows_answer(*rows)) as server,
        pytest.raises(GuardRefused, match="25 of the 100 records can't be read"),
    ):
        make_sync(server.url)(mirror, resources=["artikels"])


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ('{"id": 2, "naam": "a\\u0000b"}', "naam"),
        ('{"id": 2, "nieuw": {"x": ["\\u0000"]}}', "nieuw"),
        ('{"id": 2, "merk_id": 9223372036854775808}', "merk_id"),
        ('{"id": 2, "BTW": 1e2000}', "BTW"),
        ('{"id": 2, "BTW": "0e-20000"}', "BTW"),
        ('{"id": 2, "BTW": "1.' + "0" * 20_000 + '1"}', "BTW"),
        ('{"id": 99999999999999999999}', "id"),
        ('{"id": 2, "naam": "\\ud800"}', "naam"),
    ],
    ids=lambda value: value[:40],
)
def test_values_that_no_column_holds_cost_one_record(
    place: Place, make_sync: Callable[..., Syncing], row: str, field: str
) -> None:
    with Hostile(answer(f'{{"data": [{{"id": 1}}, {row}, {{"id": 3}}]}}')) as server:
        mirror = place.open(guard=Guard(without_key=1))
        report = make_sync(server.url)(mirror, resources=["artikels"])["artikels"]
    assert (report.created, report.invalid) == (2, 1)
    assert report.problems[0].field == field


def test_values_at_the_edge_are_held(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    row = '{"id": 9223372036854775807, "merk_id": -1, "BTW": 1e999, "SKU": null, "naam": "a\\\\b\\n\\tç€😀"}'
    with Hostile(answer(f'{{"data": [{row}]}}')) as server:
        assert make_sync(server.url)(mirror, resources=["artikels"])["artikels"].created == 1


def test_what_is_new_to_this_release_is_reported_once(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    rows = [
        {"id": 1, "nieuw": 1, "status": "UITVERKOCHT", "fotos": [{"url": "x", "breedte": 3}]},
        {"id": 2, "nieuw": 1, "status": "UITVERKOCHT"},
        {"id": 3, "merk_id": "M12"},
    ]
    with Hostile(rows_answer(*rows)) as server:
        sync = make_sync(server.url)
        report = sync(mirror, resources=["artikels"])["artikels"]
        assert sorted(drift[:3] for drift in report.drift) == [
            ("new word", "status", "UITVERKOCHT"),
            ("other type", "merk_id", "text: expected int | null, got str"),
            ("unknown field", "fotos[].breedte", ""),
            ("unknown field", "nieuw", ""),
        ]
        assert isinstance(report.drift[0], Drift)
        assert sync(mirror, resources=["artikels"])["artikels"].drift == ()


@pytest.mark.parametrize(
    "root",
    [
        '{"id": 2, "children": "x"}',
        '{"id": 2, "children": [3]}',
        "7",
        '{"id": 2, "x": ' + "9" * 5000 + "}",
        '{"id": null}',
    ],
    ids=lambda value: value[:40],
)
def test_a_tree_that_can_t_be_read_loses_nothing(place: Place, make_sync: Callable[..., Syncing], root: str) -> None:
    whole = [{"id": 1}, {"id": 2, "children": [{"id": 3}, {"id": 4}]}]
    with Hostile(rows_answer(*whole), answer(f'{{"data": [{{"id": 1, "naam": "x"}}, {root}]}}')) as server:
        sync = make_sync(server.url)
        sync(place.open(), resources=["categorieen"])
        with pytest.raises(GuardRefused):
            sync(place.open(), resources=["categorieen"], confirm_deletes=True)
        lenient = place.open(guard=Guard(without_key=3))
        report = sync(lenient, resources=["categorieen"])["categorieen"]
        assert (report.deleted, report.updated) == (0, 1)
        assert sorted(each.id for each in lenient.categorieen) == [1, 2, 3, 4]


def test_one_row_that_is_no_json_stops_it(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    with Hostile(answer('{"data": [{"id": 1}, {"id": tru}]}')) as server, pytest.raises(InvalidDocument):
        make_sync(server.url)(mirror, resources=["artikels"])
    assert not contents(mirror)["mirror_artikels"]


def test_one_resource_that_fails_does_not_hold_back_the_others(
    mirror: Mirror, sandbox: Sandbox, make_sync: Callable[..., Syncing]
) -> None:
    sync = make_sync(sandbox.base_url, "sandbox-artikels")
    with pytest.raises(NotAuthorised, match=r"see all clients.*Or leave klanten out") as caught:
        sync(mirror)
    assert len(contents(mirror)["mirror_artikels"]) == 60
    assert "artikels: 60 seen" in caught.value.__notes__[0]
    report = sync(mirror, on_error="report")
    assert isinstance(report["klanten"].error, NotAuthorised)
    assert report.to_dict()["klanten"]["error"]
    assert "failed" in str(report)


def test_a_server_that_is_gone_is_asked_once(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    report = make_sync("http://127.0.0.1:9/api/v1")(mirror, on_error="report")
    assert list(report.resources) == ["artikels"]
    assert isinstance(report["artikels"].error, Unreachable)


def test_companies(place: Place, sandbox: Sandbox, make_sync: Callable[..., Syncing]) -> None:
    mirror = place.open()
    kist, lampe = make_sync(sandbox.base_url), make_sync(sandbox.base_url, "sandbox-other")
    assert kist(mirror, company="kist").company == "kist"
    with pytest.raises(ConfigurationError, match="new to this mirror, which holds kist"):
        lampe(mirror)
    with pytest.raises(ConfigurationError, match="that of 'kist' in this mirror, not of 'lampe'"):
        kist(mirror, company="lampe")
    with pytest.raises(GuardRefused, match="another company's"):
        lampe(mirror, company="kist", resources=["artikels"])
    lampe(mirror, company="lampe")
    assert mirror.companies == ["kist", "lampe"]
    assert lampe(mirror).company == "lampe"
    assert make_sync(sandbox.base_url, "sandbox-artikels")(mirror, company="kist", resources=["artikels"]).changed == 0
    assert b"sandbox-token" not in repr(contents(mirror)).encode()


def test_two_at_once(place: Place, sandbox: Sandbox, sync: Syncing) -> None:
    mirror = place.open()
    with mirror._store.locked("default"):
        with pytest.raises(MirrorBusy, match="Another sync of the company 'default' runs"):
            sync(place.open())
        assert sync(mirror, company="kist").changed
    with pytest.raises(ConfigurationError):
        sync(mirror, company="default")


def test_a_mirror_that_changed_meanwhile(place: Place, sandbox: Sandbox, sync: Syncing) -> None:
    """The lock of a session can be lost; then nothing is written on the ground of what was."""
    mirror = place.open()
    sync(mirror)
    store, source = mirror._store, Source(b"f", b"o")
    baseline = store.baseline("default", ARTIKELS, source)
    sandbox.artikels.update(125, naam="anders")
    sync(mirror)
    staging = Staging(ARTIKELS, baseline.known, row_maker(ARTIKELS))
    staging.settle()
    with pytest.raises(MirrorBusy, match="changed by somebody else"):
        store.commit("default", ARTIKELS, source, staging, generation=baseline.generation, etag=None)
    staging.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("mysql://x/y", "not in mysql"),
        ("", "neither a path nor"),
        ("x://", "not in x"),
        ("sqlite:////nowhere/at/all.db", "no folder"),
    ],
)
def test_urls_that_hold_no_mirror(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Mirror(url)


def test_a_path_is_an_sqlite_file(tmp_path: Path, sync: Syncing) -> None:
    with Mirror(tmp_path / "erp.db") as mirror:
        sync(mirror)
    with Mirror(f"{tmp_path}/erp.db") as mirror:
        assert len(mirror.artikels) == 60
        assert "erp.db" in repr(mirror)


def test_files_that_are_no_mirror(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all\n" * 100)
    with pytest.raises(StoreFailed, match="is no SQLite database"):
        Mirror(tmp_path / "text.db")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE VIEW feed AS SELECT 1 AS one")
    other.close()
    with pytest.raises(StoreFailed, match=r"already exists.*a database.*of its own"):
        Mirror(tmp_path / "other.db")
    with sqlite3.connect(tmp_path / "other.db") as other:
        assert [row[0] for row in other.execute("SELECT name FROM sqlite_master")] == ["feed"]
    other.close()


def test_a_disk_that_is_full(tmp_path: Path, sandbox: Sandbox, sync: Syncing) -> None:
    mirror = Mirror(tmp_path / "erp.db")
    sync(mirror, resources=["klanten"])
    before = contents(mirror)

    def narrow(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 40")

    event.listen(mirror._store.engine, "checkout", narrow)
    with pytest.raises(StoreFailed, match="Make room"):
        sync(mirror, resources=["artikels"])
    assert contents(mirror) == before
    mirror.close()


def test_a_resource_that_is_none(mirror: Mirror, sync: Syncing) -> None:
    with pytest.raises(ConfigurationError, match="no resource 'orders'"):
        sync(mirror, resources=["orders"])


def test_the_password_is_not_shown() -> None:
    with pytest.raises(CloudspotError) as caught:
        Mirror("postgresql://jan:geheim123@127.0.0.1:9/erp")
    assert "geheim123" not in str(caught.value)


def test_progress_is_told(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    told: list[Progress] = []
    sync(mirror, resources=["artikels"], on_progress=told.append)
    assert told[-1] == Progress("artikels", seen=60, known=0)
    assert [each.seen for each in told] == sorted(each.seen for each in told)
    sandbox.artikels.delete(125)
    sync(mirror, resources=["artikels"], on_progress=told.append)
    assert told[-1] == Progress("artikels", seen=59, known=60)


def test_type_of_client(sandbox: Sandbox, mirror: Mirror) -> None:
    with Cloudspot("sandbox-token", base_url=sandbox.base_url) as erp:
        assert mirror.sync(erp, resources="artikels")["artikels"].created == 60
