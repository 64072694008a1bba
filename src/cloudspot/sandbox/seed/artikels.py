"""Products, drawn from the assortment. Money is counted in whole cents, so that prices agree to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from random import Random
from typing import NamedTuple, TypeVar

from cloudspot.records import (
    Artikel,
    ArtikelCategorie,
    ArtikelFoto,
    ArtikelStatus,
    Bestellingtype,
    ExtraInformatie,
    Prijscategorie,
    VoorraadBijhouden,
)
from cloudspot.sandbox.companies import FRENCH, FixedCompany

from .assortment import BRANDS, MORE_INFO, NOTES, QUALITIES, SENTENCES, Pair
from .categorieen import Shelf, shelves_of
from .numbers import ean13

T = TypeVar("T")

LANGUAGES = (("nl", "Nederlands"), ("fr", "Français"))
BTW = {rate: Decimal(f"{rate}.0") for rate in (0, 6, 12, 21)}
AMOUNTS = tuple(Decimal(f"{amount}.0") for amount in range(501))
ORDER_SIZES = tuple(Decimal(size) for size in ("1.0", "1.0", "6.0", "10.0", "12.0", "24.0", "0.5", "2.5"))

STATUSES = (ArtikelStatus.ZICHTBAAR,) * 8 + (ArtikelStatus.NIET_VERKOOPBAAR, ArtikelStatus.GEDEACTIVEERD)
ORDER_TYPES = (Bestellingtype.BESTELLING, Bestellingtype.BESTELLING, Bestellingtype.IDEAAL)


class PriceGroup(NamedTuple):
    """A group of clients with prices of its own."""

    label: str
    label_id: int
    discount: int
    """%; 0 means a fixed price."""


PRICE_GROUPS = (
    PriceGroup("Horeca", 1, 10),
    PriceGroup("Groothandel", 2, 18),
    PriceGroup("Personeel", 3, 25),
    PriceGroup("Webshop", 4, 0),
)


class Price(NamedTuple):
    """A price in cents."""

    excl: int
    incl: int

    @classmethod
    def with_btw(cls, excl: int, btw: int) -> Price:
        """The price with its VAT, rounded half up to the cent."""
        return cls(excl, (excl * (100 + btw) + 50) // 100)


def artikels(company: FixedCompany, seed: int) -> Iterator[Artikel]:
    """The products of a company without end; the first are the same however many are taken."""
    random = Random(f"{seed}/{company.id}/artikels")
    _, shelves = shelves_of(company)
    shelf_categories = [_with_line(shelf) for shelf in shelves]
    number = company.first_artikel
    while True:
        # The first product, the one that documentation shows, is of the first line: it has stock and barcodes.
        index = int(random.random() * len(shelves)) if number > company.first_artikel else 0
        yield _artikel(random, company, number, shelves[index], shelf_categories[index])
        number += 1


def first_artikels(company: FixedCompany, seed: int, count: int) -> Iterator[Artikel]:
    """The first `count` products of a company."""
    return islice(artikels(company, seed), count)


def _with_line(shelf: Shelf) -> tuple[tuple[ArtikelCategorie, ...], tuple[ArtikelCategorie, ...]]:
    """The leaf alone, and the leaf with the category above it: products stand in one or in both."""
    leaf, above = (ArtikelCategorie(id=node.id, naam=node.naam) for node in (shelf.nodes[-1], shelf.nodes[-2]))
    return (leaf,), (above, leaf)


def _pick(random: Random, options: Sequence[T]) -> T:
    return options[int(random.random() * len(options))]


def _artikel(
    random: Random,
    company: FixedCompany,
    number: int,
    shelf: Shelf,
    categories: tuple[tuple[ArtikelCategorie, ...], tuple[ArtikelCategorie, ...]],
) -> Artikel:
    line, leaf, chance = shelf.line, shelf.nodes[-1], random.random
    noun, size, quality = _pick(random, line.nouns), _pick(random, line.sizes), _pick(random, QUALITIES)
    brand = int(chance() * (len(BRANDS) + 1))
    purchase, sales = _prices(random, line.cents, line.btw)
    stock = _stock(random, virtual=line.virtual)
    serial = number - company.first_artikel
    return Artikel(
        id=number,
        naam=f"{noun[company.language]} {size}",
        beschrijving=None if chance() < 0.02 else _description(random, company.language, noun, size, quality),
        interne_notitie=_pick(random, NOTES) if chance() < 0.15 else None,
        merk=BRANDS[brand - 1] if brand else None,
        merk_id=brand or None,
        categorie=leaf.naam,
        categorie_id=leaf.id,
        categorieen=categories[chance() < 0.3],
        SKU=None if chance() < 0.02 else f"{leaf.naam[:3].upper()}-{number:06d}",
        voorraad_bijhouden=stock,
        op_voorraad=AMOUNTS[max(0, int(chance() * 520) - 20)] if stock is VoorraadBijhouden.FYSIEK else None,
        product_url=None if chance() < 0.1 else f"https://www.{_domain(company)}/p/{number}",
        verkoopprijs_excl=money(sales.excl),
        verkoopprijs_incl=money(sales.incl),
        inkoopprijs_excl=money(purchase.excl),
        inkoopprijs_incl=money(purchase.incl),
        BTW=BTW[line.btw],
        bestellingtype=_pick(random, ORDER_TYPES),
        units_per_bestelling=None if chance() < 0.05 else _pick(random, ORDER_SIZES),
        status=_pick(random, STATUSES),
        fotos=_photos(random, company, number),
        prijscategorieen=_price_groups(random, purchase, sales, line.btw),
        EAN=() if line.virtual else _barcodes(random, serial),
        samenstellingen=_in_languages(random, _pick(random, line.made_of)),
        ruwe_grondstoffen=_in_languages(random, _pick(random, line.made_of)) if chance() < 0.3 else (),
        gebruiksaanwijzingen=_in_languages(random, line.use) if chance() < 0.7 else (),
        meer_info=_in_languages(random, _pick(random, MORE_INFO)) if chance() < 0.4 else (),
    )


def money(cents: int) -> Decimal:
    """An amount of cents as EUR with two decimals."""
    return Decimal(cents).scaleb(-2)


def _prices(random: Random, cents: tuple[int, int], btw: int) -> tuple[Price, Price]:
    low, high = cents
    purchase = low + int(random.random() ** 2 * (high - low))
    sales = purchase + max(1, int(purchase * (0.2 + random.random())))
    return Price.with_btw(purchase, btw), Price.with_btw(sales, btw)


def _price_groups(random: Random, purchase: Price, sales: Price, btw: int) -> tuple[Prijscategorie, ...]:
    groups = PRICE_GROUPS[: int(random.random() * 5)] if random.random() < 0.6 else ()
    return tuple(_price_for(group, purchase, sales, btw) for group in groups)


def _price_for(group: PriceGroup, purchase: Price, sales: Price, btw: int) -> Prijscategorie:
    """A discount in percent, or, for the group without one, a fixed price halfway between purchase and sales."""
    if group.discount:
        price = Price.with_btw(sales.excl * (100 - group.discount) // 100, btw)
    else:
        price = Price.with_btw((purchase.excl + sales.excl + 1) // 2, btw)
    return Prijscategorie(
        label=group.label,
        label_id=group.label_id,
        type="PERCENTAGE" if group.discount else "VASTE_PRIJS",
        korting=AMOUNTS[group.discount] if group.discount else None,
        verkoopprijs_excl=money(price.excl),
        verkoopprijs_incl=money(price.incl),
    )


def _stock(random: Random, *, virtual: bool) -> VoorraadBijhouden:
    if virtual:
        return VoorraadBijhouden.DIGITAAL
    return VoorraadBijhouden.FYSIEK if random.random() < 0.8 else VoorraadBijhouden.NIET


def _barcodes(random: Random, serial: int) -> tuple[str, ...]:
    """One barcode mostly, none at times, a second one where an older packaging is still sold."""
    chance = random.random()
    if chance < 0.05:
        return ()
    first = ean13(random, serial * 2)
    return (first, ean13(random, serial * 2 + 1)) if chance > 0.9 else (first,)


def _photos(random: Random, company: FixedCompany, number: int) -> tuple[ArtikelFoto, ...]:
    count = int(random.random() * 5)
    main = int(random.random() * count)
    address = f"https://cdn.{_domain(company)}/artikels/{number}"
    return tuple(ArtikelFoto(url=f"{address}/{n + 1}.jpg", is_hoofdfoto=n == main) for n in range(count))


def _domain(company: FixedCompany) -> str:
    return "lampe.example" if company.language == FRENCH else "kist-en-vijs.example"


def _description(random: Random, language: int, noun: Pair, size: str, quality: Pair) -> str:
    """HTML as shopkeepers paste it: paragraphs, a list, entities; in a tenth of the cases plain text."""
    start = int(random.random() * len(SENTENCES))
    first, second, third, fourth, fifth = (SENTENCES[(start + n * 3) % len(SENTENCES)][language] for n in range(5))
    if random.random() < 0.1:
        return f"{noun[language]}, {size}.\n{first}"
    details, kind, closing = (("Kenmerken", "Formaat", "Meer"), ("Caractéristiques", "Format", "Plus"))[language]
    return (
        f"<h3>{noun[language]} &amp; {closing.lower()}</h3>\n"
        f'<p class="intro">{noun[language]} &ndash; <strong>{quality[language]}</strong>. {first}</p>\n'
        f"<p>{details}:</p><ul><li>{kind}: {size}</li><li>{quality[language].capitalize()}</li></ul>\n"
        f"<p>{second}<br>{third}</p>\n<p>{fourth} {fifth}</p>"
    )


def _in_languages(random: Random, text: Pair) -> tuple[ExtraInformatie, ...]:
    """The text in Dutch and mostly in French too."""
    languages = LANGUAGES if random.random() < 0.8 else LANGUAGES[:1]
    return tuple(
        ExtraInformatie(text=words, taal=code, taal_display=name)
        for words, (code, name) in zip(text, languages, strict=False)
    )
