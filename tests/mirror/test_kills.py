"""A sync that is killed at any moment leaves what was before it or what it was to make; the next one just runs.

CLOUDSPOT_TEST_KILLS says how many are killed; 200 takes some minutes.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from typing import Any

import pytest
from sqlalchemy import text
from tests.hostile import Asked, Hostile
from tests.mirror.conftest import Place, Syncing
from tests.mirror.test_sync import rows_answer

from cloudspot.mirror import Mirror

KILLS = int(os.environ.get("CLOUDSPOT_TEST_KILLS", "4"))
ROWS = 400

CHILD = """
import sys
from cloudspot import Cloudspot
from cloudspot.mirror import Mirror
url, schema, base_url = sys.argv[1:]
erp = Cloudspot("token-of-a-company", base_url=base_url)
mirror = Mirror(url, schema=schema or None)
print("go", flush=True)
while True:
    mirror.sync(erp, resources=["artikels"], company="kist")
"""


class Versions:
    """A server on which everything is different with every request."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, _: Asked) -> bytes:
        self.asked += 1
        return rows_answer(*rows_of(self.asked))


def rows_of(version: int) -> list[dict[str, Any]]:
    """A few come, a few go, and all others change."""
    return [
        {"id": number, "naam": f"{version}", "beschrijving": "x" * 300} for number in range(version, version + ROWS)
    ]


def version_in(mirror: Mirror) -> int:
    """The version that the mirror holds; fails where it holds a mixture, or part of one."""
    artikels = list(mirror.artikels)
    if not artikels:
        return 0
    version = int(artikels[0].naam or 0)
    assert [(artikel.id, artikel.naam) for artikel in artikels] == [
        (row["id"], row["naam"]) for row in rows_of(version)
    ]
    return version


def replayed(mirror: Mirror) -> dict[tuple[str, int], Any]:
    """What somebody has who has done what the feed says, from its beginning."""
    held: dict[tuple[str, int], Any] = {}
    last = 0
    for change in mirror.changes():
        assert change.sequence > last
        last = change.sequence
        place = change.resource, change.key
        assert (place in held) == (change.kind in {"updated", "deleted"})
        if change.kind == "deleted":
            del held[place]
        else:
            held[place] = change.record
    return held


def kill_after(place: Place, base_url: str, seconds: float) -> None:
    command = [sys.executable, "-c", CHILD, place.url, place.schema or "", base_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        time.sleep(seconds)
        assert child.poll() is None, "the sync ended by itself"
        child.kill()


def test_a_sync_that_is_killed(place: Place) -> None:
    chance = random.Random(6)
    mirror = place.open()
    with Hostile(Versions()) as server:
        sync = Syncing("plain", server.url, "token-of-a-company")
        sync(mirror, resources=["artikels"], company="kist")
        before = version_in(mirror)
        for _ in range(KILLS):
            kill_after(place, server.url, chance.uniform(0, 0.25))
            version = version_in(mirror)
            assert version >= before
            sync(mirror, resources=["artikels"])  # the lock is gone with the process
            before = version_in(mirror)
            assert before > version
        sync.close()
    artikels = {("artikels", artikel.id): artikel for artikel in mirror.artikels}
    assert replayed(mirror) == artikels
    if place.schema is None:
        with mirror._store.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_a_process_that_is_killed_while_it_downloads(place: Place) -> None:
    """It has written nothing, and holds nobody up."""
    whole = rows_answer(*rows_of(1))
    slow = [whole[:5000], *([0.2] * 100), whole[5000:]]
    with Hostile(slow, whole) as server:
        kill_after(place, server.url, 0.3)
        mirror = place.open()
        assert mirror.companies == []
        sync = Syncing("plain", server.url, "token-of-a-company")
        assert sync(mirror, resources=["artikels"])["artikels"].created == ROWS
        sync.close()


def test_two_processes_make_the_tables_at_once(place: Place) -> None:
    opening = "import sys; from cloudspot.mirror import Mirror; Mirror(sys.argv[1], schema=sys.argv[2] or None).close()"
    command = [sys.executable, "-c", opening, place.url, place.schema or ""]
    children = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for child in children:
        _, said = child.communicate(timeout=60)
        assert child.returncode == 0, said
    assert place.open().sequence == 0


if os.name == "nt":
    pytest.skip("kill -9 is not of this system", allow_module_level=True)
