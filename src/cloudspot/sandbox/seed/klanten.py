"""Clients: persons and companies, most of them Belgian."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from itertools import islice
from random import Random
from typing import TypeVar

from cloudspot.records import Aanspreektitel, Klant
from cloudspot.sandbox.companies import FRENCH, FixedCompany

from .numbers import dotted, dutch_vat_number, enterprise_number
from .places import DUTCH_PLACES, OTHER_PLACES, STREETS_FR, Place, belgian_places

T = TypeVar("T")

WOMEN = (
    "Marie", "An", "Els", "Lotte", "Fatima", "Chloé", "Zoë", "Ingrid", "Sofie", "Anaïs", "Leen", "Aïcha", "Hilde",
    "Noor", "Céline", "Greet", "Emma", "Louise", "Anne-Marie", "Yara",
)  # fmt: skip
MEN = (
    "Jan", "Piet", "Mohamed", "Luc", "Bart", "René", "Wout", "Jérôme", "Koen", "Dirk", "Adam", "Benoît", "Tom", "Noël",
    "Jean-Pierre", "Arthur", "Emre", "Stijn", "Victor", "Hugo",
)  # fmt: skip
SURNAMES = (
    "Peeters", "Janssens", "Maes", "Jacobs", "Mertens", "Willems", "Claes", "Goossens", "Dubois", "Lambert", "Dupont",
    "Van den Broeck", "De Smet", "Vermeulen", "D'Hondt", "El Amrani", "Yılmaz", "Desmedt-Lefèvre", "'t Jampens",
    "Leclercq", "Müller", "Nguyen", "Öztürk", "Ó Briain", "Van Damme", "Gérard", "Lemaître", "Wouters", "Aerts",
)  # fmt: skip
TRADES_NL = (
    "Bakkerij", "Bouwwerken", "Garage", "Drukkerij", "Tuinen", "Schrijnwerkerij", "Café", "Apotheek", "Transport",
    "IT-diensten", "Slagerij", "Elektro",
)  # fmt: skip
TRADES_FR = ("Boulangerie", "Menuiserie", "Garage", "Imprimerie", "Librairie", "Pharmacie", "Transports", "Traiteur")
FORMS_NL, FORMS_FR, FORMS_DUTCH = ("BV", "NV", "VOF", "CV", "vzw"), ("SRL", "SA", "SNC", "ASBL"), ("B.V.", "V.O.F.")

FIRST_BIRTHDAY = datetime.date(1938, 1, 1).toordinal()
LAST_BIRTHDAY = datetime.date(2007, 12, 31).toordinal()


def first_klanten(company: FixedCompany, seed: int, count: int) -> Iterator[Klant]:
    """The first `count` clients of a company; they are the same however many are taken."""
    return islice(_klanten(company, seed), count)


def _klanten(company: FixedCompany, seed: int) -> Iterator[Klant]:
    random = Random(f"{seed}/{company.id}/klanten")
    number = company.first_klant
    while True:
        yield _klant(random, company, number)
        number += 1


def _pick(random: Random, options: Sequence[T]) -> T:
    return options[int(random.random() * len(options))]


def _klant(random: Random, company: FixedCompany, number: int) -> Klant:
    chance = random.random
    is_company = chance() < 0.35
    place = _place(random, company, is_company=is_company)
    is_woman = chance() < 0.5
    surname = _pick(random, SURNAMES)
    naam, btw, kbo = _enterprise(random, place, surname) if is_company else (None, None, None)
    # A company is known by its name; a person to speak to is not always given.
    has_person = not is_company or chance() < 0.7
    title = Aanspreektitel.MEVROUW if is_woman else Aanspreektitel.MIJNHEER
    born = not is_company and chance() < 0.7
    return Klant(
        klantennummer=number,
        aanspreektitel=title if has_person and chance() < 0.9 else None,
        voornaam=_pick(random, WOMEN if is_woman else MEN) if has_person else None,
        achternaam=surname if has_person else None,
        straat=_pick(random, place.streets),
        huisnummer=_house_number(random),
        busnummer=_box(random),
        postcode=place.postcode,
        plaats=place.plaats,
        land=place.land,
        geboortedatum=_birthday(random) if born else None,
        geboorteplaats=_pick(random, belgian_places()).plaats if born and chance() < 0.8 else None,
        is_bedrijf=is_company,
        bedrijfsnaam=naam,
        BTW_nummer=btw,
        ondernemingsnummer=kbo,
    )


def _place(random: Random, company: FixedCompany, *, is_company: bool) -> Place:
    """Belgium mostly, else the Netherlands; further neighbours only for persons, since we make no VAT number there."""
    chance = random.random()
    if chance < 0.04 and not is_company:
        return _pick(random, OTHER_PLACES)
    if chance < (0.06 if company.language == FRENCH else 0.16):
        return _pick(random, DUTCH_PLACES)
    return _pick(random, belgian_places())


def _enterprise(random: Random, place: Place, surname: str) -> tuple[str, str | None, str | None]:
    """Name, VAT number and KBO number; a Dutch company has no KBO number, a small association no VAT number."""
    if place.land == "NL":
        naam = f"{_pick(random, TRADES_NL)} {surname} {_pick(random, FORMS_DUTCH)}"
        return naam, dutch_vat_number(random), None
    in_french = place.streets is STREETS_FR
    trades, forms = (TRADES_FR, FORMS_FR) if in_french else (TRADES_NL, FORMS_NL)
    form = _pick(random, forms)
    number = enterprise_number(random)
    has_vat = form not in {"vzw", "ASBL"} or random.random() < 0.5
    return f"{_pick(random, trades)} {surname} {form}", f"BE{number}" if has_vat else None, dotted(number)


def _house_number(random: Random) -> str:
    number = 1 + int(random.random() ** 2 * 240)
    kind = random.random()
    if kind < 0.08:
        return f"{number}{_pick(random, 'ABCD')}"
    return f"{number}-{number + 2}" if kind < 0.1 else str(number)


def _box(random: Random) -> str | None:
    kind = random.random()
    if kind > 0.15:
        return None
    return f"{1 + int(kind * 100)}" if kind < 0.12 else f"{_pick(random, 'ABC')}{int(kind * 100)}"


def _birthday(random: Random) -> datetime.date:
    return datetime.date.fromordinal(FIRST_BIRTHDAY + int(random.random() * (LAST_BIRTHDAY - FIRST_BIRTHDAY + 1)))
