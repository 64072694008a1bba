"""Every way in which a call of the License server fails, for every call of both clients."""

from __future__ import annotations

import pickle
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.hostile import HANG_UP, RESET, SILENCE, Asked, answer, chunked, head
from tests.login.conftest import (
    ANSWERS,
    CALLS,
    JAN,
    KIST,
    POSTS,
    SENT_PASSWORD,
    TOKEN,
    MakeLicense,
    MakeServer,
    path_of,
    well,
)

from cloudspot import (
    CloudspotError,
    DocumentCutOff,
    InvalidDocument,
    NotFound,
    RateLimited,
    RequestRefused,
    ServerTrouble,
    TimedOut,
    Unreachable,
    WrongCredentials,
    logins,
)
from cloudspot.calls import Read, Send, Wait
from cloudspot.client import Client
from cloudspot.license_policy import LONGEST_ANSWER
from cloudspot.policy import Reply
from cloudspot.sandbox import Sandbox
from cloudspot.secret import Secret, SecretText
from cloudspot.settings import make_license_settings

PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>"
BODY = b'{"token": "secret-of-the-answer", "permissions": [], "email": "x"}'

SCRIPTS: dict[str, tuple[Any, type[CloudspotError]]] = {
    "reset before the answer": ([RESET], Unreachable),
    "hangs up before the answer": ([HANG_UP], Unreachable),
    "reset in the middle": ([head(length=len(BODY)), BODY[:30], 0.05, RESET], DocumentCutOff),
    "silence": ([SILENCE], TimedOut),
    "silence in the middle": ([head(length=len(BODY)), BODY[:30], SILENCE], TimedOut),
    "502 page": (answer(PAGE, 502), ServerTrouble),
    "503": (answer({"message": "later"}, 503), ServerTrouble),
    "500 JSON": (answer({"message": "oops", "error_code": "X"}, 500), ServerTrouble),
    "500 empty": (answer(b"", 500), ServerTrouble),
    "200 page": (answer(PAGE), ServerTrouble),
    "200 empty": (answer(b""), ServerTrouble),
    "broken JSON": (answer(b'{"token" "x"}'), InvalidDocument),
    "invalid UTF-8": (answer(b'{"token": "\xff\xfe"}'), InvalidDocument),
    "no object": (answer(b"[1, 2]"), InvalidDocument),
    "text": (answer(b'"OK"'), InvalidDocument),
    "an error with status 200": (answer({"message": "no"}), InvalidDocument),
    "deep": (answer(b'{"a":' + b"[" * 100_000), InvalidDocument),
    "all of another kind": (
        answer({name: {"a": 1} for name in ("token", "auth_token", "user", "company", "permissions", "email")}),
        InvalidDocument,
    ),
    "all null": (
        answer(dict.fromkeys(("token", "auth_token", "user", "company", "permissions", "email"))),
        InvalidDocument,
    ),
    "cut off": (answer(BODY[:-20]), DocumentCutOff),
    "last chunk missing": (chunked(BODY[:30], whole=False), DocumentCutOff),
    "Content-Length too long": ([head(length=len(BODY) + 9), BODY, HANG_UP], DocumentCutOff),
    "unknown packing": (answer(BODY, Content_Encoding="x-zip"), ServerTrouble),
    "400": (answer({"message": "strange", "error_code": "UNEXPECTED_VALUE"}, 400), RequestRefused),
    "404": (answer({"message": "nothing here"}, 404), NotFound),
    "405": (answer({"message": "no"}, 405), RequestRefused),
    "429": (answer({"message": "slow down"}, 429, Retry_After=3600), RateLimited),
    "elsewhere": (answer(b"", 302, Location="http://127.0.0.2:1/"), RequestRefused),
    "round and round": (answer(b"", 302, Location="/api/v1/"), RequestRefused),
    "no HTTP": (b"SMTP ready\r\n\r\n", Unreachable),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("scenario", SCRIPTS)
def test_a_call_fails(make_license: MakeLicense, hostile: MakeServer, scenario: str, call: str) -> None:
    script, error = SCRIPTS[scenario]
    server = hostile(script)
    made = make_license(server, timeout=0.3, retries=0)
    with pytest.raises(error) as caught:
        made.call(call, *CALLS[call])
    assert not isinstance(caught.value, WrongCredentials)
    assert caught.value.path.startswith("/auth/")
    assert caught.value.request_id
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))
    if call in POSTS:
        assert len(server.requests) == 1


@pytest.mark.parametrize("call", CALLS)
def test_the_second_request_of_a_call_fails(make_license: MakeLicense, hostile: MakeServer, call: str) -> None:
    """A login whose profile can't be asked for is no session."""
    if call not in {"authenticate", "session"}:
        return

    def script(asked: Asked) -> list[Any]:
        return [answer(PAGE, 502)] if "profile" in asked.target else well(asked)

    server = hostile(script)
    with pytest.raises(ServerTrouble):
        make_license(server, retries=1).call(call, *CALLS[call])
    assert [path_of(asked) for asked in server.requests[1:]] == ["auth/users/profile"] * 2


@pytest.mark.parametrize("call", CALLS)
def test_nobody_listens(make_license: MakeLicense, call: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    made = make_license(f"http://127.0.0.1:{port}", retries=1)
    with pytest.raises(Unreachable, match="can't be reached") as caught:
        made.call(call, *CALLS[call])
    assert caught.value.was_sent is False


def test_an_answer_without_end_is_not_taken_in(make_license: MakeLicense, hostile: MakeServer) -> None:
    sent: list[int] = []

    def flood(talk: Any) -> None:
        while not talk.is_over():
            talk.send(b" " * 65536)
            sent.append(65536)

    for call in CALLS:
        server = hostile([head(length=10**10), b"{", flood])
        with pytest.raises(InvalidDocument, match="goes on after"):
            make_license(server, retries=0).call(call, *CALLS[call])
    assert sum(sent) < len(CALLS) * (LONGEST_ANSWER + 16 * 1024 * 1024)


@pytest.mark.parametrize("status", [401, 403, 500])
def test_an_error_whose_body_breaks_off_is_still_that_error(
    make_license: MakeLicense, hostile: MakeServer, status: int
) -> None:
    server = hostile([head(status, length=500), b'{"message": "wrong', HANG_UP])
    with pytest.raises(CloudspotError) as caught:
        make_license(server, retries=0).call("authenticate", JAN, SENT_PASSWORD)
    assert caught.value.status == status
    assert isinstance(caught.value, ServerTrouble if status == 500 else WrongCredentials)


def test_a_token_in_an_answer_that_no_header_can_carry(make_license: MakeLicense, hostile: MakeServer) -> None:
    for token in ("", "a b", "a\r\nX: y"):
        server = hostile(answer({"token": token, "auth_token": token, "user": "x", "company": "x", "permissions": []}))
        made = make_license(server, retries=0)
        for call in POSTS:
            with pytest.raises(InvalidDocument):
                made.call(call, *CALLS[call])


def test_an_impersonation_that_was_not_asked_about(make_license: MakeLicense, hostile: MakeServer) -> None:
    other = {**ANSWERS["auth/impersonation-validation"], "token": "another"}
    with pytest.raises(InvalidDocument, match="another impersonation"):
        make_license(hostile(answer(other))).call("validate_impersonation", TOKEN)


# --- Repeats ------------------------------------------------------------------------------------------------------

REPEATED = ["reset before the answer", "reset in the middle", "silence", "502 page", "503", "cut off"]


@pytest.mark.parametrize("scenario", REPEATED)
@pytest.mark.parametrize("call", CALLS)
def test_what_is_sent_again(make_license: MakeLicense, hostile: MakeServer, scenario: str, call: str) -> None:
    """A GET that got no answer is; a POST that may have arrived never is."""
    server = hostile(SCRIPTS[scenario][0], well)
    made = make_license(server, timeout=0.3, retries=2)
    if call in POSTS:
        with pytest.raises(CloudspotError):
            made.call(call, *CALLS[call])
        assert len(server.requests) == 1
    else:
        made.call(call, *CALLS[call])
        assert path_of(server.requests[0]) == path_of(server.requests[1])


def test_a_rate_limit_at_login_says_how_long(make_license: MakeLicense, hostile: MakeServer) -> None:
    server = hostile(answer({"message": "slow down"}, 429, Retry_After=17), well)
    with pytest.raises(RateLimited) as caught:
        make_license(server).call("authenticate", JAN, SENT_PASSWORD)
    assert caught.value.retry_after == 17
    assert len(server.requests) == 1


def test_a_get_waits_as_long_as_it_is_asked_to(make_license: MakeLicense, hostile: MakeServer) -> None:
    server = hostile(answer({}, 429, Retry_After=0), well)
    make_license(server).call("profile", TOKEN)
    assert len(server.requests) == 2


def run_by_hand(steps: Any, answers: list[Any]) -> tuple[Any, list[Any]]:
    """Run a call without clock, loop or socket; its result or error, and what it did."""
    did: list[Any] = []
    bodies: list[bytes] = []
    resume: Callable[[Any], Any] = steps.send
    value: Any = None
    while True:
        try:
            step = resume(value)
        except StopIteration as end:
            return end.value, did
        except CloudspotError as error:
            return error, did
        resume = steps.send
        match step:
            case Send(request):
                did.append(request.path)
                next_answer = answers.pop(0)
                if isinstance(next_answer, Exception):
                    resume, value = steps.throw, next_answer
                else:
                    bodies = [next_answer, b""]
                    value = Reply(200, {})
            case Read():
                value = bodies.pop(0)
            case Wait(seconds):
                did.append(seconds)
                value = None


def context() -> Any:
    settings = make_license_settings("app", None, {"base_url": "https://license.example/api/v1"}, {})
    return replace(Client(settings, {}).context, jitter=lambda: 1.0)


def test_a_login_that_can_not_have_arrived_is_sent_again() -> None:
    refused = Unreachable("refused", was_sent=False)
    steps = logins.authenticate(context(), JAN, SecretText(SENT_PASSWORD))
    session, did = run_by_hand(steps, [refused, b'{"token": "t", "permissions": []}', b'{"email": "jan@sandbox.test"}'])
    assert session.token == "t"
    assert did == ["/auth/authenticate/", 0.5, "/auth/authenticate/", "/auth/users/profile/"]


def test_a_login_that_may_have_arrived_is_not() -> None:
    steps = logins.authenticate(context(), JAN, SecretText(SENT_PASSWORD))
    error, did = run_by_hand(steps, [Unreachable("broken", was_sent=True)])
    assert isinstance(error, Unreachable)
    assert did == ["/auth/authenticate/"]


def test_a_profile_may_be_asked_for_again() -> None:
    steps = logins.profile(context(), Secret(TOKEN))
    profile, did = run_by_hand(steps, [Unreachable("broken"), b'{"email": "jan@sandbox.test"}'])
    assert profile.email == JAN
    assert did == ["/auth/users/profile/", 0.5, "/auth/users/profile/"]


def test_redirects(make_license: MakeLicense, hostile: MakeServer) -> None:
    """Within the server a GET follows; a POST, and a token to another server, never."""
    other = hostile(well)

    def moved(asked: Asked) -> list[bytes]:
        return (
            well(asked) if "/moved/" not in asked.target else [answer(b"", 302, Location="/api/v1/auth/users/profile/")]
        )

    server = hostile(moved)
    made = make_license(server.url + "/moved")
    assert made.call("profile", TOKEN).email == JAN
    with pytest.raises(RequestRefused, match="not sent to another address"):
        made.call("authenticate", JAN, SENT_PASSWORD)
    elsewhere = hostile(lambda asked: [answer(b"", 307, Location=other.url + "/auth/")])
    for call in CALLS:
        with pytest.raises(RequestRefused, match="another server"):
            make_license(elsewhere).call(call, *CALLS[call])
    assert not other.requests


# --- The sandbox's own faults -------------------------------------------------------------------------------------

ROUTES = {
    "authenticate": "auth/authenticate",
    "session": "auth/get-permissions",
    "permissions": "auth/get-permissions",
    "company_permissions": "auth/get-company-permissions",
    "profile": "auth/users/profile",
    "validate_impersonation": "auth/impersonation-validation",
}
FAULTS: list[tuple[dict[str, Any], type[CloudspotError]]] = [
    ({"status": 502, "body": "html"}, ServerTrouble),
    ({"status": 500, "body": "json"}, ServerTrouble),
    ({"status": 503, "body": "empty"}, ServerTrouble),
    ({"status": 200, "body": "html"}, ServerTrouble),
    ({"status": 200, "body": "empty"}, ServerTrouble),
    ({"retry_after": 600}, RateLimited),
    ({"reset": True}, Unreachable),
    ({"cut_off": 0.5}, DocumentCutOff),
    ({"cut_off": 0.5, "ends_cleanly": True}, DocumentCutOff),
    ({"delay": 2}, TimedOut),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=[str(fault) for fault, _ in FAULTS])
def test_faults_of_the_sandbox(
    make_license: MakeLicense, sandbox: Sandbox, fault: dict[str, Any], error: type[CloudspotError], call: str
) -> None:
    args: dict[str, tuple[Any, ...]] = {
        "authenticate": (JAN, "sandbox-wachtwoord"),
        "company_permissions": (KIST, sandbox.user_tokens.issue(JAN)),
        "validate_impersonation": (sandbox.user_tokens.impersonate(JAN, "Lampe SA"),),
    }
    given = args.get(call) or (sandbox.user_tokens.issue(JAN),)
    made = make_license(sandbox, retries=1, timeout=0.3)
    sandbox.faults.add(route=ROUTES[call], times=9, **fault)
    try:
        with pytest.raises(error) as caught:
            made.call(call, *given)
        assert type(caught.value) is error
        (active,) = sandbox.faults.list()
        never_twice = call in POSTS or fault == {"retry_after": 600} or fault.get("status") in {500, 200}
        # aiohttp itself sends a GET again where the connection breaks
        assert active.hits == 1 if never_twice else active.hits in {2, 4}
    finally:
        sandbox.faults.clear()
