"""This project's package at work."""

from __future__ import annotations

import asyncio
import time

import aiohttp  # noqa: F401 - the package loads these when it first needs them; loading has rows of its own
import urllib3  # noqa: F401
from measured import Task, main

from cloudspot import AsyncCloudspot, Cloudspot
from cloudspot.api import CloudspotERP_CompanyAPI


def _erp(task: Task) -> Cloudspot:
    return Cloudspot("sandbox-token", base_url=task["base_url"], ca=task["ca"])


def listing(task: Task):
    erp = _erp(task)

    def run() -> object:
        artikels = erp.artikels.list()
        assert len(artikels) == task["count"]
        return artikels

    return run


def _documented(task: Task) -> CloudspotERP_CompanyAPI:
    api = CloudspotERP_CompanyAPI("sandbox-token")
    api.base_url = task["base_url"]
    return api


def documented_listing(task: Task):
    api = _documented(task)

    def run() -> object:
        artikels = api.artikels.list()
        assert not artikels.hasError
        assert len(artikels.items()) == task["count"]
        return artikels

    return run


def documented_reading(task: Task):
    api = _documented(task)

    def run() -> object:
        artikels = api.artikels.list()
        assert not artikels.hasError
        for artikel in artikels.items():
            assert artikel.naam is not None
            assert artikel.verkoopprijs_incl is not None
            artikel.fotos.items()
        return artikels

    return run


def streaming(task: Task):
    erp = _erp(task)

    def run() -> None:
        count = 0
        for artikel in erp.artikels:
            count += artikel.id is not None
        assert count == task["count"]

    return run


def first_record(task: Task):
    """The time from just before the server sent its first byte to the first record in the loop."""
    erp = _erp(task)

    def run() -> dict[str, float]:
        with erp.artikels.stream() as artikels:
            next(artikels)
            first = time.monotonic()
            for _ in artikels:
                pass
        assert artikels.response is not None
        return {"first": first - float(artikels.response.headers["x-sent-at"])}

    return run


def getting(task: Task):
    erp = _erp(task)

    def run() -> None:
        for number in range(task["first"], task["first"] + task["count"]):
            artikel = erp.artikels.get(number)
            assert artikel.id == number

    return run


def getting_together(task: Task):
    def run() -> None:
        asyncio.run(_get_together(task))

    return run


async def _get_together(task: Task) -> None:
    ids = iter(range(task["first"], task["first"] + task["count"]))

    async def get_in_turn(erp: AsyncCloudspot) -> None:
        for number in ids:
            artikel = await erp.artikels.get(number)
            assert artikel.id == number

    async with AsyncCloudspot("sandbox-token", base_url=task["base_url"], ca=task["ca"]) as erp:
        await asyncio.gather(*(get_in_turn(erp) for _ in range(task["together"])))


if __name__ == "__main__":
    main(
        {
            "listing": listing,
            "documented_listing": documented_listing,
            "documented_reading": documented_reading,
            "streaming": streaming,
            "first_record": first_record,
            "getting": getting,
            "getting_together": getting_together,
        }
    )
