"""Products and what they hold. The attributes of each class are those of the record type of that name.

Amounts are `float`, words such as `status` are text, nested lists are collections, and `EAN` is a plain list.
"""

from .. import records
from . import as_sent
from .base import BaseModel, ObjectListModel


class ExtraInformatie(BaseModel, record=records.ExtraInformatie):
    """A text about a product in one language."""

    __slots__ = ()


class ExtraInformatieList(ObjectListModel[ExtraInformatie], of=ExtraInformatie):
    """Texts about a product."""

    __slots__ = ()


class Prijscategorie(BaseModel, record=as_sent.Prijscategorie):
    """What a product costs to one group of clients."""

    __slots__ = ()


class Prijscategorieen(ObjectListModel[Prijscategorie], of=Prijscategorie):
    """What a product costs to groups of clients."""

    __slots__ = ()


class ArtikelFoto(BaseModel, record=records.ArtikelFoto):
    """A photo of a product."""

    __slots__ = ()


class ArtikelFotos(ObjectListModel[ArtikelFoto], of=ArtikelFoto):
    """The photos of a product."""

    __slots__ = ()


class ArtikelCategorie(BaseModel, record=records.ArtikelCategorie):
    """A category of products; `children` are those below it."""

    __slots__ = ()


class ArtikelCategorieen(ObjectListModel[ArtikelCategorie], of=ArtikelCategorie):
    """Categories of products."""

    __slots__ = ()


# By position, the VAT rate has always come after the order's units.
class Artikel(BaseModel, record=as_sent.Artikel, move=("BTW", "status")):
    """A product of the token's company."""

    __slots__ = ()


class Artikels(ObjectListModel[Artikel], of=Artikel):
    """Products of the token's company."""

    __slots__ = ()
