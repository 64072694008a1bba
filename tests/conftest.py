"""For all tests: nothing leaves this machine, and the environment of whoever runs them doesn't count."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "cloudspot", deadline=None, max_examples=100, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("thorough", parent=hypothesis.settings.get_profile("cloudspot"), max_examples=3000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "cloudspot"))

_LOCAL = ("127.", "::1", "localhost", "0.0.0.0", "::ffff:127.")


def _is_local(address: Any) -> bool:
    return not isinstance(address, tuple) or str(address[0]).startswith(_LOCAL)


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that connects to another machine, or looks one up."""
    escapes: list[object] = []

    def guarded(real: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: socket.socket, address: Any) -> Any:
            if not _is_local(address):
                escapes.append(address)
                raise OSError(f"a test may not connect to {address}")
            return real(self, address)

        return connect

    real_lookup = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if name and not _is_local((name,)):
            escapes.append(name)
            raise OSError(f"a test may not look up {name}")
        return real_lookup(host, *args, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield
    assert not escapes, f"the test tried to leave this machine: {escapes}"


@pytest.fixture(autouse=True)
def a_plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without proxies, tokens and addresses of whoever runs the tests."""
    for name in ("TOKEN", "BASE_URL", "LICENSE_APP", "LICENSE_URL"):
        monkeypatch.delenv(f"CLOUDSPOT_{name}", raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
