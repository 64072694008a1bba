"""One look at a server without the token: does it answer, over which TLS, with which certificate, at what time."""

from __future__ import annotations

import ssl
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cloudspot.settings import checked_proxy, origin, proxy_from

if TYPE_CHECKING:
    import urllib3


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection is secured; what the certificate says may be unknown."""

    version: str
    issuer: str | None
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server showed.

    Attributes:
        status: of its answer to a request without a token, usually 401.
        seconds: how long it took, with the connection.
        tls: None over plain http.
        kind: what its answer claims to hold, such as text/html; "" where it doesn't say.
        clock: its time minus ours in seconds, as far as a `Date` to the second tells; None where it sent none.
    """

    status: int
    seconds: float
    tls: Tls | None
    clock: float | None
    kind: str = ""


def proxy_for(base_url: str) -> str | None:
    """The proxy that the environment names for a server.

    Raises:
        ConfigurationError: what it names is no proxy.
    """
    return checked_proxy(proxy_from(urllib.request.getproxies(), base_url, bypass=urllib.request.proxy_bypass))


def probe(base_url: str, *, ca: str | None, timeout: float) -> Probe:
    """Ask a server for something without a token.

    Raises:
        urllib3.exceptions.HTTPError, OSError: no answer came.
    """
    started = time.perf_counter()
    pool = _pool(base_url, ca)
    tls = _noted_tls(pool, base_url)
    try:
        response = pool.urlopen(
            "GET",
            f"{base_url}/categories/",
            preload_content=False,
            redirect=False,
            retries=False,
            timeout=timeout,
        )
        seconds = time.perf_counter() - started
        middle = time.time() - seconds / 2
        response.close()
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        clock = _clock(response.headers.get("Date"), middle)
        return Probe(response.status, seconds, tls[0] if tls else None, clock, kind)
    finally:
        pool.clear()


def _pool(base_url: str, ca: str | None) -> urllib3.PoolManager:
    import truststore
    import urllib3
    from urllib3.util import parse_url

    proxy = proxy_for(base_url)
    context: ssl.SSLContext | None = None
    if origin(base_url)[0] == "https" or (proxy or "").startswith("https:"):
        trusted = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context = ssl.create_default_context(cafile=ca) if ca else trusted
    if proxy:
        user = parse_url(proxy).auth
        login = urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else None
        return urllib3.ProxyManager(proxy, ssl_context=context, proxy_headers=login)
    return urllib3.PoolManager(ssl_context=context)


def _noted_tls(pool: urllib3.PoolManager, base_url: str) -> list[Tls]:
    """What is found out about TLS when a connection is made; an answer that ends it has forgotten it."""
    from urllib3.connection import HTTPSConnection

    noted: list[Tls] = []

    class Noting(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            if isinstance(self.sock, ssl.SSLSocket):
                noted.append(_tls_of(self.sock))

    if origin(base_url)[0] == "https":
        connections = pool.connection_from_url(base_url)
        connections.ConnectionCls = Noting  # pyright: ignore[reportAttributeAccessIssue] - stricter than its own class
    return noted


def _tls_of(sock: ssl.SSLSocket) -> Tls:
    certificate: dict[str, Any] = sock.getpeercert() or {}
    issuer = {name: value for pairs in certificate.get("issuer", ()) for name, value in pairs}
    expires = certificate.get("notAfter")
    return Tls(
        version=sock.version() or "?",
        issuer=issuer.get("organizationName") or issuer.get("commonName"),
        expires=datetime.fromtimestamp(ssl.cert_time_to_seconds(expires), UTC) if expires else None,
    )


def _clock(date: str | None, now: float) -> float | None:
    try:
        # A date to the second is on average half a second behind.
        return None if date is None else parsedate_to_datetime(date).timestamp() + 0.5 - now
    except ValueError:
        return None
