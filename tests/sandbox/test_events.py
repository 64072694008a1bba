"""Events, sent to a webhook that listens on loopback."""

import base64
import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.records.auth import EVENTS
from cloudspot.sandbox import Sandbox, webhooks

KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"
LAMPE = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002"
JAN, MARIE = "jan@sandbox.test", "marie@sandbox.test"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Receiver(ThreadingHTTPServer):
    """A webhook: keeps what it gets, and answers as it is told (200 when told nothing)."""

    daemon_threads = True

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, bytes]] = []
        self.patience = 0.0
        super().__init__(("127.0.0.1", 0), Webhook)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/auth/webhook"

    @property
    def events(self) -> list[dict]:
        return [json.loads(body) for _, body in self.got]


class Webhook(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        time.sleep(self.server.patience)
        status, answer = self.server.answers.pop(0) if self.server.answers else (200, b'{"status":"OBJECT_UPDATED"}')
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def sandbox(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(artikels=1, klanten=1) as sandbox:
        sandbox.applications.update(webhook_url=receiver.url)
        sandbox.events.retry_delays = (0.01, 0.01)
        sandbox.events.timeout = 2
        yield sandbox


def test_permissions_that_change(sandbox, receiver):
    sandbox.permissions.set(JAN, "Lampe SA", ["use_app", "edit_artikels"])
    sandbox.permissions.set(JAN, "Lampe SA", ["edit_artikels", "use_app"])
    sandbox.permissions.set(JAN, "Kist & Vijs BV", ["view_klanten"])
    sandbox.events.wait()
    lampe = {"company_id": LAMPE, "company_name": "Lampe SA"}
    assert receiver.events == [
        {
            "event": "permissions.updated",
            "data": {
                "username": JAN,
                "company_id": LAMPE,
                "permissions": ["edit_artikels", "use_app"],
                "available_companies": [{"company_id": KIST, "company_name": "Kist & Vijs BV"}, lampe],
            },
        },
        {
            "event": "permissions.updated",
            "data": {"username": JAN, "company_id": KIST, "permissions": [], "available_companies": [lampe]},
        },
    ]


def test_users_that_change(sandbox, receiver):
    sandbox.users.update(JAN, first_name="J", password="x")
    sandbox.users.update(JAN, email="jan@elders.test", pin=None)
    sandbox.users.update(MARIE, pin="55")
    sandbox.users.create(email="an@sandbox.test", first_name="An", last_name="Aerts", pin="1")
    sandbox.events.wait()
    assert receiver.events == [
        {"event": "user.email.updated", "data": {"current_email": JAN, "change_to_email": "jan@elders.test"}},
        {"event": "user.pin.updated", "data": {"user_username": "jan@elders.test", "pin": ""}},
        {"event": "user.pin.updated", "data": {"user_username": MARIE, "pin": "55"}},
        {
            "event": "user.created",
            "data": {
                "user_email": "an@sandbox.test",
                "user_first_name": "An",
                "user_last_name": "Aerts",
                "user_pin": "1",
                "user_pwd": "sandbox-dummy",
                "license_token": "",
            },
        },
    ]
    for each in receiver.events:
        assert not EVENTS[each["event"]].from_dict(each["data"]).extra


def test_only_who_wants_them(sandbox, receiver):
    sandbox.applications.create(id="silent-app")
    sandbox.applications.create(id="other-app", webhook_url=f"{receiver.url}?other")
    sandbox.permissions.set(JAN, "Lampe SA", [])
    sandbox.applications.update(automatic_events=False)
    sandbox.permissions.set(JAN, "Kist & Vijs BV", [])
    sandbox.users.update(JAN, pin="1")
    sandbox.events.wait()
    assert [(each.application, each.event) for each in sandbox.events.list()] == [
        ("sandbox-app", "permissions.updated"),
        ("other-app", "user.pin.updated"),
    ]


def test_unsigned_as_the_real_server(sandbox, receiver):
    sandbox.events.send("user.pin.updated", {"user_username": JAN, "pin": "1"})
    sandbox.events.wait()
    ((headers, body),) = receiver.got
    assert sorted(headers) == ["connection", "content-length", "content-type", "host", "user-agent"]
    assert headers["content-type"] == "application/json"
    assert body == b'{"event":"user.pin.updated","data":{"user_username":"jan@sandbox.test","pin":"1"}}'


def test_signed_by_standard_webhooks(sandbox, receiver):
    sandbox.applications.update(webhook_secret=SECRET)
    receiver.answers = [(500, b"")]
    sandbox.events.send("x", {})
    sandbox.events.wait()
    assert len(receiver.got) == 2
    for headers, body in receiver.got:
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 10
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = hmac.new(bytes(range(32)), signed, hashlib.sha256).digest()
        assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


def test_a_signature_of_the_specification():
    """The example of the reference libraries of Standard Webhooks."""
    made = webhooks.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_fails_is_tried_again(sandbox, receiver):
    receiver.answers = [(500, b"oops"), (429, b""), (200, b"{}")]
    delivery = sandbox.events.send("x", {"a": 1})
    assert delivery.status == "waiting"
    sandbox.events.wait()
    done = sandbox.events.get(delivery.id)
    assert done.status == "delivered"
    assert [(each.status, each.answer) for each in done.attempts] == [(500, "oops"), (429, ""), (200, "{}")]
    assert len({body for _, body in receiver.got}) == 1


def test_what_fails_too_often_is_given_up_and_can_be_replayed(sandbox, receiver):
    receiver.answers = [(503, b"")] * 3
    sent = sandbox.events.send("x", {}).id
    sandbox.events.wait()
    assert sandbox.events.get(sent).status == "failed"
    assert len(sandbox.events.get(sent).attempts) == 3
    receiver.answers = [(500, b"")]
    assert sandbox.events.replay(sent).status == "waiting"
    sandbox.events.wait()
    assert sandbox.events.get(sent).status == "delivered"
    assert len(sandbox.events.get(sent).attempts) == 5
    with pytest.raises(LookupError):
        sandbox.events.replay(sent + 1)


@pytest.mark.parametrize("status", [301, 400, 404])
def test_what_is_refused_is_not_tried_again(sandbox, receiver, status):
    receiver.answers = [(status, b'{"status":"NOT_FOUND"}')]
    sent = sandbox.events.send("x", {}).id
    sandbox.events.wait()
    done = sandbox.events.get(sent)
    assert (done.status, len(done.attempts), done.attempts[0].answer) == ("refused", 1, '{"status":"NOT_FOUND"}')


def test_nobody_listens(sandbox):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    sandbox.applications.update(webhook_url=f"http://127.0.0.1:{port}/")
    sent = sandbox.events.send("x", {}).id
    sandbox.events.wait()
    done = sandbox.events.get(sent)
    assert (done.status, len(done.attempts)) == ("failed", 3)
    assert all(each.status is None and each.error for each in done.attempts)


@pytest.mark.parametrize("says", [b"hello\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_what_is_no_http(sandbox, says):
    sandbox.events.retry_delays = ()
    with socket.create_server(("127.0.0.1", 0)) as odd:
        sandbox.applications.update(webhook_url=f"http://127.0.0.1:{odd.getsockname()[1]}/")
        sent = sandbox.events.send("x", {}).id
        caller, _ = odd.accept()
        with caller:
            caller.recv(10_000)
            caller.sendall(says)
    sandbox.events.wait()
    assert sandbox.events.get(sent).status == "failed"
    assert sandbox.events.get(sent).attempts[0].error


def test_a_long_answer_is_cut(sandbox, receiver):
    receiver.answers = [(200, b"x" * 300_000)]
    sent = sandbox.events.send("x", {}).id
    sandbox.events.wait()
    assert sandbox.events.get(sent).attempts[0].answer == "x" * 2000


def test_a_slow_receiver_is_given_up_and_delays_no_other(sandbox, receiver):
    sandbox.events.timeout, sandbox.events.retry_delays = 0.8, ()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        sandbox.applications.create(id="slow-app", webhook_url=url)
        slow = sandbox.events.send("x", {}, "slow-app").id
        quick = sandbox.events.send("x", {}).id
        while sandbox.events.get(quick).status == "waiting":
            time.sleep(0.01)
        assert sandbox.events.get(slow).status == "waiting"
        sandbox.events.wait()
    assert "0.8 s" in sandbox.events.get(slow).attempts[0].error


def test_stopping_does_not_wait_for_a_receiver(caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sandbox = Sandbox(artikels=1).start()
        sandbox.applications.update(webhook_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        sandbox.events.send("x", {})
        sandbox.events.send("y", {})
        caller, _ = silent.accept()
        started = time.perf_counter()
        with caplog.at_level(logging.WARNING):
            sandbox.stop()
        assert time.perf_counter() - started < 5
        caller.close()
    assert not caplog.records


def test_what_was_under_way_is_sent_after_the_next_start(receiver, tmp_path):
    sandbox = Sandbox(artikels=1, database=f"sqlite:///{tmp_path}/sandbox.db")
    with sandbox, socket.create_server(("127.0.0.1", 0)) as silent:
        sandbox.applications.update(webhook_url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        sandbox.events.send("x", {})
        caller, _ = silent.accept()
    caller.close()
    with sandbox:
        (delivery,) = sandbox.events.list()
        assert delivery.event == "x"
        sandbox.events.clear()
        sandbox.events.wait(0)


def test_the_reset_forgets_events(sandbox, receiver):
    sandbox.events.send("x", {})
    sandbox.reset()
    assert sandbox.events.list() == []


def test_they_come_in_order(sandbox, receiver):
    for number in range(30):
        sandbox.events.send("x", {"number": number})
    sandbox.events.wait()
    assert [event["data"]["number"] for event in receiver.events] == list(range(30))


def test_wait_gives_up(sandbox, receiver):
    receiver.patience = 0.3
    sandbox.events.send("x", {})
    with pytest.raises(TimeoutError, match="1 event"):
        sandbox.events.wait(0.01)


def test_a_webhook_elsewhere_in_a_database_of_another_sandbox(tmp_path):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    with Sandbox(artikels=1, database=database, remote_webhooks=True) as sandbox:
        sandbox.applications.update(webhook_url="http://192.0.2.1/auth/webhook")
    with Sandbox(database=database) as sandbox:
        sent = sandbox.events.send("x", {}).id
        sandbox.events.wait()
        assert sandbox.events.get(sent).status == "refused"
        assert "192.0.2.1" in sandbox.events.get(sent).attempts[0].error


def test_a_name_of_this_machine_that_leads_elsewhere(sandbox, receiver, monkeypatch):
    monkeypatch.setattr("cloudspot.sandbox.webhooks.refuse_url", lambda url, remote: None)
    monkeypatch.setattr("cloudspot.sandbox.posting.ip_address", lambda _: ipaddress.ip_address("192.0.2.1"))
    sandbox.events.retry_delays = ()
    sent = sandbox.events.send("x", {}).id
    sandbox.events.wait()
    assert "not this machine" in sandbox.events.get(sent).attempts[0].error
    assert receiver.got == []


def test_an_application_that_is_gone(sandbox, receiver):
    sandbox.events.retry_delays = (0.1,)
    sandbox.applications.update(webhook_secret=SECRET)
    receiver.answers = [(500, b"")]
    sent = sandbox.events.send("x", {}).id
    while not receiver.got:
        time.sleep(0.01)
    sandbox.applications.delete("sandbox-app")
    sandbox.events.wait()
    assert (sandbox.events.get(sent).status, len(receiver.got)) == ("refused", 1)


def test_an_application_without_a_webhook(sandbox):
    sandbox.applications.create(id="silent-app")
    with pytest.raises(ValueError, match="webhook_url"):
        sandbox.events.send("x", {}, "silent-app")
    with pytest.raises(LookupError):
        sandbox.events.send("x", {}, "other-app")


def test_control_api(small, receiver):
    small.control("PATCH", "applications/sandbox-app", json.dumps({"webhook_url": receiver.url}).encode())
    event = {"event": "user.created", "data": {"user_email": "x@y.z", "license_token": "geheim"}}
    made = small.control("POST", "events", json.dumps(event).encode())
    assert made.status == 201
    small.sandbox.events.wait()
    assert receiver.events == [event]
    (shown,) = small.control("GET", "events").json()["events"]
    assert (shown["id"], shown["application"], shown["status"]) == (made.json()["id"], "sandbox-app", "delivered")
    assert shown["attempts"][0]["status"] == 200
    assert shown["data"] == {"user_email": "x@y.z", "license_token": "***"}
    assert small.control("GET", f"events/{shown['id']}").json() == shown
    assert small.control("POST", f"events/{shown['id']}/replay").status == 200
    small.sandbox.events.wait()
    assert receiver.events == [event, event]
    for path in ("events/99", "events/x", "events/99/replay"):
        assert small.control("POST" if "replay" in path else "GET", path).status == 404
    assert "when" in small.control("POST", "events", b'{"event":"x","data":{},"when":1}').json()["message"]
    assert small.control("POST", "events", b'{"event":"x","data":{},"application":"no"}').status == 404
    assert small.control("DELETE", "events").json() == {"events": []}
    assert small.control("GET", "events").json() == {"events": []}


@given(st.text())
def test_any_url_is_allowed_or_refused(url):
    assert webhooks.refuse_url(url, remote=False) is None or isinstance(webhooks.refuse_url(url, remote=False), str)
    assert webhooks.refuse_secret(url) is None or isinstance(webhooks.refuse_secret(url), str)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "https://localhost:8443/", "http://app.localhost/", "http://[::1]:80/", "HTTP://127.9.9.9"],
)
def test_this_machine(url):
    assert webhooks.refuse_url(url, remote=False) is None


@pytest.mark.parametrize("url", ["http://0.0.0.0/", "http://localhost.example/", "http://[::]/", "http://2130706433/"])
def test_not_this_machine(url):
    assert webhooks.refuse_url(url, remote=False)
