"""The mirror: a local copy of what the ERP holds, in SQLite or PostgreSQL, and a feed of what changed in it.

    from cloudspot.mirror import Mirror

    with Mirror("sqlite:///erp.db") as mirror:
        print(mirror.sync(erp))

Needs the extra `mirror`: pip install "cloudspot-erp-api[mirror]".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .diff import FieldChange
    from .feed import Change, Consumer
    from .guard import Guard
    from .hooks import Command, Hook, Notice, Webhook
    from .mirror import Company, Mirror
    from .privacy import Forgotten
    from .reading import Prices
    from .report import Drift, ResourceReport, SyncReport
    from .resources import Categorie
    from .staging import Progress

_HOMES = {
    "Categorie": "resources",
    "Change": "feed",
    "Command": "hooks",
    "Company": "mirror",
    "Consumer": "feed",
    "Drift": "report",
    "FieldChange": "diff",
    "Forgotten": "privacy",
    "Guard": "guard",
    "Hook": "hooks",
    "Mirror": "mirror",
    "Notice": "hooks",
    "Prices": "reading",
    "Progress": "staging",
    "ResourceReport": "report",
    "SyncReport": "report",
    "Webhook": "hooks",
}

__all__ = [
    "Categorie",
    "Change",
    "Command",
    "Company",
    "Consumer",
    "Drift",
    "FieldChange",
    "Forgotten",
    "Guard",
    "Hook",
    "Mirror",
    "Notice",
    "Prices",
    "Progress",
    "ResourceReport",
    "SyncReport",
    "Webhook",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for, and with it the database library, only now."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    try:
        home = import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        raise ImportError(
            f"cloudspot.mirror needs {error.name}: pip install 'cloudspot-erp-api[mirror]'", name=error.name
        ) from error
    return getattr(home, name)


def __dir__() -> list[str]:
    return __all__
