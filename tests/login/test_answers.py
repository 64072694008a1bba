"""Whatever a server answers, a call gives what it promises or raises one of ours: pure, without a socket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.login.conftest import ANSWERS, JAN, KIST, SENT_PASSWORD, TOKEN
from tests.login.test_failures import context, run_by_hand

from cloudspot import (
    CloudspotError,
    CompanyPermissions,
    Impersonation,
    InvalidToken,
    NotAuthorised,
    Permissions,
    Profile,
    Session,
    UnknownApplication,
    WrongCredentials,
    license_policy,
    logins,
)
from cloudspot.license_policy import redacted
from cloudspot.policy import Reply, Request
from cloudspot.secret import Secret, SecretText

CALLS: dict[str, tuple[Any, type, str]] = {
    "authenticate": (
        lambda: logins.authenticate(context(), JAN, SecretText(SENT_PASSWORD)),
        Session,
        "auth/authenticate",
    ),
    "session": (lambda: logins.session(context(), Secret(TOKEN)), Session, "auth/get-permissions"),
    "permissions": (lambda: logins.permissions(context(), Secret(TOKEN)), Permissions, "auth/get-permissions"),
    "company_permissions": (
        lambda: logins.company_permissions(context(), KIST, Secret(TOKEN)),
        CompanyPermissions,
        f"auth/get-company-permissions/{KIST}",
    ),
    "profile": (lambda: logins.profile(context(), Secret(TOKEN)), Profile, "auth/users/profile"),
    "validate_impersonation": (
        lambda: logins.validate_impersonation(context(), Secret(TOKEN)),
        Impersonation,
        "auth/impersonation-validation",
    ),
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("call", CALLS)
@given(data=st.data())
def test_any_answer(call: str, data: st.DataObject) -> None:
    steps, kind, path = CALLS[call]
    fields = {name: st.just(value) | json_values for name, value in ANSWERS[path].items()}
    documents = st.fixed_dictionaries({}, optional=fields).map(lambda each: json.dumps(each).encode())
    body = data.draw(documents | st.binary(max_size=100) | json_values.map(lambda each: json.dumps(each).encode()))
    profile = json.dumps(ANSWERS["auth/users/profile"]).encode()
    found, _ = run_by_hand(steps(), [body, *[profile] * 3])
    assert isinstance(found, kind | CloudspotError)
    if isinstance(found, Session):
        assert found.token.reveal().isascii()
        assert found.token.reveal()


@given(st.integers(400, 599), st.binary(max_size=200) | json_values.map(lambda each: json.dumps(each).encode()))
def test_any_refusal(status: int, body: bytes) -> None:
    question = logins.signing_in(JAN, SecretText(SENT_PASSWORD))
    request = Request("POST", "https://license.example/x", {"X-Request-ID": "a"}, "/x")
    error = license_policy.refusal(question, request, Reply(status, {}), body, now=0)
    assert isinstance(error, CloudspotError)
    assert isinstance(error, NotAuthorised) is (status in {401, 403})
    assert error.status == status


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("The application is unknown.", UnknownApplication),
        ("Header X-LICENSE-MODULE is missing.", UnknownApplication),
        ("Onbekende applicatie", UnknownApplication),
        ("Module not found", UnknownApplication),
        ("Username or password not correct", WrongCredentials),
        ("This user may not use the application", WrongCredentials),
        ("Gebruiker heeft geen toegang tot deze applicatie", WrongCredentials),
        ("", WrongCredentials),
        ("Nee", WrongCredentials),
    ],
)
def test_what_a_401_at_login_means(said: str, error: type) -> None:
    question = logins.signing_in(JAN, SecretText(SENT_PASSWORD))
    request = Request("POST", "https://license.example/x", {"X-Request-ID": "a", "X-LICENSE-MODULE": "app"}, "/x")
    for status in (401, 403):
        body = json.dumps({"message": said}).encode()
        assert type(license_policy.refusal(question, request, Reply(status, {}), body, now=0)) is error


def test_a_token_is_what_a_401_is_about_elsewhere() -> None:
    question = logins.profile_of(Secret(TOKEN))
    request = Request("GET", "https://license.example/x", {"X-Request-ID": "a", "X-LICENSE-MODULE": "app"}, "/x")
    refused = license_policy.refusal(question, request, Reply(401, {}), b'{"message": "no"}', now=0)
    assert type(refused) is InvalidToken
    assert refused.hint == "Let the user log in again."


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        ("wrong: geheim-wachtwoord", ["geheim-wachtwoord"], "[redacted]"),
        ("wrong: geheim-w…", ["geheim-wachtwoord"], "[redacted]"),
        ("wrong: a&amp;b&lt;c-long-one", ["a&b<c-long-one"], "[redacted]"),
        ("The password is not correct.", ["correct horse"], "The password is not correct."),
        ("The password is not right.", ["pass"], "The password is not right."),
        ("The password 'pass' is not right.", ["pass"], "[redacted]"),
        ("The user name is unknown.", ["no"], "The user name is unknown."),
        ("Anything", ["", SecretText("")], "Anything"),
    ],
)
def test_what_is_left_of_a_text(text: str, secrets: list[Any], shown: str) -> None:
    assert redacted(text, secrets) == shown
