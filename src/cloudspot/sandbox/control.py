"""The control API under /_sandbox/: what a test or a page does to the sandbox itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from .answers import Answer, Request, json_document, refusal
from .faults import ActiveFault, Fault, Faults

PREFIX = "/_sandbox/"


class Controlled(Protocol):
    """What the control API asks of a sandbox."""

    @property
    def faults(self) -> Faults:
        """The faults that wait."""
        ...

    @property
    def base_url(self) -> str:
        """Where the servers' paths begin."""
        ...

    def reset(self) -> None:
        """Begin anew."""
        ...


def answer(sandbox: Controlled, request: Request) -> Answer:
    """The control API's answer."""
    if not _is_own_page(request):
        return refusal(403, "The control API does not take requests from other sites.")
    path = request.path.removeprefix(PREFIX).rstrip("/")
    if path.startswith("faults/"):
        return _one_fault(sandbox, request, path.removeprefix("faults/"))
    methods = ROUTES.get(path)
    if methods is None:
        return refusal(404, f"The control API has no {request.path}.")
    handler = methods.get("GET" if request.method == "HEAD" else request.method)
    if handler is None:
        return refusal(405, f"Method {request.method} is not allowed here.", Allow=", ".join(methods))
    return handler(sandbox, request)


def is_slow(request: Request) -> bool:
    """Whether answering may take so long that other requests should not wait for it."""
    return request.path.rstrip("/") == f"{PREFIX}reset"


def _is_own_page(request: Request) -> bool:
    """A browser says where a request comes from; other sites may read nothing here and change nothing."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _ready(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"ready": True, "base_url": sandbox.base_url})


def _reset(sandbox: Controlled, request: Request) -> Answer:
    if (refused := _refuse_body(request)) is not None:
        return refused
    sandbox.reset()
    return json_document({"reset": True})


def _list_faults(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"faults": [_shown(active) for active in sandbox.faults.list()]})


def _add_fault(sandbox: Controlled, request: Request) -> Answer:
    try:
        fault = msgspec.json.decode(request.body, type=Fault)
    except msgspec.DecodeError as error:
        return refusal(400, str(error))
    return json_document(_shown(sandbox.faults.add_fault(fault)), status=201)


def _clear_faults(sandbox: Controlled, _: Request) -> Answer:
    sandbox.faults.clear()
    return json_document({"faults": []})


def _one_fault(sandbox: Controlled, request: Request, id: str) -> Answer:
    if request.method != "DELETE":
        return refusal(405, f"Method {request.method} is not allowed here.", Allow="DELETE")
    if not id.isdecimal() or not sandbox.faults.clear(int(id)):
        return refusal(404, f"There is no fault {id}.")
    return json_document({"deleted": int(id)})


def _refuse_body(request: Request) -> Answer | None:
    """A body that means nothing here is refused, so that no setting seems to have been taken."""
    if request.body.strip() in {b"", b"{}"}:
        return None
    return refusal(400, "This request takes no fields.")


def _shown(active: ActiveFault) -> dict[str, object]:
    return {"id": active.id, "hits": active.hits, **msgspec.structs.asdict(active.fault)}


ROUTES: dict[str, dict[str, Callable[[Controlled, Request], Answer]]] = {
    "ready": {"GET": _ready},
    "reset": {"POST": _reset},
    "faults": {"GET": _list_faults, "POST": _add_fault, "DELETE": _clear_faults},
}
