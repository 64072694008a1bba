"""What is mirrored: which records, where they are asked for, and the columns they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_type_hints

import msgspec

from cloudspot.decoder import read_record
from cloudspot.downloads import Ask
from cloudspot.endpoints.artikels import ARTIKELS as ALL_ARTIKELS
from cloudspot.endpoints.categorieen import CATEGORIEEN as ALL_CATEGORIEEN
from cloudspot.endpoints.klanten import KLANTEN as ALL_KLANTEN
from cloudspot.errors import InvalidRecord
from cloudspot.records import Artikel, ArtikelCategorie, Klant, OpenEnum, Record
from cloudspot.records.base import EXTRA_KEY, shape_of

R = TypeVar("R", bound=Record)

COLUMN_TYPES = (bool, int, Decimal, date, str)
"""What a column can hold, the most special first: a bool is an int too."""

GREATEST = 2**63 - 1
"""Of the whole numbers that a column can hold; the least is its negative."""


class Categorie(Record, frozen=True, kw_only=True):
    """A category as it is mirrored: on its own, with the one that it is below."""

    KEY: ClassVar[str] = "id"

    id: int | None = None
    """The category's id."""
    naam: str | None = None
    """The category's name."""
    parent: int | None = None
    """The id of the category that it is right below; None for a root."""
    position: int | None = None
    """Its place among those below the same one, from 1."""


@dataclass(frozen=True, eq=False)
class Resource(Generic[R]):
    """One kind of record of a company.

    Attributes:
        naam: what the store, the feed and reports call it.
        record_type: what one of its records is.
        ask: how all of them are asked for.
        rows: the rows of one row of the answer and its number; None where it is one row.
        long: fields of long text, which have no column: the views take them from the document.
    """

    naam: str
    record_type: type[R]
    ask: Ask[Any]
    rows: Callable[[Any, int], Sequence[Any]] | None = None
    long: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The field that identifies a record within its company."""
        return self.record_type.KEY

    @cached_property
    def columns(self) -> dict[str, type]:
        """The fields that have a column, and what it holds; lists and long texts have none."""
        return {name: holds for name, holds in _columns(self.record_type) if name not in self.long}

    def holding(self, *kinds: type) -> tuple[str, ...]:
        """The fields whose column holds one of these."""
        return tuple(name for name, holds in self.columns.items() if holds in kinds)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The fields that hold one of a set of words."""
        hints = get_type_hints(self.record_type)
        return tuple(name for name, hint in hints.items() if any(_is_word(leaf) for leaf in get_args(hint)))

    @cached_property
    def decode(self) -> Callable[[Any], R]:
        """A record from the bytes of the usual form; raises where it takes a closer look."""
        return msgspec.json.Decoder(self.record_type).decode


def _columns(record_type: type[Record]) -> Iterator[tuple[str, type]]:
    hints = get_type_hints(record_type)
    for field in msgspec.structs.fields(record_type):
        if field.encode_name == EXTRA_KEY or field.name in shape_of(record_type).nested or field.default == ():
            continue
        leaves = [leaf for leaf in get_args(hints[field.name]) if leaf is not type(None)]
        yield field.name, next(each for each in COLUMN_TYPES if issubclass(leaves[0], each))


def _is_word(leaf: Any) -> bool:
    return isinstance(leaf, type) and issubclass(leaf, OpenEnum)


_plain = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Unreadable(Exception):
    """A row of an answer can't be taken apart."""

    def __init__(self, invalid: InvalidRecord) -> None:
        super().__init__(str(invalid))
        self.invalid = invalid


def flattened(root: Any, number: int) -> list[Any]:
    """Each category of a tree as a row of its own, a parent before those below it; the number is the root's.

    Raises:
        Unreadable: it is no tree of categories.
    """
    read = read_record(root, ArtikelCategorie, number)
    if isinstance(read, InvalidRecord):
        raise Unreadable(read)
    try:
        plain = _plain(root)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(InvalidRecord(number, read.id, "", bytes(root), str(error), bytes(root))) from None
    rows: list[Any] = []
    waiting: list[tuple[Any, Any, int]] = [(plain, None, number)]
    while waiting:
        node, parent, position = waiting.pop()
        children = node.pop("children", None) or []
        rows.append(msgspec.Raw(_encode(node | {"parent": parent, "position": position})))
        places = range(len(children), 0, -1)
        waiting += [(child, node.get("id"), place) for child, place in zip(reversed(children), places, strict=True)]
    return rows


ARTIKELS = Resource("artikels", Artikel, ALL_ARTIKELS, long=("beschrijving", "interne_notitie"))
CATEGORIEEN = Resource("categorieen", Categorie, ALL_CATEGORIEEN, rows=flattened)
KLANTEN = Resource("klanten", Klant, ALL_KLANTEN)

RESOURCES: dict[str, Resource[Any]] = {each.naam: each for each in (ARTIKELS, CATEGORIEEN, KLANTEN)}
"""In the order they are synced in."""
