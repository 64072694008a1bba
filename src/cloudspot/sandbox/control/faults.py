"""The control API: faults."""

from __future__ import annotations

import msgspec

from cloudspot.sandbox.answers import Answer, Request, json_document
from cloudspot.sandbox.faults import ActiveFault, Fault

from .asked import Controlled, Handler, fields_of, number


def _list(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"faults": [_shown(active) for active in sandbox.faults.list()]})


def _add(sandbox: Controlled, request: Request) -> Answer:
    return json_document(_shown(sandbox.faults.add_fault(fields_of(request, Fault))), status=201)


def _clear(sandbox: Controlled, _: Request) -> Answer:
    sandbox.faults.clear()
    return json_document({"faults": []})


def _delete(sandbox: Controlled, _: Request, id: str) -> Answer:
    if not sandbox.faults.clear(number(id, "fault")):
        raise LookupError(f"there is no fault {id}")
    return json_document({"deleted": int(id)})


def _shown(active: ActiveFault) -> dict[str, object]:
    return {"id": active.id, "hits": active.hits, **msgspec.structs.asdict(active.fault)}


ROUTES: dict[str, dict[str, Handler]] = {
    "faults": {"GET": _list, "POST": _add, "DELETE": _clear},
    "faults/{id}": {"DELETE": _delete},
}
