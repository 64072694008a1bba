"""Bytes to and from a server with urllib3: kept connections, for all threads, not for a forked child."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .errors import (
    ConfigurationError,
    DocumentCutOff,
    InvalidDocument,
    NotTrusted,
    TimedOut,
    Unreachable,
    without_frames,
)
from .policy import Reply, Request
from .settings import Timeout, origin

if TYPE_CHECKING:
    import urllib3

CHUNK = 64 * 1024
"""Bytes read at once."""
CONNECTIONS = 32
"""Connections that are kept, for threads that share a client."""


class PlainHTTP:
    """Connections to one server."""

    def __init__(
        self, base_url: str, *, proxy: str | None, tls: Callable[[], ssl.SSLContext], pool: urllib3.PoolManager | None
    ) -> None:
        self.origin = origin(base_url)
        self._proxy = proxy
        self._tls = tls
        self._given = pool
        self._pool: urllib3.PoolManager | None = None
        self._connections: tuple[urllib3.PoolManager, urllib3.HTTPConnectionPool] | None = None
        self._pid = 0
        self._lock = Lock()
        self._closed = False

    def pool(self) -> urllib3.PoolManager:
        """The connections of this process; those of a parent are left alone, since both would read from them."""
        if self._closed:
            raise ConfigurationError("The client is closed.", hint="Make a new one.")
        if self._given is not None:
            return self._given
        if self._pool is None or self._pid != os.getpid():
            with self._lock:
                if self._pool is None or self._pid != os.getpid():
                    self._pool, self._pid = self._new_pool(), os.getpid()
        return self._pool

    def connections(self, pool: urllib3.PoolManager) -> urllib3.HTTPConnectionPool:
        """The connections to the server itself. A pool of our own has no others, and never drops them for those."""
        if self._connections is not None and self._connections[0] is pool:
            return self._connections[1]
        scheme, host, port = self.origin
        connections = pool.connection_from_host(host, port, scheme)
        if pool is not self._given:
            self._connections = pool, connections
        return connections

    def _new_pool(self) -> urllib3.PoolManager:
        import urllib3  # noqa: PLC0415 - not needed to import the package

        needs_tls = self.origin[0] == "https" or (self._proxy or "").startswith("https:")
        tls = self._tls() if needs_tls else None
        if self._proxy:
            parts = urlsplit(self._proxy)
            user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
            login = urllib3.make_headers(proxy_basic_auth=user) if parts.username else None
            return urllib3.ProxyManager(self._proxy, maxsize=CONNECTIONS, ssl_context=tls, proxy_headers=login)
        return urllib3.PoolManager(maxsize=CONNECTIONS, ssl_context=tls)

    def close(self) -> None:
        """Close the connections that were made here."""
        self._closed = True
        if self._pool is not None and self._pid == os.getpid():
            self._pool.clear()
        self._pool = self._connections = None


class PlainExchange:
    """One request after another, and the answer to the last of them."""

    def __init__(self, http: PlainHTTP, timeout: Timeout) -> None:
        self._http = http
        self._timeout = timeout
        self._response: urllib3.BaseHTTPResponse | None = None
        self._is_packed = False
        self._is_empty = False
        self._pid = 0

    def send(self, request: Request, within: float) -> Reply:
        """Send a request; the head of its answer.

        Args:
            within: seconds that are left for the whole call; no wait is longer.

        Raises:
            Unreachable: no answer came.
        """
        import urllib3  # noqa: PLC0415

        self.close()
        self._pid = os.getpid()
        timeout = self._timeout.within(within)
        pool = self._http.pool()
        # A proxy needs the whole URL; a server's own pool is asked directly, which saves a look-up.
        connections = pool if pool.proxy else self._http.connections(pool)
        try:
            self._response = connections.urlopen(
                request.method,
                request.url if pool.proxy else _target(request.url),
                body=request.body,
                headers=request.headers,
                preload_content=False,
                redirect=False,
                retries=_no_retries(),
                timeout=_waits(timeout.connect, timeout.read),
            )
        except urllib3.exceptions.HTTPError as error:
            _, host, port = self._http.origin
            raise _unreachable(error, f"{host}:{port}") from without_frames(error)
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        self._is_packed, self._is_empty = "content-encoding" in headers, False
        return Reply(self._response.status, headers)

    def read(self, *, at_once: bool = True) -> bytes:
        """The next bytes of the body; b"" at its end.

        Args:
            at_once: as soon as there are any; else rather many, which takes fewer calls. Where the whole call has a
                time limit it is always at once, since a server that sends byte by byte would never let us look at it.

        Raises:
            TimedOut, DocumentCutOff, InvalidDocument: it did not arrive whole.
        """
        import urllib3  # noqa: PLC0415

        if self._response is None or self._is_empty:
            return b""
        if self._pid != os.getpid():
            raise ConfigurationError(
                "This stream belongs to the process that opened it, and this is a child of that one.",
                hint="Open a stream in each process; a client can be shared.",
            )
        read = self._response.read1 if at_once or self._timeout.total is not None else self._response.read
        try:
            chunk = read(CHUNK, decode_content=self._is_packed)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise TimedOut("The server stopped sending in the middle of its answer.") from error
        except urllib3.exceptions.DecodeError as error:
            if "incomplete" in str(error):
                raise DocumentCutOff("The answer ended in the middle of its packing.") from error
            raise InvalidDocument("The answer is packed in a way that can't be unpacked.") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise DocumentCutOff("The connection broke in the middle of the answer.") from error
        # Where the length was told, and nothing is packed, the end is known without asking for it.
        self._is_empty = self._response.length_remaining == 0 and not self._is_packed
        return chunk

    def close(self) -> None:
        """Drop what is unread; the connection is kept only where nothing is."""
        if self._response is not None:
            self._response.close()
            self._response = None


@cache
def _no_retries() -> urllib3.Retry:
    import urllib3  # noqa: PLC0415

    return urllib3.Retry(False, redirect=False)


@lru_cache(maxsize=16)
def _waits(connect: float | None, read: float | None) -> urllib3.Timeout:
    """A time limit that is made once: urllib3 copies it for each request."""
    import urllib3  # noqa: PLC0415

    return urllib3.Timeout(connect=connect, read=read)


def _target(url: str) -> str:
    """What follows the host; a URL is split far more slowly."""
    start = url.find("/", url.find("://") + 3)
    return "/" if start < 0 else url[start:].partition("#")[0]


def _unreachable(error: Exception, host: str) -> Unreachable:
    from urllib3 import exceptions  # noqa: PLC0415

    match error:
        case exceptions.ReadTimeoutError():
            return TimedOut(f"{host} did not answer in time.")
        case exceptions.SSLError() if not isinstance(_innermost(error), ssl.SSLCertVerificationError):
            return Unreachable(f"No TLS connection to {host}: {_reason(error)}.")
        case exceptions.SSLError():
            return NotTrusted(
                f"No trusted connection to {host}: {_reason(error)}.",
                hint="For a company's own certificate pass ca=… or set SSL_CERT_FILE.",
                was_sent=False,
            )
        case exceptions.ProxyError():
            return Unreachable(f"The proxy before {host} did not let us through: {_reason(error)}.", was_sent=False)
        case exceptions.NameResolutionError():
            return Unreachable(f"The name {host.rpartition(':')[0]} is not known.", was_sent=False)
        case exceptions.NewConnectionError():  # a ConnectTimeoutError too, whatever its cause
            return Unreachable(f"{host} can't be reached: {_reason(error)}.", was_sent=False)
        case exceptions.ConnectTimeoutError():
            return TimedOut(f"{host} did not accept a connection in time.", was_sent=False)
    return Unreachable(f"{host} broke the connection before it answered.")


def _innermost(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def _reason(error: BaseException) -> str:
    """The system's own words, the innermost cause's."""
    error = _innermost(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
