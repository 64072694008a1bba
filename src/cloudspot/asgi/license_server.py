"""The client of the License server that each event loop has."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from ..async_license import AsyncLicense
from ..settings import Options


class LicenseServer:
    """Makes a client when an event loop first asks for it, since a client belongs to the loop that uses it.

    Raises:
        ConfigurationError: what a client is told can't be right.
    """

    def __init__(self, application: str | None, options: Options) -> None:
        self._application, self._options = application, options
        self._of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncLicense] = WeakKeyDictionary()
        self._new()  # what can't be right is said when the application starts

    def client(self) -> AsyncLicense:
        """The client of the running event loop."""
        loop = asyncio.get_running_loop()
        if (client := self._of_loops.get(loop)) is None:
            client = self._of_loops[loop] = self._new()
        return client

    async def aclose(self) -> None:
        """Close the connections of the running event loop; the next call makes new ones."""
        if (client := self._of_loops.pop(asyncio.get_running_loop(), None)) is not None:
            await client.aclose()

    def _new(self) -> AsyncLicense:
        return AsyncLicense(self._application, **self._options)
