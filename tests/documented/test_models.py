"""The objects by themselves: made by hand, parsed, changed, written."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot import records
from cloudspot.decoder import RecordDecoder
from cloudspot.errors import CloudspotWarning
from cloudspot.models import artikels, auth, klanten
from cloudspot.models.artikels import Artikel, ArtikelCategorie, ArtikelFoto, ArtikelFotos, Artikels, Prijscategorie
from cloudspot.models.auth import AuthPermissions, AuthResponse, User
from cloudspot.models.base import BaseModel, ObjectListModel
from cloudspot.models.errors import Error
from cloudspot.models.klanten import Klant, Klanten
from cloudspot.models.model import own
from cloudspot.records.base import shape_of

CLASSES = [
    *(artikels.Artikel, artikels.Artikels, artikels.ArtikelCategorie, artikels.ArtikelCategorieen),
    *(artikels.ArtikelFoto, artikels.ArtikelFotos, artikels.Prijscategorie, artikels.Prijscategorieen),
    *(artikels.ExtraInformatie, artikels.ExtraInformatieList, klanten.Klant, klanten.Klanten),
    *(auth.AuthPermission, auth.AuthPermissions, auth.AuthResponse, auth.PermissionsResponse, auth.User),
    *(BaseModel, ObjectListModel, Error),
]


@pytest.mark.parametrize("kind", CLASSES)
def test_all_can_be_made_without_arguments(kind: type[BaseModel]) -> None:
    made: Any = kind()
    assert (made.hasError, made.error) == (False, None)
    assert repr(made)
    twin = pickle.loads(pickle.dumps(copy.deepcopy(made)))
    assert type(twin) is kind
    assert twin.getJSON() == made.getJSON()
    failed = kind().parseError({"message": "Geen toegang"})
    assert failed.hasError
    assert failed.error.message == "Geen toegang"


@pytest.mark.parametrize(
    ("body", "message"),
    [({"error": {"message": "a"}}, "a"), ({"error": "a"}, None), ({}, None), (None, None), ("text", "text")],
)
def test_parse_error_takes_any_body(body: Any, message: str | None) -> None:
    assert Artikels().parseError(body).error.message == message


def test_attributes_by_position_are_in_the_published_order() -> None:
    assert [*Artikel.READERS][:9] == [
        *(
            "id",
            "naam",
            "beschrijving",
            "interne_notitie",
            "merk",
            "merk_id",
            "categorie",
            "categorie_id",
            "categorieen",
        )
    ]
    assert [*Artikel.READERS][16:21] == ["inkoopprijs_incl", "bestellingtype", "units_per_bestelling", "BTW", "status"]
    assert [*Klant.READERS][:3] == ["klantennummer", "aanspreektitel", "voornaam"]
    assert [*User.READERS] == ["first_name", "last_name", "email", "company", "pin"]
    foto = ArtikelFoto("https://x/1.jpg", True)
    assert (foto.url, foto.is_hoofdfoto) == ("https://x/1.jpg", True)
    tree = ArtikelCategorie(1, naam="A", children=None)
    assert tree.children.items() == []


@pytest.mark.parametrize("record", [records.Artikel, records.Klant, records.ArtikelCategorie, records.Prijscategorie])
def test_no_attribute_of_a_record_is_missing(record: Any) -> None:
    documented = next(each for each in CLASSES if each.__name__ == record.__name__)
    assert documented.READERS.keys() == shape_of(record).fields


@pytest.mark.parametrize(("values", "named"), [(range(29), {}), ((), {"prijs": 1}), ((1,), {"id": 1})])
def test_wrong_attributes_are_misuse(values: Any, named: Any) -> None:
    with pytest.raises(TypeError):
        Artikel(*values, **named)


def test_objects_can_be_changed() -> None:
    artikel = Artikel(id=1, naam="a", verkoopprijs_excl=0, EAN=["1"])
    artikel.naam = "b"
    artikel.own = "mine"
    artikel.EAN.append("2")
    artikel.fotos.add(ArtikelFoto(url="u"))
    assert artikel.getJSON()["fotos"] == [{"url": "u"}]
    assert (artikel.getJSON()["naam"], artikel.getJSON()["own"], artikel.EAN) == ("b", "mine", ["1", "2"])
    with pytest.raises(AttributeError, match="prijs"):
        _ = artikel.prijs


def test_an_object_over_a_record_can_be_changed() -> None:
    record = records.Artikel.from_dict({"id": 1, "naam": "a", "EAN": ["1"], "fotos": [{"url": "u"}]})
    one, two = Artikels.over([record, record])
    one.naam = "b"
    one.EAN.append("2")
    one.fotos.items()[0].url = "v"
    assert (two.naam, two.EAN, two.fotos[0].url) == ("a", ["1"], "u")
    assert one.getJSON()["fotos"] == [{"url": "v"}]


def test_objects_can_become_rows() -> None:
    record = records.Artikel.from_dict({"id": 1, "nieuw": 2, "verkoopprijs_excl": "1.50"})
    (artikel,) = Artikels.over([record])
    row = vars(artikel)
    assert row["id"] == 1
    assert row["verkoopprijs_excl"] == 1.5
    assert row["nieuw"] == 2
    assert row.keys() >= {*Artikel.READERS, "hasError", "error"}
    assert {"naam", "nieuw", "getJSON"} <= {*dir(artikel)}
    artikel.__dict__["naam"] = "set"
    assert artikel.naam == "set"
    assert "hasError" not in artikel.getJSON()


def test_no_key_of_the_server_overwrites_a_method() -> None:
    row = {
        "id": 1,
        "parse": 1,
        "getJSON": 2,
        "hasError": True,
        "error": "x",
        "_record": 3,
        "__class__": 4,
        "READERS": 5,
    }
    for artikel in (Artikel().parse(row), Artikels.over([records.Artikel.from_dict(row)])[0]):
        assert artikel.hasError is False
        assert artikel.error is None
        assert type(artikel) is Artikel
        assert callable(artikel.parse)
        assert artikel.getJSON().items() >= row.items()
    assert Artikels().parse([{"items": 1, "list": 2}])[0].items == 1


LISTS = [name for name, value in Artikel().getJSON().items() if value == []]


def test_get_json_loses_nothing() -> None:
    row = {"id": 0, "naam": "", "verkoopprijs_excl": 0.0, "fotos": [{"is_hoofdfoto": False}], "EAN": [], "merk": None}
    for artikel in (Artikel().parse(row), Artikels.over([records.Artikel.from_dict(row)])[0]):
        assert artikel.getJSON() == {
            **{name: value for name, value in row.items() if value is not None},
            **{name: [] for name in LISTS if name not in row},
        }
        assert json.loads(json.dumps(artikel.getJSON())) == artikel.getJSON()
    assert Artikels().getJSON() == []


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("12.50", 12.5),
        (12, 12.0),
        (0, 0.0),
        (None, None),
        ("veel", "veel"),
        (True, True),
        ("", ""),
        (10**400, str(10**400)),  # more than a float holds
    ],
)
def test_amounts(sent: Any, read: Any) -> None:
    value = Prijscategorie().parse({"korting": sent}).korting
    assert value == read
    assert type(value) is type(read)


@pytest.mark.parametrize("sent", ["NaN", "Infinity", float("nan")])
def test_amounts_that_are_no_numbers_stay_as_sent(sent: Any) -> None:
    value = Prijscategorie().parse({"korting": sent}).korting
    assert value is sent or value == sent


@pytest.mark.parametrize("sent", [None, "x", 3, True])
def test_what_is_no_list_is_an_empty_one(sent: Any) -> None:
    assert Artikel().parse({"fotos": sent}).fotos.items() == []


@pytest.mark.parametrize("json", [None, 3, "x", [1]])
def test_what_is_no_object_is_misuse(json: Any) -> None:
    with pytest.raises(TypeError):
        Artikel().parse(json)


def test_collections() -> None:
    fotos = ArtikelFotos()
    one, two = ArtikelFoto("a"), ArtikelFoto("b")
    assert fotos.add(one) is fotos.list
    fotos.add(two)
    assert fotos.items() == [one, two]
    assert fotos.getItemIndex("url", "b") == 1
    assert fotos.getItemObject("url", "b") is two
    assert fotos.getItemIndex("url", "c") is fotos.getItemObject("nothing", 1) is None
    assert (len(fotos), bool(fotos), fotos[1], fotos[-1:], two in fotos, [*fotos]) == (
        2,
        True,
        two,
        [two],
        True,
        [one, two],
    )
    assert fotos.remove(one) == [two]
    with pytest.raises(ValueError):
        fotos.remove(one)
    fotos.list = []
    assert fotos.items() == []
    assert fotos  # as published: an object without a length
    assert fotos.parse({"url": "c"}).parse([{"url": "d"}])[1].url == "d"
    assert repr(fotos) == "<ArtikelFotos of 2>"


def test_two_collections_share_nothing() -> None:
    Artikel().fotos.add(ArtikelFoto())
    ObjectListModel().add(1)
    assert Artikel().fotos.items() == []
    assert ObjectListModel().items() == []


def test_classes_of_ones_own() -> None:
    class Regel(BaseModel):
        def __init__(self, aantal: int | None = None) -> None:
            super().__init__()
            self.aantal = aantal
            self.artikel = Artikel()

    class Regels(ObjectListModel[Regel]):
        def __init__(self) -> None:
            super().__init__(list=[], listObject=Regel)

    class Bare(BaseModel):
        def __init__(self) -> None:
            self.naam = None

    regels = Regels().parse([{"aantal": 0, "artikel": {"id": 3}, "extra": [1]}])
    assert regels[0].artikel.id == 3
    assert regels[0].getJSON()["aantal"] == 0
    assert regels[0].extra == [1]
    assert Bare().parse({"naam": "x"}).getJSON() == {"naam": "x"}

    class MijnArtikel(Artikel):
        @property
        def marge(self) -> float:
            return self.verkoopprijs_excl - self.inkoopprijs_excl

    assert MijnArtikel(verkoopprijs_excl=3.0, inkoopprijs_excl=1.0).marge == 2.0
    assert type(Artikels().parse([{}])[0]) is Artikel


def test_failures_can_be_set_by_hand() -> None:
    artikels = Artikels()
    artikels.hasError = True
    assert (artikels.hasError, artikels.error, artikels.items()) == (True, None, [])
    artikels.error = Error("mine")
    assert artikels.error.message == "mine"
    artikels.hasError = False
    assert artikels.error is None


def test_a_parsed_failure_warns_too() -> None:
    with pytest.warns(CloudspotWarning, match="Geen toegang"):
        assert Artikels().parseError({"message": "Geen toegang"}).items() == []


def test_a_repr_shows_neither_token_nor_person() -> None:
    answer = AuthResponse("secret-token", "Kist").parse({"permissions": [{"permission": "see"}]})
    assert isinstance(answer.permissions, AuthPermissions)
    assert answer.permissions[0].permission == "see"
    shown = repr([answer, User("An", "Peeters", "an@x.be", pin="1234"), Klant(7, voornaam="An"), Klanten()])
    assert not any(secret in shown for secret in ("secret-token", "1234", "An", "x.be"))


amounts = (
    st.none()
    | st.integers(-(10**9), 10**9)
    | st.decimals(-(10**6), 10**6, places=2).map(str)
    | st.floats(allow_nan=False, allow_infinity=False)
)
AMOUNTS = shape_of(records.Artikel).amounts | shape_of(records.Prijscategorie).amounts
texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.none() | st.integers(-(2**63), 2**63 - 1)


def rows(kind: type[BaseModel], depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """Any JSON object of that class, with fields that this release doesn't know."""
    record = kind.RECORD
    assert record is not None
    shape, hints = shape_of(record), {name: str(hint) for name, hint in get_type_hints(record).items()}
    fields: dict[str, Any] = {}
    for name in kind.READERS:
        if name in shape.nested:
            inner = next(each for each in CLASSES if each.RECORD is shape.nested[name])
            fields[name] = st.none() | st.lists(rows(inner, depth - 1), max_size=2) if depth else st.just([])
        elif name in AMOUNTS:
            fields[name] = amounts
        elif "int" in hints[name]:
            fields[name] = numbers
        elif "bool" in hints[name]:
            fields[name] = st.none() | st.booleans()
        else:
            fields[name] = st.none() | st.lists(st.text(max_size=3), max_size=2) if name == "EAN" else texts
    known = st.fixed_dictionaries({}, optional=fields)
    unknown = st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1).map(lambda word: f"nieuw_{word}"),
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.lists(st.integers(), max_size=2),
        max_size=2,
    )
    return st.builds(lambda a, b: a | b, known, unknown)


def check(model: Any, row: dict[str, Any]) -> None:
    for name, sent in row.items():
        value = getattr(model, name)
        if isinstance(value, ObjectListModel):
            assert len(value) == len(sent or [])
            for inner, inner_row in zip(value, sent or [], strict=True):
                check(inner, inner_row)
        elif name in AMOUNTS and sent is not None:
            assert type(value) is float
            assert value == float(sent)
        else:
            assert value == ([] if name == "EAN" and sent is None else sent)
            assert not isinstance(value, records.OpenEnum)
    written = model.getJSON()
    assert {name for name, sent in row.items() if sent is not None} <= written.keys()
    assert None not in written.values()
    assert json.loads(json.dumps(written)) == written


def decoded(kind: type[Any], row: Any) -> Any:
    decoder = RecordDecoder(kind.RECORD)
    document = json.dumps({"data": [row]}).encode()
    (model,) = kind.of_records(decoder.feed(document) + decoder.finish())
    return model


@given(rows(Artikel))
def test_attributes_are_what_the_json_says(row: dict[str, Any]) -> None:
    check(Artikel().parse(row), row)
    model = decoded(Artikel, row)
    check(model, row)
    assert Artikel().parse(model.getJSON()).getJSON() == model.getJSON()
    assert decoded(Artikel, row).getJSON() == model.getJSON() == Artikel().parse(row).getJSON()


@given(rows(Klant))
def test_clients_are_what_the_json_says(row: dict[str, Any]) -> None:
    check(Klant().parse(row), row)
    check(decoded(Klant, row), row)


def test_a_list_costs_only_what_is_looked_at() -> None:
    one, two = Artikels.over([records.Artikel(id=1), records.Artikel(id=2)])
    assert (one.id, one.fotos.items()) == (1, [])
    assert own(one).keys() == {"id", "fotos"}
    assert own(two) == {}
