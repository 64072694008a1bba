"""The published package at work; it runs in an environment of its own and imports nothing of this project."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from measured import Task, main

from cloudspot.api import CloudspotERP_CompanyAPI


def _api(task: Task):
    api = CloudspotERP_CompanyAPI("sandbox-token")
    api.base_url = task["base_url"]
    return api


def listing(task: Task):
    api = _api(task)

    def run() -> object:
        artikels = api.artikels.list()
        assert not artikels.hasError
        assert len(artikels.items()) == task["count"]
        return artikels

    return run


def reading(task: Task):
    api = _api(task)

    def run() -> object:
        artikels = api.artikels.list()
        assert not artikels.hasError
        for artikel in artikels.items():
            assert artikel.naam is not None
            assert artikel.verkoopprijs_incl is not None
            artikel.fotos.items()
        return artikels

    return run


def getting(task: Task):
    api = _api(task)

    def run() -> None:
        for number in range(task["first"], task["first"] + task["count"]):
            artikel = api.artikels.get(number)
            assert artikel.id == number

    return run


def getting_together(task: Task):
    api = _api(task)

    def get(number: int) -> None:
        artikel = api.artikels.get(number)
        assert artikel.id == number

    def run() -> None:
        with ThreadPoolExecutor(task["together"]) as threads:
            list(threads.map(get, range(task["first"], task["first"] + task["count"])))

    return run


if __name__ == "__main__":
    main({"listing": listing, "reading": reading, "getting": getting, "getting_together": getting_together})
