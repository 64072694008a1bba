"""A list is that of one moment, in bounded memory, whatever happens while it is being sent."""

import json
import subprocess
import sys
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.store.listing import ROWS_PER_PAGE, CollectionState, Listing, ListReplaced

edits = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["update", "delete", "create"]), st.integers(0, 4 * ROWS_PER_PAGE)),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 3 * ROWS_PER_PAGE + 5)), edits)
def test_edits_while_a_list_is_read_do_not_show_in_it(ids, edits):
    table = {key: b'{"id":%d}' % key for key in ids}
    expected = [json.loads(body) for _, body in sorted(table.items())]

    def read_page(last):
        after = -1 if last is None else last
        return sorted((key, body) for key, body in table.items() if key > after)[:ROWS_PER_PAGE]

    collection = CollectionState("", len(table), sum(map(len, table.values())))
    listing = Listing((1, "artikels"), collection, read_page, threading.RLock())
    body = b""
    for step, chunk in enumerate(listing):
        body += chunk
        for when, edit, key in edits:
            if when != step:
                continue
            if edit == "create" and key not in table:
                listing.remember(key, None)
                table[key] = b'{"id":%d,"new":true}' % key
            if edit == "update" and key in table:
                listing.remember(key, table[key])
                table[key] = b'{"id":%d,"changed":true}' % key
            if edit == "delete" and key in table:
                listing.remember(key, table.pop(key))
    assert json.loads(body)["data"] == expected
    assert len(body) == listing.length


def test_edits_of_the_store_reach_the_lists_under_way():
    with Sandbox(artikels=400, klanten=0) as sandbox:
        before = b"".join(sandbox.store.listing(1, "artikels"))
        chunks = iter(sandbox.store.listing(1, "artikels"))
        body = next(chunks)
        sandbox.artikels.update(130, naam="gezonden")
        sandbox.artikels.update(500, naam="nog te zenden")
        sandbox.artikels.delete(501)
        sandbox.artikels.create(id=10_000, naam="later")
        assert body + b"".join(chunks) == before
        after = b"".join(sandbox.store.listing(1, "artikels"))
        assert len(json.loads(after)["data"]) == 400
        assert after != before


def test_a_reset_breaks_the_lists_under_way():
    with Sandbox(artikels=400, klanten=0) as sandbox:
        chunks = iter(sandbox.store.listing(1, "artikels"))
        next(chunks)
        sandbox.reset()
        with pytest.raises(ListReplaced):
            next(chunks)


def test_an_empty_list():
    with Sandbox(artikels=0, klanten=0) as sandbox:
        assert b"".join(sandbox.store.listing(1, "artikels")) == b'{"data":[]}'
        assert sandbox.store.listing(1, "artikels").length == len(b'{"data":[]}')


MEASURE = """
import resource, socket, sys
from cloudspot.sandbox import Sandbox

get = b"GET /api/v1/artikels/ HTTP/1.1", b"Host: [::1]", b"Connection: close", b"X-ERP-TOKEN: sandbox-token", b"", b""
with Sandbox(database=sys.argv[1]) as sandbox:
    if sys.argv[2]:
        sandbox.faults.add(alter=sys.argv[2])
    before, total = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0
    with socket.create_connection(("127.0.0.1", sandbox.port)) as client:
        client.sendall(bytes([13, 10]).join(get))
        while data := client.recv(65536):
            total += len(data)
    print(total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss has another unit elsewhere")
@pytest.mark.parametrize("alter", ["", "unknown_fields", "numbers_as_texts", "corrupt"])
def test_a_long_list_is_sent_in_little_memory(tmp_path, alter):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    with Sandbox(artikels=15_000, klanten=0, database=database):
        pass
    done = subprocess.run([sys.executable, "-c", MEASURE, database, alter], capture_output=True, text=True, check=True)
    sent, grown_kib = map(int, done.stdout.split())
    assert sent > 25_000_000
    assert grown_kib < 8 * 1024


def test_others_are_served_while_a_list_is_out(fresh):
    headers = {"X-ERP-TOKEN": "sandbox-token"}
    listing = fresh.pool.request("GET", f"{fresh.sandbox.base_url}/artikels/", headers=headers, preload_content=False)
    start = listing.read(1000)
    assert fresh.get("/artikels/?id=125").status == 200
    fresh.sandbox.artikels.update(424, naam="Nieuw")
    assert len(json.loads(start + listing.read())["data"]) == 300
    listing.release_conn()
