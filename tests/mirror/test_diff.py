"""What is a change and what is not; what the guard thinks of a plan."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot import Artikel, Klant
from cloudspot.mirror import FieldChange, Guard
from cloudspot.mirror.diff import compare, from_json, same, to_json
from cloudspot.mirror.guard import Plan, objections
from cloudspot.mirror.resources import ARTIKELS, CATEGORIEEN, KLANTEN, flattened

amounts = st.none() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)
extras = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
artikels = st.fixed_dictionaries(
    {"id": st.integers(1, 9)},
    optional={
        "naam": st.none() | st.text(max_size=5),
        "BTW": amounts.map(lambda amount: amount if amount is None else str(amount)),
        "status": st.sampled_from([None, "ZICHTBAAR", "NIEUW"]),
        "EAN": st.none() | st.lists(st.text(max_size=3), max_size=3),
        "fotos": st.lists(st.fixed_dictionaries({"url": st.text(max_size=3)}, optional={"x": extras}), max_size=3),
        "nieuw": extras,
    },
).map(Artikel.from_dict)


def values(artikel: Artikel) -> dict[str, Any]:
    return {name: change.new for name, change in compare(None, artikel).items()}


@given(artikels, artikels)
def test_a_diff_leads_from_one_to_the_other(old: Artikel, new: Artikel) -> None:
    state = values(old)
    for name, change in compare(old, new).items():
        assert same(state.pop(name, None), change.old)
        if change.new is not None:
            state[name] = change.new
    assert state.keys() == values(new).keys()
    assert all(same(value, state[name]) for name, value in values(new).items())


@given(artikels)
def test_nothing_differs_from_itself(artikel: Artikel) -> None:
    assert compare(artikel, artikel) == {}
    shuffled = Artikel.from_dict(dict(reversed(artikel.to_dict().items())))
    assert compare(artikel, shuffled) == {}


@given(artikels, artikels)
def test_a_diff_survives_its_text(old: Artikel, new: Artikel) -> None:
    changes = compare(old, new)
    assert from_json(to_json(changes), Artikel) == changes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"BTW": "1.5"}, {"BTW": 1.50}),
        ({"BTW": "12"}, {"BTW": 12}),
        ({"naam": None}, {}),
        ({"fotos": None}, {"fotos": []}),
        ({"x": None}, {}),
        ({"x": {"a": 1, "b": 2}}, {"x": {"b": 2, "a": 1}}),
        (
            {"prijscategorieen": [{"label": "a", "korting": "5.0"}]},
            {"prijscategorieen": [{"korting": 5, "label": "a"}]},
        ),
    ],
)
def test_the_same_in_other_words(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert compare(Artikel.from_dict(old), Artikel.from_dict(new)) == {}


@pytest.mark.parametrize(("old", "new"), [(1, True), (0, False), ([1], [True]), ({"a": 1}, {"a": True}), ("1", 1)])
def test_what_python_takes_for_the_same(old: Any, new: Any) -> None:
    assert set(compare(Artikel.from_dict({"x": old}), Artikel.from_dict({"x": new}))) == {"x"}


def test_dates_and_titles_are_typed() -> None:
    old = Klant.from_dict({"klantennummer": 1, "geboortedatum": "24/11/1980", "aanspreektitel": "Mevr."})
    assert (
        compare(old, Klant.from_dict({"klantennummer": 1, "geboortedatum": "1980-11-24", "aanspreektitel": "Mevr."}))
        == {}
    )
    changes = from_json(to_json(compare(old, Klant(klantennummer=1))), Klant)
    assert changes["geboortedatum"].old == old.geboortedatum
    assert changes["aanspreektitel"].old == "Mevr."


def test_lists_tell_what_came_and_went() -> None:
    change = FieldChange(("a", "b", "b"), ("b", "c"))
    assert (change.added, change.removed) == (["c"], ["a", "b"])
    assert (FieldChange(None, ("a",)).added, FieldChange(1, 2).added) == (["a"], [])


def test_columns() -> None:
    assert ARTIKELS.columns["BTW"] is Decimal
    assert not {"fotos", "EAN", "beschrijving"} & set(ARTIKELS.columns)
    assert ARTIKELS.words == ("voorraad_bijhouden", "bestellingtype", "status")
    assert list(CATEGORIEEN.columns) == ["id", "naam", "parent", "position"]
    assert KLANTEN.columns["is_bedrijf"] is bool


def test_trees_lie_flat() -> None:
    root = {"id": 1, "naam": "a", "x": 7, "children": [{"id": 2, "children": None}, {"id": 3, "children": [{"id": 4}]}]}
    assert [json.loads(bytes(row)) for row in flattened(json.dumps(root).encode(), 9)] == [
        {"id": 1, "naam": "a", "x": 7, "parent": None, "position": 9},
        {"id": 2, "parent": 1, "position": 1},
        {"id": 3, "parent": 1, "position": 2},
        {"id": 4, "parent": 3, "position": 1},
    ]


def plan(**numbers: int) -> Plan:
    nothing = dict.fromkeys(("created", "deleted", "invalid", "without_key"), 0)
    return Plan(**(nothing | {"known": 100, "seen": 100, "found": 100} | numbers))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(), None),
        (plan(deleted=20, found=80, seen=80), None),
        (plan(deleted=21, found=79, seen=79), "21 of the 100 records of the mirror would be deleted"),
        (plan(known=1000, seen=800, found=800, deleted=200), None),
        (plan(known=10, seen=5, found=5, deleted=5), None),
        (plan(seen=0, found=0, deleted=100), "the answer is empty"),
        (plan(known=0, seen=0, found=0), None),
        (plan(known=3, seen=3, found=0, deleted=3, created=3), "another company"),
        (plan(known=3, seen=3, found=1, deleted=2, created=2), None),
        (plan(without_key=1, invalid=1), "have no key"),
        (plan(invalid=20), None),
        (plan(invalid=21), "21 of the 100 records can't be read"),
        (plan(seen=1000, invalid=100), None),
    ],
)
def test_the_guard(made: Plan, said: str | None) -> None:
    found = objections(Guard(), made)
    assert (said in found[0]) if said else not found
    about_deletes = said and any(word in said for word in ("deleted", "empty", "company"))
    assert bool(objections(Guard(), made, confirm_deletes=True)) == bool(said and not about_deletes)


def test_a_guard_of_one_s_own() -> None:
    assert objections(Guard(deleted_rows=0, deleted_share=0.0), plan(deleted=1, found=99))
    assert not objections(Guard(deleted_share=1.0, without_key=3, invalid_share=1.0), plan(without_key=3, invalid=99))
