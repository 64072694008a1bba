"""Which products a price list shows, and which prices to whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cloudspot.records import Artikel

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Line:
    """One product on the price list, as somebody may see it."""

    sku: str
    naam: str
    categorie: str
    stock: str
    excl: Decimal | None
    incl: Decimal | None
    btw: Decimal | None
    categories: dict[str, Decimal | None]
    """The price of each price category, by its label."""
    inkoop: Decimal | None
    """None for who may not see what the company itself pays."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the price list."""

    lines: list[Line]
    number: int
    pages: int
    found: int
    categories: list[str]
    labels: list[str]


def price_list(artikels: Iterable[Artikel], *, sees_inkoop: bool) -> list[Line]:
    """The products that are for sale, by name."""
    lines = [_line(each, sees_inkoop=sees_inkoop) for each in artikels if each.status == "ZICHTBAAR"]
    return sorted(lines, key=lambda line: (line.naam.casefold(), line.sku))


def page(lines: list[Line], *, query: str = "", categorie: str = "", number: int = 1) -> Page:
    """The part of a price list that somebody looks for."""
    words = query.casefold().split()
    found = [
        line
        for line in lines
        if (not categorie or line.categorie == categorie)
        and all(word in f"{line.naam} {line.sku}".casefold() for word in words)
    ]
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(max(number, 1), pages)
    return Page(
        lines=found[(number - 1) * PER_PAGE : number * PER_PAGE],
        number=number,
        pages=pages,
        found=len(found),
        categories=sorted({line.categorie for line in lines if line.categorie}),
        labels=labels(lines),
    )


def labels(lines: list[Line]) -> list[str]:
    """The price categories that occur."""
    return sorted({label for line in lines for label in line.categories})


def _line(artikel: Artikel, *, sees_inkoop: bool) -> Line:
    return Line(
        sku=artikel.SKU or str(artikel.id),
        naam=artikel.naam or "",
        categorie=artikel.categorie or "",
        stock=_stock(artikel),
        excl=artikel.verkoopprijs_excl,
        incl=artikel.verkoopprijs_incl,
        btw=artikel.BTW,
        categories={each.label: each.verkoopprijs_excl for each in artikel.prijscategorieen if each.label},
        inkoop=artikel.inkoopprijs_excl if sees_inkoop else None,
    )


def _stock(artikel: Artikel) -> str:
    if artikel.voorraad_bijhouden != "FYSIEK" or artikel.op_voorraad is None:
        return ""
    return f"{float(artikel.op_voorraad):g}"
