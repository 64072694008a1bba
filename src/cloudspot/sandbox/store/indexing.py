"""What records are found by: written whenever a record is, and made anew when the database is of an older release."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select

from cloudspot.records import Artikel, Klant, Record

from . import schema
from .listing import ROWS_PER_PAGE

GREATEST_ID = 2**63 - 1
NO_NEXT_ID = f"no id comes after {GREATEST_ID}, which is in use: give this record an id, or delete that one"
IDS_PER_QUERY = 500


class Categorie(msgspec.Struct):
    """What is read of a category."""

    id: int | None = None
    children: tuple[Categorie, ...] | None = ()


class FoundArtikel(msgspec.Struct):
    """What is read of a product: a few of its fields, several times as fast as all of it."""

    id: int | None = None
    naam: str | None = None
    merk: str | None = None
    SKU: str | None = None
    categorie: str | None = None
    categorie_id: int | None = None
    categorieen: tuple[Categorie, ...] | None = ()
    status: str | None = None
    voorraad_bijhouden: str | None = None
    op_voorraad: Decimal | None = None
    bestellingtype: str | None = None
    BTW: Decimal | None = None
    verkoopprijs_excl: Decimal | None = None
    verkoopprijs_incl: Decimal | None = None
    inkoopprijs_excl: Decimal | None = None
    inkoopprijs_incl: Decimal | None = None
    EAN: tuple[str, ...] | None = ()


_decode_artikel = msgspec.json.Decoder(FoundArtikel).decode
_decode_klant = msgspec.json.Decoder(Klant).decode


class Entry(NamedTuple):
    """What one record is found by."""

    columns: dict[str, Any]
    categorieen: frozenset[int]


def entry_of(naam: str, body: bytes) -> Entry:
    """What a record is found by."""
    return _of_artikel(body) if naam == "artikels" else _of_klant(body)


def _of_artikel(body: bytes) -> Entry:
    artikel: Any
    try:
        artikel = _decode_artikel(body)
    except msgspec.ValidationError:
        # A number with more digits than fit in 64 bits.
        artikel = Artikel.from_json(body)
    words = _words(artikel.id, artikel.naam, artikel.SKU, artikel.merk, artikel.categorie, *(artikel.EAN or ()))
    ids = {artikel.categorie_id, *_ids(artikel.categorieen or ())}
    return Entry(_columns("artikels", artikel, words), frozenset(each for each in ids if _fits(each)))


def _of_klant(body: bytes) -> Entry:
    try:
        klant = _decode_klant(body)
    except msgspec.ValidationError:
        klant = Klant.from_json(body)
    street = " ".join(filter(None, (klant.straat, klant.huisnummer)))
    who = (klant.klantennummer, klant.bedrijfsnaam, klant.voornaam, klant.achternaam)
    words = _words(*who, street, klant.postcode, klant.plaats, klant.BTW_nummer, klant.ondernemingsnummer)
    return Entry(_columns("klanten", klant, words), frozenset())


def _columns(naam: str, record: Any, words: str) -> dict[str, Any]:
    columns: dict[str, Any] = {"words": words}
    for field in SEARCHED[naam]:
        columns[field] = _stored(getattr(record, field))
    return columns


def _stored(value: Any) -> Any:
    if isinstance(value, str):
        return folded(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, int) and not _fits(value):
        return None
    return value


def _fits(value: int | None) -> bool:
    return value is not None and -GREATEST_ID <= value <= GREATEST_ID


def _words(*values: object) -> str:
    return folded("\n".join(str(value) for value in values if value is not None))


def folded(text: str) -> str:
    """A text without what a search should not depend on: capitals, accents, and NUL, which PostgreSQL doesn't take."""
    if text.isascii():
        return text.lower().replace("\0", "")
    apart = unicodedata.normalize("NFKD", text)
    return "".join(each for each in apart if not unicodedata.combining(each)).casefold().replace("\0", "")


def _ids(categorieen: Iterable[Any]) -> Iterator[int | None]:
    for categorie in categorieen:
        yield categorie.id
        yield from _ids(categorie.children or ())


SEARCHED: dict[str, tuple[str, ...]] = {
    naam: tuple(str(column.name) for column in table.columns if column.name not in {"company", "id", "words"})
    for naam, table in schema.INDEXES.items()
}
"""The fields that each collection is filtered and sorted by."""

RECORDS: dict[str, type[Record]] = {"artikels": Artikel, "klanten": Klant}
"""The type of each collection."""


def write_index(connection: Connection, company: int, naam: str, records: Iterable[tuple[int, bytes]]) -> None:
    """Note what new records are found by."""
    entries = {key: entry_of(naam, body) for key, body in records}
    _insert_columns(connection, company, naam, entries)
    _insert_placements(connection, company, entries)


def rewrite_index(
    connection: Connection, company: int, naam: str, records: Iterable[tuple[int, bytes, bytes | None]]
) -> None:
    """Note what records are found by now, given what each was and is; None where it is gone."""
    before, after = {}, {}
    for key, was, now in records:
        before[key] = entry_of(naam, was)
        if now is not None:
            after[key] = entry_of(naam, now)
    other = [key for key in before if key not in after or after[key].columns != before[key].columns]
    _delete(connection, schema.INDEXES[naam], company, schema.INDEXES[naam].c.id, other)
    _insert_columns(connection, company, naam, {key: after[key] for key in other if key in after})
    moved = [key for key in before if key not in after or after[key].categorieen != before[key].categorieen]
    _delete(connection, schema.placements, company, schema.placements.c.artikel, moved if naam == "artikels" else [])
    _insert_placements(connection, company, {key: after[key] for key in moved if key in after})


def _insert_columns(connection: Connection, company: int, naam: str, entries: Mapping[int, Entry]) -> None:
    rows = [{"company": company, "id": key, **entry.columns} for key, entry in entries.items()]
    if rows:
        connection.execute(insert(schema.INDEXES[naam]), rows)


def _insert_placements(connection: Connection, company: int, entries: Mapping[int, Entry]) -> None:
    rows = [
        {"company": company, "categorie": each, "artikel": key}
        for key, entry in entries.items()
        for each in sorted(entry.categorieen)
    ]
    if rows:
        connection.execute(insert(schema.placements), rows)


def _delete(connection: Connection, table: Table, company: int, column: ColumnElement[int], ids: Sequence[int]) -> None:
    for start in range(0, len(ids), IDS_PER_QUERY):
        some = ids[start : start + IDS_PER_QUERY]
        connection.execute(delete(table).where(table.c.company == company, column.in_(some)))


def rebuild_index(connection: Connection) -> None:
    """Note anew what all records are found by."""
    for table in (*schema.INDEXES.values(), schema.placements):
        connection.execute(delete(table))
    for naam, table in schema.RECORD_TABLES.items():
        for company in list(connection.execute(select(schema.companies.c.key)).scalars()):
            last = -1
            page = select(table.c.id, table.c.body).where(table.c.company == company).order_by(table.c.id)
            while rows := connection.execute(page.where(table.c.id > last).limit(8 * ROWS_PER_PAGE)).all():
                write_index(connection, company, naam, [(key, body.encode()) for key, body in rows])
                last = rows[-1][0]
