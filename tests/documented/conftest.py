"""The documented API against a sandbox, and against servers that play scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.hostile import Hostile, Script

from cloudspot.api import CloudspotERP_CompanyAPI
from cloudspot.sandbox import Sandbox

MakeApi = Callable[..., CloudspotERP_CompanyAPI]


@pytest.fixture(scope="package")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=200, klanten=40) as running:
        yield running


@pytest.fixture
def api(sandbox: Sandbox) -> CloudspotERP_CompanyAPI:
    made = CloudspotERP_CompanyAPI("sandbox-token")
    made.base_url = sandbox.base_url
    return made


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[CloudspotERP_CompanyAPI, Hostile]]]:
    """Makes an API object whose server plays the scripts."""
    servers: list[Hostile] = []

    def make(*scripts: Script, **options: object) -> tuple[CloudspotERP_CompanyAPI, Hostile]:
        server = Hostile(*scripts)
        servers.append(server)
        made = CloudspotERP_CompanyAPI("tok-3f9c1e77", **{"timeout": 0.3, "retries": 0, **options})
        made.base_url = server.url
        return made, server

    yield make
    for server in servers:
        server.stop()
