"""The document of the control API: what a test or a page does to the sandbox itself."""

from __future__ import annotations

from typing import Any, NamedTuple, get_type_hints

from cloudspot.sandbox import control
from cloudspot.sandbox.account_edits import WrittenApplication, WrittenUser
from cloudspot.sandbox.accounts import Application, User
from cloudspot.sandbox.answers import JSON
from cloudspot.sandbox.control.accounts import ToImpersonate, ToPermit, Whose
from cloudspot.sandbox.control.events import ToSend
from cloudspot.sandbox.deliveries import Delivery
from cloudspot.sandbox.description import About
from cloudspot.sandbox.faults import Fault
from cloudspot.sandbox.store import Granted, IssuedToken

from .operations import Examples
from .schemas import COMPONENTS, Schema, components, schema_of

ABOUT = """\
What tests, scripts and pages do to a sandbox while it runs. Cloudspot's own servers have none of this.

An unknown field is a 400 that names it. Requests from another web site's page are a 403. There is no password: whoever
reaches the port may use it.
"""


class Control(NamedTuple):
    """What the table of routes doesn't know of a request."""

    id: str
    summary: str
    answer: Schema
    status: int = 200
    body: Schema | None = None
    query: tuple[str, ...] = ()
    refused: tuple[int, ...] = (400,)


def _ref(name: str) -> Schema:
    return {"$ref": f"{COMPONENTS}{name}"}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _list(name: str, of: Schema) -> Schema:
    return _object(**{name: {"type": "array", "items": of}})


TEXT, NUMBER = schema_of(str), schema_of(int)
APPLICATION, USER, FAULT = _ref("ShownApplication"), schema_of(User), _ref("ShownFault")
DELIVERY, GRANTED, TOKEN = schema_of(Delivery), _ref("Granted"), _ref("IssuedToken")
WHERE, OF_USER = ("user", "company", "application"), ("user", "application")
MISSING, TAKEN = (400, 404), (400, 404, 409)

OPERATIONS = {
    ("GET", "ready"): Control("ready", "Answers when the sandbox does", _object(ready=schema_of(bool), base_url=TEXT)),
    ("GET", "about"): Control("about", "What programs need to know", schema_of(About)),
    ("POST", "reset"): Control("reset", "Make the data anew, clear faults and events", _object(reset=schema_of(bool))),
    ("GET", "openapi/*"): Control("get_openapi", "One of these documents", {"type": "object"}, refused=MISSING),
    ("GET", "faults"): Control("list_faults", "The faults that wait", _list("faults", FAULT)),
    ("POST", "faults"): Control("add_fault", "Let requests go wrong", FAULT, 201, schema_of(Fault)),
    ("DELETE", "faults"): Control("clear_faults", "Take all faults away", _list("faults", FAULT)),
    ("DELETE", "faults/*"): Control("delete_fault", "Take a fault away", _object(deleted=NUMBER), refused=MISSING),
    ("GET", "companies"): Control("list_companies", "The companies", _list("companies", _object(id=TEXT, name=TEXT))),
    ("GET", "applications"): Control("list_applications", "All applications", _list("applications", APPLICATION)),
    ("POST", "applications"): Control(
        "add_application", "Add an application", APPLICATION, 201, schema_of(WrittenApplication), refused=(400, 409)
    ),
    ("GET", "applications/*"): Control("get_application", "One application", APPLICATION, refused=MISSING),
    ("PATCH", "applications/*"): Control(
        "change_application", "Change an application", APPLICATION, body=_ref("ApplicationChanges"), refused=TAKEN
    ),
    ("DELETE", "applications/*"): Control(
        "delete_application", "Take an application away", _object(deleted=TEXT), refused=MISSING
    ),
    ("GET", "users"): Control("list_users", "All users", _list("users", USER)),
    ("POST", "users"): Control("add_user", "Add a user", USER, 201, schema_of(WrittenUser), refused=(400, 409)),
    ("GET", "users/*"): Control("get_user", "One user", USER, refused=MISSING),
    ("PATCH", "users/*"): Control("change_user", "Change a user", USER, body=_ref("UserChanges"), refused=TAKEN),
    ("DELETE", "users/*"): Control("delete_user", "Take a user away", _object(deleted=TEXT), refused=MISSING),
    ("GET", "permissions"): Control(
        "list_permissions", "What was given", _list("permissions", GRANTED), query=WHERE, refused=MISSING
    ),
    ("PUT", "permissions"): Control(
        "set_permissions", "Let a user do this, and nothing else", GRANTED, body=schema_of(ToPermit), refused=MISSING
    ),
    ("GET", "user-tokens"): Control(
        "list_user_tokens", "The tokens users got", _list("user_tokens", TOKEN), query=OF_USER
    ),
    ("DELETE", "user-tokens"): Control(
        "revoke_user_tokens", "Let tokens be unknown", _object(revoked=NUMBER), query=OF_USER
    ),
    ("DELETE", "user-tokens/*"): Control(
        "revoke_user_token", "Let a token be unknown", _object(revoked=NUMBER), refused=MISSING
    ),
    ("POST", "user-tokens/expire"): Control(
        "expire_user_tokens", "Let tokens be too old", _object(expired=NUMBER), body=schema_of(Whose)
    ),
    ("POST", "impersonations"): Control(
        "impersonate", "A token for a supporter", _object(token=TEXT), 201, schema_of(ToImpersonate), refused=MISSING
    ),
    ("GET", "events"): Control("list_events", "The deliveries", _list("events", DELIVERY)),
    ("POST", "events"): Control("send_event", "Send an event", DELIVERY, 201, schema_of(ToSend), refused=MISSING),
    ("DELETE", "events"): Control("clear_events", "Forget all deliveries", _list("events", DELIVERY)),
    ("GET", "events/*"): Control("get_event", "One delivery", DELIVERY, refused=MISSING),
    ("POST", "events/*/replay"): Control("replay_event", "Send an event again", DELIVERY, refused=MISSING),
}

NAMES = {"users": "email", "openapi": "file"}
"""What stands in a path, where it is no `id`."""
TEXTUAL = {"users", "openapi", "applications"}
REFUSALS = {400: "The request is not as it should be.", 404: "There is none.", 409: "The name is in use."}


def document(_: Examples) -> Schema:
    """The whole document."""
    paths: dict[str, Schema] = {}
    for route, methods in control.ROUTES.items():
        room = route.split("/")[0]
        name = NAMES.get(room, "id")
        path = f"/{route.replace('*', f'{{{name}}}')}"
        paths[path] = {each.lower(): _operation(OPERATIONS[each, route]) for each in methods}
        if "*" in route:
            kind = TEXT if room in TEXTUAL else {**NUMBER, "minimum": 0}
            paths[path]["parameters"] = [{"name": name, "in": "path", "required": True, "schema": kind}]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Control API of the sandbox", "version": "1", "description": ABOUT},
        "servers": [{"url": "http://localhost:8000/_sandbox"}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _operation(told: Control) -> Schema:
    made: Schema = {"operationId": told.id, "summary": told.summary}
    if told.query:
        made["parameters"] = [{"name": name, "in": "query", "schema": TEXT} for name in told.query]
    if told.body is not None:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": told.body}}}
    answers = {told.status: ("Done.", told.answer)} | {each: (REFUSALS[each], _ref("Error")) for each in told.refused}
    made["responses"] = {
        str(status): {"description": meaning, "content": {JSON: {"schema": schema}}}
        for status, (meaning, schema) in answers.items()
    }
    return made


def _schemas() -> dict[str, Schema]:
    types = (
        About,
        WrittenApplication,
        WrittenUser,
        User,
        Application,
        Fault,
        Delivery,
        ToPermit,
        ToImpersonate,
        Whose,
        ToSend,
    )
    known = components(types)
    return {
        **known,
        "Error": _object(message=TEXT),
        "ShownApplication": _shown(known["Application"], signs_events=schema_of(bool)),
        "ShownFault": _shown(known["Fault"], id=NUMBER, hits=NUMBER),
        "Granted": _row(Granted),
        "IssuedToken": _row(IssuedToken),
        "ApplicationChanges": _optional(known["WrittenApplication"]),
        "UserChanges": _optional(known["WrittenUser"]),
    }


def _shown(schema: Schema, **more: Schema) -> Schema:
    """A type as answers show it: every field is there, and these too."""
    return _object(**{name: {**kind} for name, kind in schema["properties"].items()}, **more)


def _row(row: Any) -> Schema:
    return _object(**{name: schema_of(kind) for name, kind in get_type_hints(row).items()})


def _optional(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name != "required"}
