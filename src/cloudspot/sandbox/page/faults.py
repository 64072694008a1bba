"""Faults: presets as switches, faults of one's own, and those that wait."""

from __future__ import annotations

import re
from types import UnionType
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from cloudspot.sandbox.answers import Answer
from cloudspot.sandbox.faults import PRESETS, Fault, Route

from .problems import Problem
from .routing import Routes
from .visit import Visit

GROUPS = {
    "whom": ("route", "token", "times", "after", "probability"),
    "instead": ("status", "body", "retry_after", "retry_after_as_date", "redirect", "expired"),
    "breaking": ("reset", "stalls", "garbage", "cut_off", "ends_cleanly"),
    "altering": ("alter", "field", "wrong_length", "content_type"),
    "slow": ("delay", "jitter", "bytes_per_second", "pieces_of", "pause"),
}
"""The fields of a fault as the form shows them; a test sees that none is forgotten."""

ROUTES_OF_SERVERS: tuple[str, ...] = get_args(Route)
FOR_EVER = "times"
"""The field that means something when it is left empty."""

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_BROKEN = re.compile(r"-?[0-9]{0,18}[.,][0-9]{1,18}")


class FaultField(NamedTuple):
    """A field of a fault and how it is typed in."""

    name: str
    kind: Literal["text", "number", "boolean", "choice"]
    choices: tuple[str, ...]
    default: str


def _list(visit: Visit) -> Answer:
    return _page(visit)


def _page(visit: Visit, *, typed: dict[str, str] | None = None, problem: Problem | None = None) -> Answer:
    faults = visit.sandbox.faults
    fields = _fields()
    return visit.page(
        "faults.html",
        status=400 if problem else 200,
        presets=[(name, preset, faults.is_on(name)) for name, preset in PRESETS.items()],
        active=[(each, _said(each.fault)) for each in faults.list()],
        groups={group: [fields[name] for name in names] for group, names in GROUPS.items()},
        routes=ROUTES_OF_SERVERS,
        tokens=visit.sandbox.tokens,
        typed=typed or {name: field.default for name, field in fields.items()},
        is_open=typed is not None,
        problem=problem,
    )


def _switch(visit: Visit, name: str) -> Answer:
    faults, is_on = visit.sandbox.faults, visit.form.is_on("on")
    if is_on:
        faults.switch_on(name)
    else:
        faults.switch_off(name)
    preset = PRESETS[name]
    title = preset.titel if visit.language == "nl" else preset.title
    return visit.back("/faults", "faults.switched_on" if is_on else "faults.switched_off", preset=title)


def _add(visit: Visit) -> Answer:
    typed = {name: visit.form.text(name) for name in _fields()}
    given = {name: _value(field, typed[name]) for name, field in _fields().items() if typed[name] or name == FOR_EVER}
    try:
        visit.sandbox.faults.add(**given)
    except ValueError as error:
        return _page(visit, typed=typed, problem=Problem.of(error))
    return visit.back("/faults", "faults.added")


def _clear(visit: Visit) -> Answer:
    visit.sandbox.faults.clear()
    return visit.back("/faults", "faults.cleared")


def _delete(visit: Visit, id: str) -> Answer:
    if not (id.isascii() and id.isdecimal() and visit.sandbox.faults.clear(int(id))):
        raise LookupError(f"there is no fault {id}")
    return visit.back("/faults", "faults.deleted", id=id)


def _fields() -> dict[str, FaultField]:
    hints = get_type_hints(Fault)
    return {field.name: _field(field, hints[field.name]) for field in msgspec.structs.fields(Fault)}


def _field(field: msgspec.structs.FieldInfo, hint: Any) -> FaultField:
    leaves = get_args(hint) if isinstance(hint, UnionType) or get_origin(hint) is not Literal else (hint,)
    leaves = tuple(leaf for leaf in leaves or (hint,) if leaf is not type(None))
    default = "" if field.default is None or field.default is False else f"{field.default:}"
    if leaves == (bool,):
        return FaultField(field.name, "boolean", (), default)
    if get_origin(leaves[0]) is Literal:
        return FaultField(field.name, "choice", get_args(leaves[0]), default)
    return FaultField(field.name, "text" if leaves == (str,) else "number", (), default)


def _value(field: FaultField, text: str) -> Any:
    """What was typed, in the form in which `Fault` can say whether it fits."""
    if field.kind == "boolean":
        return True
    if not text:
        return None
    if field.kind == "number" and _WHOLE.fullmatch(text):
        return int(text)
    if field.kind == "number" and _BROKEN.fullmatch(text):
        return float(text.replace(",", "."))
    return text


def _said(fault: Fault) -> dict[str, str]:
    """What makes a fault differ from none."""
    shown = msgspec.to_builtins(fault)
    return {name: str(value) for name, value in shown.items() if name not in {"route", "token", "times"}}


ROUTES: Routes = {
    "faults": {"GET": _list, "POST": _add},
    "faults/+clear": {"POST": _clear},
    "faults/presets/*": {"POST": _switch},
    "faults/*/delete": {"POST": _delete},
}
