"""Categories of products. Source: protocol, `GET /categories/`."""

from typing import Any

from ..calls import Mode
from ..downloads import Ask
from ..records import ArtikelCategorie
from .collection import KeyedCollection

CATEGORIEEN: Ask[Any] = Ask("/categories/", ArtikelCategorie, right="see all products")
"""All of them."""


class Categorieen(KeyedCollection[Mode, ArtikelCategorie]):
    """The trees of categories of the token's company: their roots; `walk()` goes through a whole tree."""

    _all = CATEGORIEEN
