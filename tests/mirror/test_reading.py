"""Records, searches, the past, and the views that SQL tools read."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from tests.hostile import Hostile
from tests.mirror.conftest import Syncing
from tests.mirror.test_sync import rows_answer

from cloudspot import Artikel, ConfigurationError, NotFound, StoreFailed
from cloudspot.mirror import Mirror
from cloudspot.mirror.resources import RESOURCES
from cloudspot.mirror.store.views import definitions
from cloudspot.sandbox import Sandbox


def query(mirror: Mirror, sql: str) -> list[dict[str, Any]]:
    with mirror._store.reading() as connection:
        return [dict(row) for row in connection.execute(text(sql)).mappings()]


def test_what_the_client_gives_is_what_the_mirror_gives(mirror: Mirror, sync: Syncing) -> None:
    sync(mirror)
    assert list(mirror.artikels) == sync.client.artikels.list()
    assert list(mirror.klanten) == sync.client.klanten.list()
    assert mirror.categorieen.tree() == sync.client.categorieen.list()
    assert mirror.artikels.get(125) == sync.client.artikels.get(125)
    assert (len(mirror.artikels), len(mirror.klanten)) == (60, 30)


def test_a_loop_that_is_left_early_keeps_nothing_open(mirror: Mirror, sync: Syncing) -> None:
    sync(mirror)
    for _ in range(20):  # more than a pool of connections holds
        iterator = iter(mirror.artikels)
        next(iterator)
        del iterator
        next(mirror.changes())
    gc.collect()
    assert mirror._store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_some_of_them(mirror: Mirror, sync: Syncing) -> None:
    sync(mirror)
    artikels = list(mirror.artikels)
    zichtbaar = [artikel for artikel in artikels if artikel.is_zichtbaar]
    assert mirror.artikels.where(status="ZICHTBAAR") == zichtbaar
    assert mirror.artikels.where() == artikels
    assert mirror.artikels.where(id=[125, 127]) == [artikel for artikel in artikels if artikel.id in {125, 127}]
    assert mirror.artikels.where(id=[]) == []
    assert mirror.artikels.where(merk=None) == [artikel for artikel in artikels if artikel.merk is None]
    price = artikels[3].verkoopprijs_incl
    assert artikels[3] in mirror.artikels.where(verkoopprijs_incl=price, categorie=artikels[3].categorie)
    with pytest.raises(ConfigurationError, match="no column 'fotos'"):
        mirror.artikels.where(fotos=[])
    with pytest.raises(NotFound, match="holds no 1 in artikels"):
        mirror.artikels.get(1)
    companies = [klant for klant in mirror.klanten if klant.is_bedrijf]
    assert mirror.klanten.where(is_bedrijf=True) == companies


ROWS = [
    {
        "id": 1,
        "naam": "Schroef Ø 4 mm",
        "SKU": "SCH-004",
        "beschrijving": "<p>Verzinkte <b>crème</b></p>",
        "EAN": ["5412345678908"],
    },
    {"id": 2, "naam": "Moer", "merk": "Schroefmeesters", "beschrijving": "past op een schroef"},
    {"id": 3, "naam": "Crème brûlée", "categorieen": [{"id": 9, "naam": "Nagerechten"}]},
]


def test_search(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    changed = [ROWS[0] | {"naam": "Bout"}, ROWS[1]]
    with Hostile(rows_answer(*ROWS), rows_answer(*changed)) as server:
        sync = make_sync(server.url)
        sync(mirror, resources=["artikels"])

        def found(words: str) -> list[int | None]:
            return [artikel.id for artikel in mirror.artikels.search(words)]

        assert sorted(found("schroef"), key=str) == [1, 2]
        assert found("SCHROEF ø")[:1] == [1]
        assert sorted(found("creme"), key=str) == [1, 3]
        assert found("brul") == [3]
        assert found("nagerecht") == [3]
        assert found("541234") == [1]
        assert found("sch-004") == [1]
        assert found("verzinkte schroef") == [1]
        assert found("") == found("' OR 1=1 --") == found('"') == found("niets") == []
        assert len(mirror.artikels.search("schroef", limit=1)) == 1
        sync(mirror, resources=["artikels"])
        assert (found("bout"), found("brul"), found("moer")) == ([1], [], [2])
        assert mirror.artikels.search("bout")[0] == mirror.artikels.get(1)


def test_clients_are_searched(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    sandbox.klanten.create(voornaam="Annelies", achternaam="Van den Berghe", plaats="Gent_1%", land="BE")
    sync(mirror)
    assert [klant.voornaam for klant in mirror.klanten.search("berghe anne")] == ["Annelies"]
    assert len(mirror.klanten.search("gent_1%")) == 1
    assert mirror.klanten.search("  ") == []


def test_the_past(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    sync(mirror)
    first, at_first = list(mirror.artikels), mirror.sequence
    before = next(iter(mirror.changes())).at
    sandbox.artikels.update(130, verkoopprijs_incl=1)
    sandbox.artikels.delete(131)
    sync(mirror)
    second = list(mirror.artikels)
    sandbox.artikels.update(130, naam="anders")
    sandbox.artikels.create(id=131, naam="terug")
    sync(mirror)
    assert list(mirror.artikels.as_of(at_first)) == first
    assert list(mirror.artikels.as_of(at_first + 2)) == second
    assert list(mirror.artikels.as_of(before + timedelta(microseconds=1))) == first
    assert list(mirror.artikels.as_of(datetime.now(UTC))) == list(mirror.artikels)
    assert list(mirror.artikels.as_of(before - timedelta(seconds=1))) == []
    past = mirror.artikels.as_of(at_first + 2)
    assert (len(past), past.get(130).verkoopprijs_incl) == (59, 1)
    assert past.where(id=[130], verkoopprijs_incl=Decimal("1.00")) == [past.get(130)]
    with pytest.raises(NotFound, match="held no 131 in artikels then"):
        past.get(131)
    prices = mirror.artikels.prices(130)
    assert [line.verkoopprijs_incl for line in prices] == [first[5].verkoopprijs_incl, 1]
    assert first[5].id == 130


def test_views(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    sync(mirror)
    sandbox.artikels.update(130, verkoopprijs_incl="12.345")
    sync(mirror)
    artikels = list(mirror.artikels)
    for naam in definitions("sqlite"):
        assert query(mirror, f"SELECT * FROM {naam}"), naam
    (row,) = query(mirror, "SELECT * FROM artikels WHERE id = 130")
    artikel = mirror.artikels.get(130)
    for field in RESOURCES["artikels"].columns:
        value = getattr(artikel, field)
        assert (
            row[field.lower()] == (float(value) if isinstance(value, Decimal) else value) or row[field.lower()] == value
        )
    assert (row["company"], row["beschrijving"]) == ("default", artikel.beschrijving)
    assert float(query(mirror, "SELECT SUM(verkoopprijs_incl) AS total FROM artikels")[0]["total"]) == pytest.approx(
        float(sum(artikel.verkoopprijs_incl or 0 for artikel in artikels))
    )
    fotos = query(mirror, "SELECT * FROM artikel_fotos ORDER BY id, position")
    assert [row["url"] for row in fotos] == [foto.url for artikel in artikels for foto in artikel.fotos]
    eans = query(mirror, "SELECT ean FROM artikel_eans ORDER BY id, position")
    assert [row["ean"] for row in eans] == [ean for artikel in artikels for ean in artikel.EAN]
    groups = query(mirror, "SELECT * FROM artikel_prijscategorieen ORDER BY id, position")
    expected = [each for artikel in artikels for each in artikel.prijscategorieen]
    assert [(row["label"], float(row["korting"] or 0)) for row in groups] == [
        (each.label, float(each.korting or 0)) for each in expected
    ]
    prices = query(mirror, "SELECT * FROM prijzen WHERE id = 130 ORDER BY sequence")
    assert [float(row["verkoopprijs_incl"]) for row in prices][1:] == [12.345]
    feed = query(mirror, "SELECT kind, fields FROM feed WHERE resource = 'artikels' AND key = 130 ORDER BY sequence")
    assert [row["kind"] for row in feed] == ["created", "updated"]


def test_queries_of_one_s_own(mirror: Mirror, sync: Syncing) -> None:
    sync(mirror)
    assert mirror.sql("SELECT COUNT(*) AS many FROM artikels WHERE naam LIKE '%'") == [{"many": 60}]
    for wrong in ("SELECT nonsense FROM artikels", "DELETE FROM mirror_artikels", "DROP VIEW artikels", "x"):
        with pytest.raises(StoreFailed):
            mirror.sql(wrong)
    assert len(mirror.artikels) == 60
    mirror.forget(1001)  # a connection that was read only may write again
    assert sync(mirror).changed == 0


def test_lists_that_are_none_have_no_rows_in_the_views(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    rows = [
        {"id": 1, "fotos": None, "EAN": ["a"]},
        {"id": 2, "EAN": []},
        {"id": 3, "prijscategorieen": [{"korting": "5.50"}]},
    ]
    with Hostile(rows_answer(*rows)) as server:
        make_sync(server.url)(mirror, resources=["artikels"])
    assert query(mirror, "SELECT id, ean FROM artikel_eans") == [{"id": 1, "ean": "a"}]
    assert query(mirror, "SELECT id FROM artikel_fotos") == []
    assert float(query(mirror, "SELECT korting FROM artikel_prijscategorieen")[0]["korting"]) == 5.5


def test_unknown_fields_and_exact_amounts_come_back(mirror: Mirror, make_sync: Callable[..., Syncing]) -> None:
    row = {"id": 1, "BTW": "21.000", "verkoopprijs_incl": "12345678901234567890.123456789", "nieuw": {"a": [1]}}
    with Hostile(rows_answer(row)) as server:
        make_sync(server.url)(mirror, resources=["artikels"])
    artikel = mirror.artikels.get(1)
    assert artikel == Artikel.from_dict(row)
    assert str(artikel.verkoopprijs_incl) == "12345678901234567890.123456789"
    assert artikel.extra == {"nieuw": {"a": [1]}}
