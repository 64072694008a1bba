"""What type checkers must see of the documented API; checked in `make check`, never run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_type

from cloudspot.api import CloudspotERP_CompanyAPI
from cloudspot.models.artikels import Artikel, ArtikelCategorie, ArtikelCategorieen, ArtikelFoto, ArtikelFotos, Artikels
from cloudspot.models.klanten import Klant, Klanten


def calls(api: CloudspotERP_CompanyAPI) -> None:
    assert_type(api.artikels.list(), Artikels)
    assert_type(api.artikels.list(fields=["naam"]).items(), list[Artikel])
    assert_type(api.artikels.get(125), Artikel)
    assert_type(api.categorieen.list(), ArtikelCategorieen)
    assert_type(api.categorieen.get("7"), ArtikelCategorie)
    assert_type(api.klanten.list(), Klanten)
    assert_type(api.get("artikels", {"id": 125}), tuple[int, Mapping[str, str], Any])
    for klant in api.klanten.list():
        assert_type(klant, Klant)


def objects(api: CloudspotERP_CompanyAPI, artikel: Artikel) -> None:
    artikels = api.artikels.list()
    assert_type(artikels.hasError, bool)
    if artikels.hasError:
        print(artikels.error.message)
    assert_type(artikels[0], Artikel)
    assert_type(artikels[:3], list[Artikel])
    assert_type(artikels.getItemIndex("naam", "Tafel"), int | None)
    assert_type(artikels.getItemObject("naam", "Tafel"), Artikel | None)
    assert_type(artikel.naam, Any)
    artikel.naam = "Tafel"
    assert_type(ArtikelFotos().add(ArtikelFoto(url="https://example.com/1.jpg")), list[ArtikelFoto])


def misuse(api: CloudspotERP_CompanyAPI) -> None:
    api.klanten.get(1)  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
    api.artikels.get([1])  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    ArtikelFotos().add(Artikel())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
