"""What the control API's table of routes doesn't know of a request, and the small schemas of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, get_type_hints

from cloudspot.sandbox.answers import JSON

from .schemas import COMPONENTS, Schema, schema_of


class Control(NamedTuple):
    """What the table of routes doesn't know of a request."""

    id: str
    summary: str
    answer: Schema
    status: int = 200
    body: Schema | None = None
    query: Mapping[str, Schema] = {}
    refused: tuple[int, ...] = (400,)
    answer_type: str = JSON
    body_type: str = JSON


def ref(name: str) -> Schema:
    """A type among the document's components."""
    return {"$ref": f"{COMPONENTS}{name}"}


def object_of(**fields: Schema) -> Schema:
    """An object with exactly these fields."""
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def list_of(name: str, of: Schema) -> Schema:
    """An object with one list."""
    return object_of(**{name: {"type": "array", "items": of}})


TEXT, NUMBER, BOOLEAN = schema_of(str), schema_of(int), schema_of(bool)
NATURAL = {**NUMBER, "minimum": 0}
FILE: Schema = {"type": "string", "format": "binary"}
BINARY = "application/octet-stream"
MISSING, TAKEN = (400, 404), (400, 404, 409)
"""What may be refused, beside what isn't as it should be."""


def row_of(row: Any, **more: Schema) -> Schema:
    """A named tuple as answers show it, and these fields too."""
    return object_of(**{name: schema_of(kind) for name, kind in get_type_hints(row).items()}, **more)


def optional(schema: Schema) -> Schema:
    """A type of which any part may be sent."""
    return {name: value for name, value in schema.items() if name != "required"}
