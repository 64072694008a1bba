"""The client of the License server that an application's event loop has."""

from __future__ import annotations

import asyncio

from ..async_license import AsyncLicense
from ..settings import Options


class LicenseServer:
    """Makes the client when it is first used, since a client belongs to the event loop that uses it.

    Raises:
        ConfigurationError: what the client is told can't be right.
    """

    def __init__(self, application: str | None, options: Options) -> None:
        self._application, self._options = application, options
        self._client = self._new()
        self._loop: asyncio.AbstractEventLoop | None = None

    def client(self) -> AsyncLicense:
        """The client of the running event loop."""
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        elif self._loop is not loop:
            self._client, self._loop = self._new(), loop
        return self._client

    async def aclose(self) -> None:
        """Close the connections; the next call makes new ones."""
        client, self._client, self._loop = self._client, self._new(), None
        await client.aclose()

    def _new(self) -> AsyncLicense:
        return AsyncLicense(self._application, **self._options)
