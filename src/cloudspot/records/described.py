"""What the source says of the fields of a type: the text below each, for pages and API documents."""

from __future__ import annotations

import ast
import inspect
from typing import NamedTuple

import msgspec


class DescribedField(NamedTuple):
    """A field as it is written down."""

    name: str
    annotation: str
    meaning: str
    """The text below it, on one line; "" where there is none."""


def described_fields(type: type[msgspec.Struct]) -> list[DescribedField]:
    """The public fields of a type, those that it inherits first."""
    return [
        described
        for each in reversed(type.__mro__)
        if each.__module__.startswith("cloudspot.") and issubclass(each, msgspec.Struct)
        for described in _own_fields(each)
    ]


def syntax(type: type) -> ast.ClassDef:
    """A type as it is written down."""
    return next(node for node in ast.parse(inspect.getsource(type)).body if isinstance(node, ast.ClassDef))


def _own_fields(type: type) -> list[DescribedField]:
    body = syntax(type).body
    fields = []
    for node, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        annotation = ast.unparse(node.annotation)
        if not node.target.id.startswith("_") and "ClassVar" not in annotation:
            fields.append(DescribedField(node.target.id, annotation, " ".join(_text(following).split())))
    return fields


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return ""
