"""Guards: what pages of other sites and names of other hosts reach."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.guards import Guards, names_of

from .conftest import Http

AT_HOME = Guards(is_exposed=False, names=frozenset({"box"}))
EXPOSED = Guards(is_exposed=True, names=frozenset({"box"}))


def refuses(guards, is_api=False, method="GET", **headers):
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return guards.refuse(method, named, is_api=is_api) is not None


OWN = [
    "localhost",
    "localhost:8000",
    "LOCALHOST",
    "app.localhost:1",
    "127.0.0.1:8000",
    "127.1.2.3",
    "[::1]:8000",
    "box:1",
]
OTHERS = ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "xlocalhost"]
ADDRESSES = ["192.168.1.5:8000", "[fe80::1]:8000", "10.0.0.1", "0.0.0.0:8000"]


@pytest.mark.parametrize("is_api", [True, False])
@pytest.mark.parametrize("host", OWN)
def test_own_names_are_welcome(host, is_api):
    assert not refuses(AT_HOME, is_api, Host=host)
    assert not refuses(EXPOSED, is_api, Host=host)


@pytest.mark.parametrize("host", OTHERS)
def test_other_names(host):
    assert refuses(AT_HOME, True, Host=host)
    assert refuses(AT_HOME, False, Host=host)
    assert not refuses(EXPOSED, True, Host=host)
    assert refuses(EXPOSED, False, Host=host)


@pytest.mark.parametrize("host", ADDRESSES)
def test_addresses_of_other_machines(host):
    assert refuses(AT_HOME, True, Host=host)
    assert not refuses(EXPOSED, True, Host=host)
    assert not refuses(EXPOSED, False, Host=host)


@pytest.mark.parametrize("guards", [AT_HOME, EXPOSED])
@pytest.mark.parametrize("is_api", [True, False])
def test_pages_of_other_sites(guards, is_api):
    own = {"Host": "localhost:8000"}
    assert not refuses(guards, is_api, **own)
    assert not refuses(guards, is_api, **own, Origin="http://localhost:8000", Sec_Fetch_Site="same-origin")
    assert not refuses(guards, is_api, **own, Sec_Fetch_Site="none", Sec_Fetch_Mode="navigate")
    for origin in ("https://evil.example", "null", "http://localhost:3000", "http://[", "", "http://127.0.0.1:8000"):
        assert refuses(guards, is_api, **own, Origin=origin), origin
        assert refuses(guards, is_api, method="POST", **own, Origin=origin), origin
    for site in ("cross-site", "same-site"):
        assert refuses(guards, is_api, **own, Sec_Fetch_Site=site)
        assert refuses(guards, is_api, **own, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="iframe")
    assert refuses(guards, is_api, Origin="null")


def test_a_link_from_elsewhere_may_be_followed():
    link = {
        "Host": "localhost",
        "Sec_Fetch_Site": "cross-site",
        "Sec_Fetch_Mode": "navigate",
        "Sec_Fetch_Dest": "document",
    }
    assert not refuses(AT_HOME, False, **link)
    assert refuses(AT_HOME, True, **link)
    assert refuses(AT_HOME, False, method="POST", **link)


def test_a_refusal_says_what_to_do():
    assert AT_HOME.refuse("GET", {"host": "shop.test:8000"}, is_api=True) == (
        "The sandbox is not called shop.test. If it should be, start it with --allow-host shop.test."
    )


def test_names():
    assert names_of(["Box"], ["Shop.test"]) == {"box", "shop.test"}
    for wrong in ("", "shop.test:8000", "http://shop.test", "a/b", "[::1", "shop.test."):
        with pytest.raises(ValueError, match="no name of a host"):
            names_of([], [wrong])


@given(st.text(st.characters(codec="latin-1")), st.text(st.characters(codec="latin-1")), st.booleans())
def test_anything_is_decided(host, origin, is_api):
    for guards in (AT_HOME, EXPOSED):
        assert guards.refuse("GET", {"host": host, "origin": origin}, is_api=is_api) is None or True


# Over sockets


def test_a_rebound_name_reaches_nothing(small):
    for answer in (
        small.get("/klanten/", Host="evil.example"),
        small.control("GET", "users", Host="evil.example"),
        small.control("POST", "reset", Host="evil.example:80"),
        small.license("GET", "get-permissions/", "x", Host="evil.example"),
    ):
        assert answer.status == 403
        assert "--allow-host evil.example" in answer.json()["message"]
    assert set(small.license("GET", "get-permissions/", "x", Host="evil.example").json()) == {"message", "error_code"}


def test_a_page_of_another_site_reaches_nothing(small):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert small.control("GET", "users", **headers).status == 403
        assert small.control("POST", "reset", **headers).status == 403
        assert small.get("/klanten/", **headers).status == 403
    assert small.get("/klanten/").headers.get("Access-Control-Allow-Origin") is None


def test_a_sandbox_that_others_reach(http_pool):
    with Sandbox(artikels=1, klanten=1, host="0.0.0.0", allow_hosts=["shop.test"]) as sandbox:
        assert sandbox.is_exposed
        http = Http(sandbox, http_pool)
        assert http.get("/klanten/", Host="sandbox:8000").status == 200
        assert http.control("GET", "users", Host="sandbox:8000").status == 403
        for host in ("shop.test", "192.168.1.5:8000", socket.gethostname(), "localhost"):
            assert http.control("GET", "users", Host=host).status == 200
    with Sandbox(artikels=1, klanten=1) as sandbox:
        assert not sandbox.is_exposed


def test_an_allowed_name_that_is_none():
    with pytest.raises(ValueError, match="no name of a host"):
        Sandbox(allow_hosts=["http://shop.test"])


def test_a_client_without_a_host_is_no_browser(small):
    with socket.create_connection(("127.0.0.1", small.sandbox.port), timeout=10) as opened:
        opened.sendall(b"GET /_sandbox/ready HTTP/1.0\r\n\r\n")
        assert opened.recv(100).startswith(b"HTTP/1.1 200")
