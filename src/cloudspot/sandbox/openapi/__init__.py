"""OpenAPI documents of the servers, made from the record types and the servers' own tables of routes."""

from __future__ import annotations

from functools import cache

import msgspec

from . import control_document, erp_document, license_document
from .operations import Examples

MAKERS = {
    "erp": erp_document.document,
    "license": license_document.document,
    "sandbox": control_document.document,
}


@cache
def text(naam: str) -> bytes:
    """One document as JSON, for people too.

    Raises:
        LookupError: there is none of that name.
    """
    if naam not in MAKERS:
        raise LookupError(f"there is no document {naam!r}; there are {', '.join(MAKERS)}")
    examples = Examples()
    try:
        made = MAKERS[naam](examples)
    finally:
        examples.close()
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"
