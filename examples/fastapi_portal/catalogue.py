"""The products of each company, downloaded with the company's own ERP token and remembered for a minute."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from cloudspot import AsyncCloudspot, CloudspotError
from cloudspot.records import Artikel

log = logging.getLogger("portal")


class NoToken(Exception):
    """Nobody gave this portal an ERP token of the company."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A company's products.

    Attributes:
        artikels: all of them.
        at: when they were downloaded, in seconds since 1970.
    """

    artikels: list[Artikel]
    at: float


class Catalogues:
    """The products of all companies of the portal.

    Args:
        tokens: ERP tokens, by the company's id.
        base_url: where the ERP is.
        seconds: for how long products are remembered.
    """

    def __init__(self, tokens: Mapping[str, str], *, base_url: str | None, seconds: float = 60) -> None:
        self._clients = {
            company: AsyncCloudspot(token, base_url=base_url, timeout=20) for company, token in tokens.items()
        }
        self._turns = {company: asyncio.Lock() for company in tokens}
        self._known: dict[str, Catalogue] = {}
        self._seconds = seconds

    async def of(self, company: str) -> Catalogue:
        """A company's products; those of before where the ERP gives none.

        Raises:
            NoToken: there is no token of the company.
            CloudspotError: there are none of before either.
        """
        if company not in self._clients:
            raise NoToken(company)
        async with self._turns[company]:  # of visitors at the same time one downloads
            known = self._known.get(company)
            if known and time.time() - known.at < self._seconds:
                return known
            try:
                self._known[company] = Catalogue(list(await self._clients[company].artikels.list()), time.time())
            except CloudspotError as error:
                if known is None:
                    raise
                log.warning("the prices of before are shown: %s", error)
            return self._known[company]

    async def aclose(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.aclose()
