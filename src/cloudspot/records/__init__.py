"""The record types of the ERP, one definition each: client, sandbox, documents and exports all use these."""

from .artikels import (
    Artikel,
    ArtikelCategorie,
    ArtikelFoto,
    ArtikelStatus,
    Bestellingtype,
    ExtraInformatie,
    Prijscategorie,
    VoorraadBijhouden,
)
from .base import InvalidField, OpenEnum, Record
from .klanten import Aanspreektitel, Klant

__all__ = [
    "Aanspreektitel",
    "Artikel",
    "ArtikelCategorie",
    "ArtikelFoto",
    "ArtikelStatus",
    "Bestellingtype",
    "ExtraInformatie",
    "InvalidField",
    "Klant",
    "OpenEnum",
    "Prijscategorie",
    "Record",
    "VoorraadBijhouden",
]
