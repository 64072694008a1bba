"""What type checkers must see; checked by mypy --strict and pyright in `make check`, never run."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, assert_type

from cloudspot import (
    Artikel,
    ArtikelCategorie,
    ArtikelFoto,
    ArtikelStatus,
    AsyncCloudspot,
    Cloudspot,
    InvalidRecords,
    Klant,
    RecordList,
    Response,
    Timeout,
)


def plain(erp: Cloudspot) -> None:
    assert_type(erp.artikels.get(125), Artikel)
    assert_type(erp.artikels.list(), RecordList[Artikel])
    assert_type(erp.artikels.list(on_invalid="collect"), RecordList[Artikel])
    assert_type(erp.categorieen.get(7), ArtikelCategorie)
    assert_type(erp.klanten.list(), RecordList[Klant])
    for artikel in erp.artikels:
        assert_type(artikel, Artikel)
    with erp.klanten.stream(on_invalid=print) as stream:
        for klant in stream:
            assert_type(klant, Klant)
        assert_type(stream.response, Response | None)
    assert_type(erp.last_response, Response | None)


async def with_asyncio(erp: AsyncCloudspot) -> None:
    assert_type(await erp.artikels.get(125), Artikel)
    assert_type(await erp.artikels.list(), RecordList[Artikel])
    assert_type(await erp.klanten.list(), RecordList[Klant])
    async for categorie in erp.categorieen:
        assert_type(categorie, ArtikelCategorie)
    async with erp.klanten.stream() as stream:
        async for klant in stream:
            assert_type(klant, Klant)


def records(artikel: Artikel, klant: Klant) -> None:
    assert_type(artikel.id, int | None)
    assert_type(artikel.verkoopprijs_incl, Decimal | None)
    assert_type(artikel.status, ArtikelStatus | None)
    assert_type(artikel.fotos, tuple[ArtikelFoto, ...])
    assert_type(artikel.hoofdfoto, ArtikelFoto | None)
    assert_type(artikel.EAN, tuple[str, ...])
    assert_type(artikel.extra, Mapping[str, Any])
    assert_type(artikel.to_json(), bytes)
    assert_type(Artikel.from_dict({}), Artikel)
    assert_type(klant.geboortedatum, datetime.date | None)
    assert_type(klant.naam, str)


def misuse(erp: Cloudspot, later: AsyncCloudspot) -> None:
    erp.klanten.get(1)  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
    erp.artikels.list(on_invalid="ignore")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    for _ in later.artikels:  # type: ignore[misc] # pyright: ignore[reportGeneralTypeIssues]
        pass
    Cloudspot("x", retry=3)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    Artikel(naam=3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def options() -> None:
    Cloudspot("[TOKEN]", timeout=Timeout(connect=2, read=30, total=600), retries=5, proxy="", ca="ca.pem")
    try:
        pass
    except InvalidRecords as error:
        assert_type(error.request_id, str)
