"""JSON Schemas of the types that go over the wire, as `msgspec` knows them, told for whoever reads answers.

A client's document may promise less than the types know: servers add fields and words whenever they like, so objects
are open, and no field of an answer has a default.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_type_hints

import msgspec

from cloudspot.records import OpenEnum, Record
from cloudspot.records.base import EXTRA_KEY
from cloudspot.records.described import described_fields

Schema = dict[str, Any]
Struct = type[msgspec.Struct]

COMPONENTS = "#/components/schemas/"
OPEN = "Other words can come at any time: treat one you don't know as a text."


def schema_of(type: Any) -> Schema:
    """What stands for a type in a document that has it among its components."""
    (schema,), _ = msgspec.json.schema_components([type], ref_template=COMPONENTS + "{name}")
    return _for_readers(schema)


def components(types: Iterable[Struct]) -> dict[str, Schema]:
    """The schemas of these types and all that they hold, by name."""
    asked = list(types)
    _, found = msgspec.json.schema_components(asked, ref_template=COMPONENTS + "{name}")
    known = {each.__name__: each for one in asked for each in _held(one, set())}
    return {name: _component(known[name], found[name]) for name in sorted(found)}


def _component(type: Any, schema: Schema) -> Schema:
    if issubclass(type, OpenEnum):
        words = [str(word) for word in type]
        return {
            "type": "string",
            "description": f"{inspect.getdoc(type)} {OPEN}",
            "examples": words,
            "x-known-values": words,
        }
    meanings = {field.name: field.meaning for field in described_fields(type)}
    fields: dict[str, Schema] = {}
    for name, kind in schema["properties"].items():
        if name == EXTRA_KEY:
            continue
        fields[name] = _for_readers(kind)
        if issubclass(type, Record):
            fields[name].pop("default", None)
        if meanings[name]:
            fields[name]["description"] = meanings[name]
    told = {"type": "object", "description": schema.get("description", ""), "properties": fields}
    if schema["required"]:
        told["required"] = schema["required"]
    if schema.get("additionalProperties") is False and not issubclass(type, Record):
        told["additionalProperties"] = False
    return told


def _for_readers(schema: Schema) -> Schema:
    """A schema with amounts as the wire has them, and null where generators of code look for it."""
    told = {name: _told(value) for name, value in schema.items() if name != "title"}
    if told.get("format") == "decimal":
        return {"type": "number"}
    choices = told.get("anyOf", [])
    if len(choices) == 2 and choices[1] == {"type": "null"} and isinstance(choices[0].get("type"), str):
        del told["anyOf"]
        return {**choices[0], **told, "type": [choices[0]["type"], "null"]}
    return told


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return _for_readers(value)
    return [_told(each) for each in value] if isinstance(value, list) else value


def _held(type: Any, seen: set[Any]) -> Iterator[Any]:
    """A type and the types with a schema of their own that it holds."""
    if type in seen:
        return
    seen.add(type)
    if inspect.isclass(type) and issubclass(type, OpenEnum | msgspec.Struct):
        yield type
    inner = (
        get_type_hints(type).values() if inspect.isclass(type) and issubclass(type, msgspec.Struct) else get_args(type)
    )
    for each in inner:
        yield from _held(each, seen)
