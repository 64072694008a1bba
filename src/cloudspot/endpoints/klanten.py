"""Clients. Source: protocol, `GET /klanten/`; the API has no call for one of them."""

from typing import Any

from ..calls import Mode
from ..downloads import Ask
from ..records import Klant
from .collection import Collection

KLANTEN: Ask[Any] = Ask("/klanten/", Klant, right="see all clients")
"""All of them."""


class Klanten(Collection[Mode, Klant]):
    """The clients of the token's company; needs the right to see all clients."""

    _all = KLANTEN
