"""The sandbox: a stand-in for Cloudspot's servers to develop and test against, on this machine.

    from cloudspot.sandbox import Sandbox

    with Sandbox(artikels=500) as sandbox:
        print(sandbox.base_url, sandbox.tokens)

Needs the extra `sandbox`: pip install "cloudspot-erp-api[sandbox]".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .faults import Fault
    from .imports import InvalidImport
    from .sandbox import Sandbox
    from .snapshot_lines import InvalidSnapshot
    from .store import NoSuchRecord, RecordExists, UnusableDatabase

_HOMES = {
    "Fault": "faults",
    "InvalidImport": "imports",
    "InvalidSnapshot": "snapshot_lines",
    "NoSuchRecord": "store",
    "RecordExists": "store",
    "Sandbox": "sandbox",
    "UnusableDatabase": "store",
}

__all__ = ["Fault", "InvalidImport", "InvalidSnapshot", "NoSuchRecord", "RecordExists", "Sandbox", "UnusableDatabase"]


def __getattr__(name: str) -> Any:
    """Load what is asked for, and with it the web server and the database library, only now."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    try:
        home = import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        raise ImportError(
            f"cloudspot.sandbox needs {error.name}: pip install 'cloudspot-erp-api[sandbox]'", name=error.name
        ) from error
    return getattr(home, name)


def __dir__() -> list[str]:
    return __all__
