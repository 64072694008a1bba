"""The filters are pure: these tests need no server."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudspot.cli.fields import Kind, amount, known_fields, leaves, sent_fields
from cloudspot.cli.filters import (
    BadFilter,
    Selection,
    find_field,
    fold,
    in_categorie,
    parse_sort,
    parse_where,
    strange_word,
    text_in,
)
from cloudspot.cli.formats import encoded
from cloudspot.records import Artikel, Klant

ARTIKEL = Artikel.from_dict(
    {
        "id": 125,
        "naam": "Crème brûlée",
        "SKU": "CB-1",
        "BTW": "6",
        "verkoopprijs_incl": "12.50",
        "status": "ZICHTBAAR",
        "categorie": "Desserts",
        "categorie_id": 7,
        "categorieen": [{"id": 1, "naam": "Voeding", "children": [{"id": 7, "naam": "Desserts"}]}],
        "EAN": ["5412345678908"],
        "fotos": [{"url": "https://a.example/1.jpg", "is_hoofdfoto": True}],
        "nieuw": "iets",
    }
)
KLANT = Klant.from_dict(
    {"klantennummer": 1, "voornaam": "An", "geboortedatum": "31/12/1999", "is_bedrijf": False, "postcode": "0800"}
)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("id=125", True),
        ("id==125", True),
        ("id!=125", False),
        ("ID > 124", True),
        ("verkoopprijs_incl>12,49", True),
        ("verkoopprijs_incl>=12.50", True),
        ("verkoopprijs_incl<12.5", False),
        ("verkoopprijs_incl<=12.5", True),
        ("verkoopprijs_excl<1000", False),
        ("verkoopprijs_excl!=3", True),
        ("verkoopprijs_excl=", True),
        ("verkoopprijs_excl!=", False),
        ("btw=6.0", True),
        ("status=zichtbaar", True),
        ("status!=GEDEACTIVEERD", True),
        ("naam=Crème brûlée", True),
        ("naam==Crème brûlée", True),
        ("naam == Crème brûlée", True),
        ("naam=creme brulee", False),
        ("naam~creme BRUL", True),
        ("naam~", True),
        ("naam>creme", True),
        ("merk=", True),
        ("merk~a", False),
        ("EAN=5412345678908", True),
        ("EAN=541", False),
        ("EAN~541234", True),
        ("EAN!=1", True),
        ("EAN=", False),
        ("categorieen~voed", True),
        ("categorieen=Desserts", True),
        ("fotos~UNSET", False),
        ("meer_info=", True),
        ("is_zichtbaar=ja", True),
        ("is_zichtbaar=false", False),
        ("hoofdfoto~1.jpg", True),
        ("extra.nieuw~ETS", True),
        ("extra.nieuw=iets", True),
        ("extra.oud=", True),
        ("extra~iets", True),
    ],
)
def test_conditions_on_a_product(condition: str, holds: bool) -> None:
    assert parse_where(condition, known_fields(Artikel))(ARTIKEL) is holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("geboortedatum=1999-12-31", True),
        ("geboortedatum<1/1/2000", True),
        ("is_bedrijf=nee", True),
        ("postcode=0800", True),
        ("postcode=800", False),
        ("naam=An", True),
    ],
)
def test_conditions_on_a_client(condition: str, holds: bool) -> None:
    assert parse_where(condition, known_fields(Klant))(KLANT) is holds


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("naam", "looks like"),
        ("=3", "looks like"),
        ("xyzzy=3", "There is no field 'xyzzy'."),
        ("verkoopprijs=3", "Did you mean verkoopprijs_incl, verkoopprijs_excl or "),
        ("prijs=3", "Did you mean verkoopprijs_excl, verkoopprijs_incl or inkoopprijs_excl?"),
        ("statuss=3", "Did you mean status?"),
        ("ean_code=3", "EAN"),
        ("BTW=hoog", "BTW is a number such as 1000.50, not 'hoog'"),
        ("verkoopprijs_incl>1.000,50", "a number such as 1000.50, not '1.000,50'"),
        ("is_zichtbaar>true", "true or false, which has no >"),
        ("BTW>NaN", "a number"),
        ("BTW>", "a number"),
        ("BTW=1,000.5", "a number"),
        ("is_zichtbaar=misschien", "true or false"),
        ("fotos<3", "use = != or ~"),
    ],
)
def test_conditions_that_mean_nothing(condition: str, says: str) -> None:
    with pytest.raises(BadFilter, match=re.escape(says)):
        parse_where(condition, known_fields(Artikel))


def test_a_date_that_is_none() -> None:
    with pytest.raises(BadFilter, match="a date"):
        parse_where("geboortedatum>31/02/2000", known_fields(Klant))


def test_categories_by_name_and_id() -> None:
    for wanted in ("desserts", "Voeding", "7", "1"):
        assert in_categorie(wanted)(ARTIKEL)
    for wanted in ("Dessert", "2", "12"):
        assert not in_categorie(wanted)(ARTIKEL)
    assert not in_categorie("7")(Artikel())


def test_text_is_looked_for_in_every_field() -> None:
    fields = [known_fields(Artikel)[name] for name in ("naam", "SKU", "EAN")]
    assert all(text_in(text, fields)(ARTIKEL) for text in ("BRULEE", "cb-", "678908"))
    assert not text_in("desserts", fields)(ARTIKEL)


def test_strange_words() -> None:
    known = known_fields(Artikel)
    assert "ZICHTBAAR" in (strange_word("status=zichtbar", known) or "")
    assert strange_word("status=zichtbaar", known) is None
    assert strange_word("status~zicht", known) is None
    assert strange_word("naam=x", known) is None


def test_every_field_has_a_kind() -> None:
    kinds = {name: field.kind for name, field in (known_fields(Artikel) | known_fields(Klant)).items()}
    assert kinds["BTW"] is kinds["id"] is Kind.NUMBER
    assert kinds["status"] is Kind.WORD
    assert kinds["EAN"] is kinds["fotos"] is Kind.ROWS
    assert kinds["geboortedatum"] is Kind.DATE
    assert kinds["is_bedrijf"] is Kind.BOOL
    assert [field.name for field in sent_fields(Artikel)] == list(Artikel().to_dict())


PRICES = st.one_of(st.none(), st.decimals(-1000, 1000, allow_nan=False, places=2))
TEXTS = st.one_of(st.none(), st.text(max_size=6))
ARTIKELS = st.lists(st.builds(lambda i, n, p: Artikel(id=i, naam=n, verkoopprijs_incl=p), st.integers(), TEXTS, PRICES))


@settings(max_examples=50)
@given(ARTIKELS, st.sampled_from(["naam", "-naam", "verkoopprijs_incl", "-verkoopprijs_incl"]))
def test_sorting_keeps_all_and_puts_the_unknown_last(records: list[Artikel], order: str) -> None:
    field, downwards = parse_sort(order, known_fields(Artikel))
    result = list(Selection(order=[(field, downwards)]).of(records))
    assert sorted(map(id, result)) == sorted(map(id, records))
    values = [field.read(record) for record in result]
    known = [value for value in values if value is not None and (not isinstance(value, str) or fold(value))]
    assert values[: len(known)] == known
    keys = [fold(value) if isinstance(value, str) else value for value in known]
    assert keys == sorted(keys, reverse=downwards)


@settings(max_examples=50)
@given(ARTIKELS, PRICES.filter(lambda price: price is not None))
def test_comparisons_split_the_records(records: list[Artikel], price: Decimal) -> None:
    known = known_fields(Artikel)
    counts = {
        operator: sum(map(parse_where(f"verkoopprijs_incl{operator}{price}", known), records))
        for operator in ("=", "!=", "<", "<=", ">", ">=")
    }
    nothing = sum(record.verkoopprijs_incl is None for record in records)
    assert counts["="] + counts["!="] == len(records)
    assert counts["<"] + counts[">="] == counts["<="] + counts[">"] == len(records) - nothing
    assert counts["<="] == counts["<"] + counts["="]


@given(st.text(), st.text(max_size=3), st.text(max_size=3))
def test_what_contains_a_text_contains_it_in_any_case(text: str, before: str, after: str) -> None:
    artikel = Artikel(naam=before + text + after)
    if fold(text) in fold(before + text + after):  # combining marks can join what is before them
        assert text_in(text, [known_fields(Artikel)["naam"]])(artikel)


@given(ARTIKELS, st.integers(1, 5))
def test_a_limit_takes_no_more_than_it_needs(records: list[Artikel], limit: int) -> None:
    taken: list[Artikel] = []

    def each() -> Any:
        for record in records:
            taken.append(record)
            yield record

    assert list(Selection(limit=limit).of(each())) == records[:limit] == taken


def test_picked_fields_are_encoded_as_they_were_sent() -> None:
    known = known_fields(Artikel)
    fields = [find_field(name, known) for name in ("id", "verkoopprijs_incl", "categorieen", "extra", "status", "EAN")]
    plain = json.loads(encoded(ARTIKEL, fields), parse_float=Decimal)
    whole = json.loads(ARTIKEL.to_json(), parse_float=Decimal)
    assert plain == {name: whole[name] for name in plain if name != "extra"} | {"extra": {"nieuw": "iets"}}
    strange = Artikel.from_dict({"status": "NIEUW_WOORD", "fotos": [{"url": "u", "breedte": 1}]})
    assert json.loads(encoded(strange, [known["status"], known["fotos"]])) == {
        "status": "NIEUW_WOORD",
        "fotos": [{"url": "u", "is_hoofdfoto": None, "breedte": 1}],
    }


def test_leaves_and_amounts() -> None:
    assert list(leaves({"a": [1, None, "x"], "b": date(2026, 1, 31), "c": True})) == ["1", "x", "2026-01-31", "true"]
    assert amount(Decimal("1E+3")) == "1000"
    assert amount(Decimal("1E+999999")) == "1E+999999"
    assert amount(Decimal("2.345"), 2) in {"2.34", "2.35"}
