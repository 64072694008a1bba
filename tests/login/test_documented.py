"""The documented logins: every failure is an error that published code catches, and no crash report shows a secret."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import warnings
from typing import Any

import pytest
from tests.hostile import Asked, answer
from tests.login.conftest import ANSWERS, JAN, KIST, PASSWORD, SENT_PASSWORD, TOKEN, MakeServer, path_of, well
from tests.login.test_failures import SCRIPTS
from tests.login.test_secrets import assert_hidden, assert_not_in_a_crash_report

from cloudspot.api import CloudspotERP_UserAPI, CloudspotLicense_API
from cloudspot.constants.errors import (
    BadCredentials,
    CredentialsNotChecked,
    NoValidToken,
    RequestFailed,
    TokenNotChecked,
)
from cloudspot.errors import CloudspotError, ConfigurationError, RateLimited, UnknownApplication
from cloudspot.sandbox import Sandbox
from cloudspotlicense.constants.responses import ResponseStatus
from cloudspotlicense.models.auth import AuthPermission, AuthPermissions, AuthResponse, User
from cloudspotlicense.models.base import BaseModel, ObjectListModel
from cloudspotlicense.models.errors import Error

APIS = ("license", "user", "legacy")
EXTERNAL: dict[str, dict[str, Any]] = {
    "auth/signin-external-app": {"token": TOKEN, "company": KIST, "permissions": [{"permission": "use_app"}]},
    "auth/get-permissions": {"permissions": [{"permission": "use_app"}]},
    "auth/get-user": {"first_name": "Jan", "last_name": "Janssens", "email": JAN, "company": KIST, "pin": "12"},
}


def make_api(kind: str, base_url: str, token: str | None = None, application: str = "App", **options: Any) -> Any:
    options = {"timeout": 0.3, "retries": 0, **options}
    if kind == "license":
        made: Any = CloudspotLicense_API(application, token, **options)
    else:
        with pytest.warns(DeprecationWarning, match="one company"):
            made = CloudspotERP_UserAPI(application, token, legacy=kind == "legacy", **options)
    made.base_url = base_url
    return made


CALLS: dict[str, tuple[tuple[Any, ...], type[Exception]]] = {
    "authenticate": ((JAN, SENT_PASSWORD), CredentialsNotChecked),
    "get_permissions": ((TOKEN,), TokenNotChecked),
    "get_user": ((TOKEN,), TokenNotChecked),
    "get_company_permissions": ((KIST, TOKEN), RequestFailed),
}


def calls_of(kind: str) -> list[str]:
    return [call for call in CALLS if kind == "license" or call != "get_company_permissions"]


KINDS_AND_CALLS = [(kind, call) for kind in APIS for call in calls_of(kind)]


@pytest.mark.parametrize(("kind", "call"), KINDS_AND_CALLS)
@pytest.mark.parametrize("scenario", SCRIPTS)
def test_a_call_fails(hostile: MakeServer, scenario: str, kind: str, call: str) -> None:
    script, error = SCRIPTS[scenario]
    args, raised = CALLS[call]
    with pytest.raises(raised) as caught:
        getattr(make_api(kind, hostile(script).url), call)(*args)
    assert type(caught.value) is raised
    assert isinstance(caught.value.exception, error)  # type: ignore[attr-defined]
    assert str(caught.value)
    assert_hidden(f"{caught.value!s}{caught.value!r}{vars(caught.value)}", "the error")
    assert_not_in_a_crash_report(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), str(again.exception)) == (
        raised,
        str(caught.value),
        str(caught.value.exception),  # type: ignore[attr-defined]
    )


@pytest.mark.parametrize("kind", APIS)
def test_what_is_known_of_a_password(hostile: MakeServer, kind: str) -> None:
    """A rate limit and a failing server are not called a wrong password."""
    with pytest.raises(BadCredentials) as caught:
        make_api(kind, hostile(answer({"message": "Fout"}, 401)).url).authenticate(JAN, SENT_PASSWORD)
    assert (type(caught.value), str(caught.value)) == (BadCredentials, "Fout")
    with pytest.raises(CredentialsNotChecked, match="Too many requests") as caught:
        make_api(kind, hostile(answer(b"", 429, Retry_After=30)).url).authenticate(JAN, SENT_PASSWORD)
    assert isinstance(caught.value.exception, RateLimited)
    with pytest.raises(CredentialsNotChecked) as caught:
        make_api(kind, hostile(answer({"message": "Unknown module"}, 401)).url).authenticate(JAN, SENT_PASSWORD)
    assert isinstance(caught.value.exception, UnknownApplication)
    with pytest.raises(NoValidToken) as told:
        make_api(kind, hostile(answer({"message": "Verlopen"}, 401)).url).get_user(TOKEN)
    assert (type(told.value), str(told.value)) == (NoValidToken, "Verlopen")


@pytest.mark.parametrize("kind", APIS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", "two\nlines"),
        ("base_url", None),
        ("base_url", "ftp://x"),
        ("base_url", "http://license.example/api/v1"),
        ("headers", {"X": "a\r\nb"}),
        ("headers", {"X-LICENSE-MODULE": "", "X-ERP-REQUESTOR": ""}),
        ("headers", {3: "x"}),
    ],
)
def test_settings_that_can_not_be_sent(kind: str, name: str, value: Any) -> None:
    api = make_api(kind, "http://127.0.0.1:9", token=TOKEN)
    setattr(api, name, value)
    with pytest.raises(NoValidToken):
        api.get_user()
    if name != "token":
        with pytest.raises(CredentialsNotChecked) as caught:
            api.authenticate(JAN, SENT_PASSWORD)
        assert isinstance(caught.value.exception, ConfigurationError)


@pytest.mark.parametrize("kind", APIS)
def test_without_credentials_or_token_nothing_is_sent(hostile: MakeServer, kind: str) -> None:
    server = hostile(well)
    api = make_api(kind, server.url)
    for username, password in ((None, None), ("", "x"), ("x", ""), ("x", None)):
        with pytest.raises(BadCredentials, match="Nothing was sent"):
            api.authenticate(username, password)
        answered = api.auth.authenticate(username, password)
        assert (answered.hasError, "Nothing was sent" in answered.error.message) == (True, True)
    for call in (api.get_user, api.get_permissions, api.auth.get_user, api.auth.get_permissions):
        with pytest.raises(NoValidToken, match="There is no token"):
            call()
    assert not server.requests


@pytest.mark.parametrize("kind", APIS)
def test_who_asks(hostile: MakeServer, kind: str) -> None:
    answers = EXTERNAL if kind == "legacy" else ANSWERS

    def script(asked: Asked) -> list[bytes]:
        return [answer(answers[path_of(asked)])]

    server = hostile(script)
    api = make_api(kind, server.url)
    api.authenticate(JAN, SENT_PASSWORD)
    assert api.token == TOKEN
    api.get_user()
    api.headers["X-Shop"] = "7"
    api.get_permissions()
    application, token = (
        ("x-erp-requestor", "x-erp-token") if kind == "legacy" else ("x-license-module", "x-license-token")
    )
    name = "App" if kind == "license" else "app"
    assert {asked.headers[application] for asked in server.requests} == {name}
    assert [asked.headers.get(token) for asked in server.requests] == [None, *[TOKEN] * (len(server.requests) - 1)]
    assert server.requests[-1].headers["x-shop"] == "7"
    assert server.connections == 1
    assert api.get("auth/get-permissions")[0] == 200
    assert (server.requests[-1].headers[application], server.requests[-1].headers[token]) == (name, TOKEN)
    api.token = "another"
    api.get_permissions()
    assert server.requests[-1].headers[token] == "another"
    api.headers[token.upper()] = "by-header"
    api.get_permissions()
    assert server.requests[-1].headers[token] == "by-header"


@pytest.mark.parametrize("kind", APIS)
def test_a_new_field_in_an_answer_breaks_nothing(hostile: MakeServer, kind: str) -> None:
    answers = EXTERNAL if kind == "legacy" else ANSWERS

    def script(asked: Asked) -> list[bytes]:
        return [answer({**answers[path_of(asked)], "tenant": {"id": 7}, "get_json": "x"})]

    api = make_api(kind, hostile(script).url)
    api.authenticate(JAN, SENT_PASSWORD)
    api.get_user()
    assert api.user.email == JAN
    if kind == "license":
        assert api.user.tenant == {"id": 7}
        assert api.user.get_json()["email"] == JAN


@pytest.mark.parametrize("scenario", ["reset before the answer", "502 page", "cut off", "200 empty"])
def test_a_request_of_ones_own_shows_no_password(hostile: MakeServer, scenario: str) -> None:
    api = make_api("license", hostile(SCRIPTS[scenario][0]).url, token=TOKEN)
    data = {"username": JAN, "password": SENT_PASSWORD}
    for call in (
        lambda: api.post("auth/authenticate", data),
        lambda: api.put("auth/authenticate", data),
        lambda: api.request("POST", "auth/authenticate", data),
    ):
        with pytest.raises(CloudspotError) as caught:
            call()
        assert_not_in_a_crash_report(caught.value)


def test_one_company_of_several() -> None:
    """The old class knows of one company: the permissions of another are never taken for it."""
    with Sandbox(artikels=1, klanten=1) as sandbox:
        api = make_api("user", sandbox.license_url, application="sandbox-app", timeout=5)
        api.authenticate(JAN, PASSWORD)
        assert api.user.company == KIST
        sandbox.permissions.set(JAN, "Kist & Vijs BV", [])
        api.get_permissions()
        assert [each.permission for each in api.permissions.items()] == ["use_app", "view_artikels"]
        sandbox.permissions.set(JAN, "Lampe SA", [])
        with pytest.raises(NoValidToken, match="in any company"):
            api.get_permissions()


def test_no_repr_shows_a_secret(hostile: MakeServer) -> None:
    api = make_api("license", hostile(well).url)
    api.authenticate(JAN, SENT_PASSWORD)
    api.get_user()
    shown = [
        api,
        api.headers,
        api.auth,
        api.session(),
        vars(api),
        api.user,
        api.permissions,
        api.auth.get_permissions(),
    ]
    for each in shown:
        assert_hidden(repr(each), type(each).__name__)


def test_what_an_answer_holds_can_be_copied_and_pickled(hostile: MakeServer) -> None:
    api = make_api("license", hostile(well).url)
    api.authenticate(JAN, SENT_PASSWORD)
    for twin in (copy.deepcopy(api.permissions), pickle.loads(pickle.dumps(api.permissions))):
        assert twin.get_json() == api.permissions.get_json()
        assert twin.get_item_index("company_id", KIST) == 0
    assert pickle.loads(pickle.dumps(api)).get_company_permissions(KIST) == ["use_app"]


def test_a_failed_answer_that_nobody_looks_at_warns(hostile: MakeServer) -> None:
    answered = make_api("license", hostile(answer({"message": "Fout"}, 401)).url).auth.authenticate(JAN, SENT_PASSWORD)
    with pytest.warns(UserWarning, match="Fout") as caught:
        assert answered.get_json() == {"permissions": []}
    assert caught[0].filename == __file__
    assert answered.has_error
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert answered.token is None


def test_objects_of_ones_own() -> None:
    assert User("Jan", "Janssens", JAN, "12").get_json()["pin"] == "12"
    permissions = AuthPermissions().parse([{"company_id": KIST, "permissions": ["use_app"]}])
    permissions.add(AuthPermission("x", "Lampe", ["a"]))
    assert permissions.get_item_object("company_name", "Lampe").permissions == ["a"]
    assert AuthResponse().parse({"token": "t", "permissions": [{"company_id": "x"}]}).permissions[0].company_id == "x"
    failed = AuthResponse().parse_error({"message": "Nee", "error_code": "X"})
    assert (failed.has_error, failed.error.message, failed.error.error_code) == (True, "Nee", "X")
    assert Error("Nee", "X").error_code == "X"
    assert issubclass(User, BaseModel)
    assert issubclass(AuthPermissions, ObjectListModel)
    assert ResponseStatus.OBJECT_EXISTS == "OBJECT_EXISTS"


def test_importing_it_loads_no_network() -> None:
    code = (
        "import sys; from cloudspotlicense.api import CloudspotLicense_API\n"
        "from cloudspot.api import CloudspotERP_UserAPI\n"
        "print([m for m in ('urllib3', 'msgspec', 'aiohttp', 'asyncio', 'json') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
