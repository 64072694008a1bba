"""Categories of products. Source: protocol, `GET /categories/`."""

from ..calls import Mode
from ..downloads import Ask
from ..records import ArtikelCategorie
from .collection import KeyedCollection


class Categorieen(KeyedCollection[Mode, ArtikelCategorie]):
    """The trees of categories of the token's company: their roots; `walk()` goes through a whole tree."""

    _all = Ask("/categories/", ArtikelCategorie, right="see all products")
