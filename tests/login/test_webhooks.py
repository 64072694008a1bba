"""Events of the License server: what is taken, what is refused, and that nothing else can happen."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.login.conftest import JAN, KIST

from cloudspot import CloudspotError, ConfigurationError, InvalidEvent, NotAuthentic, SecretText
from cloudspot.records.auth import EVENTS
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox import webhooks as sender
from cloudspot.webhooks import (
    LONGEST_BODY,
    EmailUpdated,
    Event,
    MemoryReplays,
    OtherEvent,
    PermissionsUpdated,
    PinUpdated,
    Proof,
    Receiver,
    UserCreated,
    read_event,
    same_secret,
    verify_signature,
)

NOW = 1_700_000_000
KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER_KEY = "whsec_" + base64.b64encode(b"o" * 24).decode()

EXAMPLES: dict[str, dict[str, Any]] = {
    "permissions.updated": {
        "username": JAN,
        "company_id": KIST,
        "permissions": ["use_app"],
        "available_companies": [{"company_id": KIST, "company_name": "Kist & Vijs BV"}],
    },
    "user.email.updated": {"current_email": JAN, "change_to_email": "jan@elders.test"},
    "user.pin.updated": {"user_username": JAN, "pin": "904817"},
    "user.created": {
        "user_email": JAN,
        "user_first_name": "Jan",
        "user_last_name": "Janssens",
        "user_pin": "904817",
        "user_pwd": "a-dummy-password",
        "license_token": "a-license-token",
    },
}


def body_of(name: str = "permissions.updated", **changes: Any) -> bytes:
    return sender.body(name, {**EXAMPLES.get(name, {}), **changes})


BODY = body_of()


def signed(body: bytes = BODY, *, key: str = KEY, id: str = "msg_1", at: int = NOW) -> dict[str, str]:
    return sender.headers(id, at, body, key)


# --- Reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_event_has_a_type(name: str) -> None:
    event = read_event(body_of(name, added_later={"token": "s3cr3t"}))
    assert (event.name, type(event.data), event.is_known) == (name, EVENTS[name], True)
    assert {each: value for each, value in event.data.to_dict().items() if each in EXAMPLES[name]} == EXAMPLES[name]
    assert event.data.extra == {"added_later": {"token": "s3cr3t"}}
    assert (event.proof, event.is_authentic, event.id) == (Proof.NONE, False, "")
    for secret in ("s3cr3t", "904817", "dummy", "license-token"):
        assert secret not in repr(event)
    assert pickle.loads(pickle.dumps(event)) == copy.copy(event) == event
    assert EXAMPLES.keys() == EVENTS.keys()


def test_an_event_that_came_later_survives() -> None:
    event = read_event(b'{"event": "company.closed", "data": {"company_id": "x", "token": "s3cr3t"}, "v": 2}')
    assert isinstance(event.data, OtherEvent)
    assert event.data.extra == {"company_id": "x", "token": "s3cr3t"}
    assert not event.is_known
    assert "s3cr3t" not in repr(event)


def test_what_may_be_empty() -> None:
    assert read_event(body_of("user.pin.updated", pin="")).data == PinUpdated(user_username=JAN, pin="")
    created = read_event(body_of("user.created", license_token="", user_pin=None)).data
    assert isinstance(created, UserCreated)
    assert (created.license_token, created.user_pin) == ("", None)
    updated = read_event(body_of(permissions=None, available_companies=[])).data
    assert isinstance(updated, PermissionsUpdated)
    assert (updated.permissions, updated.available_companies) == ((), ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"<html>", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"{}", "`event`"),
        (b'{"event": 3, "data": {}}', "`event`"),
        (b'{"event": "", "data": {}}', "`event`"),
        (b'{"event": "a\\nb", "data": {}}', "`event`"),
        (b'{"event": "permissions.updated"}', "`data`"),
        (b'{"event": "x", "data": []}', "`data`"),
        (body_of(username=None), "`data.username` is missing"),
        (body_of(username=""), "`data.username` is missing"),
        (body_of(company_id=7), "`data.company_id`"),
        (body_of(permissions="use_app"), "`data.permissions`"),
        (body_of(permissions=["a", 7]), r"`data.permissions\[1\]`"),
        (body_of(permissions=["a\x00"]), "`data.permissions` holds"),
        (body_of(username="x" * 1001), "`data.username` holds"),
        (body_of(available_companies=[{"company_id": "a\x00"}]), "`data.company_id` holds"),
        (body_of("user.email.updated", change_to_email=None), "`data.change_to_email` is missing"),
        (body_of("user.pin.updated", pin=904817), "`data.pin`"),
        (body_of("user.created", user_email=None), "`data.user_email` is missing"),
        (b'{"event": "x", "data": {"a": "' + b"x" * LONGEST_BODY + b'"}}', "more than"),
    ],
)
def test_what_is_no_event(body: bytes, reason: str) -> None:
    with pytest.raises(InvalidEvent, match=reason) as caught:
        read_event(body)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, CloudspotError)
    assert "904817" not in f"{caught.value!s}{caught.value!r}{caught.value.__context__!r}"
    assert len(str(caught.value)) < 300


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
datas = st.sampled_from([*EXAMPLES.values()]).flatmap(
    lambda example: st.fixed_dictionaries({name: st.just(value) | json_values for name, value in example.items()})
)
documents = st.fixed_dictionaries(
    {"event": st.sampled_from([*EXAMPLES, "later"]) | json_values, "data": datas | json_values}
)


@given(st.binary(max_size=200) | documents.map(lambda each: json.dumps(each).encode()))
def test_any_body_is_an_event_or_refused(body: bytes) -> None:
    try:
        event = read_event(body)
    except InvalidEvent:
        return
    assert isinstance(event, Event)
    for name in getattr(type(event.data), "REQUIRED", ()):
        assert isinstance(getattr(event.data, name), str)


# --- Signatures ---------------------------------------------------------------------------------------------------


def verify(headers: Mapping[str, str], body: bytes = BODY, *secrets: str, now: float = NOW) -> Any:
    return verify_signature(headers, body, secrets or (KEY,), now=now)


def test_what_the_sandbox_signs_is_accepted() -> None:
    assert verify(signed()) == ("msg_1", NOW)
    event = Receiver(secrets=[KEY]).read(signed(), BODY, now=NOW)
    assert (event.proof, event.id, event.until, event.is_authentic) == (Proof.SIGNATURE, "msg_1", NOW + 300, True)
    assert event.data == read_event(BODY).data


def test_the_example_of_the_standard() -> None:
    """The values that the libraries of Standard Webhooks are tested with."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    body = b'{"test": 2432232314}'
    assert verify_signature(headers, body, [secret], now=1614265330).id == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_header_names_in_any_case() -> None:
    assert verify({name.upper(): value for name, value in signed().items()})
    assert verify({name.title(): value for name, value in signed().items()})


def test_keys_that_replace_each_other() -> None:
    for key in (KEY, OTHER_KEY):
        assert verify(signed(key=key), BODY, KEY, OTHER_KEY)
    with pytest.raises(NotAuthentic):
        verify(signed(key=OTHER_KEY), BODY, KEY)
    both = signed()
    both["webhook-signature"] = (
        f"v1,AAAA v1a,xyz {signed(key=OTHER_KEY)['webhook-signature']} {both['webhook-signature']}"
    )
    assert verify(both, BODY, KEY)
    assert verify(both, BODY, OTHER_KEY)


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    assert verify(signed(), now=NOW + seconds)


@pytest.mark.parametrize("seconds", [-(10**9), -3600, -301, 301, 3600, 10**9])
def test_neither_old_nor_future_signatures_are_taken(seconds: int) -> None:
    with pytest.raises(NotAuthentic, match="too long ago, or in the future"):
        verify(signed(), now=NOW + seconds)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_an_unsigned_event(missing: str) -> None:
    headers = signed()
    del headers[missing]
    with pytest.raises(NotAuthentic, match="not signed"):
        verify(headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", ""), ("webhook-id", "a.b"), ("webhook-id", "é"), ("webhook-id", "a b"), ("webhook-id", "a\n"),
        ("webhook-id", "x" * 256), ("webhook-timestamp", ""), ("webhook-timestamp", "now"), ("webhook-timestamp", "-1"),
        ("webhook-timestamp", f"{NOW}.0"), ("webhook-timestamp", f" {NOW}"), ("webhook-timestamp", "٣"),
        ("webhook-timestamp", "9" * 5000), ("webhook-timestamp", f"{NOW}\n"), ("webhook-signature", ""),
        ("webhook-signature", "v1"), ("webhook-signature", "v1,"), ("webhook-signature", "v1,é"),
        ("webhook-signature", "v1,====="), ("webhook-signature", "v1,\ud800"), ("webhook-signature", "v2,AAAA"),
        ("webhook-signature", ", , ,"), ("webhook-signature", "v1,AAAA " * 100_000),
    ],
)  # fmt: skip
def test_malformed_headers_are_refused_and_nothing_else(name: str, value: str) -> None:
    with pytest.raises(NotAuthentic):
        verify({**signed(), name: value})


@given(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=80))
def test_any_header_is_refused_and_nothing_else(name: str, value: str) -> None:
    headers = signed()
    if headers[name] == value:
        return
    with pytest.raises(NotAuthentic):
        verify({**headers, name: value})


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_one_changed_byte_is_refused(at: int, change: int) -> None:
    changed = bytearray(BODY)
    changed[at] ^= change
    with pytest.raises(NotAuthentic):
        verify(signed(), bytes(changed))


@given(st.binary(max_size=100), st.binary(min_size=24, max_size=64), st.integers(0, 10**10))
def test_any_body_signed_with_any_key(body: bytes, key: bytes, at: int) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    assert verify(signed(body, key=secret, at=at), body, secret, now=at).timestamp == at


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_AAAA", "whsec_é", KEY.removeprefix("whsec_"), KEY + "!", "x" * 40]
)
def test_what_is_no_key(secret: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Receiver(secrets=[KEY, secret])
    assert not secret[6:] or secret[6:] not in str(caught.value)


# --- What a receiver demands --------------------------------------------------------------------------------------


def test_a_receiver_that_nothing_could_satisfy() -> None:
    with pytest.raises(ConfigurationError, match="Nothing proves"):
        Receiver()
    with pytest.raises(ConfigurationError, match="is empty"):
        Receiver(url_secrets=["", "x"])
    for name in ("secrets", "url_secrets"):
        for one in (KEY, SecretText(KEY)):
            with pytest.raises(ConfigurationError, match="a list"):
                Receiver(**{name: one})  # type: ignore[arg-type]


def test_a_secret_in_the_url() -> None:
    receiver = Receiver(url_secrets=["old-one", SecretText("nieuw-één")])
    for right in ("old-one", "nieuw-één"):
        event = receiver.read({}, BODY, url_secret=right)
        assert (event.proof, event.id) == (Proof.URL, "")
    for wrong in ("", "old-on", "old-one ", "OLD-ONE", "é", "\ud800", "x" * 100_000):
        with pytest.raises(NotAuthentic, match="not right"):
            receiver.read({}, BODY, url_secret=wrong)
    with pytest.raises(NotAuthentic, match="no secret"):
        receiver.read(signed(), BODY)
    assert "old-one" not in repr(receiver) + repr(vars(receiver))


def test_both_are_demanded_where_both_are_given() -> None:
    receiver = Receiver(secrets=[KEY], url_secrets=["geheim"])
    assert receiver.read(signed(), BODY, url_secret="geheim", now=NOW).proof is Proof.SIGNATURE
    for headers, secret in (({}, "geheim"), (signed(), None), (signed(), "fout"), ({}, None)):
        with pytest.raises(NotAuthentic):
            receiver.read(headers, BODY, url_secret=secret, now=NOW)


def test_a_doorbell() -> None:
    """What is unproven is marked so; what claims a proof and has none is refused all the same."""
    receiver = Receiver(secrets=[KEY], url_secrets=["geheim"], allow_unproven=True)
    assert receiver.read({}, BODY).proof is Proof.NONE
    assert receiver.read({"webhook-id": "msg_1"}, BODY).id == ""
    assert receiver.read({}, BODY, url_secret="geheim").proof is Proof.URL
    assert receiver.read(signed(), BODY, now=NOW).proof is Proof.SIGNATURE
    for headers, secret in ((signed(key=OTHER_KEY), None), ({}, "fout"), ({"webhook-signature": "v1,x"}, None)):
        with pytest.raises(NotAuthentic):
            receiver.read(headers, BODY, url_secret=secret, now=NOW)
    assert Receiver(allow_unproven=True).read({}, BODY).name == "permissions.updated"


def test_the_proof_is_looked_at_before_the_body() -> None:
    """Nobody learns from an answer what a body has to look like."""
    with pytest.raises(NotAuthentic):
        Receiver(secrets=[KEY]).read({}, b"no JSON")
    with pytest.raises(InvalidEvent, match="more than"):
        Receiver(secrets=[KEY]).read({}, b" " * (LONGEST_BODY + 1))
    with pytest.raises(InvalidEvent, match="not JSON"):
        Receiver(secrets=[KEY]).read(signed(b"no JSON"), b"no JSON", now=NOW)


def test_same_secret() -> None:
    assert same_secret("a", ["b", "a"])
    assert not same_secret("a", [])
    assert not same_secret("", [""])
    assert not same_secret(None, ["a"])


# --- Replays ------------------------------------------------------------------------------------------------------


def test_an_event_is_taken_once() -> None:
    replays = MemoryReplays()
    until = time.time() + 300
    assert replays.claim("msg_1", until)
    assert not replays.claim("msg_1", until)
    assert replays.claim("msg_2", until)
    replays.release("msg_1")
    replays.release("never there")
    assert replays.claim("msg_1", until)


def test_only_the_young_and_the_latest_are_remembered() -> None:
    replays = MemoryReplays(most=3)
    assert replays.claim("old", time.time() - 1)
    assert replays.claim("old", time.time() + 300)
    for number in range(10):
        assert replays.claim(str(number), time.time() + 300)
    assert len(replays) == 3
    assert not replays.claim("9", time.time() + 300)


def test_threads_that_get_the_same_event() -> None:
    replays = MemoryReplays()
    until, taken = time.time() + 300, []
    barrier = threading.Barrier(8)

    def take() -> None:
        barrier.wait()
        taken.append(replays.claim("msg_1", until))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True]


# --- From the sandbox, over HTTP ----------------------------------------------------------------------------------


def test_events_of_a_sandbox() -> None:
    receiver, replays = Receiver(secrets=[KEY]), MemoryReplays()
    taken: list[Event] = []

    class Application(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            event = receiver.read(self.headers, body)  # type: ignore[arg-type]
            if replays.claim(event.id, event.until):
                taken.append(event)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Application) as server, Sandbox(artikels=1, klanten=1) as sandbox:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        sandbox.applications.update(
            webhook_url=f"http://127.0.0.1:{server.server_port}/auth/webhook", webhook_secret=KEY
        )
        sandbox.permissions.set(JAN, "Lampe SA", ["use_app"])
        sandbox.users.update(JAN, pin="77")
        sandbox.users.update(JAN, email="jan@elders.test")
        sandbox.users.create(email=f"{uuid4().hex}@sandbox.test", first_name="An", last_name="Aerts")
        sandbox.events.wait(30)
        sandbox.events.replay(1)
        sandbox.events.wait(30)
        server.shutdown()
        thread.join()
    assert [type(event.data) for event in taken] == [PermissionsUpdated, PinUpdated, EmailUpdated, UserCreated]
    assert all(event.proof is Proof.SIGNATURE for event in taken)
