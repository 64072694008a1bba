"""What faults do to answers, as a client meets it."""

from __future__ import annotations

import itertools
import json
import socket
import time
from email.utils import parsedate_to_datetime
from http.client import BadStatusLine, HTTPConnection, IncompleteRead
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.records import Artikel, InvalidField, Klant
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.answers import document
from cloudspot.sandbox.faults import PRESETS, Fault, Faults
from cloudspot.sandbox.faults.alterations import altered, of_another_kind, with_latin1, without_colon
from cloudspot.sandbox.faults.answers import in_pieces
from cloudspot.sandbox.store.listing import ROWS_PER_PAGE

from .test_faults import raw_get

# Which requests


def test_the_first_ones_pass(fresh):
    fresh.sandbox.faults.add(status=500, after=2, times=1)
    assert [fresh.get("/klanten/").status for _ in range(4)] == [200, 200, 500, 200]


def test_chance_is_the_same_for_the_same_seed():
    def met(seed, probability=0.3):
        faults = Faults(seed)
        faults.add(status=500, probability=probability, times=None)
        return [faults.meet("klanten", None) is not None for _ in range(1000)]

    assert met(1) == met(1) != met(2)
    assert 250 < sum(met(1)) < 350
    assert all(met(1, 1))


def test_whom_chance_spares_meets_the_next():
    faults = Faults(1)
    faults.add(status=500, probability=0.5, times=None)
    faults.add(status=503, times=None)
    statuses = {faults.meet(None, None).fault.status for _ in range(50)}
    assert statuses == {500, 503}
    first, second = faults.list()
    assert (first.hits + second.hits, first.passed) == (50, second.hits)


def test_a_reset_of_the_sandbox_lets_chance_begin_anew(fresh):
    def some():
        fresh.sandbox.faults.add(status=500, probability=0.5, times=None)
        return [fresh.get("/klanten/").status for _ in range(20)]

    before = some()
    fresh.sandbox.reset()
    assert some() == before


# Answers in the place of the real one


@pytest.mark.parametrize("status", [None, 301, 302, 303, 307, 308])
def test_a_redirect(fresh, status):
    fresh.sandbox.faults.add(redirect="http://elsewhere.invalid/x", status=status)
    answer = fresh.pool.request(
        "GET", f"{fresh.sandbox.base_url}/klanten/", headers={"X-ERP-TOKEN": "sandbox-token"}, redirect=False
    )
    assert (answer.status, answer.headers["Location"]) == (status or 302, "http://elsewhere.invalid/x")


def test_an_expired_token_in_the_words_of_each_server(fresh):
    fresh.sandbox.faults.add(expired=True, times=3)
    erp = fresh.get("/artikels/")
    assert (erp.status, erp.json()) == (401, {"message": "The token has expired."})
    at_license = fresh.license("GET", "users/profile/", fresh.sandbox.user_tokens.issue("jan@sandbox.test"))
    assert (at_license.status, at_license.json()) == (
        401,
        {"message": "The token has expired.", "error_code": "NOT_AUTHORIZED"},
    )
    assert fresh.external("GET", "get-user/", "x").json() == {"message": "The token has expired."}


def test_an_expired_token_says_what_a_really_expired_one_does(fresh):
    token = fresh.sandbox.user_tokens.issue("jan@sandbox.test")
    fresh.sandbox.user_tokens.expire(token=token)
    really = fresh.license("GET", "users/profile/", token)
    fresh.sandbox.faults.add(expired=True)
    assert fresh.license("GET", "users/profile/", token).data == really.data


def test_retry_after_as_a_date(fresh):
    fresh.sandbox.faults.add(retry_after=120, retry_after_as_date=True)
    answer = fresh.get("/klanten/")
    wait = parsedate_to_datetime(answer.headers["Retry-After"]) - parsedate_to_datetime(answer.headers["Date"])
    assert answer.status == 429
    assert 119 <= wait.total_seconds() <= 121


def test_a_page_with_a_200(fresh):
    fresh.sandbox.faults.add(status=200, body="html")
    answer = fresh.get("/klanten/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html")
    assert b"<html>" in answer.data


def test_another_content_type(fresh):
    fresh.sandbox.faults.add(content_type="text/html; charset=latin-1")
    answer = fresh.get("/klanten/")
    assert answer.headers["Content-Type"] == "text/html; charset=latin-1"
    assert len(answer.json()["data"]) == 20


# Connections


def test_bytes_that_are_not_http(fresh):
    fresh.sandbox.faults.add(garbage=True)
    with pytest.raises(BadStatusLine):
        raw_get(fresh)
    assert fresh.get("/klanten/").status == 200


def received(opened):
    """All that comes, and how it ends: with None where the other side closes."""
    got = b""
    try:
        while chunk := opened.recv(65536):
            got += chunk
    except OSError as error:
        return got, type(error)
    return got, None


@pytest.mark.parametrize("cut_off", [1000, 0.5])
def test_a_reset_in_mid_body(fresh, cut_off):
    whole = fresh.get("/artikels/").data
    fresh.sandbox.faults.add(cut_off=cut_off, reset=True)
    with socket.create_connection(("127.0.0.1", fresh.sandbox.port), timeout=10) as opened:
        opened.sendall(b"GET /api/v1/artikels/ HTTP/1.1\r\nHost: localhost\r\nX-ERP-TOKEN: sandbox-token\r\n\r\n")
        got, ending = received(opened)
    assert ending is ConnectionResetError
    head, _, body = got.partition(b"\r\n\r\n")
    assert f"content-length: {len(whole)}".encode() in head.lower()
    assert body == whole[: cut_off if isinstance(cut_off, int) else int(len(whole) * cut_off)]


@pytest.mark.parametrize("fault", [{}, {"cut_off": 100}])
def test_a_server_that_goes_silent(fresh, fault):
    fresh.sandbox.faults.add(stalls=True, **fault)
    with socket.create_connection(("127.0.0.1", fresh.sandbox.port), timeout=0.3) as opened:
        opened.sendall(b"GET /api/v1/artikels/ HTTP/1.1\r\nHost: localhost\r\nX-ERP-TOKEN: sandbox-token\r\n\r\n")
        got, ending = received(opened)
    assert ending is TimeoutError
    assert len(got.partition(b"\r\n\r\n")[2]) == fault.get("cut_off", 0)
    assert fresh.get("/klanten/").status == 200


def test_a_sandbox_stops_while_it_is_silent():
    with Sandbox(artikels=1, klanten=1) as sandbox:
        sandbox.faults.add(stalls=True)
        opened = socket.create_connection(("127.0.0.1", sandbox.port), timeout=10)
        opened.sendall(b"GET /api/v1/artikels/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while sandbox.faults.list():
            time.sleep(0.01)
    with opened:
        assert opened.recv(10) == b""


def test_a_length_that_promises_more(fresh):
    whole = fresh.get("/klanten/").data
    fresh.sandbox.faults.add(wrong_length=7)
    headers, broken = raw_get(fresh, "/klanten/")
    assert int(headers["Content-Length"]) == len(whole) + 7
    assert isinstance(broken, IncompleteRead)
    assert broken.partial == whole


def test_a_length_that_promises_less(fresh):
    whole = fresh.get("/klanten/").data
    fresh.sandbox.faults.add(wrong_length=-7)
    headers, body = raw_get(fresh, "/klanten/")
    assert int(headers["Content-Length"]) == len(whole) - 7
    assert body == whole[:-7]
    fresh.sandbox.faults.add(wrong_length=-(10**9))
    assert raw_get(fresh, "/klanten/")[0]["Content-Length"] == "0"


def test_a_wrong_length_of_an_error_and_with_compression():
    with Sandbox(artikels=300, klanten=1, compress=True) as sandbox:
        sandbox.faults.add(wrong_length=5, times=2)
        for token in ("sandbox-token", "unknown"):
            connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
            connection.request("GET", "/api/v1/artikels/", headers={"X-ERP-TOKEN": token, "Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            assert answer.headers["Content-Encoding"] is None
            with pytest.raises(IncompleteRead):
                answer.read()
            connection.close()


@pytest.mark.parametrize("fault", [{"bytes_per_second": 20_000}, {"pieces_of": 1000, "pause": 0.02}])
def test_a_slow_line(fresh, fault):
    whole = fresh.get("/klanten/").data
    fresh.sandbox.faults.add(**fault)
    started = time.perf_counter()
    assert fresh.get("/klanten/").data == whole
    pieces = -(-len(whole) // fault.get("pieces_of", 2000))
    assert time.perf_counter() - started >= (pieces - 1) * fault.get("pause", 0.1) * 0.9


def test_a_slow_line_with_a_fault_on_it(fresh):
    fresh.sandbox.faults.add(status=502, body="html", bytes_per_second=1000)
    answer = fresh.get("/klanten/")
    assert (answer.status, b"502 Bad Gateway" in answer.data) == (502, True)


def test_a_slow_answer_delays_nobody_else(fresh):
    fresh.sandbox.faults.add(route="klanten", pieces_of=1, pause=60)
    with socket.create_connection(("127.0.0.1", fresh.sandbox.port), timeout=10) as opened:
        opened.sendall(b"GET /api/v1/klanten/ HTTP/1.1\r\nHost: localhost\r\nX-ERP-TOKEN: sandbox-token\r\n\r\n")
        assert opened.recv(10)
        assert fresh.get("/artikels/?id=125").status == 200


def test_jitter_is_the_same_for_the_same_seed():
    waits = [Faults(7) for _ in range(2)]
    for faults in waits:
        faults.add(jitter=1, times=2)
    first, second = ([faults.meet(None, None).chance.uniform(0, 1) for _ in range(2)] for faults in waits)
    assert first == second
    assert first[0] != first[1]


# Documents that arrive whole


@pytest.mark.parametrize("path", ["/artikels/", "/artikels/?id=125", "/categories/", "/klanten/"])
@pytest.mark.parametrize("alter", ["corrupt", "not_utf8"])
def test_a_document_that_is_no_json(fresh, path, alter):
    fresh.sandbox.faults.add(alter=alter)
    _, body = raw_get(fresh, path)
    with pytest.raises(ValueError):
        json.loads(body)
    assert body.startswith(b'{"data":[{')
    assert body.endswith(b"}]}")


def test_an_altered_document_comes_also_to_whom_it_is_not_new(fresh):
    before = fresh.get("/klanten/")
    fresh.sandbox.faults.add(alter="half_list")
    answer = fresh.get("/klanten/", If_None_Match=before.headers["ETag"])
    assert (answer.status, "ETag" in answer.headers) == (200, False)
    assert answer.json()["data"] == before.json()["data"][:10]
    assert fresh.get("/klanten/", If_None_Match=before.headers["ETag"]).status == 304


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"delay": 0.01}, 304),
        ({"bytes_per_second": 10**6}, 304),
        ({"content_type": "text/html"}, 200),
        ({"cut_off": 5}, 200),
    ],
)
def test_who_has_the_document_meets_what_spoils_it(fresh, fault, status):
    etag = fresh.get("/klanten/").headers["ETag"]
    fresh.sandbox.faults.add(**fault)
    connection = HTTPConnection("127.0.0.1", fresh.sandbox.port, timeout=10)
    connection.request("GET", "/api/v1/klanten/", headers={"X-ERP-TOKEN": "sandbox-token", "If-None-Match": etag})
    assert connection.getresponse().status == status
    connection.close()


def test_half_and_empty_lists(fresh):
    whole = fresh.data("/artikels/")
    fresh.sandbox.faults.add(alter="half_list")
    assert fresh.data("/artikels/") == whole[:150]
    fresh.sandbox.faults.add(alter="empty_list", times=2)
    assert fresh.get("/artikels/").data == b'{"data":[]}'
    assert fresh.get("/categories/").data == b'{"data":[]}'


def test_lists_of_the_login(fresh):
    token = fresh.sandbox.user_tokens.issue("jan@sandbox.test")
    fresh.sandbox.faults.add(alter="empty_list", times=2)
    # This answer has no list, so it is none of those that are meant.
    assert fresh.license("GET", "users/profile/", token).json()["first_name"] == "Jan"
    assert fresh.license("GET", "get-permissions/", token).json() == {"token": token, "permissions": []}
    credentials = {"username": "jan@sandbox.test", "password": "sandbox-wachtwoord"}
    assert fresh.external("POST", "signin-external-app/", body=credentials).json()["permissions"] == []


def test_a_double_record(fresh):
    whole = fresh.data("/klanten/")
    fresh.sandbox.faults.add(alter="double_record")
    assert fresh.data("/klanten/") == [*whole[:11], whole[10], *whole[11:]]


def test_a_list_under_another_name_and_twice(fresh):
    whole = fresh.data("/klanten/")
    fresh.sandbox.faults.add(alter="no_data")
    assert fresh.get("/klanten/").json() == {"results": whole}
    fresh.sandbox.faults.add(alter="double_data")
    _, body = raw_get(fresh, "/klanten/")
    assert json.loads(body, object_pairs_hook=list)[0] == ("data", [list(each.items()) for each in whole])
    assert json.loads(body, object_pairs_hook=list)[1] == ("data", [])


def test_unknown_fields_and_nothing_else(fresh):
    whole = fresh.data("/klanten/")
    fresh.sandbox.faults.add(alter="unknown_fields", times=2)
    document = fresh.get("/klanten/").json()
    assert document.pop("nieuw_veld")
    assert [each.pop("nieuw_veld")["sinds"] for each in document["data"]] == [2027] * 20
    assert document == {"data": whole}
    profile = fresh.license("GET", "users/profile/", fresh.sandbox.user_tokens.issue("jan@sandbox.test")).json()
    assert set(profile) == {"first_name", "last_name", "email", "pin", "nieuw_veld"}


def test_one_wrong_type_in_the_middle(fresh):
    whole = fresh.data("/artikels/")
    fresh.sandbox.faults.add(alter="wrong_types")
    wrong = fresh.data("/artikels/")
    differing = [at for at, (is_now, was) in enumerate(zip(wrong, whole, strict=True)) if is_now != was]
    assert differing == [150]
    (field,) = [name for name, value in wrong[150].items() if value != whole[150][name]]
    with pytest.raises(InvalidField):
        Artikel.from_json(json.dumps(wrong[150]).encode())
    assert type(wrong[150][field]) is not type(whole[150][field])


@pytest.mark.parametrize("field", ["id", "naam", "verkoopprijs_excl", "fotos", "EAN", "categorie_id"])
def test_wrong_types_in_a_chosen_field(fresh, field):
    whole = fresh.data("/artikels/")
    fresh.sandbox.faults.add(alter="wrong_types", field=field, route="artikels")
    wrong = fresh.data("/artikels/")
    for is_now, was in zip(wrong, whole, strict=True):
        assert is_now[field] == of_another_kind(was[field])
        assert {**is_now, field: was[field]} == was


def test_numbers_as_texts_lose_nothing(fresh):
    whole = msgspec.json.decode(fresh.get("/artikels/").data, type=dict[str, list[Artikel]])["data"]
    fresh.sandbox.faults.add(alter="numbers_as_texts")
    raw = fresh.data("/artikels/")
    assert raw[0]["id"] == "125"
    assert raw[0]["verkoopprijs_excl"] == str(whole[0].verkoopprijs_excl)


def test_nulls_leave_the_keys(fresh):
    fresh.sandbox.faults.add(alter="nulls", times=2)
    first = fresh.data("/artikels/")[0]
    assert {name for name, value in first.items() if value is not None} == {"id"}
    assert Klant.from_json(json.dumps(fresh.data("/klanten/")[0]).encode()).klantennummer == 1001


@pytest.mark.parametrize(
    "alter", ["corrupt", "not_utf8", "half_list", "double_record", "wrong_types", "unknown_fields"]
)
def test_an_empty_list_can_be_altered(alter):
    answer = document(b'{"data":[]}')
    altered(answer, Fault(alter=alter), Random(1))
    body = b"".join(answer.body)
    assert answer.length == len(body)
    if alter in {"corrupt", "not_utf8"}:
        with pytest.raises(ValueError):
            json.loads(body)
    else:
        assert json.loads(body)["data"] == []


def test_errors_are_not_altered(fresh):
    fresh.sandbox.faults.add(alter="corrupt")
    assert fresh.get("/artikels/", "unknown").json() == {"message": "The token is unknown."}


def test_a_long_list_is_altered_as_it_goes():
    """The first half of the document is out before the second is read."""
    with Sandbox(artikels=2000, klanten=0) as sandbox:
        sandbox.faults.add(alter="unknown_fields")
        listing = sandbox.store.listing(1, "artikels")
        answer = document(b"")
        answer.body = listing
        altered(answer, Fault(alter="unknown_fields"), Random(1))
        first = next(iter(answer.body))
        assert first.count(b'"nieuw_veld"') == ROWS_PER_PAGE
        assert answer.length is None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON, min_size=1))
def test_what_is_spoilt_is_never_json(value):
    text = msgspec.json.encode(value)
    for spoilt in (without_colon(text), with_latin1(text)):
        with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
            msgspec.json.decode(spoilt)


@given(JSON)
def test_another_kind_is_another_kind(value):
    def kind(value):
        return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)

    other = of_another_kind(value)
    assert kind(other) is not kind(value)
    assert other is not None


@given(st.lists(st.binary(max_size=30)), st.integers(1, 40))
def test_pieces(chunks, size):
    pieces = list(in_pieces(chunks, size))
    assert b"".join(pieces) == b"".join(chunks)
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(pieces)


# Presets


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_switched_on_and_off(small, name):
    faults = small.sandbox.faults
    assert not faults.is_on(name)
    for _ in range(2):
        faults.switch_on(name)
        assert faults.switched_on == (name,)
        assert len(faults.list()) == len(PRESETS[name].faults)
    assert faults.switch_off(name)
    assert not faults.switch_off(name)
    assert faults.list() == []


def test_a_preset_for_one_route(fresh):
    fresh.sandbox.faults.switch_on("proxy-page", route="klanten")
    assert (fresh.get("/klanten/").status, fresh.get("/categories/").status) == (502, 200)
    assert fresh.get("/klanten/").status == 502
    with pytest.raises(ValueError, match="alter empty_list is for a list"):
        fresh.sandbox.faults.switch_on("empty-shop", route="auth/users/profile")


def test_presets_over_the_control_api(fresh):
    assert fresh.control("PUT", "faults/presets/empty-shop").json()["is_on"]
    assert fresh.data("/artikels/") == []
    on = {each["name"]: each["is_on"] for each in fresh.control("GET", "faults/presets").json()["presets"]}
    assert on == {name: name == "empty-shop" for name in PRESETS}
    assert fresh.control("GET", "faults/1").json()["preset"] == "empty-shop"
    assert not fresh.control("DELETE", "faults/presets/empty-shop").json()["is_on"]
    answer = fresh.control("PUT", "faults/presets/empty")
    assert answer.status == 404
    assert "empty-shop" in answer.json()["message"]


def test_names_and_titles_are_unique():
    assert len({each.title for each in PRESETS.values()}) == len(PRESETS)
    for (one, a), (other, b) in itertools.combinations(PRESETS.items(), 2):
        assert a.faults != b.faults, (one, other)
