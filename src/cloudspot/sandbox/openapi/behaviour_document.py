"""The control API's document, of how a running sandbox behaves: its faults, its clock, what it was asked."""

from __future__ import annotations

from cloudspot.sandbox.control.clock import ShownClock, ToSet
from cloudspot.sandbox.control.faults import ShownPreset, ToSwitchOn
from cloudspot.sandbox.control.requests import NUMBERS, TEXTS, ShownExchange, ShownRequest
from cloudspot.sandbox.faults import Fault

from .schemas import Struct, schema_of
from .told import MISSING, NATURAL, NUMBER, TEXT, Control, list_of, object_of, ref

FAULT, PRESET, CLOCK = ref("ShownFault"), schema_of(ShownPreset), schema_of(ShownClock)
REQUESTS = list_of("requests", schema_of(ShownRequest))
FILTERS = dict.fromkeys(TEXTS, TEXT) | dict.fromkeys(NUMBERS, NATURAL)
HAR = object_of(log={"type": "object", "description": "An HTTP Archive 1.2."})

OPERATIONS = {
    ("GET", "faults"): Control("list_faults", "The faults that wait", list_of("faults", FAULT)),
    ("POST", "faults"): Control("add_fault", "Let requests go wrong", FAULT, 201, schema_of(Fault)),
    ("DELETE", "faults"): Control("clear_faults", "Take all faults away", list_of("faults", FAULT)),
    ("GET", "faults/presets"): Control("list_presets", "The presets", list_of("presets", PRESET)),
    ("PUT", "faults/presets/{preset}"): Control(
        "switch_on_preset",
        "Let requests go wrong in a way that has a name",
        PRESET,
        body=schema_of(ToSwitchOn),
        refused=MISSING,
    ),
    ("DELETE", "faults/presets/{preset}"): Control(
        "switch_off_preset", "Take the faults of a preset away", PRESET, refused=MISSING
    ),
    ("GET", "faults/{id}"): Control("get_fault", "One fault that waits", FAULT, refused=MISSING),
    ("DELETE", "faults/{id}"): Control("delete_fault", "Take a fault away", object_of(deleted=NUMBER), refused=MISSING),
    ("GET", "clock"): Control("get_clock", "What time it is", CLOCK),
    ("PUT", "clock"): Control("set_clock", "Set, move, stop or start the clock", CLOCK, body=schema_of(ToSet)),
    ("DELETE", "clock"): Control("reset_clock", "Put the clock back to how it began", CLOCK),
    ("GET", "requests"): Control("list_requests", "The last requests", REQUESTS, query=FILTERS),
    ("DELETE", "requests"): Control("clear_requests", "Forget the requests", REQUESTS),
    ("GET", "requests.har"): Control("get_har", "The last requests as an HTTP Archive", HAR, query=FILTERS),
    ("GET", "requests/{id}"): Control(
        "get_request", "One request and its answer", schema_of(ShownExchange), refused=MISSING
    ),
    ("GET", "requests/{id}/curl"): Control(
        "get_curl", "A shell command that asks the same", object_of(curl=TEXT), refused=MISSING
    ),
}

TYPES: tuple[Struct, ...] = (Fault, ShownPreset, ToSwitchOn, ShownClock, ToSet, ShownRequest, ShownExchange)
