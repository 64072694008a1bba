"""The records: every field in every form the protocol allows, and nothing lost on the way."""

from __future__ import annotations

import copy
import datetime
import json
import pickle
import re
from decimal import Decimal
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot import (
    Aanspreektitel,
    Artikel,
    ArtikelCategorie,
    ArtikelFoto,
    ArtikelStatus,
    Bestellingtype,
    ExtraInformatie,
    InvalidField,
    Klant,
    Prijscategorie,
    VoorraadBijhouden,
)
from cloudspot.records import Record
from cloudspot.records import artikels as artikels_module
from cloudspot.records.base import shape_of

TYPES: list[type[Record]] = [Artikel, ArtikelCategorie, ArtikelFoto, ExtraInformatie, Klant, Prijscategorie]

ARTIKEL = {
    "id": 125, "naam": "Gouda jong", "beschrijving": "<p>Kaas & zo</p>", "interne_notitie": "", "merk": "Boer",
    "merk_id": 0, "categorie": "Kaas", "categorie_id": 7,
    "categorieen": [{"id": 7, "naam": "Kaas", "children": [{"id": 8, "naam": "Jong", "children": []}]}],
    "SKU": "K-1", "voorraad_bijhouden": "FYSIEK", "op_voorraad": 12.5, "product_url": "https://x.example/a",
    "verkoopprijs_excl": 10, "verkoopprijs_incl": "10.60", "inkoopprijs_excl": 0, "inkoopprijs_incl": "0.00",
    "BTW": "6", "bestellingtype": "BESTELLING", "units_per_bestelling": 1.0, "status": "ZICHTBAAR",
    "fotos": [{"url": "a.jpg", "is_hoofdfoto": False}, {"url": "b.jpg", "is_hoofdfoto": True}],
    "prijscategorieen": [{"label": "Horeca", "label_id": 3, "type": "PERCENTAGE", "korting": "10",
                          "verkoopprijs_excl": 9, "verkoopprijs_incl": 9.54}],
    "EAN": ["5412345678908"], "samenstellingen": [{"text": "melk", "taal": "nl", "taal_display": "Nederlands"}],
    "ruwe_grondstoffen": [], "gebruiksaanwijzingen": None, "meer_info": [{"text": None, "taal": "fr"}],
}  # fmt: skip
KLANT = {
    "klantennummer": 17, "aanspreektitel": "Mevr.", "voornaam": "An", "achternaam": "Peeters", "straat": "Kerkstraat",
    "huisnummer": "12A", "busnummer": "3", "postcode": "0800", "plaats": "Gent", "land": "BE",
    "geboortedatum": "1980-02-01", "geboorteplaats": "Luik", "is_bedrijf": False, "bedrijfsnaam": "",
    "BTW_nummer": None, "ondernemingsnummer": None,
}  # fmt: skip


def test_an_artikel_is_typed() -> None:
    artikel = Artikel.from_dict(ARTIKEL)
    assert set(shape_of(Artikel).fields) == ARTIKEL.keys()
    assert artikel.id == 125
    assert artikel.verkoopprijs_incl == Decimal("10.60")
    assert str(artikel.verkoopprijs_incl) == "10.60"
    assert artikel.op_voorraad == Decimal("12.5")
    assert artikel.inkoopprijs_excl == 0
    assert artikel.interne_notitie == ""
    assert artikel.merk_id == 0
    assert artikel.status is ArtikelStatus.ZICHTBAAR
    assert artikel.voorraad_bijhouden is VoorraadBijhouden.FYSIEK
    assert artikel.bestellingtype is Bestellingtype.BESTELLING
    assert artikel.categorieen[0].children[0] == ArtikelCategorie(id=8, naam="Jong")
    assert artikel.fotos[0].is_hoofdfoto is False
    assert artikel.prijscategorieen[0].korting == 10
    assert artikel.EAN == ("5412345678908",)
    assert artikel.samenstellingen == (ExtraInformatie(text="melk", taal="nl", taal_display="Nederlands"),)
    assert artikel.gebruiksaanwijzingen == ()
    assert artikel.extra == {}


def test_a_klant_is_typed() -> None:
    klant = Klant.from_dict(KLANT)
    assert set(shape_of(Klant).fields) == KLANT.keys()
    assert klant.geboortedatum == datetime.date(1980, 2, 1)
    assert klant.aanspreektitel is Aanspreektitel.MEVROUW
    assert (klant.postcode, klant.huisnummer, klant.is_bedrijf) == ("0800", "12A", False)


def test_the_protocol_and_the_records_agree() -> None:
    assert shape_of(Artikel).amounts == {
        "op_voorraad", "verkoopprijs_excl", "verkoopprijs_incl", "inkoopprijs_excl", "inkoopprijs_incl", "BTW",
        "units_per_bestelling",
    }  # fmt: skip
    assert shape_of(Klant).dates == {"geboortedatum"}
    assert (Artikel.KEY, ArtikelCategorie.KEY, Klant.KEY) == ("id", "id", "klantennummer")


@pytest.mark.parametrize("kind", TYPES)
def test_every_field_is_optional_and_may_be_null(kind: type[Record]) -> None:
    empty = kind.from_dict({})
    nulls = kind.from_dict(dict.fromkeys(shape_of(kind).fields))
    assert nulls == empty == kind()
    for name in shape_of(kind).fields:
        value = getattr(nulls, name)
        assert value is None or value == ()
    assert kind.from_json(nulls.to_json()) == nulls


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_checked_is_what_is_annotated(kind: type[Record]) -> None:
    """The names given to `checked` against the annotations: a null for each list, a NaN for each amount."""
    shape = shape_of(kind)
    lists = [name for name, hint in get_type_hints(kind).items() if name in shape.fields and "tuple" in str(hint)]
    for name in lists:
        assert getattr(kind.from_dict({name: None}), name) == ()
        assert getattr(msgspec.json.decode(b'{"%s": null}' % name.encode(), type=kind), name) == ()
    for name in shape.amounts:
        for value in ("NaN", "sNaN", "Infinity", "-Infinity", float("nan"), float("inf"), Decimal("NaN")):
            with pytest.raises(InvalidField) as caught:
                kind.from_dict({name: value})
            assert caught.value.field == name
            assert caught.value.value is value
    assert set(lists) >= set(shape.nested)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12.5, "12.5"), (12, "12"), ("12.50", "12.50"), ("12", "12"), (0, "0"), (0.1, "0.1"), ("-0.01", "-0.01"),
        (Decimal("9.99"), "9.99"), ("1e3", "1E+3"), (10**30, str(10**30)),
    ],
)  # fmt: skip
def test_amounts(value: object, expected: str) -> None:
    assert str(Artikel.from_dict({"BTW": value}).BTW) == expected
    document = json.dumps({"BTW": value}, default=str)
    assert str(Artikel.from_json(document).BTW) == expected


@pytest.mark.parametrize("value", ["", "duur", "12,50", "€ 12", True, [], {}, "0x10", "1.2.3"])
def test_no_amounts(value: object) -> None:
    with pytest.raises(InvalidField) as caught:
        Artikel.from_dict({"id": 1, "BTW": value})
    assert (caught.value.field, caught.value.value) == ("BTW", value)
    assert str(caught.value).startswith("`BTW`: ")


@pytest.mark.parametrize("value", ["1980-02-01", "01/02/1980", "1/2/1980"])
def test_dates(value: str) -> None:
    assert Klant.from_dict({"geboortedatum": value}).geboortedatum == datetime.date(1980, 2, 1)
    assert Klant.from_json(json.dumps({"geboortedatum": value})).geboortedatum == datetime.date(1980, 2, 1)


@pytest.mark.parametrize(
    "value", ["31/02/1980", "1980-13-01", "02-01-1980", "1/2/80", "gisteren", 19800201, "", "0/0/0000"]
)
def test_no_dates(value: object) -> None:
    with pytest.raises(InvalidField) as caught:
        Klant.from_dict({"geboortedatum": value})
    assert (caught.value.field, caught.value.value) == ("geboortedatum", value)


@pytest.mark.parametrize(
    ("kind", "plain", "field", "value"),
    [
        (Artikel, {"id": "x"}, "id", "x"),
        (Artikel, {"fotos": [{}, {"url": 1}]}, "fotos[1].url", 1),
        (Artikel, {"prijscategorieen": [{"korting": "x"}]}, "prijscategorieen[0].korting", "x"),
        (Artikel, {"prijscategorieen": [{"verkoopprijs_incl": "NaN"}]}, "prijscategorieen[0].verkoopprijs_incl", "NaN"),
        (Artikel, {"categorieen": [{"children": [{"naam": []}]}]}, "categorieen[0].children[0].naam", []),
        (Artikel, {"EAN": ["a", 2]}, "EAN[1]", 2),
        (Artikel, {"fotos": 5}, "fotos", 5),
        (Artikel, {"fotos": [5]}, "fotos[0]", 5),
        (Artikel, {"status": 1}, "status", 1),
        (Klant, {"is_bedrijf": "ja"}, "is_bedrijf", "ja"),
        (Klant, {"postcode": 9000}, "postcode", 9000),
        (Artikel, [], "", []),
        (Artikel, None, "", None),
        (Artikel, "x", "", "x"),
        (Artikel, 5, "", 5),
    ],
)  # fmt: skip
def test_an_invalid_field_is_named(kind: type[Record], plain: object, field: str, value: object) -> None:
    with pytest.raises(InvalidField) as caught:
        kind.from_dict(plain)
    error = caught.value
    assert (error.field, error.value) == (field, value)
    again = pickle.loads(pickle.dumps(error))
    assert (again.field, again.value, again.reason, str(again)) == (field, value, error.reason, str(error))


def test_no_json() -> None:
    for text in ("", "{", "[1", b"\xff", "{'a': 1}", "nonsense"):
        with pytest.raises(ValueError):
            Artikel.from_json(text)
    with pytest.raises(InvalidField):
        Artikel.from_json(b'{"x":' * 5000 + b"1" + b"}" * 5000)


UNKNOWN = {
    "id": 1, "nieuw": 5, "leeg": None, "nul": 0, "onwaar": False, "tekst": "",
    "diep": {"a": [1, {"b": Decimal("1.5")}]},
    "fotos": [{"url": "a", "breedte": 800, "x": {"is_hoofdfoto": 1}}],
    "categorieen": [{"id": 1, "kleur": "rood", "children": [{"id": 2, "kleur": None}]}],
    "extra": 1, "_extra": 2, "+extra": 3, "KEY": 4, "to_dict": 5,
}  # fmt: skip


def test_unknown_fields_survive() -> None:
    artikel = Artikel.from_dict(UNKNOWN)
    assert artikel.extra["nieuw"] == 5
    assert artikel.fotos[0].extra == {"breedte": 800, "x": {"is_hoofdfoto": 1}}
    assert artikel.categorieen[0].children[0].extra == {"kleur": None}
    plain = artikel.to_dict()
    assert UNKNOWN.items() <= {**plain, "fotos": UNKNOWN["fotos"], "categorieen": UNKNOWN["categorieen"]}.items()
    assert plain["fotos"][0]["breedte"] == 800
    assert plain["categorieen"][0]["children"][0]["kleur"] is None
    assert Artikel.from_dict(plain) == artikel
    assert Artikel.from_json(artikel.to_json()) == artikel
    assert json.loads(artikel.to_json())["diep"] == {"a": [1, {"b": 1.5}]}
    assert callable(artikel.to_dict)


def test_nothing_falsy_is_dropped() -> None:
    plain = {"id": 0, "naam": "", "op_voorraad": 0, "EAN": [], "fotos": [{"url": "", "is_hoofdfoto": False}]}
    for again in (Artikel.from_dict(plain).to_dict(), json.loads(Artikel.from_dict(plain).to_json())):
        assert plain.items() <= {**again, "fotos": plain["fotos"]}.items()
        assert again["fotos"][0] == {"url": "", "is_hoofdfoto": False}


def test_the_json_of_a_record() -> None:
    document = Artikel.from_dict({"id": 1, "BTW": "21.00", "status": "ANDERS"}).to_json()
    assert b'"BTW":21.00' in document
    assert b'"status":"ANDERS"' in document
    assert b'"naam":null' in document
    assert b'"geboortedatum":"1980-02-01"' in Klant.from_dict({"geboortedatum": "1/2/1980"}).to_json()
    assert Klant.from_dict({"geboortedatum": "1/2/1980"}).to_dict()["geboortedatum"] == datetime.date(1980, 2, 1)


@pytest.mark.parametrize("word", ["NIEUW", "zichtbaar", "", "è", "NIET VERKOOPBAAR"])
def test_an_unknown_word_is_itself(word: str) -> None:
    status: Any = Artikel.from_dict({"status": word}).status
    assert status == word
    assert str(status) == word
    assert f"{status}" == word
    assert hash(status) == hash(word)
    assert {word: 1}[status] == 1
    assert isinstance(status, ArtikelStatus)
    assert not status.is_known
    for again in (pickle.loads(pickle.dumps(status)), copy.copy(status), copy.deepcopy(status), ArtikelStatus(word)):
        assert again == status
        assert type(again) is ArtikelStatus
    assert word in repr(status)
    assert word not in list(ArtikelStatus)
    assert Artikel.from_json(b'{"status": %s}' % json.dumps(word).encode()).status == word
    assert Artikel(status=status).to_dict()["status"] == word


@pytest.mark.parametrize("kind", [ArtikelStatus, VoorraadBijhouden, Bestellingtype, Aanspreektitel])
def test_known_words(kind: Any) -> None:
    for word in kind:
        assert word == word.value
        assert hash(word) == hash(word.value)
        assert word.is_known
        assert kind(word.value) is word
        assert pickle.loads(pickle.dumps(word)) is word
    with pytest.raises(ValueError):
        kind(5)


@pytest.mark.parametrize("record", [Artikel.from_dict(ARTIKEL), Artikel.from_dict(UNKNOWN), Klant.from_dict(KLANT)])
def test_records_are_values(record: Record) -> None:
    for again in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
        assert again == record
        assert hash(again) == hash(record)
        assert again.extra == record.extra
    assert len({record, copy.copy(record), type(record)()}) == 2
    assert record != type(record)()
    with pytest.raises(AttributeError):
        record.naam = "x"  # type: ignore[attr-defined]
    assert type(record).__name__ in repr(record)
    assert msgspec.structs.replace(record).to_dict() == record.to_dict()


# --- Properties ---------------------------------------------------------------------------------------------------

plain_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: number != number.to_integral_value())
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
unknown = st.dictionaries(st.text(max_size=6).filter(lambda name: f"{name}" not in FIELDS), plain_json, max_size=2)
FIELDS = {name for kind in TYPES for name in shape_of(kind).fields}
amount = st.none() | st.decimals(allow_nan=False, allow_infinity=False) | st.integers()
date_text = st.dates().map(lambda day: f"{day:%d/%m/}{day.year:04}") | st.dates().map(str)


def of(known: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda a, b: {**b, **a}, st.fixed_dictionaries({}, optional=known), unknown)


text = st.none() | st.text()
texts = of(dict.fromkeys(("text", "taal", "taal_display"), text))
categories = st.recursive(
    of({"id": st.none() | st.integers(), "naam": text}),
    lambda inner: of({"id": st.integers(), "naam": text, "children": st.none() | st.lists(inner, max_size=3)}),
    max_leaves=6,
)
artikels = of(
    {
        "id": st.none() | st.integers(),
        "naam": text,
        "status": st.none() | st.sampled_from(["ZICHTBAAR", "X"]) | st.text(),
        **dict.fromkeys(shape_of(Artikel).amounts, amount),
        "EAN": st.none() | st.lists(st.text(), max_size=3),
        "categorieen": st.none() | st.lists(categories, max_size=2),
        "fotos": st.none() | st.lists(of({"url": text, "is_hoofdfoto": st.none() | st.booleans()}), max_size=3),
        "prijscategorieen": st.none() | st.lists(of({"korting": amount, "label_id": st.integers()}), max_size=2),
        "meer_info": st.none() | st.lists(texts, max_size=2),
    }
)
klanten = of(
    {
        "klantennummer": st.integers(),
        "geboortedatum": st.none() | date_text,
        "postcode": text,
        "is_bedrijf": st.booleans(),
    }
)


@given(artikels)
def test_an_artikel_goes_round(plain: dict[str, Any]) -> None:
    goes_round(Artikel, plain)


@given(klanten)
def test_a_klant_goes_round(plain: dict[str, Any]) -> None:
    goes_round(Klant, plain)


@given(categories)
def test_a_category_goes_round(plain: dict[str, Any]) -> None:
    goes_round(ArtikelCategorie, plain)


def goes_round(kind: type[Record], plain: dict[str, Any]) -> None:
    record = kind.from_dict(plain)
    assert kind.from_dict(record.to_dict()) == record
    assert kind.from_json(record.to_json()) == record
    assert kind.from_json(record.to_json().decode()) == record
    assert pickle.loads(pickle.dumps(record)) == record
    assert kind.from_dict(record.to_dict()).to_json() == record.to_json()
    json.loads(record.to_json())
    for name, value in record.extra.items():
        assert plain[name] == value


# --- Helpers ------------------------------------------------------------------------------------------------------


def test_hoofdfoto() -> None:
    first, marked = ArtikelFoto(url="a"), ArtikelFoto(url="b", is_hoofdfoto=True)
    assert Artikel(fotos=(first, marked)).hoofdfoto is marked
    assert Artikel(fotos=(first,)).hoofdfoto is first
    assert Artikel().hoofdfoto is None


def test_is_zichtbaar() -> None:
    assert Artikel(status=ArtikelStatus.ZICHTBAAR).is_zichtbaar
    assert not Artikel(status=ArtikelStatus.GEDEACTIVEERD).is_zichtbaar
    assert not Artikel.from_dict({"status": "ANDERS"}).is_zichtbaar
    assert not Artikel().is_zichtbaar


TREE = ArtikelCategorie.from_dict(
    {"id": 1, "naam": "A", "children": [
        {"id": 2, "naam": "B", "children": [{"id": 3, "naam": "C"}]}, {"id": 4}, {"id": None, "naam": "E"},
    ]}
)  # fmt: skip


def test_the_tree_of_categories() -> None:
    assert [categorie.id for categorie in TREE.walk()] == [1, 2, 3, 4, None]
    assert [len(line) for line in TREE.lines()] == [1, 2, 3, 2, 2]
    assert TREE.path(3) == "A > B > C"
    assert TREE.path(4) == "A > ?"
    assert TREE.path(1) == TREE.path() == "A"
    assert TREE.path(99) is None
    assert artikels_module.path_text(()) == ""


def test_a_deep_tree() -> None:
    tree = ArtikelCategorie(id=10_000, naam="x")
    for number in range(9_999, 0, -1):
        tree = ArtikelCategorie(id=number, naam="x", children=(tree,))
    assert sum(1 for _ in tree.walk()) == 10_000
    path = tree.path(10_000)
    assert path is not None
    assert path.count(" > ") == 9_999


@pytest.mark.parametrize(
    ("plain", "naam"),
    [
        (KLANT, "An Peeters"), ({}, ""), ({"voornaam": "An"}, "An"), ({"achternaam": "Peeters"}, "Peeters"),
        ({"is_bedrijf": True, "bedrijfsnaam": "Kaas NV", "voornaam": "An"}, "Kaas NV"),
        ({"is_bedrijf": True, "bedrijfsnaam": "", "voornaam": "An"}, "An"),
        ({"is_bedrijf": False, "bedrijfsnaam": "Kaas NV", "voornaam": "An"}, "An"),
        ({"is_bedrijf": None, "bedrijfsnaam": None, "voornaam": None}, ""),
    ],
)  # fmt: skip
def test_naam(plain: dict[str, Any], naam: str) -> None:
    assert Klant.from_dict(plain).naam == naam


@pytest.mark.parametrize(
    ("plain", "adres"),
    [
        (KLANT, "Kerkstraat 12A bus 3, 0800 Gent, BE"), ({}, ""), ({"plaats": "Gent"}, "Gent"),
        ({"straat": "Kerkstraat", "land": "NL"}, "Kerkstraat, NL"), ({"postcode": "0800"}, "0800"),
    ],
)  # fmt: skip
def test_adres(plain: dict[str, Any], adres: str) -> None:
    assert Klant.from_dict(plain).adres == adres


@pytest.mark.parametrize("kind", TYPES)
def test_every_field_is_documented_by_its_type(kind: type[Record]) -> None:
    hints = get_type_hints(kind)
    assert kind.__doc__
    assert not re.search(r"^msgspec|Struct", kind.__doc__)
    assert all(name in hints for name in shape_of(kind).fields)
    assert not any("Any" in str(hints[name]) or "float" in str(hints[name]) for name in shape_of(kind).fields)
