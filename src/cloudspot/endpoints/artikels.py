"""Products. Source: protocol, `GET /artikels/`."""

from typing import Any

from ..calls import Mode
from ..downloads import Ask
from ..records import Artikel
from .collection import KeyedCollection

ARTIKELS: Ask[Any] = Ask("/artikels/", Artikel, right="see all products")
"""All of them."""


class Artikels(KeyedCollection[Mode, Artikel]):
    """The products of the token's company; needs the right to see all products."""

    _all = ARTIKELS
