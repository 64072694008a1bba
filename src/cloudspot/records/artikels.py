"""Products: `Artikel` and what it holds. Source: protocol, *artikel* and *categorie*."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

from .base import OpenEnum, Record, Rows, checked


class VoorraadBijhouden(OpenEnum):
    """How the stock of a product is kept."""

    NIET = "NIET"
    FYSIEK = "FYSIEK"
    DIGITAAL = "DIGITAAL"


class Bestellingtype(OpenEnum):
    """How a product is ordered from its vendor."""

    IDEAAL = "IDEAAL"
    BESTELLING = "BESTELLING"


class ArtikelStatus(OpenEnum):
    """Whether a product can be seen and sold."""

    ZICHTBAAR = "ZICHTBAAR"
    NIET_VERKOOPBAAR = "NIET_VERKOOPBAAR"
    GEDEACTIVEERD = "GEDEACTIVEERD"


class ExtraInformatie(Record, frozen=True, kw_only=True):
    """A text about a product in one language."""

    text: str | None = None
    """The text itself; may hold HTML."""
    taal: str | None = None
    """The language's code, such as `nl`."""
    taal_display: str | None = None
    """The language's name, such as `Nederlands`."""


class ArtikelFoto(Record, frozen=True, kw_only=True):
    """A photo of a product."""

    url: str | None = None
    """Where the picture is."""
    is_hoofdfoto: bool | None = None
    """Whether this is the photo to show first."""


class Prijscategorie(Record, frozen=True, kw_only=True):
    """What a product costs to one group of clients."""

    label: str | None = None
    """The group's name."""
    label_id: int | None = None
    """The group's id."""
    type: str | None = None
    """What kind of price this is, in the server's word."""
    korting: Decimal | None = None
    """The discount as the server sends it; whether % or EUR depends on `type`."""
    verkoopprijs_excl: Decimal | None = None
    """Sales price excluding VAT, EUR."""
    verkoopprijs_incl: Decimal | None = None
    """Sales price including VAT, EUR."""

    @checked(amounts=("korting", "verkoopprijs_excl", "verkoopprijs_incl"))
    def __post_init__(self) -> None: ...


class ArtikelCategorie(Record, frozen=True, kw_only=True):
    """A category of products and those below it, to any depth."""

    KEY: ClassVar[str] = "id"

    id: int | None = None
    """The category's id."""
    naam: str | None = None
    """The category's name."""
    children: Rows[ArtikelCategorie] = ()
    """The categories right below this one."""

    @checked(rows=("children",))
    def __post_init__(self) -> None: ...

    def walk(self) -> Iterator[ArtikelCategorie]:
        """This category and all below it, each parent before its children."""
        return (line[-1] for line in self.lines())

    def lines(self) -> Iterator[tuple[ArtikelCategorie, ...]]:
        """For this category and each below it, the line of categories that leads there, this one first."""
        waiting: list[tuple[ArtikelCategorie, ...]] = [(self,)]
        while waiting:
            line = waiting.pop()
            yield line
            waiting.extend((*line, child) for child in reversed(line[-1].children))

    def path(self, id: int | None = None) -> str | None:
        """The way from this category to the one with that id, as `A > B > C`; None where it isn't below this one.

        Without an id: this category's own name.
        """
        for line in self.lines():
            if id is None or line[-1].id == id:
                return path_text(line)
        return None


def path_text(line: tuple[ArtikelCategorie, ...]) -> str:
    """A line of categories as `A > B > C`."""
    return " > ".join(categorie.naam or "?" for categorie in line)


class Artikel(Record, frozen=True, kw_only=True):
    """A product of the token's company. Prices are kept as the server sent them, never recomputed."""

    KEY: ClassVar[str] = "id"

    id: int | None = None
    """The product's id, unique within the company."""
    naam: str | None = None
    """The product's name."""
    beschrijving: str | None = None
    """Long text; may hold HTML."""
    interne_notitie: str | None = None
    """A note for the company's own people; not for customers."""
    merk: str | None = None
    """The brand's name."""
    merk_id: int | None = None
    """The brand's id."""
    categorie: str | None = None
    """The name of the main category."""
    categorie_id: int | None = None
    """The main category's id."""
    categorieen: Rows[ArtikelCategorie] = ()
    """The categories the product is in."""
    SKU: str | None = None
    """Stock keeping unit."""
    voorraad_bijhouden: VoorraadBijhouden | None = None
    """How its stock is kept."""
    op_voorraad: Decimal | None = None
    """Pieces in stock; only meaningful where `voorraad_bijhouden` is `FYSIEK`."""
    product_url: str | None = None
    """A page about the product elsewhere."""
    verkoopprijs_excl: Decimal | None = None
    """Sales price excluding VAT, EUR."""
    verkoopprijs_incl: Decimal | None = None
    """Sales price including VAT, EUR."""
    inkoopprijs_excl: Decimal | None = None
    """Purchase price excluding VAT, EUR."""
    inkoopprijs_incl: Decimal | None = None
    """Purchase price including VAT, EUR."""
    BTW: Decimal | None = None
    """VAT rate, %."""
    bestellingtype: Bestellingtype | None = None
    """How it is ordered from its vendor."""
    units_per_bestelling: Decimal | None = None
    """Least number of pieces in an order to the vendor."""
    status: ArtikelStatus | None = None
    """Whether it can be seen and sold."""
    fotos: Rows[ArtikelFoto] = ()
    """Photos."""
    prijscategorieen: Rows[Prijscategorie] = ()
    """Prices for groups of clients."""
    EAN: Rows[str] = ()
    """Barcodes."""
    samenstellingen: Rows[ExtraInformatie] = ()
    """What it is composed of, in each language."""
    ruwe_grondstoffen: Rows[ExtraInformatie] = ()
    """Raw materials, in each language."""
    gebruiksaanwijzingen: Rows[ExtraInformatie] = ()
    """Directions for use, in each language."""
    meer_info: Rows[ExtraInformatie] = ()
    """More information, in each language."""

    @checked(
        rows=(
            "categorieen",
            "fotos",
            "prijscategorieen",
            "EAN",
            "samenstellingen",
            "ruwe_grondstoffen",
            "gebruiksaanwijzingen",
            "meer_info",
        ),
        amounts=(
            "op_voorraad",
            "verkoopprijs_excl",
            "verkoopprijs_incl",
            "inkoopprijs_excl",
            "inkoopprijs_incl",
            "BTW",
            "units_per_bestelling",
        ),
    )
    def __post_init__(self) -> None: ...

    @property
    def hoofdfoto(self) -> ArtikelFoto | None:
        """The photo to show first: the one marked so, else the first; None where there is none."""
        marked = (foto for foto in self.fotos if foto.is_hoofdfoto)
        return next(marked, self.fotos[0] if self.fotos else None)

    @property
    def is_zichtbaar(self) -> bool:
        """Whether the product may be shown: its status is `ZICHTBAAR`."""
        return self.status == ArtikelStatus.ZICHTBAAR
