"""Compression, when the sandbox is told to."""

import zlib

import pytest

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.compression import encodings, pick_encoding


@pytest.fixture(scope="module")
def compressing():
    with Sandbox(artikels=300, compress=True) as sandbox:
        yield sandbox


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
@pytest.mark.parametrize("path", ["/artikels/", "/artikels/?id=125", "/categories/"])
def test_each_encoding_holds_the_same(compressing, http_pool, encoding, path):
    if encoding not in encodings():
        pytest.skip("this machine can't make it")
    url, token = compressing.base_url + path, {"X-ERP-TOKEN": "sandbox-token"}
    plain = http_pool.request("GET", url, headers={**token, "Accept-Encoding": "identity"})
    packed = http_pool.request("GET", url, headers={**token, "Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert packed.data == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for held in (packed, plain):
        again = {**token, "Accept-Encoding": encoding, "If-None-Match": held.headers["ETag"]}
        answer = http_pool.request("GET", url, headers=again)
        assert (answer.status, answer.data) == (304, b"")
        assert answer.headers["ETag"] == packed.headers["ETag"]
        assert "Content-Encoding" not in answer.headers


def test_it_saves_bytes(compressing, http_pool):
    headers = {"X-ERP-TOKEN": "sandbox-token", "Accept-Encoding": "gzip"}
    answer = http_pool.request(
        "GET", f"{compressing.base_url}/artikels/", headers=headers, preload_content=False, decode_content=False
    )
    packed = answer.read()
    assert len(packed) < len(zlib.decompress(packed, 31)) / 4


def test_small_answers_stay_plain(compressing, http_pool):
    answer = http_pool.request("GET", f"{compressing.base_url}/artikels/", headers={"Accept-Encoding": "gzip"})
    assert answer.status == 401
    assert "Content-Encoding" not in answer.headers


def test_off_unless_told(http):
    assert "Content-Encoding" not in http.get("/artikels/", Accept_Encoding="gzip, br, zstd").headers


@pytest.mark.parametrize(
    ("accept", "picked"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=odd", None),
        ("deflate, gzip", "gzip"),
        ("*;q=0", None),
        ("gzip;q=1, br;q=0.1, zstd;q=0.2", "gzip"),
    ],
)
def test_what_the_client_takes(accept, picked):
    assert pick_encoding(accept) == picked


def test_the_best_of_equals():
    assert pick_encoding("gzip, br, zstd") == next(iter(encodings()))
    assert pick_encoding("*") == next(iter(encodings()))
