"""This project's mirror at work: one sync."""

from __future__ import annotations

import urllib3  # noqa: F401 - loading has rows of its own
from measured import Task, main

from cloudspot import Cloudspot
from cloudspot.mirror import Mirror


def sync(task: Task):
    erp = Cloudspot("sandbox-token", base_url=task["base_url"])
    mirror = Mirror(task["database"], schema=task.get("schema"))

    def run() -> object:
        report = mirror.sync(erp, resources=["artikels"])["artikels"]
        assert report.seen == task["count"]
        assert report.changed == task["changed"], report
        return {}

    return run


def search(task: Task):
    mirror = Mirror(task["database"], schema=task.get("schema"))
    return lambda: {"found": len(mirror.artikels.search("schroef"))}


if __name__ == "__main__":
    main({"sync": sync, "search": search})
