"""A sandbox to hold against its documents, and the documents as it has to keep them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cloudspot.records import Record
from cloudspot.sandbox import Sandbox, openapi


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=10, klanten=10) as running:
        yield running


def document(naam: str) -> dict[str, Any]:
    return json.loads(openapi.text(naam))


def strict(naam: str) -> dict[str, Any]:
    """A document that promises what the sandbox keeps: all fields that are told and no others, and known words only."""
    strict = document(naam)
    records = {each.__name__ for each in subclasses(Record)}
    for name, schema in strict["components"]["schemas"].items():
        if name in records:
            schema["additionalProperties"] = False
            schema["required"] = list(schema["properties"])
        if known := schema.get("x-known-values"):
            schema["enum"] = known
    return strict


def subclasses(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)
