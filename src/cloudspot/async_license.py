"""The License server's client for asyncio."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar, Unpack

from .async_client import AsyncClient
from .calls import Async, Steps
from .endpoints.license import LicenseCalls
from .errors import CloudspotError, without_frames
from .secret import SecretText, revealed
from .settings import Options, make_license_settings

if TYPE_CHECKING:
    import aiohttp

T = TypeVar("T")


class AsyncLicense(AsyncClient, LicenseCalls[Async]):
    """The same as `License`, for asyncio: `await license.authenticate(username, password)`.

    Needs the extra `async`. It belongs to the event loop that first uses it.

    Args:
        application, token, options: as for `License`.
        session: an `aiohttp.ClientSession` to use; proxy and ca are then its own, and it is not closed.
    """

    def __init__(
        self,
        application: str | None = None,
        *,
        token: str | SecretText | None = None,
        session: aiohttp.ClientSession | None = None,
        **options: Unpack[Options],
    ) -> None:
        settings = make_license_settings(application, revealed(token) if token else None, options, os.environ)
        AsyncClient.__init__(self, settings, options, session)
        LicenseCalls.__init__(self, self)
        self.application = settings.application

    async def run(self, steps: Steps[T]) -> T:
        """Run the steps of a call; for parts of the toolkit. Errors come without the frames that held secrets."""
        try:
            return await super().run(steps)
        except CloudspotError as error:
            raise without_frames(error)  # noqa: B904 - the error itself
