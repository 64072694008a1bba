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
    from .async_license import AsyncLicense as AsyncLicense
    from .client import Cloudspot as Cloudspot
    from .downloads import RecordList as RecordList
    from .downloads import Response as Response
    from .errors import CloudspotError as CloudspotError
    from .errors import CloudspotWarning as CloudspotWarning
    from .errors import ConfigurationError as ConfigurationError
    from .errors import DocumentCutOff as DocumentCutOff
    from .errors import GuardRefused as GuardRefused
    from .errors import HistoryGone as HistoryGone
    from .errors import InvalidDocument as InvalidDocument
    from .errors import InvalidEvent as InvalidEvent
    from .errors import InvalidInput as InvalidInput
    from .errors import InvalidRecord as InvalidRecord
    from .errors import InvalidRecords as InvalidRecords
    from .errors import InvalidToken as InvalidToken
    from .errors import MirrorBusy as MirrorBusy
    from .errors import MirrorError as MirrorError
    from .errors import NotAuthentic as NotAuthentic
    from .errors import NotAuthorised as NotAuthorised
    from .errors import NotFound as NotFound
    from .errors import NotTold as NotTold
    from .errors import NotTrusted as NotTrusted
    from .errors import RateLimited as RateLimited
    from .errors import RequestRefused as RequestRefused
    from .errors import ServerTrouble as ServerTrouble
    from .errors import StoreFailed as StoreFailed
    from .errors import TimedOut as TimedOut
    from .errors import UnknownApplication as UnknownApplication
    from .errors import Unreachable as Unreachable
    from .errors import WrongCredentials as WrongCredentials
    from .license import License as License
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
    from .records.auth import CompanyPermissions as CompanyPermissions
    from .records.auth import Profile as Profile
    from .secret import SecretText as SecretText
    from .session import Impersonation as Impersonation
    from .session import Permissions as Permissions
    from .session import Session as Session
    from .settings import Timeout as Timeout

_NAMES = {
    "async_client": ("AsyncCloudspot",),
    "async_license": ("AsyncLicense",),
    "client": ("Cloudspot",),
    "downloads": ("RecordList", "Response"),
    "errors": (
        "CloudspotError",
        "CloudspotWarning",
        "ConfigurationError",
        "DocumentCutOff",
        "GuardRefused",
        "HistoryGone",
        "InvalidDocument",
        "InvalidEvent",
        "InvalidInput",
        "InvalidRecord",
        "InvalidRecords",
        "InvalidToken",
        "MirrorBusy",
        "MirrorError",
        "NotAuthentic",
        "NotAuthorised",
        "NotFound",
        "NotTold",
        "NotTrusted",
        "RateLimited",
        "RequestRefused",
        "ServerTrouble",
        "StoreFailed",
        "TimedOut",
        "UnknownApplication",
        "Unreachable",
        "WrongCredentials",
    ),
    "license": ("License",),
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
    "records.auth": ("CompanyPermissions", "Profile"),
    "secret": ("SecretText",),
    "session": ("Impersonation", "Permissions", "Session"),
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
