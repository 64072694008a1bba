"""The document of the License server, and of the events it sends."""

from __future__ import annotations

from cloudspot.records.auth import EVENTS, LicenseError
from cloudspot.sandbox import license_server
from cloudspot.sandbox.accounts import JAN, PASSWORD
from cloudspot.sandbox.answers import JSON
from cloudspot.sandbox.companies import KIST

from .operations import (
    IMPERSONATION_TOKEN,
    USER_TOKEN,
    Asked,
    Examples,
    Key,
    Operation,
    login_types,
    login_wire,
    operation,
    security_schemes,
    server_urls,
)
from .schemas import Schema, components, schema_of

ABOUT = """\
What the Cloudspot License server answers to an application, as far as it is publicly known.

- New fields can come at any time: the objects here are open. Errors have exactly `message` and `error_code`.
- A user may use the application in the companies whose permissions hold `use_app`; `is_superuser` stands for all.
- Events (`webhooks` below) are not signed: take one for a doorbell, and look the truth up with the user's own token.
"""

UNKNOWN_USER = Asked(
    401, "The application or the user token is unknown.", headers={license_server.TOKEN_HEADER: "nobody"}
)
NO_TOKEN = Asked(401, "The user token is missing.", headers={license_server.TOKEN_HEADER: ""})
COMPANY_ID = {
    "name": "company_id",
    "in": "path",
    "required": True,
    "description": "The company's id.",
    "schema": {"type": "string", "format": "uuid"},
    "example": KIST.id,
}

OPERATIONS = {
    "auth/authenticate": Operation(
        "authenticate",
        "Log a user in",
        (
            Asked(
                200,
                "The user is logged in. There may be no company where the application may be used.",
                body={"username": JAN.email, "password": PASSWORD},
            ),
            Asked(400, "The body is not as it should be.", body={"username": JAN.email}),
            Asked(
                401,
                "The application is unknown, or the user name or the password is not correct.",
                body={"username": JAN.email, "password": "wrong"},
            ),
        ),
    ),
    "auth/get-permissions": Operation(
        "get_permissions",
        "What the user may do, in each company",
        (
            Asked(200, "The companies in which the user may use the application."),
            UNKNOWN_USER,
            NO_TOKEN,
        ),
    ),
    license_server.OF_COMPANY: Operation(
        "get_company_permissions",
        "What the user may do in one company",
        (
            Asked(200, "The permissions there; none where the user may not use the application.", below=KIST.id),
            Asked(400, "The id is not a UUID.", below="kist"),
            UNKNOWN_USER._replace(below=KIST.id),
            Asked(404, "There is no such company.", below="00000000-0000-0000-0000-000000000000"),
        ),
        parameters=(COMPANY_ID,),
    ),
    "auth/users/profile": Operation(
        "users_profile", "Who the user is", (Asked(200, "The user of the token."), UNKNOWN_USER, NO_TOKEN)
    ),
    "auth/impersonation-validation": Operation(
        "impersonation_validation",
        "What an impersonation token stands for",
        (
            Asked(200, "The user to become, and in which company.", body={"token": IMPERSONATION_TOKEN}),
            Asked(400, "The body is not as it should be.", body={}),
            Asked(
                401, "The application or the token is unknown, or the token is used or expired.", body={"token": "x"}
            ),
        ),
        "An impersonation token is good for one validation.",
    ),
}


APPLICATION = Key("application", license_server.APPLICATION_HEADER, "sandbox-app", "The application's id.")
USER = Key("userToken", license_server.TOKEN_HEADER, USER_TOKEN, "The token that a user got by logging in.")


def document(examples: Examples) -> Schema:
    """The whole document."""
    error = schema_of(LicenseError)
    paths: dict[str, Schema] = {}
    for route, endpoint in license_server.ENDPOINTS.items():
        wire = login_wire(route, endpoint, error, APPLICATION, USER)
        below = "{company_id}/" if route == license_server.OF_COMPANY else ""
        paths[f"/{route}/{below}"] = {wire.method.lower(): operation(OPERATIONS[route], wire, examples)}
    schemas = components([LicenseError, *EVENTS.values(), *login_types(license_server.ENDPOINTS.values())])
    schemas["LicenseError"]["required"] = ["message", "error_code"]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cloudspot License server", "version": "1", "description": ABOUT},
        "servers": server_urls("license.cloudspot.be"),
        "paths": paths,
        "webhooks": {event: {"post": _webhook(event, data)} for event, data in EVENTS.items()},
        "components": {"schemas": schemas, "securitySchemes": security_schemes(APPLICATION, USER)},
    }


def _webhook(event: str, data: type) -> Schema:
    body = {
        "type": "object",
        "properties": {"event": {"type": "string", "const": event}, "data": schema_of(data)},
        "required": ["event", "data"],
    }
    status = {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
    return {
        "operationId": event.replace(".", "_"),
        "summary": f"Sent to an application's `/auth/webhook`: `{event}`",
        "security": [],
        "requestBody": {"required": True, "content": {JSON: {"schema": body}}},
        "responses": {
            code: {"description": meaning, "content": {JSON: {"schema": status}}}
            for code, meaning in (
                ("200", "`OBJECT_UPDATED`, or `OBJECT_CREATED` with the `id`."),
                ("400", "`OBJECT_EXISTS`: it was known already."),
                ("404", "`NOT_FOUND`, with the reason in `error.message`."),
            )
        },
    }
