"""Every request of the control API is made once, with success, and its answer held against the document."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs
import urllib3

from cloudspot.sandbox import Sandbox

from .conftest import document

NAME = {"id": "shop", "name": "Webshop", "requestor": "shop", "webhook_url": "http://127.0.0.1:9/hook"}
WHO = {"user": "an@shop.test", "company": "Lampe SA", "application": "shop"}
SNAPSHOT = b"""{"snapshot":{"of":"cloudspot sandbox","version":1}}
{"company":{"key":7,"id":"5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0007","naam":"Zeven"}}
{"end":true}
"""
REQUESTS: list[tuple[str, str, Any]] = [
    ("GET", "ready", None),
    ("GET", "about", None),
    ("GET", "openapi/sandbox.json", None),
    ("POST", "faults", {"delay": 0.1, "route": "klanten"}),
    ("GET", "faults", None),
    ("GET", "faults/1", None),
    ("DELETE", "faults/1", None),
    ("PUT", "faults/presets/proxy-page", {"route": "klanten"}),
    ("GET", "faults/presets", None),
    ("DELETE", "faults/presets/proxy-page", None),
    ("PUT", "clock", {"now": "2026-01-31T23:59:00+01:00", "frozen": True}),
    ("GET", "clock", None),
    ("DELETE", "clock", None),
    ("GET", "requests?status=2xx&limit=5", None),
    ("GET", "requests/1", None),
    ("GET", "requests/1/curl", None),
    ("GET", "requests.har", None),
    ("DELETE", "requests", None),
    ("DELETE", "faults", None),
    ("GET", "companies", None),
    ("POST", "companies", {"naam": "Nieuw"}),
    ("GET", "companies/Nieuw", None),
    ("PATCH", "companies/Nieuw", {"naam": "Ander"}),
    ("POST", "erp-tokens", {"company": "Ander", "naam": "webshop"}),
    ("GET", "erp-tokens?company=Ander", None),
    ("GET", "erp-tokens/5", None),
    ("PATCH", "erp-tokens/5", {"sees_klanten": False}),
    ("DELETE", "erp-tokens/5", None),
    ("POST", "companies/Ander/categorieen", {"naam": "Kisten", "id": 7}),
    ("GET", "companies/Ander/categorieen", None),
    ("GET", "companies/Ander/categorieen/7", None),
    ("PATCH", "companies/Ander/categorieen/7", {"naam": "Manden"}),
    ("POST", "companies/Ander/artikels", {"naam": "Kist", "BTW": 21, "categorie_id": 7}),
    ("GET", "companies/Ander/artikels?text=kist&BTW=21&BTW=6&sort=naam&descending=true&limit=1", None),
    ("GET", "companies/Ander/artikels/100000125", None),
    ("PATCH", "companies/Ander/artikels/100000125", {"verkoopprijs_excl": 12.5}),
    ("POST", "companies/Ander/artikels/change", {"percentage": 3, "filters": {"BTW": 21}, "set": {"merk": "Kist"}}),
    ("DELETE", "companies/Ander/artikels/100000125", None),
    ("DELETE", "companies/Ander/categorieen/7", None),
    ("POST", "companies/Ander/klanten", {"achternaam": "Peeters"}),
    ("GET", "companies/Ander/klanten?is_bedrijf=", None),
    ("GET", "companies/Ander/klanten/100001001", None),
    ("PATCH", "companies/Ander/klanten/100001001", {"huisnummer": "12A"}),
    ("POST", "companies/Ander/klanten/change", {"set": {"land": "BE"}, "ids": [100001001]}),
    ("DELETE", "companies/Ander/klanten/100001001", None),
    ("POST", "companies/Ander/artikels/load?format=csv", b"id,naam\n1,Kist\n"),
    ("POST", "companies/Ander/klanten/load?format=jsonl&mode=replace", b'{"achternaam":"Peeters"}\n'),
    ("DELETE", "companies/Ander", None),
    ("POST", "snapshots", {"name": "een"}),
    ("GET", "snapshots", None),
    ("GET", "snapshots/een", None),
    ("GET", "snapshots/een/text", None),
    ("GET", "snapshot", None),
    ("POST", "applications", NAME),
    ("GET", "applications", None),
    ("GET", "applications/shop", None),
    ("PATCH", "applications/shop", {"name": "Winkel"}),
    ("POST", "users", {"email": "an@shop.test", "pin": "12"}),
    ("GET", "users", None),
    ("GET", "users/an@shop.test", None),
    ("PATCH", "users/an@shop.test", {"pin": None}),
    ("PUT", "permissions", {**WHO, "permissions": ["use_app"]}),
    ("GET", "permissions?user=an@shop.test", None),
    ("POST", "impersonations", WHO),
    ("GET", "user-tokens", None),
    ("POST", "user-tokens/expire", {"id": 1}),
    ("DELETE", "user-tokens/1", None),
    ("DELETE", "user-tokens?user=jan@sandbox.test", None),
    ("POST", "events", {"event": "user.created", "data": {}, "application": "shop"}),
    ("GET", "events", None),
    ("GET", "events/1", None),
    ("POST", "events/1/replay", None),
    ("DELETE", "events", None),
    ("DELETE", "users/an@shop.test", None),
    ("DELETE", "applications/shop", None),
    ("POST", "snapshots/een/restore", None),
    ("DELETE", "snapshots/een", None),
    ("POST", "restore", SNAPSHOT),
    ("POST", "reset", None),
]


def test_every_request_of_the_control_api_succeeds_as_told() -> None:
    told = document("sandbox")
    made = set()
    with Sandbox(artikels=1, klanten=1) as sandbox, urllib3.PoolManager() as pool:
        sandbox.events.retry_delays = ()
        root = f"{sandbox.base_url.removesuffix('/api/v1')}/_sandbox"
        for _ in range(2):
            sandbox.user_tokens.issue("jan@sandbox.test")
        pool.request("GET", f"{sandbox.base_url}/artikels/", headers={"X-ERP-TOKEN": "sandbox-token"})
        for method, path, body in REQUESTS:
            sent = {"body": body} if isinstance(body, bytes) else {"json": body}
            answer = pool.request(method, f"{root}/{path}", retries=False, **sent)
            operation = operation_at(told, f"/{path.partition('?')[0]}", method)
            made.add(operation["operationId"])
            assert str(answer.status) in operation["responses"], (method, path, answer.data)
            assert answer.status < 300, (method, path, answer.data)
            ((kind, content),) = operation["responses"][str(answer.status)]["content"].items()
            assert answer.headers["Content-Type"].partition(";")[0] == kind
            if kind != "application/json":
                continue
            schema = content["schema"]
            jsonschema_rs.validator_for({**schema, "components": told["components"]}).validate(answer.json())
    promised = {
        each["operationId"] for item in told["paths"].values() for each in item.values() if isinstance(each, dict)
    }
    assert made == promised


def operation_at(told: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    """The operation of a path; one without a parameter comes first."""
    fits = (each for each in sorted(told["paths"]) if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path))
    exact = told["paths"].get(path)
    return (exact or told["paths"][next(fits)])[method.lower()]
