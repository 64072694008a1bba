"""Clients. The attributes are those of the record type; `geboortedatum` is the text that the server sent."""

from . import as_sent
from .base import BaseModel, ObjectListModel


class Klant(BaseModel, record=as_sent.Klant):
    """A client of the token's company: a person or a company."""

    __slots__ = ()


class Klanten(ObjectListModel[Klant], of=Klant):
    """Clients of the token's company."""

    __slots__ = ()
