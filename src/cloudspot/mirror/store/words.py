"""The full-text index of products: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL.

Building it takes longer than a first sync does. So a sync leaves it alone, and a search brings it up to date first,
from the changes since the last time. Each row is known by the change that made its record what it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, text, update

from cloudspot.mirror.resources import ARTIKELS
from cloudspot.records import Artikel, ExtraInformatie

from .applying import read_stored
from .bulk import batches
from .schema import TABLES, about, changes

TABLE = "mirror_words"
ROWS_AT_ONCE = 500

_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"[^\W_]+")
_LONGEST_WORD, _MOST_WORDS = 500, 16_000  # PostgreSQL counts places in a text no further, and keeps no longer words


def make(connection: Connection) -> None:
    """Make the empty index."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE {TABLE} USING fts5 (naming, telling, tokenize = 'unicode61')")
        return
    connection.exec_driver_sql(f"CREATE TABLE {TABLE} (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
    connection.exec_driver_sql(f"CREATE INDEX {TABLE}_words ON {TABLE} USING GIN (words)")


def is_current(connection: Connection) -> bool:
    """Whether the index holds all changes."""
    row = connection.execute(select(about.c.indexed, about.c.sequence)).one()
    return bool(row.indexed == row.sequence)


def bring_up_to_date(connection: Connection) -> None:
    """Index what has changed since the last time."""
    since, last = connection.execute(select(about.c.indexed, about.c.sequence).with_for_update()).one()
    gone = (
        select(changes.c.previous)
        .where(changes.c.sequence > since, changes.c.resource == ARTIKELS.naam, changes.c.previous.is_not(None))
        .order_by(changes.c.sequence)
    )
    for some in batches(list(connection.execute(gone).scalars()), ROWS_AT_ONCE):
        connection.execute(_DELETE, {"sequences": some})
    table = TABLES[ARTIKELS.naam]
    current = (
        select(changes.c.sequence, changes.c.document)
        .join(table, table.c.sequence == changes.c.sequence)
        .where(changes.c.sequence > bindparam("since"), changes.c.resource == ARTIKELS.naam)
        .order_by(changes.c.sequence)
        .limit(ROWS_AT_ONCE)
    )
    is_sqlite = connection.dialect.name == "sqlite"
    insert, form = (_INSERT_SQLITE, str) if is_sqlite else (_INSERT_POSTGRESQL, _as_tsvector)
    while rows := connection.execute(current, {"since": since}).all():
        found = [(row.sequence, _words_of(row.document)) for row in rows]
        connection.execute(
            insert,
            [{"sequence": key, "naming": form(each.naming), "telling": form(each.telling)} for key, each in found],
        )
        since = rows[-1].sequence
    connection.execute(update(about).values(indexed=last))


def find(connection: Connection, company: int, asked: str, limit: int) -> Iterator[str]:
    """The documents of the products in which all words begin so, the best first."""
    terms = _WORD.findall(plain(asked))
    if not terms:
        return
    is_sqlite = connection.dialect.name == "sqlite"
    query = " ".join(f'"{term}"*' for term in terms) if is_sqlite else " & ".join(f"'{term}':*" for term in terms)
    found: Any = _FIND_SQLITE if is_sqlite else _FIND_POSTGRESQL
    values = {"query": query, "company": company, "limit": limit}
    yield from connection.execute(found, values).scalars()


class Words(NamedTuple):
    """What a product is found by."""

    naming: str
    telling: str


def _words_of(document: str) -> Words:
    artikel = read_stored(document.encode(), ARTIKELS)
    if not isinstance(artikel, Artikel):
        return Words("", "")
    naming = [artikel.naam, artikel.merk, artikel.SKU, artikel.categorie, *artikel.EAN]
    naming += [categorie.naam for root in artikel.categorieen for categorie in root.walk()]
    texts: Iterable[ExtraInformatie] = (*artikel.samenstellingen, *artikel.ruwe_grondstoffen, *artikel.meer_info)
    telling = [artikel.beschrijving, artikel.interne_notitie, *(each.text for each in texts)]
    return Words(plain(" ".join(filter(None, naming))), plain(_TAG.sub(" ", " ".join(filter(None, telling)))))


def _as_tsvector(text: str) -> str:
    """The words with their places, cut as our queries are: PostgreSQL's own parser depends on the server's locale."""
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(text)[:_MOST_WORDS]]
    return " ".join(f"'{word}':{place}" for place, word in enumerate(words, 1))


def plain(words: str) -> str:
    """In lower case and without accents, so that both databases find the same."""
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


_DELETE = text(f"DELETE FROM {TABLE} WHERE rowid IN :sequences").bindparams(  # noqa: S608
    bindparam("sequences", expanding=True)
)
_INSERT_SQLITE = text(f"INSERT INTO {TABLE} (rowid, naming, telling) VALUES (:sequence, :naming, :telling)")  # noqa: S608
_INSERT_POSTGRESQL = text(
    f"INSERT INTO {TABLE} (rowid, words) VALUES (:sequence, "  # noqa: S608
    "setweight(CAST(:naming AS tsvector), 'A') || setweight(CAST(:telling AS tsvector), 'D'))"
)
_FIND_SQLITE = text(
    f"SELECT h.document FROM {TABLE} w JOIN mirror_changes h ON h.sequence = w.rowid "  # noqa: S608
    f"WHERE {TABLE} MATCH :query AND h.company = :company ORDER BY bm25({TABLE}, 10.0, 1.0), h.key LIMIT :limit"
)
_FIND_POSTGRESQL = text(
    f"SELECT h.document FROM {TABLE} w JOIN mirror_changes h ON h.sequence = w.rowid, "  # noqa: S608
    "CAST(:query AS tsquery) query WHERE w.words @@ query AND h.company = :company "
    "ORDER BY ts_rank(w.words, query) DESC, h.key LIMIT :limit"
)
