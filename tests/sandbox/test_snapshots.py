"""Snapshots: all of a sandbox as text, restored whole or not at all."""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudspot.sandbox import InvalidSnapshot, NoSuchRecord, Sandbox
from cloudspot.sandbox.snapshot_lines import Snapshot
from cloudspot.sandbox.snapshots import lines_in, lines_of
from cloudspot.sandbox.store import snapshots as store_snapshots
from cloudspot.sandbox.store.listing import ListReplaced

KIST, LAMPE = "Kist & Vijs BV", "Lampe SA"
SECRET = "whsec_" + "QUJD" * 8


@pytest.fixture
def sandbox(database: str) -> Iterator[Sandbox]:
    with Sandbox(artikels=30, klanten=10, database=database) as running:
        yield running


def change(sandbox: Sandbox) -> None:
    """Leave nothing as the seed made it."""
    company = sandbox.companies.create("Çà & là")
    sandbox.companies.update(LAMPE, naam="Lampe & Fils")
    sandbox.erp_tokens.revoke("sandbox-artikels")
    sandbox.erp_tokens.create(company.naam, "kassa", sees_klanten=False)
    parent = sandbox.company(company.id).categorieen.create("Boven")
    sandbox.company(company.id).categorieen.create("Onder", parent.id)
    sandbox.company(company.id).artikels.create(naam="Vijs \u2028 \x7f é", verkoopprijs_excl="0.10", merk_id=10**30)
    sandbox.artikels.delete(126)
    sandbox.klanten.update(1001, huisnummer="12A")
    sandbox.applications.create(
        id="other", requestor="other", webhook_url="http://127.0.0.1:9/", automatic_events=False
    )
    sandbox.applications.update("sandbox-app", webhook_secret=SECRET)
    sandbox.users.create(email="an@sandbox.test", pin="12", password="geheim", is_active=False)
    sandbox.users.delete("piet@sandbox.test")
    sandbox.permissions.set("an@sandbox.test", company.naam, ["use_app", "view_artikels"], "other")


def state(sandbox: Sandbox) -> list[object]:
    """All that a snapshot holds, as the sandbox itself tells it."""
    store = sandbox.store
    companies = sandbox.companies.list()
    return [
        companies,
        sandbox.erp_tokens.list(),
        [store.categorieen.all(each.key) for each in companies],
        [b"".join(store.bodies(each.key, naam)) for each in companies for naam in ("artikels", "klanten")],
        [sandbox.company(each.id).artikels.search("e", sort="naam") for each in companies],
        store.accounts.all(),
        sandbox.permissions.list(),
    ]


def test_everything_comes_back(sandbox: Sandbox, tmp_path: Path) -> None:
    change(sandbox)
    before = state(sandbox)
    sandbox.snapshot(tmp_path / "one.jsonl")
    token = sandbox.user_tokens.issue("jan@sandbox.test")
    sandbox.reset()
    assert state(sandbox) != before
    listing = iter(sandbox.store.listing(1, "artikels"))
    sandbox.restore(tmp_path / "one.jsonl")
    assert state(sandbox) == before
    with pytest.raises(ListReplaced):
        next(listing)
    assert sandbox.store.user_tokens.holder(token, "sandbox-app") is None
    assert sandbox.applications.signs_events("sandbox-app")
    sandbox.snapshot(tmp_path / "two.jsonl")
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
    with Sandbox(restore=tmp_path / "one.jsonl") as other:
        assert state(other) == before
        assert other.artikels.create().id == max(each.id for each in other.artikels.search(limit=1000).records)


def test_the_file_is_made_to_be_compared(tmp_path: Path) -> None:
    with Sandbox(artikels=20, klanten=5) as sandbox:
        sandbox.snapshot(tmp_path / "before.jsonl")
        sandbox.artikels.update(125, naam="Anders")
        sandbox.klanten.create(achternaam="Peeters")
        sandbox.snapshot(tmp_path / "after.jsonl")
    before = (tmp_path / "before.jsonl").read_text(encoding="utf-8").split("\n")
    after = (tmp_path / "after.jsonl").read_text(encoding="utf-8").split("\n")
    assert len(set(after) - set(before)) == 2
    assert len(set(before) - set(after)) == 1
    assert json.loads(before[0]) == {"snapshot": {"of": "cloudspot sandbox", "version": 1}}
    assert json.loads(before[-2]) == {"end": True}
    assert before[-1] == ""


def test_a_sandbox_begins_from_one_and_goes_back_to_it(database: str, tmp_path: Path) -> None:
    file = tmp_path / "begin.jsonl"
    with Sandbox(artikels=7, klanten=2) as sandbox:
        sandbox.artikels.update(125, naam="Bewaard")
        sandbox.snapshot(file)
    with Sandbox(restore=file, database=database) as sandbox:
        assert (len(sandbox.artikels), sandbox.artikels.get(125).naam) == (7, "Bewaard")
        sandbox.artikels.update(125, naam="Later")
        sandbox.artikels.delete(126)
        sandbox.reset()
        assert (len(sandbox.artikels), sandbox.artikels.get(125).naam) == (7, "Bewaard")
        sandbox.artikels.delete(126)
    if database != "sqlite://":
        with Sandbox(restore=file, database=database) as sandbox:
            assert len(sandbox.artikels) == 6
    file.write_text(file.read_text().replace("Bewaard", "Gewijzigd"))
    with Sandbox(restore=str(file)) as sandbox:
        assert sandbox.artikels.get(125).naam == "Gewijzigd"


def test_what_is_no_snapshot_is_refused_before_it_starts(tmp_path: Path) -> None:
    for restore in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(InvalidSnapshot, match="can't read"):
            Sandbox(restore=restore).start()


def broken(text: str) -> dict[str, tuple[str, str]]:
    """Files that can't be restored, and what is said of them."""
    lines = text.splitlines(keepends=True)
    first = next(number for number, each in enumerate(lines) if each.startswith('{"artikel"'))
    klant = next(number for number, each in enumerate(lines) if each.startswith('{"klant"'))
    company = next(number for number, each in enumerate(lines) if each.startswith('{"company"'))
    categorie = next(number for number, each in enumerate(lines) if each.startswith('{"categorie"'))

    def with_line(number: int, line: str) -> str:
        return "".join([*lines[:number], line, *lines[number + 1 :]])

    return {
        "empty": ("", "no snapshot"),
        "another": ('{"data":[]}\n', "no snapshot"),
        "binary": ("\x00\x01\n", "no snapshot"),
        "newer": (with_line(0, '{"snapshot":{"of":"cloudspot sandbox","version":2}}\n'), "newer release"),
        "no end": ("".join(lines[:-1]), f"cut off after line {len(lines) - 1}"),
        "cut off": (text[: len(text) // 2], "cut off|JSON"),
        "cut in the last line": (text[:-1], "cut off"),
        "more": (text + '{"end":true}\n', "ended before"),
        "not json": (with_line(first, "{\n"), f"line {first + 1}: "),
        "two names": (with_line(first, '{"artikel":{"id":125},"klant":{}}\n'), "one name"),
        "bad field": (with_line(first, '{"artikel":{"id":125,"BTW":"veel"}}\n'), f"line {first + 1}: .*BTW"),
        "unknown field": (with_line(first, '{"artikel":{"id":125,"prijs":1}}\n'), "no field prijs"),
        "no id": (with_line(first, '{"artikel":{}}\n'), "id is missing"),
        "negative id": (with_line(first, '{"artikel":{"id":-1}}\n'), "is no id"),
        "twice": (with_line(first + 1, lines[first]), "ascend"),
        "misplaced": (with_line(klant, lines[klant] + lines[first]), "artikel is not expected"),
        "unknown kind": (with_line(first, '{"order":{}}\n'), "order is not expected"),
        "no company": ("".join(lines[:company]) + '{"end":true}\n', "a company is expected"),
        "broken tree": (with_line(categorie, '{"categorie":{"id":1,"parent":1,"naam":"x"}}\n'), "below itself"),
        "bad user": (text.replace('"password_hash":"', '"password_hash":"x'), "password_hash"),
        "nobody's permissions": (text.replace('"user":"jan@', '"user":"jos@'), "there is no user"),
        "token twice": (text.replace('"sandbox-klanten"', '"sandbox-token"'), "there already"),
        "company twice": (text.replace(LAMPE, KIST), "there already"),
    }


CASES = ["empty", "another", "binary", "newer", "no end", "cut off", "cut in the last line", "more", "not json",
         "two names", "bad field", "unknown field", "no id", "negative id", "twice", "misplaced", "unknown kind",
         "no company", "broken tree", "bad user", "nobody's permissions", "token twice", "company twice"]  # fmt: skip


def test_a_bad_file_changes_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.snapshot(tmp_path / "good.jsonl")
    files = broken((tmp_path / "good.jsonl").read_text(encoding="utf-8"))
    assert list(files) == CASES
    sandbox.artikels.update(125, naam="Blijft")
    before = state(sandbox)
    listing = iter(sandbox.store.listing(1, "artikels"))
    for case, (text, complaint) in files.items():
        bad = tmp_path / "bad.jsonl"
        bad.write_text(text, encoding="utf-8")
        with pytest.raises(InvalidSnapshot, match=complaint):
            sandbox.restore(bad)
        assert state(sandbox) == before, case
    assert b"".join(listing)
    with pytest.raises(FileNotFoundError):
        sandbox.restore(tmp_path / "none.jsonl")


def test_a_file_is_replaced_only_when_all_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kept.jsonl"
    with Sandbox(artikels=3, klanten=1) as sandbox:
        sandbox.snapshot(file)
        before = file.read_bytes()
        monkeypatch.setattr(sandbox.store, "bodies", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sandbox.snapshot(file)
        with pytest.raises(FileNotFoundError):
            sandbox.snapshot(tmp_path / "no" / "folder.jsonl")
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["kept.jsonl"]
    assert file.stat().st_mode & 0o444


def test_snapshots_with_a_name(sandbox: Sandbox, tmp_path: Path) -> None:
    change(sandbox)
    before = state(sandbox)
    kept = sandbox.snapshots.take("vóór de import")
    sandbox.snapshot(tmp_path / "same.jsonl")
    assert kept.size == (tmp_path / "same.jsonl").stat().st_size
    assert (kept.artikels, kept.klanten) == (29 + 6 + 1, 10 + 2)
    sandbox.reset()
    assert sandbox.snapshots.list() == [kept]
    sandbox.snapshots.take("leeg")
    sandbox.snapshots.restore("vóór de import")
    assert state(sandbox) == before
    assert [each.name for each in sandbox.snapshots.list()] == ["vóór de import", "leeg"]
    with (tmp_path / "saved.jsonl").open("wb") as out:
        sandbox.snapshots.save("vóór de import", out)
    assert (tmp_path / "saved.jsonl").read_bytes() == (tmp_path / "same.jsonl").read_bytes()
    again = sandbox.snapshots.take("leeg")
    assert again.size == kept.size
    assert len(sandbox.snapshots.list()) == 2
    sandbox.snapshots.delete("leeg")
    for attempt in (sandbox.snapshots.restore, sandbox.snapshots.delete, sandbox.snapshots.get):
        with pytest.raises(NoSuchRecord, match="leeg"):
            attempt("leeg")
    for name in ("", " ", "a/b", "a\nb", "x" * 201):
        with pytest.raises(ValueError):
            sandbox.snapshots.take(name)


def test_a_large_snapshot_is_kept_in_parts(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_snapshots, "PART", 1000)
    with Sandbox(artikels=800, klanten=1, database=database) as sandbox:
        _keep_in_parts(sandbox)


def _keep_in_parts(sandbox: Sandbox) -> None:
    kept = sandbox.snapshots.take("groot")
    text = list(sandbox.store.snapshots.text("groot"))
    assert len(text) > 2
    assert sum(map(len, text)) == kept.size
    sandbox.artikels.update_many({"naam": "x"})
    sandbox.snapshots.restore("groot")
    assert sandbox.artikels.search("x").total < 800


def test_lines_are_cut_anywhere() -> None:
    text = b"een\ntwee\n\ndrie"
    for size in range(1, 16):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        assert list(lines_in(pieces)) == [b"een\n", b"twee\n", b"\n", b"drie"]


def test_over_http(fresh) -> None:
    taken = fresh.control("GET", "snapshot")
    assert taken.headers["Content-Type"] == "application/jsonl"
    assert int(taken.headers["Content-Length"]) == len(taken.data)
    fresh.sandbox.artikels.update(125, naam="Later")
    named = fresh.control("POST", "snapshots", b'{"name":"een"}')
    assert named.status == 201
    assert fresh.control("HEAD", "snapshot").status == 200
    assert fresh.control("POST", "restore", taken.data).json() == {"restored": True}
    assert fresh.sandbox.artikels.get(125).naam != "Later"
    assert fresh.control("POST", "restore", taken.data[:-1]).status == 400
    assert fresh.control("POST", "restore", taken.data, Origin="http://elsewhere.test").status == 403
    assert fresh.control("POST", "snapshots/een/restore").status == 200
    assert fresh.sandbox.artikels.get(125).naam == "Later"
    assert fresh.control("GET", "snapshots/een/text").data == fresh.control("GET", "snapshot").data
    assert fresh.control("DELETE", "snapshots/een").status == 200
    assert fresh.control("GET", "snapshots/een/text").status == 404


@pytest.fixture(scope="module")
def text() -> bytes:
    """A small snapshot with something of everything."""
    with Sandbox(artikels=2, klanten=2) as sandbox:
        change(sandbox)
        return b"".join(lines_of(sandbox.store))


def take_in(text: bytes) -> None:
    """Read a whole snapshot, and write it nowhere."""
    snapshot = Snapshot(lines_in([text]))
    for contents in snapshot.contents():
        deque(contents.artikels, 0)
        deque(contents.klanten, 0)
    snapshot.accounts()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_cut_is_always_seen(text: bytes, data: st.DataObject) -> None:
    take_in(text)
    with pytest.raises(InvalidSnapshot):
        take_in(text[: data.draw(st.integers(0, len(text) - 1))])


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_damaged_is_read_or_refused(text: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    damage = data.draw(st.binary(max_size=3) | st.sampled_from([b"null", b"1e999", b'"', b"{", b"\n", b"-1"]))
    with contextlib.suppress(InvalidSnapshot):
        take_in(text[:place] + damage + text[place + data.draw(st.integers(0, 4)) :])
