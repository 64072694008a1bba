"""The Python toolkit for the Cloudspot ERP.

    from cloudspot import Cloudspot

    with Cloudspot("[TOKEN]") as erp:
        for artikel in erp.artikels:
            print(artikel.naam, artikel.verkoopprijs_incl)

Every name here is loaded when it is first used, so that importing one thing does not load the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "2.0.0.dev0"

if TYPE_CHECKING:
    from .async_client import AsyncCloudspot as AsyncCloudspot
    from .client import Cloudspot as Cloudspot
    from .downloads import RecordList as RecordList
    from .downloads import Response as Response
    from .errors import CloudspotError as CloudspotError
    from .errors import CloudspotWarning as CloudspotWarning
    from .errors import ConfigurationError as ConfigurationError
    from .errors import DocumentCutOff as DocumentCutOff
    from .errors import InvalidDocument as InvalidDocument
    from .errors import InvalidRecord as InvalidRecord
    from .errors import InvalidRecords as InvalidRecords
    from .errors import NotAuthorised as NotAuthorised
    from .errors import NotFound as NotFound
    from .errors import NotTrusted as NotTrusted
    from .errors import RateLimited as RateLimited
    from .errors import RequestRefused as RequestRefused
    from .errors import ServerTrouble as ServerTrouble
    from .errors import TimedOut as TimedOut
    from .errors import Unreachable as Unreachable
    from .records import Aanspreektitel as Aanspreektitel
    from .records import Artikel as Artikel
    from .records import ArtikelCategorie as ArtikelCategorie
    from .records import ArtikelFoto as ArtikelFoto
    from .records import ArtikelStatus as ArtikelStatus
    from .records import Bestellingtype as Bestellingtype
    from .records import ExtraInformatie as ExtraInformatie
    from .records import InvalidField as InvalidField
    from .records import Klant as Klant
    from .records import Prijscategorie as Prijscategorie
    from .records import VoorraadBijhouden as VoorraadBijhouden
    from .settings import Timeout as Timeout

_NAMES = {
    "async_client": ("AsyncCloudspot",),
    "client": ("Cloudspot",),
    "downloads": ("RecordList", "Response"),
    "errors": (
        "CloudspotError",
        "CloudspotWarning",
        "ConfigurationError",
        "DocumentCutOff",
        "InvalidDocument",
        "InvalidRecord",
        "InvalidRecords",
        "NotAuthorised",
        "NotFound",
        "NotTrusted",
        "RateLimited",
        "RequestRefused",
        "ServerTrouble",
        "TimedOut",
        "Unreachable",
    ),
    "records": (
        "Aanspreektitel",
        "Artikel",
        "ArtikelCategorie",
        "ArtikelFoto",
        "ArtikelStatus",
        "Bestellingtype",
        "ExtraInformatie",
        "InvalidField",
        "Klant",
        "Prijscategorie",
        "VoorraadBijhouden",
    ),
    "settings": ("Timeout",),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [*_MODULE_OF]  # noqa: PLE0604 # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
