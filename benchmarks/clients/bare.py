"""urllib3 and aiohttp alone, which throw away what they get: as fast as this server can be read at all."""

from __future__ import annotations

import asyncio
import ssl

import aiohttp
import urllib3
from measured import Task, main


def downloading(task: Task):
    pool = urllib3.PoolManager(ca_certs=task["ca"])

    def run() -> None:
        answer = pool.request("GET", task["base_url"] + "/artikels/", preload_content=False)
        for _ in answer.stream(128 * 1024):
            pass

    return run


def getting(task: Task):
    pool = urllib3.PoolManager(ca_certs=task["ca"])

    def run() -> None:
        for number in range(task["first"], task["first"] + task["count"]):
            pool.request("GET", f"{task['base_url']}/artikels/?id={number}")

    return run


def getting_together(task: Task):
    def run() -> None:
        asyncio.run(_get_together(task))

    return run


async def _get_together(task: Task) -> None:
    ids = iter(range(task["first"], task["first"] + task["count"]))
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=task["ca"]))

    async def get_in_turn(session: aiohttp.ClientSession) -> None:
        for number in ids:
            async with session.get(f"{task['base_url']}/artikels/?id={number}") as answer:
                await answer.read()

    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(get_in_turn(session) for _ in range(task["together"])))


if __name__ == "__main__":
    main({"downloading": downloading, "getting": getting, "getting_together": getting_together})
