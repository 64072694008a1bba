"""The guard: whoever tries to reach a real Cloudspot server from a test is refused, whatever HTTP library it uses.

It stands where all of them pass: the look-up of names, `connect` with a name, and TLS, which sees the server's name
even where the look-up was somebody else's (a proxy, aiodns). One comparison of a string is what it costs.
"""

from __future__ import annotations

import functools
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

DOMAIN = "cloudspot.be"

_INHERITED = object()


def real_host(host: object) -> str | None:
    """The name of a host, if it is one of Cloudspot's."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("latin-1")
    if not isinstance(host, str):
        return None
    name = host.lower().rstrip(".")
    return name if name == DOMAIN or name.endswith("." + DOMAIN) else None


class Guard:
    """Refuses real hosts from `put_up()` to `take_down()`, unless it is open."""

    def __init__(self, *, is_open: bool = False) -> None:
        self._is_open = is_open
        self._replaced: list[tuple[Any, str, Any, Any]] = []
        self._guards_tls = False
        self.refused: list[str] = []
        """What was said, each time."""

    def put_up(self) -> None:
        """Stand before the look-up of names, and `connect`."""
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            self._replace(socket, name, _host_first)
        for name in ("connect", "connect_ex"):
            self._replace(socket.socket, name, _address_second)
        self.put_up_for_tls()

    def put_up_for_tls(self) -> None:
        """Stand before TLS, once something has loaded it: the guard shall not cost those who need none."""
        if self._guards_tls or (ssl := sys.modules.get("ssl")) is None:
            return
        self._guards_tls = True
        for name in ("wrap_socket", "wrap_bio"):
            self._replace(ssl.SSLContext, name, _server_hostname)

    def take_down(self) -> None:
        """Give everything back; what somebody replaced after us is left to them."""
        while self._replaced:
            owner, name, before, ours = self._replaced.pop()
            if vars(owner).get(name) is not ours:
                continue
            if before is _INHERITED:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let everything through for a while."""
        before, self._is_open = self._is_open, True
        try:
            yield
        finally:
            self._is_open = before

    def _replace(self, owner: Any, name: str, host_of: Callable[..., object]) -> None:
        real = getattr(owner, name)

        @functools.wraps(real)
        def guarded(*args: Any, **options: Any) -> Any:
            if (host := real_host(host_of(*args, **options))) is not None and not self._is_open:
                self._refuse(host)
            return real(*args, **options)

        self._replaced.append((owner, name, vars(owner).get(name, _INHERITED), guarded))
        setattr(owner, name, guarded)

    def _refuse(self, host: str) -> None:
        message = (
            f"The test tried to reach {host}, a real Cloudspot server. Let it use a sandbox: with the fixture "
            "`cloudspot_sandbox`, `Cloudspot()` without arguments and test_mode=True find one; or pass "
            "base_url=cloudspot_sandbox.base_url. A test that is meant to reach the real server says so with "
            "@pytest.mark.cloudspot_allow_real_hosts."
        )
        self.refused.append(message)
        # No `Exception`: a client would take that for a bad connection and try again, or code under test pass over it.
        # Without a traceback: it could show the headers, and with them a real token.
        pytest.fail(message, pytrace=False)


def _host_first(host: object = None, *_: Any, **options: Any) -> object:
    return options.get("host", host)


def _address_second(_: object, address: object = None, *__: Any) -> object:
    return address[0] if isinstance(address, tuple) and address else None


def _server_hostname(*_: Any, server_hostname: object = None, **__: Any) -> object:
    return server_hostname
