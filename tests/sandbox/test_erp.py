"""The ERP's protocol, over a socket."""

import json
import re
import socket
from http.client import HTTPConnection

import pytest

from cloudspot.records import Artikel, ArtikelCategorie, Klant


@pytest.mark.parametrize(
    ("path", "type"), [("/artikels/", Artikel), ("/klanten/", Klant), ("/categories/", ArtikelCategorie)]
)
def test_a_list_is_an_object_with_data(http, path, type):
    answer = http.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert list(answer.json()) == ["data"]
    for plain in answer.json()["data"]:
        record = type.from_dict(plain)
        assert not record.extra


def test_counts(http):
    assert len(http.data("/artikels/")) == 300
    assert len(http.data("/klanten/")) == 120
    assert len(http.data("/artikels/", "sandbox-other")) == 60
    assert len(http.data("/klanten/", "sandbox-other")) == 24


def test_one_product_is_the_one_in_the_list(http):
    (one,) = http.data("/artikels/?id=125")
    assert one == http.data("/artikels/")[0]
    assert one["id"] == 125


def test_amounts_are_numbers_and_dates_iso(http):
    for artikel in http.data("/artikels/"):
        assert type(artikel["verkoopprijs_excl"]) is float
        assert type(artikel["BTW"]) is float
    born = [klant["geboortedatum"] for klant in http.data("/klanten/") if klant["geboortedatum"]]
    assert born
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in born)


def test_categories_are_a_tree_and_any_part_of_it_can_be_asked_for(http):
    roots = [ArtikelCategorie.from_dict(plain) for plain in http.data("/categories/")]
    paths = {root.path(each.id) for root in roots for each in root.walk()}
    assert "Voeding > Dranken > Koffie" in paths
    assert "Doe-het-zelf > Bevestiging > Schroeven & vijzen > Houtschroeven" in paths
    for root in roots:
        for each in root.walk():
            assert http.data(f"/categories/?id={each.id}") == [json.loads(each.to_json())]


def test_products_stand_in_categories_that_exist(http):
    roots = [ArtikelCategorie.from_dict(plain) for plain in http.data("/categories/")]
    names = {each.id: each.naam for root in roots for each in root.walk()}
    for artikel in http.data("/artikels/"):
        assert names[artikel["categorie_id"]] == artikel["categorie"]
        assert artikel["categorie_id"] in {each["id"] for each in artikel["categorieen"]}


@pytest.mark.parametrize(
    ("token", "allowed"),
    [
        ("sandbox-token", {"artikels", "categories", "klanten"}),
        ("sandbox-artikels", {"artikels", "categories"}),
        ("sandbox-klanten", {"klanten"}),
        ("sandbox-other", {"artikels", "categories", "klanten"}),
        ("sandbox-toke", set()),
        ("", set()),
        (None, set()),
    ],
)
def test_rights(http, token, allowed):
    for name in ("artikels", "categories", "klanten"):
        answer = http.get(f"/{name}/", token)
        assert answer.status == (200 if name in allowed else 401)
        if name not in allowed:
            assert answer.json()["message"]


def test_a_right_that_lacks_is_named(http):
    assert "see all clients" in http.get("/klanten/", "sandbox-artikels").json()["message"]


def test_companies_share_nothing(http):
    for path, key in (("/artikels/", "id"), ("/klanten/", "klantennummer")):
        ours, theirs = ({each[key] for each in http.data(path, token)} for token in ("sandbox-token", "sandbox-other"))
        assert not ours & theirs
    (foreign, *_) = http.data("/artikels/", "sandbox-other")
    assert http.get(f"/artikels/?id={foreign['id']}").status == 404
    assert http.get("/artikels/?id=125", "sandbox-other").status == 404


@pytest.mark.parametrize("id", ["99", "0", "-1", "9223372036854775808", "9" * 40])
def test_unknown_ids(http, id):
    for path in ("/artikels/", "/categories/"):
        answer = http.get(f"{path}?id={id}")
        assert answer.status == 404
        assert id in answer.json()["message"]


@pytest.mark.parametrize("id", ["", "abc", "12.5", "1e3", "%D9%A1", "125;", "9" * 41])
def test_ids_that_are_none(http, id):
    for path in ("/artikels/", "/categories/"):
        answer = http.get(f"{path}?id={id}")
        assert answer.status == 400
        assert answer.json()["message"]


def test_the_last_of_several_ids_counts(http):
    assert http.data("/artikels/?id=126&id=125")[0]["id"] == 125


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(http, method):
    answer = http.ask(method, "/artikels/")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.json()["message"]


def test_head_has_the_headers_of_get(http):
    got, head = http.get("/artikels/"), http.ask("HEAD", "/artikels/")
    assert head.status == 200
    assert head.data == b""
    for name in ("Content-Length", "ETag", "Content-Type"):
        assert head.headers[name] == got.headers[name]


def test_a_path_without_its_slash_is_redirected(http):
    answer = http.get("/artikels?id=125&x=%20")
    assert answer.status == 301
    assert answer.headers["Location"] == "/api/v1/artikels/?id=125&x=%20"
    assert http.get("/klanten").headers["Location"] == "/api/v1/klanten/"


@pytest.mark.parametrize("path", ["/", "/nothing/", "/artikels/125/", "/Artikels/"])
def test_unknown_paths(http, path):
    answer = http.get(path)
    assert answer.status == 404
    assert answer.json()["message"]


def test_a_request_id_is_echoed_when_sane_and_made_when_not(http):
    assert http.get("/artikels/?id=125", X_Request_ID="job-7/3").headers["X-Request-ID"] == "job-7/3"
    for odd in ("a b", "x" * 200, "é"):
        assert re.fullmatch(r"[0-9a-f]{32}", http.get("/nothing/", X_Request_ID=odd).headers["X-Request-ID"])
    first, second = (http.get("/artikels/?id=125").headers["X-Request-ID"] for _ in range(2))
    assert first != second


def test_connections_are_kept(http):
    connection = HTTPConnection("127.0.0.1", http.sandbox.port, timeout=10)
    used = set()
    for _ in range(3):
        connection.request("GET", "/api/v1/artikels/?id=125", headers={"X-ERP-TOKEN": "sandbox-token"})
        connection.getresponse().read()
        used.add(connection.sock)
    connection.close()
    assert len(used) == 1
    assert None not in used


def test_what_is_no_http_is_refused(http):
    with socket.create_connection(("127.0.0.1", http.sandbox.port), timeout=10) as client:
        client.sendall(b"hello\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 400")
    assert http.get("/artikels/?id=125").status == 200
