"""The control API: faults, and presets of them."""

from __future__ import annotations

import msgspec

from cloudspot.sandbox.answers import Answer, Request, json_document
from cloudspot.sandbox.faults import PRESETS, ActiveFault, Fault, Route

from .asked import Controlled, Handler, fields_of, no_fields, number


class ToSwitchOn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a preset is to be switched on."""

    route: Route | None = None
    """Only for requests to this path; None for those it is meant for anyway."""


class ShownPreset(msgspec.Struct, kw_only=True):
    """A preset, and whether it is on."""

    name: str
    title: str
    """For people."""
    titel: str
    """The same in Dutch."""
    meaning: str
    """What a client meets."""
    uitleg: str
    """The same in Dutch."""
    is_on: bool
    faults: tuple[Fault, ...]
    """What it switches on."""


def _list(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"faults": [_shown(active) for active in sandbox.faults.list()]})


def _add(sandbox: Controlled, request: Request) -> Answer:
    return json_document(_shown(sandbox.faults.add_fault(fields_of(request, Fault))), status=201)


def _clear(sandbox: Controlled, request: Request) -> Answer:
    no_fields(request)
    sandbox.faults.clear()
    return json_document({"faults": []})


def _one(sandbox: Controlled, _: Request, id: str) -> Answer:
    wanted = number(id, "fault")
    found = next((active for active in sandbox.faults.list() if active.id == wanted), None)
    if found is None:
        raise LookupError(f"there is no fault {id}")
    return json_document(_shown(found))


def _delete(sandbox: Controlled, _: Request, id: str) -> Answer:
    if not sandbox.faults.clear(number(id, "fault")):
        raise LookupError(f"there is no fault {id}")
    return json_document({"deleted": int(id)})


def _shown(active: ActiveFault) -> dict[str, object]:
    state = {"id": active.id, "hits": active.hits, "passed": active.passed, "preset": active.preset}
    return {**state, **msgspec.structs.asdict(active.fault)}


def _list_presets(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"presets": [_shown_preset(sandbox, name) for name in PRESETS]})


def _switch_on(sandbox: Controlled, request: Request, preset: str) -> Answer:
    asked = fields_of(request, ToSwitchOn) if request.body.strip() else ToSwitchOn()
    sandbox.faults.switch_on(preset, route=asked.route)
    return json_document(_shown_preset(sandbox, preset))


def _switch_off(sandbox: Controlled, request: Request, preset: str) -> Answer:
    no_fields(request)
    sandbox.faults.switch_off(preset)
    return json_document(_shown_preset(sandbox, preset))


def _shown_preset(sandbox: Controlled, name: str) -> ShownPreset:
    return ShownPreset(name=name, is_on=sandbox.faults.is_on(name), **PRESETS[name]._asdict())


ROUTES: dict[str, dict[str, Handler]] = {
    "faults": {"GET": _list, "POST": _add, "DELETE": _clear},
    "faults/presets": {"GET": _list_presets},
    "faults/presets/{preset}": {"PUT": _switch_on, "DELETE": _switch_off},
    "faults/{id}": {"GET": _one, "DELETE": _delete},
}
