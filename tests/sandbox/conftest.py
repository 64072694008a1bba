"""A sandbox and a plain HTTP client for it: the client of the package is not what is tested here."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import urllib3

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
