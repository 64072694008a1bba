"""The document of the ERP: its records, and the retired login for external apps."""

from __future__ import annotations

import msgspec

from cloudspot.sandbox import erp, external_app
from cloudspot.sandbox.accounts import JAN, PASSWORD
from cloudspot.sandbox.companies import TOKENS

from .operations import (
    USER_TOKEN,
    Asked,
    Examples,
    Key,
    Operation,
    Wire,
    login_types,
    login_wire,
    operation,
    security_schemes,
    server_urls,
)
from .schemas import COMPONENTS, Schema, components, schema_of

ABOUT = """\
What the Cloudspot ERP answers to a company's token, as far as it is publicly known.

- Any value may be `null`, and new fields and words can come at any time: the objects here are open, and words are not
  `enum`s but listed as `x-known-values`, so that what is generated from this document doesn't break on them.
- Amounts are numbers here, in EUR where they are money. Whether the server never sends them as text (`"12.50"`) is not
  known, nor whether dates are always ISO and not `dd/mm/yyyy`; a careful client reads both.
- A proxy before the server can answer in HTML, or with an empty body, whatever this document says.
"""

ID_OF_NOTHING = "999999"
ERROR: Schema = {"$ref": f"{COMPONENTS}Error"}
ERROR_SCHEMA: Schema = {
    "type": "object",
    "description": "An error of the ERP.",
    "properties": {"message": {"type": "string", "description": "What went wrong, for people."}},
    "required": ["message"],
}

UNKNOWN_TOKEN = Asked(401, "The token is unknown, or has not the right.", headers={erp.TOKEN_HEADER: "nobody"})
NO_TOKEN = Asked(401, "The token is missing.", headers={erp.TOKEN_HEADER: ""})
WRONG_ID = Asked(400, "The id is not a number.", query={"id": "twelve"})


def _id(of: str, example: int) -> Schema:
    description = f"The id of one {of}; without it, all."
    schema = {"type": "integer", "format": "int64"}
    return {"name": "id", "in": "query", "description": description, "schema": schema, "example": example}


OPERATIONS = {
    "artikels": Operation(
        "list_artikels",
        "All products, or one",
        (
            Asked(200, "The products of the token's company: all at once, there are no pages."),
            Asked(200, "One product.", query={"id": "125"}),
            WRONG_ID,
            UNKNOWN_TOKEN,
            NO_TOKEN,
            Asked(401, "The token lacks the right.", headers={erp.TOKEN_HEADER: "sandbox-klanten"}),
            Asked(404, "The company has no such product.", query={"id": ID_OF_NOTHING}),
        ),
        "Takes the right *see all products*.",
        (_id("product", 125),),
    ),
    "categories": Operation(
        "list_categories",
        "The tree of categories, or one branch",
        (
            Asked(200, "The categories without a parent, each with all below it."),
            Asked(200, "One category and all below it.", query={"id": "1"}),
            WRONG_ID,
            UNKNOWN_TOKEN,
            NO_TOKEN,
            Asked(404, "The company has no such category.", query={"id": ID_OF_NOTHING}),
        ),
        "Takes the right *see all products*.",
        (_id("category", 1),),
    ),
    "klanten": Operation(
        "list_klanten",
        "All clients",
        (
            Asked(200, "The clients of the token's company: all at once, there are no pages."),
            UNKNOWN_TOKEN,
            NO_TOKEN,
            Asked(401, "The token lacks the right.", headers={erp.TOKEN_HEADER: "sandbox-artikels"}),
        ),
        "Takes the right *see all clients*.",
    ),
}

RETIRED = "Retired by the ERP in March 2023; the License server took it over."
UNKNOWN_USER = Asked(401, "The requestor or the user token is unknown.", headers={erp.TOKEN_HEADER: "nobody"})
NO_USER = Asked(401, "The user token is missing.", headers={erp.TOKEN_HEADER: ""})

EXTERNAL_OPERATIONS = {
    "auth/signin-external-app": Operation(
        "signin_external_app",
        "Log a user in",
        (
            Asked(200, "The user is logged in.", body={"username": JAN.email, "password": PASSWORD}),
            Asked(400, "The body is not as it should be.", body={"username": JAN.email}),
            Asked(
                401,
                "The requestor is unknown, or the user name or the password is not correct.",
                body={"username": JAN.email, "password": "wrong"},
            ),
        ),
        RETIRED,
    ),
    "auth/get-permissions": Operation(
        "get_permissions",
        "What the user may do",
        (Asked(200, "The permissions in the user's company."), UNKNOWN_USER, NO_USER),
        RETIRED,
    ),
    "auth/get-user": Operation(
        "get_user", "Who the user is", (Asked(200, "The user of the token."), UNKNOWN_USER, NO_USER), RETIRED
    ),
}


COMPANY_TOKEN = Key(
    "companyToken", erp.TOKEN_HEADER, TOKENS[0].token, "The token that an ERP administrator made for a company."
)
REQUESTOR = Key("requestor", external_app.APPLICATION_HEADER, "sandbox-app", "The application's slug, in lower case.")
USER = Key("userToken", external_app.TOKEN_HEADER, USER_TOKEN, "The token that a user got by logging in.")


def document(examples: Examples) -> Schema:
    """The whole document."""
    records: list[type[msgspec.Struct]] = []
    paths: dict[str, Schema] = {}
    for route, endpoint in erp.ENDPOINTS.items():
        records.append(endpoint.record)
        wire = Wire(route, "GET", _data(endpoint.record), ERROR, (COMPANY_TOKEN,))
        paths[f"/{route}/"] = {"get": operation(OPERATIONS[route], wire, examples)}
    for route, login in external_app.ENDPOINTS.items():
        wire = login_wire(route, login, ERROR, REQUESTOR, USER)
        made = operation(EXTERNAL_OPERATIONS[route], wire, examples)
        paths[f"/{route}/"] = {wire.method.lower(): {"deprecated": True, **made}}
    types = [*records, *login_types(external_app.ENDPOINTS.values())]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cloudspot ERP", "version": "1", "description": ABOUT},
        "servers": server_urls("erp.cloudspot.be"),
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR_SCHEMA, **components(types)},
            "securitySchemes": security_schemes(COMPANY_TOKEN, REQUESTOR, USER),
        },
    }


def _data(record: type) -> Schema:
    return {
        "type": "object",
        "properties": {"data": {"type": "array", "items": schema_of(record)}},
        "required": ["data"],
    }
