"""The control API: events to webhooks, sent by hand, looked up and replayed."""

from __future__ import annotations

from typing import Any

import msgspec

from cloudspot.sandbox.account_edits import APPLICATION
from cloudspot.sandbox.answers import Answer, Request, json_document
from cloudspot.sandbox.events import shown

from .asked import Controlled, Handler, fields_of, no_fields, number


class ToSend(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An event that is sent by hand; it may be one that the real server would never send."""

    event: str
    data: dict[str, Any]
    application: str = APPLICATION


def _list(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"events": [shown(delivery) for delivery in sandbox.events.list()]})


def _send(sandbox: Controlled, request: Request) -> Answer:
    asked = fields_of(request, ToSend)
    return json_document(shown(sandbox.events.send(asked.event, asked.data, asked.application)), status=201)


def _clear(sandbox: Controlled, request: Request) -> Answer:
    no_fields(request)
    sandbox.events.clear()
    return json_document({"events": []})


def _one(sandbox: Controlled, _: Request, id: str) -> Answer:
    return json_document(shown(sandbox.events.get(number(id, "delivery"))))


def _replay(sandbox: Controlled, request: Request, id: str) -> Answer:
    no_fields(request)
    return json_document(shown(sandbox.events.replay(number(id, "delivery"))))


ROUTES: dict[str, dict[str, Handler]] = {
    "events": {"GET": _list, "POST": _send, "DELETE": _clear},
    "events/{id}": {"GET": _one},
    "events/{id}/replay": {"POST": _replay},
}
