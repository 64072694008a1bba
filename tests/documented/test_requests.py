"""What is sent, over which connections, and by whom."""

from __future__ import annotations

import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from tests.hostile import RESET, SILENCE, Asked, answer

from cloudspot.api import CloudspotERP_API, CloudspotERP_CompanyAPI
from cloudspot.errors import ConfigurationError, InvalidDocument, ServerTrouble, TimedOut, Unreachable
from cloudspot.sandbox import Sandbox

ROW = answer({"data": [{"id": 1}]})


def test_one_connection_for_all_calls(scripted: Any) -> None:
    api, server = scripted(ROW)
    for _ in range(5):
        assert api.artikels.get(1).id == 1
    assert api.get("artikels")[0] == 200
    api.token = "another"
    assert api.klanten.list().items()
    assert server.connections == 1
    assert server.tokens == ["tok-3f9c1e77"] * 6 + ["another"]


def test_a_silent_server_does_not_hang(scripted: Any) -> None:
    api, _ = scripted([SILENCE])
    started = time.monotonic()
    assert api.artikels.list().hasError
    assert time.monotonic() - started < 3
    assert CloudspotERP_CompanyAPI("t").session().client.settings.timeout.read


def test_changes_take_effect_at_the_next_call(scripted: Any) -> None:
    api, server = scripted(ROW)
    _, other = scripted(ROW)
    api.artikels.list()
    api.headers.update({"X-Shop": "7"})
    api.artikels.list()
    api.headers.update({"X-ERP-TOKEN": "by-header"})
    api.artikels.list()
    api.token = "by-attribute"
    api.artikels.list()
    api.set_token_header("by-method")
    api.artikels.list()
    assert server.tokens == ["tok-3f9c1e77", "tok-3f9c1e77", "by-header", "by-attribute", "by-method"]
    assert [asked.headers.get("x-shop") for asked in server.requests] == [None, "7", "7", "7", "7"]
    assert (api.token, api.headers["X-ERP-TOKEN"]) == ("by-method", "by-method")
    api.base_url = other.url + "/"
    api.artikels.list()
    assert [asked.target for asked in other.requests] == ["/api/v1/artikels/"]
    api.headers = {}
    api.artikels.list()
    assert other.requests[1].headers["x-erp-token"] == "by-method"


def test_an_unchanged_list_is_not_downloaded_again(api: CloudspotERP_CompanyAPI) -> None:
    first = api.artikels.list()
    first[0].naam = "changed here"
    second = api.artikels.list()
    assert api.session().client.last_response.status == 304
    assert len(second) == 200
    assert second[0].naam != "changed here"
    api.token = "sandbox-other"
    assert api.artikels.list().items() != []
    assert api.session().client.last_response.status == 200


def test_a_get_of_ones_own(scripted: Any) -> None:
    api, server = scripted(answer({"data": []}, X_Page="2"), answer({"message": "no"}, 400))
    query = {"id": 7, "q": "a b", "none": None, "l": [1, 2]}
    status, headers, json = api.get("artikels", query, headers={"X-A": "1"})
    assert (status, json) == (200, {"data": []})
    assert headers["X-PAGE"] == headers["x-page"] == headers.get("X-Page") == "2"
    (asked,) = server.requests
    assert asked.target == "/api/v1/artikels/?id=7&q=a+b&l=1&l=2"
    assert (asked.headers["x-a"], asked.headers["x-erp-token"]) == ("1", "tok-3f9c1e77")
    assert asked.headers["content-type"] == "application/json"
    assert "X-A" not in api.headers
    assert api.request("GET", "artikels")[::2] == (400, {"message": "no"})


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        echo = json.dumps({"method": self.command, "path": self.path, "body": json.loads(body)}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(echo)))
        self.end_headers()
        self.wfile.write(echo)

    do_PUT = do_POST

    def log_message(self, *_: object) -> None: ...


def test_a_post_and_a_put_of_ones_own() -> None:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        api = CloudspotERP_API()
        api.base_url = f"http://127.0.0.1:{server.server_port}/api/v1"
        posted = api.post("auth/signin-external-app", {"username": "é"})
        put = api.put("artikels", data=[1])
        server.shutdown()
        thread.join()
    path = "/api/v1/auth/signin-external-app/"
    assert posted[::2] == (201, {"method": "POST", "path": path, "body": {"username": "é"}})
    assert put[2] == {"method": "PUT", "path": "/api/v1/artikels/", "body": [1]}


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (answer(b"", 500), ServerTrouble),
        (answer(b"<html>", 502), ServerTrouble),
        (answer(b"no", 200), InvalidDocument),
        ([SILENCE], TimedOut),
    ],
)
def test_requests_of_ones_own_that_fail(scripted: Any, script: Any, error: type[Exception]) -> None:
    api, _ = scripted(script)
    with pytest.raises(error) as caught:
        api.get("artikels")
    assert caught.value.path == "/artikels/"
    assert "tok-3f9c1e77" not in str(caught.value)


def test_a_post_is_not_sent_twice(scripted: Any) -> None:
    api, server = scripted([RESET], answer({}), retries=2)
    with pytest.raises(Unreachable):
        api.post("artikels", {})
    assert len(server.requests) == 1
    assert api.get("artikels")[0] == 200


def test_a_get_is_sent_again(scripted: Any) -> None:
    api, server = scripted([RESET], answer({}), retries=1)
    assert api.get("artikels")[0] == 200
    assert len(server.requests) == 2


def test_a_token_does_not_follow_a_redirect_elsewhere(scripted: Any) -> None:
    _, other = scripted(ROW)
    api, _ = scripted(lambda _: [answer(b"", 302, Location=f"{other.url}/artikels/")])
    assert api.artikels.list().hasError
    with pytest.raises(Exception, match="redirects to another server"):
        api.get("artikels")
    assert not other.requests


def test_the_base_works_without_a_token(scripted: Any) -> None:
    _, server = scripted(answer({"a": 1}))
    api = CloudspotERP_API(test_mode=True)
    api.base_url = server.url
    assert api.token is None
    assert api.get("artikels")[2] == {"a": 1}
    assert "x-erp-token" not in server.requests[0].headers
    api.set_token_header("later")
    api.get("artikels")
    assert server.tokens == ["", "later"]


def test_options_are_checked_at_once() -> None:
    with pytest.raises(ConfigurationError):
        CloudspotERP_CompanyAPI("t", timeout=-1)
    for unknown in ("retry", "base_url", "headers"):
        with pytest.raises(TypeError, match=unknown):
            CloudspotERP_CompanyAPI("t", **{unknown: "x"})
    with pytest.raises(TypeError):
        CloudspotERP_CompanyAPI(b"bytes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="DELETE"):
        CloudspotERP_API().request("DELETE", "artikels")


def test_threads_share_it(api: CloudspotERP_CompanyAPI) -> None:
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda key=key: found.append(api.artikels.get(key).id)) for key in range(125, 157)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(125, 157))


def test_threads_get_the_same_list(api: CloudspotERP_CompanyAPI) -> None:
    artikels = api.artikels.list()
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(artikels.items())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_its_own_connections(sandbox: Sandbox, api: CloudspotERP_CompanyAPI) -> None:
    assert api.artikels.get(125).id == 125
    child = os.fork()
    if child == 0:
        os._exit(0 if api.artikels.get(126).id == 126 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert api.artikels.get(127).id == 127


def test_what_is_asked_for(scripted: Any) -> None:
    seen: list[Asked] = []

    def script(asked: Asked) -> list[bytes]:
        seen.append(asked)
        return [ROW]

    api, _ = scripted(script)
    api.artikels.get("1")
    api.categorieen.get(1)
    api.klanten.list()
    assert [asked.target for asked in seen] == [
        "/api/v1/artikels/?id=1",
        "/api/v1/categories/?id=1",
        "/api/v1/klanten/",
    ]
