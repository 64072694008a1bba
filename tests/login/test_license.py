"""Both clients against the sandbox's License server, and what they send."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from tests.hostile import Asked, answer
from tests.login.conftest import (
    ANSWERS,
    CALLS,
    JAN,
    KIST,
    LAMPE,
    MARIE,
    PASSWORD,
    PIET,
    SENT_PASSWORD,
    TOKEN,
    MakeLicense,
    MakeServer,
    path_of,
    well,
)

from cloudspot import (
    AsyncLicense,
    ConfigurationError,
    Impersonation,
    InvalidInput,
    InvalidToken,
    License,
    NotAuthorised,
    NotFound,
    Permissions,
    Profile,
    SecretText,
    UnknownApplication,
    WrongCredentials,
)
from cloudspot.sandbox import Sandbox


def test_a_login(make_license: MakeLicense, sandbox: Sandbox) -> None:
    made = make_license(sandbox)
    session = made.call("authenticate", JAN, PASSWORD)
    assert (session.user.first_name, session.user.last_name, session.user.email) == ("Jan", "Janssens", JAN)
    assert session.user.pin == "1234"
    assert [company.company_name for company in session.companies] == ["Kist & Vijs BV", "Lampe SA"]
    assert session.has("edit_artikels", company=KIST)
    assert not session.has("edit_artikels", company="Lampe SA")
    assert isinstance(session.token, SecretText)

    assert made.call("session", session.token) == session
    assert made.call("permissions", session.token) == session.permissions
    assert made.call("profile", session.token.reveal()) == session.user
    of_kist = made.call("company_permissions", UUID(KIST), session.token)
    assert of_kist.permissions == session.companies[0].permissions
    assert of_kist.has("view_klanten")
    assert of_kist.company_id == KIST


def test_what_others_may(make_license: MakeLicense, sandbox: Sandbox) -> None:
    made = make_license(sandbox)
    marie = made.call("authenticate", MARIE, PASSWORD)
    assert marie.has("whatever", company=KIST)
    assert not marie.has("use_app", company=LAMPE)
    piet = made.call("authenticate", PIET, PASSWORD)
    assert piet.companies == ()
    assert not piet.has("view_artikels", company=KIST)
    assert not made.call("company_permissions", KIST, piet.token).has("view_artikels")


def test_a_client_of_one_user(make_license: MakeLicense, sandbox: Sandbox) -> None:
    token = sandbox.user_tokens.issue(JAN)
    made = make_license(sandbox, token=SecretText(token))
    assert made.call("session").token == token
    assert made.call("profile").email == JAN
    assert made.call("permissions").has("use_app", company="Lampe SA")
    assert made.call("company_permissions", LAMPE).has("use_app")
    other = sandbox.user_tokens.issue(MARIE)
    assert made.call("profile", other).email == MARIE


def test_an_impersonation(make_license: MakeLicense, sandbox: Sandbox) -> None:
    made = make_license(sandbox)
    token = sandbox.user_tokens.impersonate(JAN, "Lampe SA")
    found = made.call("validate_impersonation", token)
    assert isinstance(found, Impersonation)
    assert (found.user, found.company) == (JAN, LAMPE)
    assert made.call("session", found.auth_token).user.email == JAN
    with pytest.raises(InvalidToken, match="used or expired") as caught:
        made.call("validate_impersonation", token)
    assert "one time" in caught.value.hint


def test_permissions_that_change(make_license: MakeLicense) -> None:
    with Sandbox(artikels=1, klanten=1) as sandbox:
        made = make_license(sandbox)
        session = made.call("authenticate", JAN, PASSWORD)
        sandbox.permissions.set(JAN, "Lampe SA", [])
        now = made.call("permissions", session.token)
        assert [company.company_id for company in now.companies] == [KIST]
        sandbox.user_tokens.expire(token=session.token.reveal())
        with pytest.raises(InvalidToken, match="expired"):
            made.call("session", session.token)


@pytest.mark.parametrize(
    ("application", "call", "args", "error"),
    [
        ("sandbox-app", "authenticate", (JAN, "fout"), WrongCredentials),
        ("sandbox-app", "authenticate", ("nobody@sandbox.test", PASSWORD), WrongCredentials),
        ("other-app", "authenticate", (JAN, PASSWORD), UnknownApplication),
        ("other-app", "profile", (TOKEN,), UnknownApplication),
        ("sandbox-app", "session", (TOKEN,), InvalidToken),
        ("sandbox-app", "permissions", (TOKEN,), InvalidToken),
        ("sandbox-app", "profile", (TOKEN,), InvalidToken),
        ("sandbox-app", "company_permissions", (KIST, TOKEN), InvalidToken),
        ("sandbox-app", "validate_impersonation", (TOKEN,), InvalidToken),
    ],
)
def test_refusals_are_told_apart(
    make_license: MakeLicense, sandbox: Sandbox, application: str, call: str, args: tuple[str, ...], error: type
) -> None:
    with pytest.raises(error) as caught:
        make_license(sandbox, application).call(call, *args)
    assert type(caught.value) is error
    assert isinstance(caught.value, NotAuthorised)
    assert (caught.value.status, caught.value.code) == (401, "NOT_AUTHORIZED")
    assert caught.value.said
    assert str(caught.value).startswith(f"[{caught.value.request_id} ")


def test_a_user_who_is_not_active(make_license: MakeLicense) -> None:
    with Sandbox(artikels=1, klanten=1) as sandbox:
        sandbox.users.update(JAN, is_active=False)
        with pytest.raises(WrongCredentials, match="This user is not active"):
            make_license(sandbox).call("authenticate", JAN, PASSWORD)


def test_a_company_that_is_not_there(make_license: MakeLicense, sandbox: Sandbox) -> None:
    made = make_license(sandbox, token=sandbox.user_tokens.issue(JAN))
    with pytest.raises(NotFound, match="There is no company 00000000"):
        made.call("company_permissions", "00000000-0000-0000-0000-000000000000")


# --- What is sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", CALLS)
def test_what_is_sent(make_license: MakeLicense, hostile: MakeServer, call: str) -> None:
    server = hostile(well)
    made = make_license(server, "my-app", headers={"X-Caller": "shop"})
    made.call(call, *CALLS[call])
    for asked in server.requests:
        assert asked.target.endswith("/")
        assert "?" not in asked.target
        assert asked.headers["x-license-module"] == "my-app"
        assert asked.headers["content-type"] == "application/json"
        assert asked.headers["x-caller"] == "shop"
        assert len(asked.headers["x-request-id"]) == 32
        assert "x-erp-token" not in asked.headers
        assert asked.headers.get("x-license-token") == (None if asked.method == "POST" else TOKEN)
    assert server.connections == 1


def test_names_and_passwords_of_any_kind_are_sent_as_they_are(make_license: MakeLicense, hostile: MakeServer) -> None:
    server = hostile(well)
    made = make_license(server)
    for username, password in (
        ('a"b\\c\r\nX: y', '"}{'),
        ("é∑🙂@x.be", " spaties en\ttabs "),
        ("\x00\x1b", "'; drop table users --"),
    ):
        server.requests.clear()
        made.call("authenticate", username, password)
        assert json.loads(server.requests[0].body) == {"username": username, "password": password}


@pytest.mark.parametrize(
    "id", ["", ".", "..", "../users/profile", f"{KIST}/..", f"{KIST}?x", "x", "%2e%2e", "a b", "\r\n", None, 5, b"x"]
)
def test_what_is_no_company_id_is_not_sent(make_license: MakeLicense, hostile: MakeServer, id: Any) -> None:
    server = hostile(well)
    with pytest.raises(InvalidInput, match="not the id of a company"):
        make_license(server).call("company_permissions", id, TOKEN)
    assert not server.requests


@pytest.mark.parametrize("call", sorted(CALLS.keys() - {"authenticate"}))
@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Evil: 1", "tok€n"])
def test_what_is_no_token_is_not_sent(make_license: MakeLicense, hostile: MakeServer, call: str, token: str) -> None:
    server = hostile(well)
    args = (*CALLS[call][:-1], token)
    with pytest.raises(InvalidToken, match="Nothing was sent"):
        make_license(server).call(call, *args)
    assert not server.requests


@pytest.mark.parametrize("call", sorted(CALLS.keys() - {"authenticate", "validate_impersonation"}))
def test_a_call_without_a_token(make_license: MakeLicense, hostile: MakeServer, call: str) -> None:
    with pytest.raises(ConfigurationError, match="There is no user token"):
        make_license(hostile(well)).call(call, *CALLS[call][:-1])


@pytest.mark.parametrize(
    ("username", "password", "error"),
    [
        ("", "x", WrongCredentials),
        ("x", "", WrongCredentials),
        ("\ud800", "x", InvalidInput),
        ("x", "\udfff", InvalidInput),
    ],
)
def test_credentials_that_are_not_sent(
    make_license: MakeLicense, hostile: MakeServer, username: str, password: str, error: type
) -> None:
    server = hostile(well)
    with pytest.raises(error):
        make_license(server).call("authenticate", username, password)
    assert not server.requests


@pytest.mark.parametrize("args", [(None, "x"), ("x", None), ("x", b"x"), (3, "x")])
def test_misuse(make_license: MakeLicense, hostile: MakeServer, args: tuple[Any, Any]) -> None:
    server = hostile(well)
    with pytest.raises(TypeError):
        make_license(server).call("authenticate", *args)
    assert not server.requests


def test_a_new_field_in_an_answer_breaks_nothing(make_license: MakeLicense, hostile: MakeServer) -> None:
    def newer(asked: Asked) -> list[bytes]:
        body = {**ANSWERS[path_of(asked)], "tenant": {"id": 7}, "refresh_token": "new-secret"}
        if "permissions" in body and isinstance(body["permissions"][0], dict):
            body["permissions"] = [{**row, "role": "owner"} for row in body["permissions"]]
        return [answer(body)]

    made = make_license(hostile(newer))
    for call, args in CALLS.items():
        found = made.call(call, *args)
        assert "new-secret" not in repr(found)
    session = made.call("session", TOKEN)
    assert session.companies[0].extra == {"role": "owner"}
    assert session.user.extra["tenant"] == {"id": 7}


# --- Settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [License, AsyncLicense])
def test_what_it_is_told(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = kind("app")
    assert made.settings.base_url == "https://license.cloudspot.be/api/v1"
    assert repr(made) == f"<{kind.__name__} https://license.cloudspot.be/api/v1>"
    assert kind("app", test_mode=True).settings.base_url == "http://localhost:8000/api/v1"
    monkeypatch.setenv("CLOUDSPOT_LICENSE_APP", "env-app")
    monkeypatch.setenv("CLOUDSPOT_LICENSE_URL", "https://license.example/api/v1/")
    monkeypatch.setenv("CLOUDSPOT_BASE_URL", "https://erp.example/api/v1/")
    monkeypatch.setenv("CLOUDSPOT_TOKEN", "a-company-token")
    made = kind()
    assert (made.settings.application, made.settings.base_url) == ("env-app", "https://license.example/api/v1")
    assert made.settings.token == ""
    assert kind("app", base_url="https://own.example/x").settings.base_url == "https://own.example/x"


@pytest.mark.parametrize("kind", [License, AsyncLicense])
@pytest.mark.parametrize(
    "options",
    [
        {"application": None},
        {"application": ""},
        {"application": " "},
        {"application": "a b"},
        {"application": "a\r\nX: y"},
        {"application": 3},
        {"base_url": "http://license.example/api/v1"},
        {"base_url": "http://localhost:1", "test_mode": True},
        {"base_url": ""},
        {"timeout": -1},
        {"retries": -1},
        {"headers": {"X-License-Module": "other"}},
        {"headers": {"x-license-token": "other"}},
        {"token": "a b"},
    ],
)
def test_what_it_can_not_be_told(kind: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        kind(**{"application": "app", **options})


def test_unknown_options() -> None:
    with pytest.raises(TypeError, match="unknown option: retry"):
        License("app", retry=3)  # type: ignore[call-arg]


# --- Threads, forks -----------------------------------------------------------------------------------------------


def test_threads_share_a_client(hostile: MakeServer) -> None:
    def by_token(asked: Asked) -> list[bytes]:
        return [answer({"email": asked.headers["x-license-token"]})]

    server = hostile(by_token)
    with License("app", base_url=server.url) as made, ThreadPoolExecutor(8) as threads:
        found = [*threads.map(lambda number: made.profile(f"tok-{number}").email, range(200))]
    assert found == [f"tok-{number}" for number in range(200)]
    assert server.connections <= 8


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_its_own_connections(hostile: MakeServer) -> None:
    server = hostile(well)
    with License("app", base_url=server.url) as made:
        assert made.profile(TOKEN).email == JAN
        child = os.fork()
        if child == 0:
            os._exit(0 if made.profile(TOKEN).email == JAN else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert made.profile(TOKEN).email == JAN
    assert [asked.connection for asked in server.requests] == [1, 2, 1]
    assert threading.active_count() >= 1


def test_what_comes_back_has_types(make_license: MakeLicense, hostile: MakeServer) -> None:
    made = make_license(hostile(well))
    assert isinstance(made.call("permissions", TOKEN), Permissions)
    assert isinstance(made.call("profile", TOKEN), Profile)
    assert made.call("authenticate", JAN, SecretText(SENT_PASSWORD)).token == TOKEN
