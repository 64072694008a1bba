"""Faults, over sockets and over the control API."""

import json
import threading
import time
from http.client import HTTPConnection, IncompleteRead

import msgspec
import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.sandbox import Fault, Sandbox
from cloudspot.sandbox.faults import Faults
from cloudspot.sandbox.faults.answers import shortened


def raw_get(http, path="/artikels/", token="sandbox-token"):
    """The answer's headers, and its body or how it broke off."""
    connection = HTTPConnection("127.0.0.1", http.sandbox.port, timeout=10)
    try:
        connection.request("GET", f"/api/v1{path}", headers={"X-ERP-TOKEN": token})
        answer = connection.getresponse()
        try:
            return answer.headers, answer.read()
        except IncompleteRead as error:
            return answer.headers, error
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "content_type", "begins"),
    [
        ("json", "application/json", b'{"message":"Bad Gateway'),
        ("html", "text/html", b"<html>"),
        ("empty", "application/json", b""),
    ],
)
def test_a_status_takes_the_place_of_the_answer(fresh, body, content_type, begins):
    fresh.sandbox.faults.add(route="artikels", status=502, body=body)
    answer = fresh.get("/artikels/")
    assert answer.status == 502
    assert answer.headers["Content-Type"] == content_type
    assert answer.data.startswith(begins)
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "X-Request-ID" in answer.headers
    assert fresh.get("/artikels/").status == 200


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body(fresh, status):
    fresh.sandbox.faults.add(status=status)
    answer = fresh.get("/artikels/")
    assert (answer.status, answer.data) == (status, b"")
    assert fresh.get("/artikels/?id=125").status == 200


def test_too_many_requests(fresh):
    fresh.sandbox.faults.add(retry_after=3)
    answer = fresh.get("/klanten/")
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "3"
    fresh.sandbox.faults.add(status=503, retry_after=0)
    answer = fresh.get("/klanten/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "0")


def test_a_delay_comes_before_the_real_answer(fresh):
    fresh.sandbox.faults.add(delay=0.15)
    started = time.perf_counter()
    assert fresh.get("/artikels/?id=125").status == 200
    assert time.perf_counter() - started >= 0.15


def test_a_reset(fresh):
    fresh.sandbox.faults.add(reset=True)
    with pytest.raises(ConnectionResetError):
        raw_get(fresh)
    assert fresh.get("/artikels/?id=125").status == 200


@pytest.mark.parametrize("cut_off", [0, 1, 10, 100_000, 300_000, 0.5, 0.999])
def test_a_dropped_connection(fresh, cut_off):
    whole = fresh.get("/artikels/").data
    fresh.sandbox.faults.add(cut_off=cut_off)
    headers, broken = raw_get(fresh)
    expected = cut_off if isinstance(cut_off, int) else int(len(whole) * cut_off)
    assert int(headers["Content-Length"]) == len(whole)
    assert isinstance(broken, IncompleteRead)
    assert broken.partial == whole[:expected]
    assert raw_get(fresh)[1] == whole


@pytest.mark.parametrize("cut_off", [0, 10, 0.5])
def test_a_shortened_document_that_http_calls_complete(fresh, cut_off):
    whole = fresh.get("/artikels/").data
    fresh.sandbox.faults.add(cut_off=cut_off, ends_cleanly=True)
    headers, body = raw_get(fresh)
    assert headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in headers
    assert body == whole[: cut_off if isinstance(cut_off, int) else int(len(whole) * cut_off)]


def test_a_single_product_can_be_cut_off(fresh):
    fresh.sandbox.faults.add(cut_off=0.5)
    assert isinstance(raw_get(fresh, "/artikels/?id=125")[1], IncompleteRead)


def test_more_bytes_than_there_are_cut_nothing_off_but_the_connection(fresh):
    whole = fresh.get("/klanten/").data
    fresh.sandbox.faults.add(cut_off=10**9)
    assert raw_get(fresh, "/klanten/")[1] == whole


def test_a_compressed_answer_can_be_cut_off():
    with Sandbox(artikels=300, klanten=0, compress=True) as sandbox, urllib3.PoolManager() as pool:
        sandbox.faults.add(cut_off=0.5)
        headers = {"X-ERP-TOKEN": "sandbox-token", "Accept-Encoding": "gzip"}
        with pytest.raises(urllib3.exceptions.ProtocolError):
            pool.request("GET", f"{sandbox.base_url}/artikels/", headers=headers, retries=False)


def test_matching_by_route_and_token(fresh):
    fresh.sandbox.faults.add(route="klanten", token="sandbox-klanten", status=500)
    assert fresh.get("/artikels/").status == 200
    assert fresh.get("/klanten/", "sandbox-token").status == 200
    assert fresh.get("/klanten/", "sandbox-klanten").status == 500
    assert fresh.get("/klanten/", "sandbox-klanten").status == 200


def test_times_and_sequence(fresh):
    fresh.sandbox.faults.add(status=500, times=2)
    fresh.sandbox.faults.add(status=503)
    assert [fresh.get("/categories/").status for _ in range(4)] == [500, 500, 503, 200]
    fresh.sandbox.faults.add(status=500, times=None)
    assert {fresh.get("/categories/").status for _ in range(5)} == {500}
    (active,) = fresh.sandbox.faults.list()
    assert active.hits == 5
    fresh.sandbox.faults.clear()
    assert fresh.get("/categories/").status == 200


def test_counting_is_exact_among_threads():
    faults = Faults()
    faults.add(status=500, times=1000)
    met = []
    threads = [
        threading.Thread(target=lambda: met.extend(faults.meet("artikels", None) for _ in range(400))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(fault is not None for fault in met) == 1000
    assert faults.list() == []


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"status": 99},
        {"status": 600},
        {"status": 500, "reset": True},
        {"status": 500, "cut_off": 5},
        {"cut_off": 1.5},
        {"cut_off": -1},
        {"ends_cleanly": True, "status": 500},
        {"times": 0, "reset": True},
        {"delay": -1},
        {"retry_after": -1},
        {"route": "prices", "reset": True},
        {"status": "502"},
        {"times": 1},
        {"delay": float("nan")},
        {"delay": 1, "probability": 0},
        {"delay": 1, "probability": 1.5},
        {"delay": 1, "after": -1},
        {"jitter": -1},
        {"delay": 1, "body": "html"},
        {"retry_after": 10**10},
        {"status": 500, "retry_after_as_date": True},
        {"redirect": "elsewhere"},
        {"redirect": "/a\r\nX: y"},
        {"redirect": "/a", "status": 500},
        {"redirect": "/a", "retry_after": 1},
        {"expired": True, "status": 401},
        {"garbage": True, "reset": True},
        {"garbage": True, "content_type": "text/html"},
        {"reset": True, "stalls": True, "cut_off": 5},
        {"reset": True, "ends_cleanly": True, "cut_off": 5},
        {"reset": True, "bytes_per_second": 5},
        {"stalls": True, "status": 500},
        {"alter": "corrupt", "cut_off": 5},
        {"alter": "upside_down"},
        {"alter": "empty_list", "route": "auth/users/profile"},
        {"alter": "no_data", "route": "auth/get-permissions"},
        {"field": "naam", "alter": "nulls"},
        {"field": "nam", "alter": "wrong_types", "route": "artikels"},
        {"wrong_length": 0},
        {"wrong_length": 5, "cut_off": 5},
        {"content_type": " "},
        {"content_type": "text/hé"},
        {"bytes_per_second": 0},
        {"bytes_per_second": 5, "pieces_of": 5, "pause": 1},
        {"pieces_of": 5},
        {"pause": 1},
        {"pieces_of": 5, "pause": 0},
        {"statu": 502},
    ],
)
def test_contradictions_are_refused(fresh, fault):
    with pytest.raises(ValueError):
        fresh.sandbox.faults.add(**fault)
    if "delay" in fault and fault["delay"] != fault["delay"]:
        return  # JSON has no NaN
    answer = fresh.control("POST", "faults", json.dumps(fault).encode())
    assert answer.status == 400
    assert answer.json()["message"]
    assert fresh.sandbox.faults.list() == []


@given(st.lists(st.binary(max_size=20)), st.integers(0, 300) | st.floats(0.01, 0.99))
def test_shortened(chunks, cut_off):
    whole = b"".join(chunks)
    end = cut_off if isinstance(cut_off, int) else int(len(whole) * cut_off)
    assert b"".join(shortened(chunks, len(whole), cut_off)) == whole[:end]


def test_control_api(fresh):
    made = fresh.control("POST", "faults", b'{"route": "artikels", "status": 502, "body": "html", "times": null}')
    assert made.status == 201
    assert made.json()["id"] == 1
    assert made.json()["times"] is None
    fresh.control("POST", "faults", b'{"delay": 0.01}')
    assert [fault["id"] for fault in fresh.control("GET", "faults").json()["faults"]] == [1, 2]
    assert fresh.get("/artikels/").status == 502
    assert fresh.control("GET", "faults").json()["faults"][0]["hits"] == 1
    assert fresh.control("DELETE", "faults/1").json() == {"deleted": 1}
    assert fresh.control("DELETE", "faults/1").status == 404
    assert fresh.control("DELETE", "faults").json() == {"faults": []}
    assert fresh.get("/artikels/").status == 200


def test_an_unknown_field_is_named(fresh):
    answer = fresh.control("POST", "faults", b'{"status": 502, "tiems": 3}')
    assert answer.status == 400
    assert "tiems" in answer.json()["message"]
    answer = fresh.control("POST", "reset", b'{"artikels": 3}')
    assert answer.status == 400
    assert fresh.control("POST", "faults", b"{").status == 400
    assert fresh.control("POST", "faults", b"").status == 400


def test_ready_and_reset(fresh):
    assert fresh.control("GET", "ready").json() == {"ready": True, "base_url": fresh.sandbox.base_url}
    before = fresh.get("/artikels/")
    fresh.sandbox.artikels.delete(125)
    fresh.sandbox.faults.add(status=500)
    assert fresh.control("POST", "reset").status == 200
    after = fresh.get("/artikels/")
    assert after.status == 200
    assert after.data == before.data
    assert after.headers["ETag"] == before.headers["ETag"]


def test_control_api_refusals(fresh):
    assert fresh.control("GET", "nothing").status == 404
    answer = fresh.control("GET", "reset")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert fresh.control("PUT", "faults/1").status == 405
    assert fresh.control("POST", "faults", b" " * (2 << 20)).status == 413


def test_another_site_cannot_use_the_control_api(fresh):
    assert fresh.control("POST", "reset", Origin="https://evil.example").status == 403
    own = fresh.sandbox.base_url.removesuffix("/api/v1")
    assert fresh.control("POST", "reset", Origin=own).status == 200


def test_faults_do_not_reach_the_control_api(fresh):
    fresh.sandbox.faults.add(status=500, times=None)
    assert fresh.control("GET", "ready").status == 200


def test_a_fault_is_a_value():
    fault = Fault(status=502)
    assert msgspec.json.decode(msgspec.json.encode(fault), type=Fault) == fault
