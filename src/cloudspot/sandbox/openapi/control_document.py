"""The document of the control API: what a test or a page does to the sandbox itself."""

from __future__ import annotations

import re

from cloudspot.sandbox import control
from cloudspot.sandbox.account_edits import WrittenApplication, WrittenUser
from cloudspot.sandbox.accounts import Application, User
from cloudspot.sandbox.answers import JSON
from cloudspot.sandbox.control.accounts import ToImpersonate, ToPermit, Whose
from cloudspot.sandbox.control.events import ToSend
from cloudspot.sandbox.deliveries import Delivery
from cloudspot.sandbox.description import About
from cloudspot.sandbox.store import Granted, IssuedToken

from . import behaviour_document, data_document
from .operations import Examples
from .schemas import Schema, Struct, components, schema_of
from .told import BOOLEAN, MISSING, NATURAL, NUMBER, TAKEN, TEXT, Control, list_of, object_of, optional, ref, row_of

ABOUT = """\
What tests, scripts and pages do to a sandbox while it runs. Cloudspot's own servers have none of this.

An unknown field is a 400 that names it. Requests from another web site's page are a 403. There is no password: whoever
reaches the port may use it.
"""


APPLICATION, USER = ref("ShownApplication"), schema_of(User)
DELIVERY, GRANTED, TOKEN = schema_of(Delivery), ref("Granted"), ref("IssuedToken")
WHERE: dict[str, Schema] = {"user": TEXT, "company": TEXT, "application": TEXT}
OF_USER: dict[str, Schema] = {"user": TEXT, "application": TEXT}

OPERATIONS = {
    ("GET", "ready"): Control("ready", "Answers when the sandbox does", object_of(ready=BOOLEAN, base_url=TEXT)),
    ("GET", "about"): Control("about", "What programs need to know", schema_of(About)),
    ("POST", "reset"): Control("reset", "Begin anew: data, faults, events, requests, clock", object_of(reset=BOOLEAN)),
    ("GET", "openapi/{file}"): Control("get_openapi", "One of these documents", {"type": "object"}, refused=MISSING),
    **behaviour_document.OPERATIONS,
    **data_document.OPERATIONS,
    ("GET", "applications"): Control("list_applications", "All applications", list_of("applications", APPLICATION)),
    ("POST", "applications"): Control(
        "add_application", "Add an application", APPLICATION, 201, schema_of(WrittenApplication), refused=(400, 409)
    ),
    ("GET", "applications/{application}"): Control("get_application", "One application", APPLICATION, refused=MISSING),
    ("PATCH", "applications/{application}"): Control(
        "change_application", "Change an application", APPLICATION, body=ref("ApplicationChanges"), refused=TAKEN
    ),
    ("DELETE", "applications/{application}"): Control(
        "delete_application", "Take an application away", object_of(deleted=TEXT), refused=MISSING
    ),
    ("GET", "users"): Control("list_users", "All users", list_of("users", USER)),
    ("POST", "users"): Control("add_user", "Add a user", USER, 201, schema_of(WrittenUser), refused=(400, 409)),
    ("GET", "users/{email}"): Control("get_user", "One user", USER, refused=MISSING),
    ("PATCH", "users/{email}"): Control("change_user", "Change a user", USER, body=ref("UserChanges"), refused=TAKEN),
    ("DELETE", "users/{email}"): Control("delete_user", "Take a user away", object_of(deleted=TEXT), refused=MISSING),
    ("GET", "permissions"): Control(
        "list_permissions", "What was given", list_of("permissions", GRANTED), query=WHERE, refused=MISSING
    ),
    ("PUT", "permissions"): Control(
        "set_permissions", "Let a user do this, and nothing else", GRANTED, body=schema_of(ToPermit), refused=MISSING
    ),
    ("GET", "user-tokens"): Control(
        "list_user_tokens", "The tokens users got", list_of("user_tokens", TOKEN), query=OF_USER
    ),
    ("DELETE", "user-tokens"): Control(
        "revoke_user_tokens", "Let tokens be unknown", object_of(revoked=NUMBER), query=OF_USER
    ),
    ("DELETE", "user-tokens/{id}"): Control(
        "revoke_user_token", "Let a token be unknown", object_of(revoked=NUMBER), refused=MISSING
    ),
    ("POST", "user-tokens/expire"): Control(
        "expire_user_tokens", "Let tokens be too old", object_of(expired=NUMBER), body=schema_of(Whose)
    ),
    ("POST", "impersonations"): Control(
        "impersonate", "A token for a supporter", object_of(token=TEXT), 201, schema_of(ToImpersonate), refused=MISSING
    ),
    ("GET", "events"): Control("list_events", "The deliveries", list_of("events", DELIVERY)),
    ("POST", "events"): Control("send_event", "Send an event", DELIVERY, 201, schema_of(ToSend), refused=MISSING),
    ("DELETE", "events"): Control("clear_events", "Forget all deliveries", list_of("events", DELIVERY)),
    ("GET", "events/{id}"): Control("get_event", "One delivery", DELIVERY, refused=MISSING),
    ("POST", "events/{id}/replay"): Control("replay_event", "Send an event again", DELIVERY, refused=MISSING),
}

REFUSALS = {
    400: ("The request is not as it should be.", "Error"),
    404: ("There is none.", "Error"),
    409: ("The name is in use.", "Error"),
    422: ("The file has bad rows, and nothing of it is taken in.", "ImportProblems"),
}


def document(_: Examples) -> Schema:
    """The whole document."""
    paths: dict[str, Schema] = {}
    for route, methods in control.ROUTES.items():
        paths[f"/{route}"] = {each.lower(): _operation(OPERATIONS[each, route]) for each in methods}
        if names := re.findall(r"{(\w+)}", route):
            paths[f"/{route}"]["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": NATURAL if name == "id" else TEXT}
                for name in names
            ]
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
        made["parameters"] = [{"name": name, "in": "query", "schema": kind} for name, kind in told.query.items()]
    if told.body is not None:
        made["requestBody"] = {"required": True, "content": {told.body_type: {"schema": told.body}}}
    made["responses"] = {
        str(told.status): {"description": "Done.", "content": {told.answer_type: {"schema": told.answer}}}
    }
    for status in told.refused:
        meaning, error = REFUSALS[status]
        made["responses"][str(status)] = {"description": meaning, "content": {JSON: {"schema": ref(error)}}}
    return made


def _schemas() -> dict[str, Schema]:
    types: tuple[Struct, ...] = (
        About,
        WrittenApplication,
        WrittenUser,
        User,
        Application,
        Delivery,
        ToPermit,
        ToImpersonate,
        Whose,
        ToSend,
        *behaviour_document.TYPES,
        *data_document.TYPES,
    )
    known = components(types)
    return {
        **known,
        "Error": object_of(message=TEXT),
        "ShownApplication": _shown(known["Application"], signs_events=BOOLEAN),
        "ShownFault": _shown(known["Fault"], id=NUMBER, hits=NUMBER, passed=NUMBER, preset=schema_of(str | None)),
        "Granted": row_of(Granted),
        "IssuedToken": row_of(IssuedToken),
        "ApplicationChanges": optional(known["WrittenApplication"]),
        "UserChanges": optional(known["WrittenUser"]),
        **data_document.schemas(known),
    }


def _shown(schema: Schema, **more: Schema) -> Schema:
    """A type as answers show it: every field is there, and these too."""
    return object_of(**{name: {**kind} for name, kind in schema["properties"].items()}, **more)
