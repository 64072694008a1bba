"""Searching a collection: what is asked for, checked, and the queries that find it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, ColumnElement, Connection, Float, Select, func, or_, select

from . import schema
from .indexing import GREATEST_ID, RECORDS, SEARCHED, folded

MOST_WORDS = 30
MOST_RECORDS = 1000
IN_CATEGORY = "categorie"
"""The filter that looks below a category too."""


class Search(NamedTuple):
    """What is looked for, in the form the database has it."""

    words: tuple[str, ...] = ()
    filters: Mapping[str, tuple[Any, ...]] = {}
    """Values by column, any of which will do; None for a column without one."""
    categorieen: tuple[int | str, ...] = ()
    """Categories by id or folded name, any of which will do."""
    sort: str = "id"
    descending: bool = False
    offset: int = 0
    limit: int = 50


def search_of(
    naam: str,
    text: str,
    sort: str | None,
    filters: Mapping[str, Any],
    *,
    descending: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> Search:
    """A search as people and programs ask for it.

    Raises:
        ValueError: there is no such field, or a value or number doesn't fit.
    """
    words = tuple(dict.fromkeys(folded(text).split()))
    if len(words) > MOST_WORDS:
        raise ValueError(f"a search has {MOST_WORDS} words or fewer, not {len(words)}")
    if not 0 <= offset <= GREATEST_ID:
        raise ValueError(f"offset is 0 or more, not {offset}")
    if not 1 <= limit <= MOST_RECORDS:
        raise ValueError(f"limit is from 1 to {MOST_RECORDS:,}, not {limit}")
    wanted, categorieen = _filters(naam, filters)
    return Search(words, wanted, categorieen, _column(naam, sort or "id"), descending, offset, limit)


def _filters(naam: str, filters: Mapping[str, Any]) -> tuple[dict[str, tuple[Any, ...]], tuple[int | str, ...]]:
    wanted: dict[str, tuple[Any, ...]] = {}
    categorieen: tuple[int | str, ...] = ()
    for field, given in filters.items():
        values = tuple(given) if isinstance(given, list | tuple | set | frozenset) else (given,)
        if naam == "artikels" and field == IN_CATEGORY and not any(_is_nothing(value) for value in values):
            categorieen = tuple(_categorie(value) for value in values)
        else:
            column = _column(naam, field)
            wanted[column] = tuple(_value(naam, column, value) for value in values)
    return wanted, categorieen


def _column(naam: str, field: str) -> str:
    key = RECORDS[naam].KEY
    if field in {key, "id"}:
        return "id"
    if field not in SEARCHED[naam]:
        raise ValueError(f"{naam} are not searched by {field}; they are by {key}, {', '.join(SEARCHED[naam])}")
    return field


def _is_nothing(value: object) -> bool:
    return value is None or value == ""


def _categorie(value: object) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return min(value, GREATEST_ID)
    if isinstance(value, str):
        return (
            min(int(value), GREATEST_ID) if value.isascii() and value.isdecimal() and len(value) < 40 else folded(value)
        )
    raise ValueError(f"categorie is an id or a name, not {value!r}")


def _value(naam: str, column: str, value: Any) -> Any:
    """A value as the column has it.

    Raises:
        ValueError: it doesn't fit.
    """
    if _is_nothing(value):
        return None
    kind = schema.INDEXES[naam].c[column].type
    if isinstance(kind, Boolean):
        return _boolean(column, value)
    if isinstance(kind, BigInteger | Float):
        return _number(column, value, whole=isinstance(kind, BigInteger))
    if isinstance(value, datetime.date):
        return value.isoformat()
    return folded(str(value))


def _boolean(column: str, value: object) -> bool:
    known = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    raise ValueError(f"{column} is true or false, not {value!r}")


def _number(column: str, value: Any, *, whole: bool) -> float:
    """A number as it is compared: one that fits no column is none that a record has."""
    try:
        number = Decimal(value if isinstance(value, int | Decimal) else str(value))
    except ArithmeticError:
        raise ValueError(f"{column} is a number, not {value!r}") from None
    if not number.is_finite():
        raise ValueError(f"{column} is a number, not {value!r}")
    if not whole:
        return float(number)
    if abs(number) > GREATEST_ID or number != int(number):
        return -1
    return int(number)


def ids_and_total(connection: Connection, company: int, naam: str, asked: Search) -> tuple[list[int], int]:
    """The ids of one page, in order, and how many there are on all pages."""
    index = schema.INDEXES[naam]
    is_sqlite = connection.dialect.name == "sqlite"
    where = _where(company, naam, asked, is_sqlite=is_sqlite)
    total = connection.execute(select(func.count()).select_from(index).where(*where)).scalar_one()
    page = select(index.c.id).where(*where).order_by(*_order(naam, asked, is_sqlite=is_sqlite))
    return list(connection.execute(page.offset(asked.offset).limit(asked.limit)).scalars()), total


def all_ids(connection: Connection, company: int, naam: str, asked: Search) -> list[int]:
    """The ids of all that is searched for, in order."""
    where = _where(company, naam, asked, is_sqlite=connection.dialect.name == "sqlite")
    key = schema.INDEXES[naam].c.id
    return list(connection.execute(select(key).where(*where).order_by(key)).scalars())


def _where(company: int, naam: str, asked: Search, *, is_sqlite: bool) -> list[ColumnElement[bool]]:
    index = schema.INDEXES[naam].c
    where: list[ColumnElement[bool]] = [index.company == company]
    position = func.instr if is_sqlite else func.strpos
    # Not LIKE: nothing in a word has a meaning of its own.
    where += [position(index.words, word) > 0 for word in asked.words]
    for column, values in asked.filters.items():
        where.append(_one_of(index[column], values))
    if asked.categorieen:
        ids = [each for each in asked.categorieen if isinstance(each, int)]
        names = [each for each in asked.categorieen if isinstance(each, str)]
        where.append(or_(index.id.in_(placed_below(company, ids)), index.categorie.in_(names)))
    return where


def resolved(asked: Search, categorieen: Iterable[tuple[int, str | None]]) -> Search:
    """A search with the ids of categories asked for by name; the names stay, for products that only say one."""
    names = {each for each in asked.categorieen if isinstance(each, str)}
    ids = tuple(key for key, naam in categorieen if naam is not None and folded(naam) in names) if names else ()
    return asked._replace(categorieen=(*asked.categorieen, *ids))


def placed_below(company: int, ids: Sequence[int]) -> Select[tuple[int]]:
    """The products in these categories or in those below them."""
    categorieen, placed = schema.categorieen, schema.placements.c
    below = (
        select(categorieen.c.id)
        .where(categorieen.c.company == company, categorieen.c.id.in_(ids))
        .cte("below", recursive=True)
    )
    child = categorieen.alias()
    below = below.union(select(child.c.id).where(child.c.company == company, child.c.parent == below.c.id))
    either = or_(placed.categorie.in_(ids), placed.categorie.in_(select(below.c.id)))
    return select(placed.artikel).where(placed.company == company, either)


def _one_of(column: ColumnElement[Any], values: tuple[Any, ...]) -> ColumnElement[bool]:
    some = [value for value in values if value is not None]
    fits = column.in_(some)
    if len(some) == len(values):
        return fits
    nothing: ColumnElement[bool] = column.is_(None)
    if not isinstance(column.type, BigInteger | Boolean | Float):
        nothing = or_(nothing, column == "")
    return or_(fits, nothing) if some else nothing


def _order(naam: str, asked: Search, *, is_sqlite: bool) -> list[ColumnElement[Any]]:
    """Those without a value last, whichever way; then by key, so that pages never overlap."""
    index = schema.INDEXES[naam].c
    column: ColumnElement[Any] = index[asked.sort]
    if asked.sort == "id":
        return [column.desc() if asked.descending else column]
    nothing: ColumnElement[bool] = column.is_(None)
    if not isinstance(column.type, BigInteger | Boolean | Float):
        nothing = or_(nothing, column == "")
        # By code point, as SQLite does: texts are folded, and an order must not depend on a server's locale.
        column = column if is_sqlite else column.collate("C")
    return [nothing, column.desc() if asked.descending else column, index.id]
