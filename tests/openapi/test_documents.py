"""The documents say what the types and the routes say, leave room for what may come, and are served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
import urllib3

from cloudspot.records import Artikel
from cloudspot.records.base import shape_of
from cloudspot.sandbox import Sandbox, control, erp, external_app, license_server, openapi
from cloudspot.sandbox.openapi import control_document, erp_document, license_document
from cloudspot.sandbox.openapi.operations import Asked, Examples, Wire

from .conftest import document, strict

FOLDER = Path(__file__).parents[2] / "docs" / "openapi"
EVERY = pytest.mark.parametrize("naam", openapi.MAKERS)
SERVERS = pytest.mark.parametrize("naam", ["erp", "license"])


@EVERY
def test_the_exported_document_is_up_to_date(naam: str) -> None:
    assert (FOLDER / f"{naam}.json").read_bytes() == openapi.text(naam), "python docs/openapi.py"


@EVERY
def test_it_is_openapi(naam: str) -> None:
    schemathesis.openapi.from_dict(document(naam)).validate()


@EVERY
def test_the_sandbox_serves_it(naam: str, sandbox: Sandbox) -> None:
    root = sandbox.base_url.removesuffix("/api/v1")
    answer = urllib3.request("GET", f"{root}/_sandbox/openapi/{naam}.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.data == openapi.text(naam)


def test_there_is_no_other(sandbox: Sandbox) -> None:
    root = sandbox.base_url.removesuffix("/api/v1")
    answer = urllib3.request("GET", f"{root}/_sandbox/openapi/crm.json")
    assert answer.status == 404
    assert "erp, license" in answer.json()["message"]


def test_every_route_is_described() -> None:
    assert erp_document.OPERATIONS.keys() == erp.ENDPOINTS.keys()
    assert erp_document.EXTERNAL_OPERATIONS.keys() == external_app.ENDPOINTS.keys()
    assert license_document.OPERATIONS.keys() == license_server.ENDPOINTS.keys()
    assert control_document.OPERATIONS.keys() == {(m, route) for route, of in control.ROUTES.items() for m in of}


@SERVERS
def test_every_field_is_described(naam: str) -> None:
    schemas = document(naam)["components"]["schemas"]
    bare = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, kind in schema.get("properties", {}).items()
        if not kind.get("description")
    ]
    assert not bare


@SERVERS
def test_it_leaves_room_for_what_may_come(naam: str) -> None:
    """Real servers add fields and words: code that was generated from the document must not refuse them."""
    for schema in inner(document(naam)["components"]["schemas"]):
        assert "enum" not in schema
        assert schema.get("additionalProperties") is not False
        assert "+extra" not in schema.get("properties", {})


def test_any_value_of_a_record_may_be_null() -> None:
    for name, kind in document("erp")["components"]["schemas"]["Artikel"]["properties"].items():
        assert {"type": "null"} in kind.get("anyOf", []) or "null" in kind["type"], name


def test_amounts_are_numbers_in_their_unit() -> None:
    fields = document("erp")["components"]["schemas"]["Artikel"]["properties"]
    assert {name for name, kind in fields.items() if "number" in kind.get("type", [])} == shape_of(Artikel).amounts
    assert "EUR" in fields["verkoopprijs_excl"]["description"]
    assert "%" in fields["BTW"]["description"]
    assert "Pieces" in fields["op_voorraad"]["description"]


@SERVERS
def test_every_example_fits_its_schema(naam: str) -> None:
    told = strict(naam)
    count = 0
    for content in inner(told["paths"]):
        if "schema" in content and "examples" in content:
            fits = jsonschema_rs.validator_for({**content["schema"], "components": told["components"]})
            for example in content["examples"].values():
                fits.validate(example["value"])
                count += 1
    assert count > 15


def test_a_status_that_the_sandbox_does_not_give_is_refused() -> None:
    examples = Examples()
    wire = Wire("klanten", "GET", {}, {}, ())
    with pytest.raises(ValueError, match="GET /api/v1/klanten/ answers 401, not 200"):
        examples.answer(wire, Asked(200, "All clients."))
    examples.close()


def inner(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(part, dict):
        yield part
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from inner(each)
