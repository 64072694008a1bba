"""Clients: `Klant`. Source: protocol, *klant*."""

from __future__ import annotations

import datetime
from typing import ClassVar

from .base import OpenEnum, Record


class Aanspreektitel(OpenEnum):
    """How a client is addressed."""

    MIJNHEER = "Mijnh."
    MEVROUW = "Mevr."


class Klant(Record, frozen=True, kw_only=True):
    """A client of the token's company: a person or a company."""

    KEY: ClassVar[str] = "klantennummer"

    klantennummer: int | None = None
    """The client's number, unique within the company."""
    aanspreektitel: Aanspreektitel | None = None
    """How the client is addressed."""
    voornaam: str | None = None
    """First name."""
    achternaam: str | None = None
    """Last name."""
    straat: str | None = None
    """Street."""
    huisnummer: str | None = None
    """House number; text, such as `12A`."""
    busnummer: str | None = None
    """Box number; text."""
    postcode: str | None = None
    """Postal code; text, such as `0800`."""
    plaats: str | None = None
    """Town."""
    land: str | None = None
    """Two-letter country code."""
    geboortedatum: datetime.date | None = None
    """Date of birth."""
    geboorteplaats: str | None = None
    """Place of birth."""
    is_bedrijf: bool | None = None
    """Whether the client is a company."""
    bedrijfsnaam: str | None = None
    """The company's name, where `is_bedrijf`."""
    BTW_nummer: str | None = None
    """The company's VAT number, where `is_bedrijf`."""
    ondernemingsnummer: str | None = None
    """The company's KBO number, where `is_bedrijf`."""

    @property
    def naam(self) -> str:
        """The company's name, or the person's first and last name; "" where neither is known."""
        if self.is_bedrijf and self.bedrijfsnaam:
            return self.bedrijfsnaam
        return " ".join(filter(None, (self.voornaam, self.achternaam)))

    @property
    def adres(self) -> str:
        """The address on one line, as `Kerkstraat 12A bus 3, 9000 Gent, BE`; "" where nothing is known."""
        bus = f"bus {self.busnummer}" if self.busnummer else None
        street = " ".join(filter(None, (self.straat, self.huisnummer, bus)))
        place = " ".join(filter(None, (self.postcode, self.plaats)))
        return ", ".join(filter(None, (street, place, self.land)))
