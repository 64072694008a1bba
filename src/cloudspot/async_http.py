"""Bytes to and from a server with aiohttp: connections belong to one event loop, and another one is told so."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

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
    import aiohttp

CHUNK = 256 * 1024
"""Bytes that may wait to be read."""


class AsyncHTTP:
    """Connections to one server, in one event loop."""

    def __init__(
        self,
        base_url: str,
        *,
        proxy: str | None,
        tls: Callable[[], ssl.SSLContext],
        session: aiohttp.ClientSession | None,
    ) -> None:
        self.origin = origin(base_url)
        self.proxy = proxy
        self._tls = tls
        self._given = session
        self._session: aiohttp.ClientSession | None = None
        self._inherited: list[aiohttp.ClientSession] = []  # a parent's: kept, since dropping them would disturb it
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = 0
        self._closed = False

    def session(self) -> aiohttp.ClientSession:
        """The connections of this event loop."""
        if self._closed:
            raise ConfigurationError("The client is closed.", hint="Make a new one.")
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        self._leave_to_parent()
        if self._session is None:
            self._session, self._loop, self._pid = self._new_session(), loop, os.getpid()
        elif self._loop is not loop:
            raise ConfigurationError(
                "An async client belongs to the event loop that first used it, and this is another one.",
                hint="Make a client in each loop, inside the function that asyncio.run() runs.",
            )
        return self._session

    def _new_session(self) -> aiohttp.ClientSession:
        try:
            import aiohttp  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise ConfigurationError(
                "An async client needs aiohttp.", hint="pip install 'cloudspot-erp-api[async]'"
            ) from error
        needs_tls = self.origin[0] == "https" or (self.proxy or "").startswith("https:")
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls() if needs_tls else True),
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=CHUNK,
        )

    def _leave_to_parent(self) -> None:
        if self._session is not None and self._pid != os.getpid():
            self._inherited.append(self._session)
            self._session = None

    async def close(self) -> None:
        """Close the connections that were made here."""
        self._closed = True
        self._leave_to_parent()
        session, self._session = self._session, None
        if session is not None:
            await session.close()


class AsyncExchange:
    """One request after another, and the answer to the last of them."""

    def __init__(self, http: AsyncHTTP, timeout: Timeout) -> None:
        self._http = http
        self._timeout = timeout
        self._response: aiohttp.ClientResponse | None = None
        self._longest_wait = timeout.read

    async def send(self, request: Request, within: float) -> Reply:
        """Send a request; the head of its answer.

        Args:
            within: seconds that are left for the whole call; no wait is longer.

        Raises:
            Unreachable: no answer came.
        """
        session = self._http.session()
        import aiohttp  # noqa: PLC0415
        import yarl  # noqa: PLC0415

        self.close()
        _, host, port = self._http.origin
        timeout = self._timeout.within(within)
        self._longest_wait = timeout.read
        try:
            self._response = await session.request(
                request.method,
                yarl.URL(request.url, encoded=True),
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
                proxy=self._http.proxy,
                timeout=_waits(timeout.connect, timeout.read),
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _unreachable(error, f"{host}:{port}") from without_frames(error)
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        return Reply(self._response.status, headers)

    async def read(self) -> bytes:
        """The next bytes of the body, as soon as there are any; b"" at its end.

        Raises:
            TimedOut, DocumentCutOff, InvalidDocument: it did not arrive whole.
        """
        import aiohttp  # noqa: PLC0415

        if self._response is None:
            return b""
        content = self._response.content
        try:
            if content.is_eof():  # it has all arrived, so there is nothing to wait for
                chunk = await content.readany()
                if not chunk:
                    self._response = None  # and nothing to close
                return chunk
            # aiohttp's own timeout is not enough: it waits for ever on chunks whose framing breaks.
            async with asyncio.timeout(self._longest_wait):
                return await content.readany()
        except TimeoutError as error:
            raise TimedOut("The server stopped sending in the middle of its answer.") from error
        except aiohttp.ClientPayloadError as error:
            if "encoding" in str(error.__cause__ or error):
                raise InvalidDocument("The answer is packed in a way that can't be unpacked.") from error
            raise DocumentCutOff("The connection broke in the middle of the answer.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise DocumentCutOff("The connection broke in the middle of the answer.") from error

    def close(self) -> None:
        """Drop what is unread; the connection is kept only where nothing is."""
        if self._response is not None:
            self._response.close()
            self._response = None


@lru_cache(maxsize=16)
def _waits(connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    import aiohttp  # noqa: PLC0415

    return aiohttp.ClientTimeout(sock_connect=connect, sock_read=read)


def _unreachable(error: Exception, host: str) -> Unreachable:
    import aiohttp  # noqa: PLC0415

    match error:
        case aiohttp.ClientConnectorCertificateError():
            return NotTrusted(
                f"No trusted connection to {host}: {error.__class__.__name__}.",
                hint="For a company's own certificate pass ca=… or set SSL_CERT_FILE.",
                was_sent=False,
            )
        case aiohttp.ClientSSLError():
            return Unreachable(f"No TLS connection to {host}: {_reason(error.os_error)}.")
        case aiohttp.ConnectionTimeoutError():
            return TimedOut(f"{host} did not accept a connection in time.", was_sent=False)
        case TimeoutError():
            return TimedOut(f"{host} did not answer in time.")
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return Unreachable(f"The proxy before {host} did not let us through.", was_sent=False)
        case aiohttp.ClientConnectorDNSError():
            return Unreachable(f"The name {host.rpartition(':')[0]} is not known.", was_sent=False)
        case aiohttp.ClientConnectorError():
            return Unreachable(f"{host} can't be reached: {_reason(error.os_error)}.", was_sent=False)
    return Unreachable(f"{host} broke the connection before it answered.")


def _reason(error: OSError) -> str:
    """The system's own words: asyncio puts its own in their place."""
    if error.errno and not isinstance(error, ssl.SSLError):
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__
