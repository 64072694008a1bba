"""Edits from the same process."""

import re
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cloudspot.records import Aanspreektitel, ArtikelFoto, InvalidField
from cloudspot.sandbox import NoSuchRecord, RecordExists, Sandbox


def test_update(fresh):
    changed = fresh.sandbox.artikels.update(125, naam="Nieuw", verkoopprijs_excl=12.5, fotos=[ArtikelFoto(url="x")])
    assert changed.verkoopprijs_excl == Decimal("12.5")
    (sent,) = fresh.data("/artikels/?id=125")
    assert (sent["naam"], sent["verkoopprijs_excl"], sent["fotos"][0]["url"]) == ("Nieuw", 12.5, "x")
    assert fresh.data("/artikels/")[0] == sent
    assert fresh.sandbox.artikels.get(125) == changed


def test_create(fresh):
    made = fresh.sandbox.artikels.create(naam="Nieuw", verkoopprijs_excl=Decimal("0.10"))
    assert made.id == 425
    assert fresh.data("/artikels/")[-1]["verkoopprijs_excl"] == 0.1
    assert len(fresh.sandbox.artikels) == 301
    assert fresh.sandbox.artikels.create(id=7).id == 7
    assert fresh.data("/artikels/")[0]["id"] == 7
    with pytest.raises(RecordExists):
        fresh.sandbox.artikels.create(id=125)


def test_delete(fresh):
    fresh.sandbox.artikels.delete(125)
    assert fresh.get("/artikels/?id=125").status == 404
    assert len(fresh.data("/artikels/")) == 299
    for edit in (fresh.sandbox.artikels.delete, fresh.sandbox.artikels.get, fresh.sandbox.artikels.update):
        with pytest.raises(NoSuchRecord, match="125"):
            edit(125)


def test_klanten(fresh):
    made = fresh.sandbox.klanten.create(achternaam="Peeters", aanspreektitel="Mevr.", geboortedatum=date(1990, 1, 2))
    assert made.aanspreektitel == Aanspreektitel.MEVROUW
    sent = fresh.data("/klanten/")[-1]
    assert (sent["klantennummer"], sent["geboortedatum"]) == (1021, "1990-01-02")
    fresh.sandbox.klanten.update(1021, huisnummer="12A")
    fresh.sandbox.klanten.delete(1001)
    assert [each["klantennummer"] for each in fresh.data("/klanten/")][::19] == [1002, 1021]


def test_edits_of_the_same_record_from_many_threads(fresh):
    fresh.sandbox.artikels.update(125, naam="", merk_id=0)

    def work(field: str) -> None:
        for _ in range(25):
            with fresh.sandbox.store.turn():
                value = getattr(fresh.sandbox.artikels.get(125), field)
                fresh.sandbox.artikels.update(125, **{field: value + type(value)(1)})
            fresh.sandbox.klanten.create()

    threads = [threading.Thread(target=work, args=(field,)) for field in ("naam", "merk_id") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = fresh.sandbox.artikels.get(125)
    assert (done.naam, done.merk_id) == ("1" * 50, 50)
    assert len(fresh.sandbox.klanten) == 120


def test_fields_that_do_not_exist_or_do_not_fit(fresh):
    artikels, before = fresh.sandbox.artikels, fresh.get("/artikels/").data
    with pytest.raises(InvalidField, match="verkoopprijs"):
        artikels.update(125, verkoopprijs=1)
    with pytest.raises(InvalidField, match="BTW"):
        artikels.update(125, BTW="veel")
    with pytest.raises(InvalidField, match="number"):
        artikels.update(125, id=126)
    with pytest.raises(InvalidField):
        artikels.create(naam=5)
    for number in (-1, 2**63, 10**30):
        with pytest.raises(InvalidField, match="id is from"):
            artikels.create(id=number)
    assert fresh.get("/artikels/").data == before


def test_the_promised_length_follows_the_edits(fresh):
    fresh.sandbox.artikels.update(125, naam="é" * 1000)
    fresh.sandbox.artikels.delete(126)
    answer = fresh.get("/artikels/")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert len(answer.json()["data"]) == 299


def test_an_emptied_company(fresh):
    for number in range(1001, 1021):
        fresh.sandbox.klanten.delete(number)
    assert fresh.data("/klanten/") == []
    assert fresh.sandbox.klanten.create().klantennummer == 1001


def test_the_other_company(fresh):
    other = fresh.sandbox.company("Lampe SA")
    assert other is not None
    other.artikels.update(50_000_125, naam="Nouveau")
    assert fresh.data("/artikels/", "sandbox-other")[0]["naam"] == "Nouveau"
    assert fresh.sandbox.company(other.id).naam == "Lampe SA"
    with pytest.raises(LookupError, match="Kist & Vijs BV"):
        fresh.sandbox.company("Geen")


@pytest.mark.parametrize("amount", ["1e999999999999", "-1e18", "1e-19", "1e-999999", "0e999999"])
def test_amounts_without_end_are_refused_wherever_records_enter(amount: str, tmp_path: Path) -> None:
    with Sandbox(artikels=3) as sandbox:
        before = b"".join(sandbox.store.listing(1, "artikels"))
        line = f'{{"id":1,"prijscategorieen":[{{"id":1,"verkoopprijs_excl":{amount}}}]}}'
        (tmp_path / "a.jsonl").write_text(line)
        sandbox.snapshot(tmp_path / "s.jsonl")
        saved = (tmp_path / "s.jsonl").read_text()
        first = next(each for each in saved.splitlines() if each.startswith('{"artikel"'))
        (tmp_path / "s.jsonl").write_text(saved.replace(first, f'{{"artikel":{line}}}'))
        for field, attempt in [
            ("verkoopprijs_excl", lambda: sandbox.artikels.create(verkoopprijs_excl=amount)),
            ("verkoopprijs_excl", lambda: sandbox.artikels.update(125, verkoopprijs_excl=Decimal(amount))),
            ("BTW", lambda: sandbox.artikels.update_many({"BTW": amount})),
            ("prijscategorieen[0].verkoopprijs_excl", lambda: sandbox.artikels.load(tmp_path / "a.jsonl")),
            ("prijscategorieen[0].verkoopprijs_excl", lambda: sandbox.restore(tmp_path / "s.jsonl")),
        ]:
            with pytest.raises(ValueError, match=re.escape(field)):
                attempt()
        assert b"".join(sandbox.store.listing(1, "artikels")) == before
        largest = sandbox.artikels.create(verkoopprijs_excl="9" * 18 + "." + "9" * 18)
        assert sandbox.artikels.get(largest.id) == largest
