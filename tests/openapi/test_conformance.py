"""schemathesis asks both servers all that their documents allow, and much that they don't; the answers must fit."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
import schemathesis
from schemathesis.config import CacheConfig, GenerationConfig, SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from cloudspot.sandbox import Sandbox

from .conftest import document, strict

EXAMPLES = 10
Statuses = defaultdict[str, set[int]]


SERVERS, CONTROL = "/api/v1", "/_sandbox"


def complaints(
    told: dict[str, Any], sandbox: Sandbox, headers: dict[str, str], path: str = SERVERS
) -> tuple[list[str], Statuses]:
    """What schemathesis complains of, and the statuses that it got from each operation."""
    config = SchemathesisConfig(seed=1, cache=CacheConfig(enabled=False))
    project = config.projects.default
    project.generation = GenerationConfig(max_examples=EXAMPLES, deterministic=True, database="none")
    project.base_url, project.headers = f"{sandbox.base_url.removesuffix('/api/v1')}{path}", headers
    project.checks.positive_data_acceptance.enabled = path == SERVERS
    found: list[str] = []
    seen: Statuses = defaultdict(set)
    for event in from_schema(schemathesis.openapi.from_dict(told, config=config)).execute():
        if isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            found.append(repr(event.exception))
        elif isinstance(event, events.ScenarioFinished):
            for case_id, interaction in event.recorder.interactions.items():
                if interaction.response is not None:
                    operation = event.recorder.cases[case_id].value.operation.label
                    seen[operation].add(interaction.response.status_code)
            for checks in event.recorder.checks.values():
                failed = [each.failure_info for each in checks if each.status == Status.FAILURE and each.failure_info]
                found += [f"{each.code_sample}\n{each.failure.title}: {each.failure.message}" for each in failed]
    return found, seen


REQUESTOR, MODULE = {"X-ERP-REQUESTOR": "sandbox-app"}, {"X-LICENSE-MODULE": "sandbox-app"}
COMPANY = ["GET /artikels/", "GET /categories/"]
EXTERNAL = ["GET /auth/get-permissions/", "GET /auth/get-user/", "POST /auth/signin-external-app/"]
LICENSE = [
    "GET /auth/get-company-permissions/{company_id}/",
    "GET /auth/get-permissions/",
    "GET /auth/users/profile/",
    "POST /auth/authenticate/",
]


@pytest.mark.parametrize(
    ("naam", "headers", "opens"),
    [
        pytest.param("erp", {}, [], id="erp-nobody"),
        pytest.param("erp", {"X-ERP-TOKEN": "sandbox-token"}, [*COMPANY, "GET /klanten/"], id="erp-all"),
        pytest.param("erp", {"X-ERP-TOKEN": "sandbox-artikels"}, COMPANY, id="erp-artikels"),
        pytest.param("erp", {"X-ERP-TOKEN": "sandbox-klanten"}, ["GET /klanten/"], id="erp-klanten"),
        pytest.param("erp", {**REQUESTOR, "X-ERP-TOKEN": "jan"}, EXTERNAL, id="erp-jan"),
        pytest.param("license", {}, [], id="license-nobody"),
        pytest.param("license", {**MODULE, "X-LICENSE-TOKEN": "jan"}, LICENSE, id="license-jan"),
        pytest.param("license", {**MODULE, "X-LICENSE-TOKEN": "piet"}, LICENSE, id="license-piet"),
    ],
)
def test_the_sandbox_keeps_its_documents(
    sandbox: Sandbox, naam: str, headers: dict[str, str], opens: list[str]
) -> None:
    users = {who: sandbox.user_tokens.issue(f"{who}@sandbox.test") for who in ("jan", "piet")}
    sent = {name: users.get(value, value) for name, value in headers.items()}
    found, seen = complaints(strict(naam), sandbox, sent)
    assert not found, "\n\n".join(found)
    assert sorted(label for label, statuses in seen.items() if 200 in statuses) == sorted(opens)
    assert not any(status >= 500 for statuses in seen.values() for status in statuses)


def test_the_control_api_keeps_its_document() -> None:
    """Some rules are about several fields at once, which a schema doesn't tell: what fits it may still be refused."""
    with Sandbox(artikels=1, klanten=1) as controlled:
        found, seen = complaints(document("sandbox"), controlled, {}, CONTROL)
    assert not found, "\n\n".join(found)
    assert not any(status >= 500 for statuses in seen.values() for status in statuses)


def test_a_failing_server_is_found() -> None:
    with Sandbox(artikels=1, klanten=1) as failing:
        failing.faults.add(route="klanten", status=500, times=None)
        found, _ = complaints(document("erp"), failing, {"X-ERP-TOKEN": "sandbox-token"})
    assert any("Server error" in each for each in found)
    assert all("/klanten/" in each for each in found)


def test_a_field_that_is_not_told_is_found(sandbox: Sandbox) -> None:
    told = strict("erp")
    artikel = told["components"]["schemas"]["Artikel"]
    del artikel["properties"]["SKU"]
    artikel["required"].remove("SKU")
    found, _ = complaints(told, sandbox, {"X-ERP-TOKEN": "sandbox-token"})
    assert any("Response violates schema" in each and "'SKU'" in each for each in found), found
