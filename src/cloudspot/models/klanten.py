"""Clients. The attributes are those of the record type; `geboortedatum` is the text that the server sent."""

from .. import records
from .base import BaseModel, ObjectListModel


class KlantAsSent(records.Klant, frozen=True, kw_only=True):
    """A client whose date of birth is left as text: published code reads it with `strptime`."""

    geboortedatum: str | None = None  # type: ignore[assignment] # pyright: ignore[reportIncompatibleVariableOverride]


class Klant(BaseModel, record=KlantAsSent):
    """A client of the token's company: a person or a company."""

    __slots__ = ()


class Klanten(ObjectListModel[Klant], of=Klant):
    """Clients of the token's company."""

    __slots__ = ()
