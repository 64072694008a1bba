"""Records are found by words, values and categories, sorted and paged alike in every database."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudspot.records import Artikel
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.store.indexing import folded
from cloudspot.sandbox.store.searching import search_of

SAME_DATABASE = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def sandbox(database: str):
    with Sandbox(artikels=150, klanten=60, database=database) as running:
        yield running


def ids(found) -> list[int]:
    return [each.id for each in found.records]


def every(sandbox: Sandbox) -> list[Artikel]:
    return sandbox.artikels.search(limit=1000).records


def test_all_in_pages(sandbox: Sandbox) -> None:
    first, second = sandbox.artikels.search(limit=100), sandbox.artikels.search(offset=100, limit=100)
    assert (first.total, second.total) == (150, 150)
    assert ids(first) + ids(second) == list(range(125, 275))
    assert ids(sandbox.artikels.search(descending=True, limit=2)) == [274, 273]
    beyond = sandbox.artikels.search(offset=150)
    assert (beyond.records, beyond.total) == ([], 150)


def test_words_are_found_whatever_their_capitals_and_accents(sandbox: Sandbox) -> None:
    sandbox.artikels.update(130, naam="Crème brûlée ß", SKU="A%B_C", EAN=["5400000000001"])
    sandbox.artikels.update(131, naam="Creme dessert")
    for text, expected in [
        ("creme", [130, 131]),
        ("BRÛLEE crème", [130]),
        ("SS brul", [130]),
        ("a%b_", [130]),
        ("5400000000001", [130]),
        ("a%c", []),
        ("creme dessert brulee", []),
    ]:
        assert ids(sandbox.artikels.search(text)) == expected, text


def test_clients(sandbox: Sandbox) -> None:
    made = sandbox.klanten.create(bedrijfsnaam="Zuivel ’t Hof", is_bedrijf=True, postcode="0800", straat="Dreef")
    assert sandbox.klanten.search("zuivel dreef 0800").records == [made]
    companies = sandbox.klanten.search(is_bedrijf=True, limit=100).records
    persons = sandbox.klanten.search(is_bedrijf="false", limit=100).records
    assert len(companies) + len(persons) == 61
    assert all(each.is_bedrijf for each in companies)
    names = [folded(each.naam) for each in sandbox.klanten.search(sort="naam", limit=100).records]
    assert names == sorted(names)
    assert sandbox.klanten.search(klantennummer=1001).total == 1


@pytest.mark.parametrize("descending", [False, True])
def test_what_has_no_value_comes_last(sandbox: Sandbox, descending: bool) -> None:
    sandbox.artikels.update(130, SKU="", verkoopprijs_excl=None)
    for field in ("SKU", "verkoopprijs_excl"):
        values = [
            getattr(each, field)
            for each in sandbox.artikels.search(sort=field, descending=descending, limit=1000).records
        ]
        present = [value for value in values if value not in {None, ""}]
        assert len(present) < 150
        assert all(value in {None, ""} for value in values[len(present) :])
        keys = [folded(each) if isinstance(each, str) else each for each in present]
        assert keys == sorted(keys, reverse=descending)


def test_values(sandbox: Sandbox) -> None:
    def expect(where: Callable[[Artikel], bool], **filters: Any) -> None:
        expected = [each.id for each in every(sandbox) if where(each)]
        assert ids(sandbox.artikels.search(limit=1000, **filters)) == expected, filters

    sandbox.artikels.update(130, SKU="", verkoopprijs_excl=Decimal("12.10"))
    expect(lambda each: each.status == "ZICHTBAAR", status="ZICHTBAAR")
    expect(lambda each: each.status != "ZICHTBAAR", status=["NIET_VERKOOPBAAR", "gedeactiveerd"])
    expect(lambda each: each.verkoopprijs_excl == Decimal("12.1"), verkoopprijs_excl="12.10")
    expect(lambda each: each.op_voorraad is None, op_voorraad=None)
    expect(lambda each: not each.SKU, SKU="")
    expect(lambda each: each.BTW == 21 and each.status == "ZICHTBAAR", BTW=21, status="ZICHTBAAR")
    expect(lambda each: each.id in {125, 274}, id=[125, 274])
    expect(lambda each: False, categorie_id=10**30)
    expect(lambda each: not each.categorie, categorie=None)


def test_a_category_and_what_is_below_it(sandbox: Sandbox) -> None:
    food = next(root for root in sandbox.categorieen.list() if root.naam == "Voeding")
    found = sandbox.artikels.search(categorie=food.id, limit=1000)
    assert 0 < found.total < 150
    assert sandbox.artikels.search(categorie="voeding", limit=1000) == found
    assert sandbox.artikels.search(categorie=str(food.id), limit=1000) == found
    below = {row.id for row in sandbox.categorieen.list() if row.parent == food.id}
    one = min(below)
    assert 0 < sandbox.artikels.search(categorie=one).total < found.total
    assert sandbox.artikels.search(categorie=[one, food.id], limit=1000) == found
    sandbox.artikels.update(found.records[0].id, categorie="Elders", categorie_id=None, categorieen=[])
    assert sandbox.artikels.search(categorie=food.id).total == found.total - 1
    assert sandbox.artikels.search(categorie="ELDERS").total == 1
    assert sandbox.artikels.search(categorie=10**40).total == 0


def test_edits_show(sandbox: Sandbox) -> None:
    made = sandbox.artikels.create(naam="Enig exemplaar", categorie_id=2)
    assert sandbox.artikels.search("enig exemplaar", categorie=2).records == [made]
    sandbox.artikels.update(made.id, naam="Anders", categorie_id=None)
    assert sandbox.artikels.search("exemplaar").total == 0
    sandbox.artikels.update(made.id, naam="Enig exemplaar", merk_id=10**30, categorie_id=10**30)
    assert sandbox.artikels.search("exemplaar").total == 1
    sandbox.artikels.delete(made.id)
    assert sandbox.artikels.search("exemplaar") == ([], 0)
    sandbox.reset()
    assert sandbox.artikels.search().total == 150


def test_companies_are_searched_apart(sandbox: Sandbox) -> None:
    other = sandbox.company("Lampe SA").artikels
    assert other.search().total == len(other)
    assert all(each.id >= 50_000_125 for each in other.search().records)


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({"prijs": 1}, "prijs"),
        ({"sort": "beschrijving"}, "beschrijving"),
        ({"BTW": "veel"}, "BTW is a number"),
        ({"BTW": "NaN"}, "BTW is a number"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 2**63}, "offset"),
        ({"text": " ".join(map(str, range(31)))}, "30 words"),
        ({"categorie": 1.5}, "categorie"),
    ],
)
def test_what_can_not_be_searched(asked: dict[str, Any], complaint: str) -> None:
    with Sandbox(artikels=1, klanten=1) as sandbox, pytest.raises(ValueError, match=complaint):
        sandbox.artikels.search(**asked)


def test_is_bedrijf_is_true_or_false() -> None:
    with pytest.raises(ValueError, match="true or false"):
        search_of("klanten", "", None, {"is_bedrijf": "ja"})


@SAME_DATABASE
@given(st.lists(st.tuples(st.integers(0, 149), st.text(st.characters(codec="utf-8"), max_size=6)), max_size=5))
def test_any_text_is_found_again(sandbox: Sandbox, changes: list[tuple[int, str]]) -> None:
    for number, text in changes:
        sandbox.artikels.update(125 + number, naam=text)
    expected: dict[int, str] = {125 + number: text for number, text in changes}
    for key, text in expected.items():
        if words := folded(text).split():
            assert key in ids(sandbox.artikels.search(" ".join(words), limit=1000))
            assert sandbox.artikels.get(key).naam == text
