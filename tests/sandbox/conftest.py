"""A sandbox and a plain HTTP client for it: the client of the package is not what is tested here."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3
from sqlalchemy import create_engine, text

from cloudspot.sandbox import Sandbox


@dataclass
class Http:
    """GETs and control calls to one sandbox; nothing is repeated or followed."""

    sandbox: Sandbox
    pool: urllib3.PoolManager

    def get(self, path: str, token: str | None = "sandbox-token", **headers: str) -> urllib3.BaseHTTPResponse:
        return self.ask("GET", path, token, **headers)

    def ask(self, method: str, path: str, token: str | None = "sandbox-token", **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            named["X-ERP-TOKEN"] = token
        return self.pool.request(method, self.sandbox.base_url + path, headers=named, retries=False)

    def control(self, method: str, path: str, body: bytes | None = None, **headers: str):
        root = self.sandbox.base_url.removesuffix("/api/v1")
        return self.pool.request(method, f"{root}/_sandbox/{path}", body=body, headers=headers, retries=False)

    def license(self, method: str, path: str, token: str | None = None, body: object = None, **headers: str):
        """A call to the License server, as `sandbox-app` unless another is named."""
        named = {
            "X-LICENSE-MODULE": "sandbox-app",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if token is not None:
            named["X-LICENSE-TOKEN"] = token
        return self._auth(method, path, named, body)

    def external(self, method: str, path: str, token: str | None = None, body: object = None, **headers: str):
        """A call to the ERP's login for external apps."""
        named = {"X-ERP-REQUESTOR": "sandbox-app", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if token is not None:
            named["X-ERP-TOKEN"] = token
        return self._auth(method, path, named, body)

    def login(self, who: str = "jan", **headers: str) -> str:
        """A user token."""
        credentials = {"username": f"{who}@sandbox.test", "password": "sandbox-wachtwoord"}
        return self.license("POST", "authenticate/", body=credentials, **headers).json()["token"]

    def _auth(self, method: str, path: str, headers: dict[str, str], body: object):
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{self.sandbox.base_url}/auth/{path}"
        named = {name: value for name, value in headers.items() if value is not None}
        return self.pool.request(method, url, body=sent, headers=named, retries=False)

    def data(self, path: str, token: str = "sandbox-token") -> list:
        return self.get(path, token).json()["data"]


@pytest.fixture(scope="module")
def http_pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager(timeout=10) as pool:
        yield pool


@pytest.fixture(scope="module")
def http(http_pool: urllib3.PoolManager) -> Iterator[Http]:
    """A sandbox for tests that only read."""
    with Sandbox(artikels=300, klanten=120) as sandbox:
        yield Http(sandbox, http_pool)


@pytest.fixture
def fresh(http_pool: urllib3.PoolManager) -> Iterator[Http]:
    """A sandbox of one's own."""
    with Sandbox(artikels=300, klanten=20) as sandbox:
        yield Http(sandbox, http_pool)


@pytest.fixture
def small(http_pool: urllib3.PoolManager) -> Iterator[Http]:
    """A sandbox of one's own, for tests that are not about products."""
    with Sandbox(artikels=1, klanten=1) as sandbox:
        yield Http(sandbox, http_pool)


@pytest.fixture(params=["memory", "file", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; that of a server is a schema of its own."""
    if request.param != "postgresql":
        yield "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/sandbox.db"
        return
    if "CLOUDSPOT_TEST_POSTGRESQL" not in os.environ:
        pytest.skip("CLOUDSPOT_TEST_POSTGRESQL names no database")
    url, schema = os.environ["CLOUDSPOT_TEST_POSTGRESQL"], f"sandbox_{uuid4().hex}"
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3D{schema}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()
