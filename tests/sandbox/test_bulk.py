"""Many records at once: which change, how prices stay in agreement, and that it is all or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.records import Artikel, InvalidField, Prijscategorie
from cloudspot.sandbox import NoSuchRecord, Sandbox
from cloudspot.sandbox.price_rules import with_changed_prices

amounts = st.decimals(0, 100_000, places=2)
percentages = st.decimals(-100, 1000, places=3)


@pytest.fixture
def sandbox(database: str) -> Iterator[Sandbox]:
    with Sandbox(artikels=700, klanten=40, database=database) as running:
        yield running


def euro(text: str) -> Decimal:
    return Decimal(text)


def test_prices_agree_after_a_change() -> None:
    groups = (
        Prijscategorie(
            type="PERCENTAGE", korting=euro("10"), verkoopprijs_excl=euro("9"), verkoopprijs_incl=euro("10.89")
        ),
        Prijscategorie(type="VASTE_PRIJS", verkoopprijs_excl=euro("8.05"), verkoopprijs_incl=euro("9.74")),
        Prijscategorie(type="PERCENTAGE", korting=euro("10"), verkoopprijs_excl=None, verkoopprijs_incl=None),
    )
    artikel = Artikel(
        id=1, BTW=euro("21"), verkoopprijs_excl=euro("10"), verkoopprijs_incl=euro("12.1"),
        inkoopprijs_excl=euro("5"), inkoopprijs_incl=euro("6.05"), prijscategorieen=groups,
    )  # fmt: skip
    raised = with_changed_prices(artikel, euro("3"), ["verkoop"])
    assert (raised.verkoopprijs_excl, raised.verkoopprijs_incl) == (euro("10.30"), euro("12.46"))
    assert [each.verkoopprijs_excl for each in raised.prijscategorieen] == [euro("9.27"), euro("8.29"), None]
    assert [each.verkoopprijs_incl for each in raised.prijscategorieen] == [euro("11.22"), euro("10.03"), None]
    assert raised.inkoopprijs_excl == 5
    both = with_changed_prices(artikel, euro("-50"), ["verkoop", "inkoop"])
    assert (both.verkoopprijs_incl, both.inkoopprijs_excl, both.inkoopprijs_incl) == (
        euro("6.05"),
        euro("2.50"),
        euro("3.03"),
    )


def test_half_a_cent_is_rounded_up_and_what_is_empty_stays_empty() -> None:
    half = Artikel(verkoopprijs_excl=euro("0.50"), verkoopprijs_incl=euro("0.55"))
    raised = with_changed_prices(half, euro("1"), ["verkoop"])
    assert (raised.verkoopprijs_excl, raised.verkoopprijs_incl) == (euro("0.51"), euro("0.56"))
    empty = with_changed_prices(Artikel(BTW=euro("21")), euro("3"), ["verkoop", "inkoop"])
    assert empty == Artikel(BTW=euro("21"))
    only_incl = with_changed_prices(Artikel(BTW=euro("6"), verkoopprijs_incl=euro("10")), euro("10"), ["verkoop"])
    assert (only_incl.verkoopprijs_excl, only_incl.verkoopprijs_incl) == (None, euro("11.00"))


@given(amounts, amounts, st.sampled_from([0, 6, 12, 21]), percentages)
def test_with_vat_always_follows_from_without(excl: Decimal, incl: Decimal, btw: int, percentage: Decimal) -> None:
    changed = with_changed_prices(
        Artikel(BTW=Decimal(btw), verkoopprijs_excl=excl, verkoopprijs_incl=incl), percentage, ["verkoop"]
    )
    assert changed.verkoopprijs_excl is not None
    assert changed.verkoopprijs_incl is not None
    assert abs(changed.verkoopprijs_excl - excl * (100 + percentage) / 100) <= euro("0.005")
    assert abs(changed.verkoopprijs_incl - changed.verkoopprijs_excl * (100 + btw) / 100) <= euro("0.005")
    assert changed.verkoopprijs_excl.as_tuple().exponent == -2


def test_a_category_gets_more_expensive(sandbox: Sandbox) -> None:
    before = {each.id: each for each in sandbox.artikels.search(limit=1000).records}
    ids = {each.id for each in sandbox.artikels.search(categorie="Voeding", limit=1000).records}
    listing = iter(sandbox.store.listing(1, "artikels"))
    first = next(listing)
    expected = sandbox.store.listing(1, "artikels")
    whole = b"".join(expected)
    etag = expected.collection.state
    done = sandbox.artikels.change_prices(3, categorie="Voeding")
    assert done.selected == len(ids)
    assert 0 < done.changed <= len(ids)
    assert first + b"".join(listing) == whole
    now = sandbox.store.listing(1, "artikels")
    assert now.collection.state != etag
    assert now.length == len(b"".join(now))
    for each in sandbox.artikels.search(limit=1000).records:
        old = before[each.id]
        expect = with_changed_prices(old, Decimal(3), ["verkoop"]) if each.id in ids else old
        assert each == expect
    dearest = sandbox.artikels.search(sort="verkoopprijs_excl", descending=True, limit=1).records[0]
    assert dearest == sandbox.artikels.get(dearest.id)


def test_fields_of_many(sandbox: Sandbox) -> None:
    assert sandbox.artikels.update_many({"merk": "Nieuw", "status": "ZICHTBAAR"}, ids=[125, 126, 125]) == (2, 2)
    assert sandbox.artikels.update_many({"merk": "Nieuw"}, ids=[125, 127], merk="nieuw") == (1, 0)
    assert sandbox.artikels.search(merk="NIEUW").total == 2
    kist = sandbox.artikels.search("kist", limit=1000).records
    stocked = [each for each in kist if each.op_voorraad is not None]
    assert sandbox.artikels.update_many({"op_voorraad": None}, text="kist") == (len(kist), len(stocked))
    assert sandbox.klanten.update_many({"land": "NL"}).selected == 40
    assert sandbox.klanten.search(land="NL").total == 40
    assert sandbox.artikels.change_prices(0, {"merk": "Samen"}, ids=[125]) == (1, 1)
    assert sandbox.artikels.get(125).merk == "Samen"


def test_all_or_none(sandbox: Sandbox) -> None:
    before = sandbox.store.collection(1, "artikels")
    whole = b"".join(sandbox.store.listing(1, "artikels"))
    sandbox.artikels.update(824, verkoopprijs_excl="9" * 18)
    changed = sandbox.store.collection(1, "artikels")
    refused = [
        (ValueError, lambda: sandbox.artikels.change_prices(3)),
        (NoSuchRecord, lambda: sandbox.artikels.update_many({"merk": "x"}, ids=[*range(125, 824), 10**6])),
        (InvalidField, lambda: sandbox.artikels.update_many({"prijs": 1})),
        (InvalidField, lambda: sandbox.artikels.update_many({"BTW": "veel"})),
        (InvalidField, lambda: sandbox.artikels.update_many({"id": 3})),
        (ValueError, lambda: sandbox.artikels.update_many({"merk": "x"}, prijs=3)),
        (ValueError, lambda: sandbox.artikels.change_prices(-101)),
        (ValueError, lambda: sandbox.artikels.change_prices("veel")),
        (ValueError, lambda: sandbox.artikels.change_prices(3, prices=["huur"])),
        (ValueError, lambda: sandbox.artikels.change_prices(3, prices=[])),
    ]
    for error, attempt in refused:
        with pytest.raises(error):
            attempt()
    assert sandbox.store.collection(1, "artikels") == changed != before
    assert b"".join(sandbox.store.listing(1, "artikels"))[: 10**6] == whole[: 10**6]


def test_over_http(small) -> None:
    company = small.sandbox.companies.get("Kist & Vijs BV").id

    def ask(naam: str, **fields: object):
        return small.control("POST", f"companies/{company}/{naam}/change", json.dumps(fields).encode())

    price = small.sandbox.artikels.get(125).verkoopprijs_excl
    assert ask("artikels", percentage=2.5, ids=[125], set={"merk": "M"}).json() == {"selected": 1, "changed": 1}
    now = small.sandbox.artikels.get(125)
    assert now.merk == "M"
    assert abs(now.verkoopprijs_excl - price * Decimal("1.025")) <= euro("0.005")
    assert ask("klanten", set={"land": "NL"}).json() == {"selected": 1, "changed": 1}
    assert ask("klanten", percentage=3).status == 400
    assert ask("artikels", filters={"prijs": 3}).status == 400
    assert ask("artikels", filters={"ids": 3}).status == 400
    assert ask("artikels", percentage=-200).status == 400
    assert ask("artikels", ids=[1], set={}).status == 400
