"""The request log: what it keeps, what it never keeps, and what comes out of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from contextlib import suppress
from datetime import datetime

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.request_log.log import KEPT_OF_BODY
from cloudspot.sandbox.request_log.redaction import body_to_keep, label_of, query_to_keep, text_to_keep

from .conftest import Http
from .test_faults import raw_get

CREDENTIALS = {"username": "jan@sandbox.test", "password": "sandbox-wachtwoord"}


def everything(http):
    """All that can be got out of the log, as one text."""
    log = http.sandbox.requests
    parts = [repr(log.list()), json.dumps(log.har()), http.control("GET", "requests").data.decode()]
    for exchange in log.list():
        parts += [http.control("GET", f"requests/{exchange.id}").data.decode(), repr(exchange)]
        if exchange.is_whole:
            parts.append(log.curl(exchange.id))
    return "\n".join(parts)


def test_a_request_and_its_answer(fresh):
    answer = fresh.get("/artikels/?id=125", X_Request_ID="mine")
    (exchange,) = fresh.sandbox.requests.list()
    assert (exchange.id, exchange.method, exchange.target) == (1, "GET", "/api/v1/artikels/?id=125")
    assert (exchange.route, exchange.status, exchange.outcome) == ("artikels", 200, "sent")
    assert exchange.answer_body == answer.data
    assert exchange.answer_size == len(answer.data)
    assert dict(exchange.headers)["x-request-id"] == "mine"
    assert dict(exchange.answer_headers)["x-request-id"] == "mine"
    assert 0 < exchange.waited <= exchange.seconds < 10
    assert exchange.answer_json()["data"][0]["id"] == 125
    assert fresh.sandbox.requests.get(1) == exchange


def test_a_list_is_kept_as_far_as_it_is_worth(fresh):
    whole = fresh.get("/artikels/").data
    (exchange,) = fresh.sandbox.requests.list(route="artikels")
    assert exchange.answer_size == len(whole)
    assert exchange.answer_body == whole[:KEPT_OF_BODY]
    assert exchange.seconds >= exchange.waited


def test_only_the_last_ones_are_kept(http_pool):
    with Sandbox(artikels=1, klanten=1, requests=3) as sandbox:
        http = Http(sandbox, http_pool)
        for _ in range(5):
            http.get("/klanten/")
        assert [each.id for each in sandbox.requests.list()] == [3, 4, 5]
        with pytest.raises(LookupError, match="there is no request 2"):
            sandbox.requests.get(2)
        sandbox.requests.clear()
        assert len(sandbox.requests) == 0
        http.get("/klanten/")
        assert [each.id for each in sandbox.requests.list()] == [6]


def test_none_are_kept_where_none_are_wanted(http_pool):
    with Sandbox(artikels=1, klanten=1, requests=0) as sandbox:
        assert Http(sandbox, http_pool).get("/klanten/").status == 200
        assert sandbox.requests.list() == []
    with pytest.raises(ValueError, match="requests is"):
        Sandbox(requests=-1)


def test_control_calls_are_not_in_it(small):
    small.control("GET", "users")
    small.pool.request("GET", small.sandbox.base_url.removesuffix("/api/v1") + "/nothing")
    assert [each.path for each in small.sandbox.requests.list()] == ["/nothing"]


def test_a_reset_forgets(small):
    small.get("/klanten/")
    small.sandbox.reset()
    assert small.sandbox.requests.list() == []


# Filters


def test_filters(fresh):
    log = fresh.sandbox.requests
    fresh.get("/artikels/?id=125")
    fresh.get("/artikels/?id=1")
    fresh.get("/klanten/", "sandbox-klanten")
    fresh.get("/klanten/", "unknown-token")
    fresh.ask("POST", "/klanten/")
    fresh.sandbox.faults.add(status=503)
    fresh.get("/categories/")

    def ids(**wanted):
        return [each.id for each in log.list(**wanted)]

    assert ids() == [1, 2, 3, 4, 5, 6]
    assert ids(route="artikels") == [1, 2]
    assert ids(status=404) == ids(status="404") == [2]
    assert ids(status="4xx") == ids(status="4XX") == [2, 4, 5]
    assert ids(status="5xx") == [6]
    assert ids(method="post") == [5]
    assert ids(token="sandbox-klanten") == ids(token=log.get(3).token) == [3]
    assert ids(text="ID=1") == [1, 2]
    assert ids(text="There is no ARTIKEL") == [2]
    assert ids(fault=1) == [6]
    assert ids(after=4) == [5, 6]
    assert ids(limit=2) == [5, 6]
    assert ids(route="klanten", status="4xx", after=4) == [5]
    for status in ("4x", "wrong", 1000, "6xx", "-1"):
        with pytest.raises(ValueError, match="is no status"):
            log.list(status=status)


def test_waiting_for_requests(small):
    thread = threading.Timer(0.1, lambda: [small.get("/klanten/") for _ in range(2)])
    thread.start()
    assert len(small.sandbox.requests.wait(2, route="klanten")) == 2
    thread.join()
    with pytest.raises(TimeoutError, match="there were 2 such requests, not 3"):
        small.sandbox.requests.wait(3, route="klanten", timeout=0.05)


def test_the_control_api_filters_alike(fresh):
    fresh.get("/artikels/?id=1")
    fresh.get("/klanten/")
    found = fresh.control("GET", "requests?status=4xx").json()["requests"]
    assert [(each["route"], each["status"]) for each in found] == [("artikels", 404)]
    assert [each["id"] for each in fresh.control("GET", "requests?after=1&limit=5").json()["requests"]] == [2]
    for query in ("status=x", "after=x", "limit=-1", "colour=red"):
        assert fresh.control("GET", f"requests?{query}").status == 400
    assert fresh.control("GET", "requests/9").status == 404
    assert fresh.control("DELETE", "requests").json() == {"requests": []}
    assert fresh.sandbox.requests.list() == []


# Faults


def test_what_a_fault_made_of_an_answer(fresh):
    log = fresh.sandbox.requests
    fresh.sandbox.faults.add(alter="half_list", token="sandbox-token")
    fresh.get("/klanten/")
    exchange = log.list()[-1]
    assert (exchange.fault_id, exchange.fault.alter) == (1, "half_list")
    assert exchange.fault.token == label_of("sandbox-token")
    assert exchange.answer_body.count(b"klantennummer") == 10
    assert exchange.answer_size == len(exchange.answer_body)


@pytest.mark.parametrize(
    ("fault", "outcome", "status", "size"),
    [
        ({"reset": True}, "reset", 0, 0),
        ({"garbage": True}, "dropped", 0, 0),
        ({"cut_off": 1000}, "dropped", 200, 1000),
        ({"cut_off": 1000, "ends_cleanly": True}, "sent", 200, 1000),
        ({"cut_off": 1000, "reset": True}, "reset", 200, 1000),
        ({"status": 502}, "sent", 502, 51),
    ],
)
def test_outcomes(fresh, fault, outcome, status, size):
    fresh.sandbox.faults.add(**fault)
    with suppress(Exception):
        raw_get(fresh)
    (exchange,) = fresh.sandbox.requests.list()
    assert (exchange.outcome, exchange.status, exchange.answer_size) == (outcome, status, size)


def test_a_client_that_leaves(fresh):
    with Sandbox(artikels=5000, klanten=0) as sandbox:
        with socket.create_connection(("127.0.0.1", sandbox.port)) as opened:
            opened.sendall(b"GET /api/v1/artikels/ HTTP/1.1\r\nHost: localhost\r\nX-ERP-TOKEN: sandbox-token\r\n\r\n")
            opened.recv(100)
        for _ in range(200):
            if sandbox.requests.list()[0].outcome == "gone":
                break
            threading.Event().wait(0.02)
        exchange = sandbox.requests.list()[0]
        assert exchange.outcome == "gone"
        assert exchange.answer_size < int(dict(exchange.answer_headers)["content-length"])


def test_a_compressed_answer_is_kept_as_it_was(http_pool):
    with Sandbox(artikels=300, klanten=1, compress=True) as sandbox:
        http = Http(sandbox, http_pool)
        body = http.get("/artikels/?id=125", Accept_Encoding="gzip").data
        exchange = sandbox.requests.list()[0]
        assert exchange.answer_body == body
        assert dict(exchange.answer_headers)["content-encoding"] == "gzip"


def test_no_body_where_none_was_sent(fresh):
    etag = fresh.get("/klanten/").headers["ETag"]
    fresh.get("/klanten/", If_None_Match=etag)
    fresh.ask("HEAD", "/klanten/")
    kept = fresh.sandbox.requests.list()[1:]
    assert [(each.status, each.answer_size, each.answer_body) for each in kept] == [(304, 0, b""), (200, 0, b"")]


# Secrets


def test_no_secret_is_in_it(small):
    small.sandbox.users.update("jan@sandbox.test", pin="936154")
    token = small.login()
    impersonation = small.sandbox.user_tokens.impersonate("jan@sandbox.test", "Lampe SA")
    secrets = [token, impersonation, "sandbox-wachtwoord", "936154", "sandbox-artikels", "geheim-1", "geheim-2"]
    small.get(
        "/artikels/?token=geheim-1&id=1", "sandbox-artikels", Authorization="Bearer geheim-1", Cookie="a=geheim-2"
    )
    small.license("GET", "users/profile/", token)
    small.external("GET", "get-user/", token)
    small.license("GET", "get-permissions/", token)
    validated = small.license("POST", "impersonation-validation/", body={"token": impersonation}).json()
    secrets.append(validated["auth_token"])
    small.get(f"/auth/{token}/")
    small.get(f"/artikels/?id={token}")
    small.get("/artikels?token=geheim-1", Referer="http://shop.test/?token=geheim-2", X_Api_Key="geheim-1")
    small.external("POST", "signin-external-app/", body=CREDENTIALS)
    for body in (
        b'{"username": "jan", "password": "geheim-1"',
        b"{'password': 'geheim-1'}",
        b"username=jan&password=geheim-1",
        b'{"p\\u0061ssword": "geheim-1"}',
        b"username=jan&p%61ssword=geheim-1",
        "password=geheim-1".encode("utf-16"),
        json.dumps({"deep": [{"user_pwd": "geheim-1", "user_pin": 936154}]}).encode(),
    ):
        small.license("POST", "authenticate/", body=body)
    for fault in ({"cut_off": 0.5}, {"cut_off": 60, "ends_cleanly": True}, {"alter": "corrupt"}, {"alter": "not_utf8"}):
        small.sandbox.faults.add(token=token, **fault)
        with suppress(Exception):
            small.license("GET", "get-permissions/", token)
    said = everything(small)
    for secret in secrets:
        assert secret not in said, secret
    assert label_of(token) in said
    assert '"password":"***"' in said
    assert "jan@sandbox.test" in said


def test_a_token_has_a_label_of_its_own():
    assert label_of("sandbox-token") != label_of("sandbox-taken")
    assert label_of("sandbox-token") == label_of("sandbox-token")
    assert label_of("sandbox-token").startswith("sandb…oken-")
    assert label_of("short").startswith("…-")
    assert label_of("a1b2c3d4e5f6").startswith("a1…f6-")
    assert label_of("0123456789" * 5).startswith("0123…6789-")


@given(st.dictionaries(st.sampled_from(["password", "pin", "token", "user_pwd"]), st.text(min_size=6), min_size=1))
def test_no_value_of_a_secret_field_is_kept(fields):
    kept = json.loads(body_to_keep(json.dumps({"nested": [fields]}).encode()))
    for name, value in fields.items():
        assert kept["nested"][0][name] == (label_of(value) if name == "token" else "***")


@given(st.binary(max_size=200))
def test_anything_can_be_kept(body):
    kept = body_to_keep(body)
    assert kept is None or isinstance(kept, bytes)


def test_queries_and_paths():
    assert query_to_keep("id=5&token=abc&Pass%77ord=x&pin=&flag") == "id=5&token=***&Pass%77ord=***&pin=&flag"
    assert text_to_keep("/api/v1/auth/" + "a" * 43) != "/api/v1/auth/" + "a" * 43
    company = "/api/v1/auth/get-company-permissions/5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001/"
    assert text_to_keep(company) == company


def test_a_large_body_is_cut(small):
    body = json.dumps({"username": "x" * 30_000, "password": "geheim-1"}).encode()
    small.license("POST", "authenticate/", body=body)
    exchange = small.sandbox.requests.list()[0]
    assert (exchange.size, len(exchange.body), exchange.is_whole) == (len(body), KEPT_OF_BODY, False)
    assert small.control("GET", "requests/1/curl").status == 400
    with pytest.raises(ValueError, match="not kept whole"):
        small.sandbox.requests.curl(1)


# curl


def run(command, **environ):
    done = subprocess.run(
        ["sh", "-c", command], env={**os.environ, **environ}, capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout


def test_a_curl_command_asks_the_same(fresh):
    first = fresh.get("/artikels/?id=125", Accept="application/json", User_Agent="shop's own")
    command = fresh.sandbox.requests.curl(1)
    assert "$CLOUDSPOT_TOKEN" in command
    assert run(command, CLOUDSPOT_TOKEN="sandbox-token").encode() == first.data
    asked, again = fresh.sandbox.requests.list()
    assert dict(again.headers) == {name: text for name, text in asked.headers if name != "accept-encoding"}
    assert fresh.control("GET", "requests/1/curl").json() == {"curl": command}


def test_a_curl_command_that_logs_in(small):
    awkward = {"username": "jan@sandbox.test", "note": 'it\'s $HOME `x` "q" \\ é', **CREDENTIALS}
    small.license("POST", "authenticate/", body=awkward)
    command = small.sandbox.requests.curl(1)
    session = json.loads(run(command, CLOUDSPOT_PASSWORD="sandbox-wachtwoord"))
    assert len(session["permissions"]) == 2
    asked, again = small.sandbox.requests.list()
    assert again.json() == asked.json()
    small.license("GET", "users/profile/", session["token"])
    assert "Jan" in run(small.sandbox.requests.curl(3), CLOUDSPOT_LICENSE_TOKEN=session["token"])


@pytest.mark.parametrize("method", ["HEAD", "DELETE", "POST"])
def test_curl_with_other_methods(small, method):
    small.ask(method, "/klanten/")
    run(small.sandbox.requests.curl(1), CLOUDSPOT_TOKEN="sandbox-token")
    asked, again = small.sandbox.requests.list()
    assert (again.method, again.status) == (asked.method, asked.status)


# HAR

PAIRS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
        "additionalProperties": False,
    },
}
SIZE = {"type": "integer", "minimum": -1}
HAR = {  # written from the text of HAR 1.2
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {
                    "type": "object",
                    "required": ["name", "version"],
                    "properties": {"name": {"type": "string"}, "version": {"type": "string"}},
                },
                "entries": {"type": "array", "items": {"$ref": "#/$defs/entry"}},
            },
        }
    },
    "$defs": {
        "entry": {
            "type": "object",
            "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
            "properties": {
                "startedDateTime": {"type": "string", "format": "date-time"},
                "time": {"type": "number", "minimum": 0},
                "cache": {"type": "object"},
                "timings": {
                    "type": "object",
                    "required": ["send", "wait", "receive"],
                    "additionalProperties": {"type": "number", "minimum": -1},
                },
                "request": {
                    "type": "object",
                    "required": [
                        "method",
                        "url",
                        "httpVersion",
                        "cookies",
                        "headers",
                        "queryString",
                        "headersSize",
                        "bodySize",
                    ],
                    "properties": {
                        "method": {"type": "string"},
                        "url": {"type": "string", "format": "uri"},
                        "httpVersion": {"type": "string"},
                        "cookies": {"type": "array"},
                        "headers": PAIRS,
                        "queryString": PAIRS,
                        "headersSize": SIZE,
                        "bodySize": SIZE,
                        "postData": {
                            "type": "object",
                            "required": ["mimeType", "text"],
                            "properties": {"mimeType": {"type": "string"}, "text": {"type": "string"}},
                        },
                    },
                    "additionalProperties": False,
                },
                "response": {
                    "type": "object",
                    "required": [
                        "status",
                        "statusText",
                        "httpVersion",
                        "cookies",
                        "headers",
                        "content",
                        "redirectURL",
                        "headersSize",
                        "bodySize",
                    ],
                    "properties": {
                        "status": {"type": "integer"},
                        "statusText": {"type": "string"},
                        "httpVersion": {"type": "string"},
                        "cookies": {"type": "array"},
                        "headers": PAIRS,
                        "content": {
                            "type": "object",
                            "required": ["size", "mimeType"],
                            "properties": {
                                "size": {"type": "integer"},
                                "mimeType": {"type": "string"},
                                "text": {"type": "string"},
                                "encoding": {"type": "string"},
                                "comment": {"type": "string"},
                            },
                            "additionalProperties": False,
                        },
                        "redirectURL": {"type": "string"},
                        "headersSize": SIZE,
                        "bodySize": SIZE,
                    },
                    "additionalProperties": False,
                },
            },
            "patternProperties": {"^_": {}},
            "additionalProperties": False,
        }
    },
}


def test_an_archive_is_as_its_format_says(fresh):
    fresh.get("/artikels/")
    fresh.get("/artikels/?id=125&x=", Accept_Encoding="gzip")
    fresh.license("POST", "authenticate/", body=CREDENTIALS, Content_Type="application/json")
    for fault in ({"alter": "not_utf8"}, {"reset": True}, {"redirect": "/x"}, {"cut_off": 0.5}, {"status": 599}):
        fresh.sandbox.faults.add(**fault)
        with suppress(Exception):
            raw_get(fresh, "/klanten/")
    archive = fresh.sandbox.requests.har()
    jsonschema_rs.validator_for(HAR, validate_formats=True).validate(json.loads(json.dumps(archive)))
    entries = archive["log"]["entries"]
    assert len(entries) == 8
    assert entries[0]["response"]["content"]["comment"]
    assert entries[1]["request"]["queryString"] == [{"name": "id", "value": "125"}, {"name": "x", "value": ""}]
    assert entries[2]["request"]["postData"]["mimeType"] == "application/json"
    assert entries[3]["response"]["content"]["encoding"] == "base64"
    assert entries[4]["response"]["status"] == 0
    assert entries[4]["_outcome"] == "reset"
    assert entries[5]["response"]["redirectURL"] == "/x"
    assert entries[6]["_fault"] == {"id": 4, "cut_off": 0.5}
    assert all(datetime.fromisoformat(each["startedDateTime"]).tzinfo for each in entries)
    answer = fresh.control("GET", "requests.har?status=5xx")
    assert [each["response"]["status"] for each in answer.json()["log"]["entries"]] == [599]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="cloudspot-sandbox.har"'
