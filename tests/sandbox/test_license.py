"""The License server, over HTTP."""

import json
import uuid

import pytest

from cloudspot.records.auth import CompanySlugs, Impersonation, LicenseSession, Profile
from cloudspot.sandbox import passwords

KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"
LAMPE = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002"
JAN = {"username": "jan@sandbox.test", "password": "sandbox-wachtwoord"}

JANS = [
    {
        "company_id": KIST,
        "company_name": "Kist & Vijs BV",
        "permissions": ["edit_artikels", "use_app", "view_artikels", "view_klanten"],
    },
    {"company_id": LAMPE, "company_name": "Lampe SA", "permissions": ["use_app", "view_artikels"]},
]


def refused(answer, status: int, error_code: str) -> str:
    """The message of a refusal that has exactly the keys of the License server."""
    assert answer.status == status, answer.data
    assert sorted(answer.json()) == ["error_code", "message"]
    assert answer.json()["error_code"] == error_code
    assert answer.json()["message"]
    return answer.json()["message"]


def test_authenticate(http):
    answer = http.license("POST", "authenticate/", body=JAN)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert sorted(answer.json()) == ["permissions", "token"]
    assert answer.json()["permissions"] == JANS
    assert not LicenseSession.from_json(answer.data).extra
    assert len(answer.json()["token"]) >= 40


def test_each_login_gets_a_token_of_its_own_and_all_stay_good(http):
    tokens = {http.login() for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        answer = http.license("GET", "get-permissions/", token)
        assert answer.json() == {"token": token, "permissions": JANS}


def test_one_company(http):
    token = http.login()
    for wanted in JANS:
        answer = http.license("GET", f"get-company-permissions/{wanted['company_id']}/", token)
        assert answer.json() == {"permissions": wanted["permissions"]}
        assert not CompanySlugs.from_json(answer.data).extra
    upper = http.license("GET", f"get-company-permissions/{KIST.upper()}/", token)
    assert upper.json() == {"permissions": JANS[0]["permissions"]}


@pytest.mark.parametrize(("who", "pin"), [("jan", "1234"), ("marie", None), ("piet", "007")])
def test_profile(http, who, pin):
    answer = http.license("GET", "users/profile/", http.login(who))
    assert list(answer.json()) == ["first_name", "last_name", "email", "pin"]
    assert (answer.json()["email"], answer.json()["pin"]) == (f"{who}@sandbox.test", pin)
    assert not Profile.from_json(answer.data).extra


def test_a_superuser_has_one_company_and_every_permission(http):
    answer = http.license("GET", "get-permissions/", http.login("marie"))
    (only,) = answer.json()["permissions"]
    assert (only["company_id"], only["permissions"]) == (KIST, ["is_superuser", "use_app"])


def test_without_use_app_no_company_is_open(http):
    token = http.login("piet")
    assert http.sandbox.permissions.get("piet@sandbox.test", "Kist & Vijs BV") == {"view_artikels"}
    assert http.license("GET", "get-permissions/", token).json()["permissions"] == []
    assert http.license("GET", f"get-company-permissions/{KIST}/", token).json() == {"permissions": []}


def test_wrong_password_and_unknown_user_are_told_alike(http):
    said = {
        refused(http.license("POST", "authenticate/", body=JAN | wrong), 401, "NOT_AUTHORIZED")
        for wrong in ({"password": "fout"}, {"password": ""}, {"username": "x@y.z"}, {"username": ""})
    }
    assert len(said) == 1


def test_wrong_password_and_unknown_user_take_as_long(http, monkeypatch):
    """Both derive one key of the same cost; the time itself is not measured, since a busy machine would decide."""
    derived = []

    def counted(password: str, salt: bytes, iterations: int) -> bytes:
        derived.append(iterations)
        return bytes(32)

    monkeypatch.setattr(passwords, "_derived", counted)
    http.license("POST", "authenticate/", body=JAN | {"username": "nobody@sandbox.test"})
    http.license("POST", "authenticate/", body=JAN | {"password": "fout"})
    assert derived == [passwords.ITERATIONS] * 2


def test_an_inactive_user(small):
    token = small.login()
    small.sandbox.users.update("jan@sandbox.test", is_active=False)
    assert "not active" in refused(small.license("POST", "authenticate/", body=JAN), 401, "NOT_AUTHORIZED")
    assert "not active" in refused(small.license("GET", "users/profile/", token), 401, "NOT_AUTHORIZED")
    wrong = small.license("POST", "authenticate/", body=JAN | {"password": "fout"})
    assert "not active" not in refused(wrong, 401, "NOT_AUTHORIZED")


@pytest.mark.parametrize("module", ["other-app", "SANDBOX-APP", ""])
def test_an_unknown_application(http, module):
    answer = http.license("POST", "authenticate/", body=JAN, X_LICENSE_MODULE=module)
    assert ("unknown" if module else "missing") in refused(answer, 401, "NOT_AUTHORIZED")


def test_without_a_module_where_the_path_tells(http):
    answer = http.license("POST", "authenticate/", body=JAN, X_LICENSE_MODULE=None)
    assert "X-LICENSE-MODULE is missing" in refused(answer, 401, "NOT_AUTHORIZED")


@pytest.mark.parametrize("path", ["get-permissions/", f"get-company-permissions/{KIST}/", "users/profile/"])
def test_tokens_that_open_nothing(small, path):
    sandbox = small.sandbox
    assert "missing" in refused(small.license("GET", path), 401, "NOT_AUTHORIZED")
    assert "unknown" in refused(small.license("GET", path, "made-up"), 401, "NOT_AUTHORIZED")
    sandbox.applications.create(id="other-app")
    others = sandbox.user_tokens.issue("jan@sandbox.test", "other-app")
    assert "unknown" in refused(small.license("GET", path, others), 401, "NOT_AUTHORIZED")
    expired, revoked, good = small.login(), small.login(), small.login()
    assert sandbox.user_tokens.expire(token=expired) == sandbox.user_tokens.revoke(token=revoked) == 1
    assert "expired" in refused(small.license("GET", path, expired), 401, "NOT_AUTHORIZED")
    assert "unknown" in refused(small.license("GET", path, revoked), 401, "NOT_AUTHORIZED")
    assert small.license("GET", path, good).status == 200
    assert sandbox.user_tokens.revoke(user="jan@sandbox.test") == 3
    assert small.license("GET", path, good).status == 401


@pytest.mark.parametrize(
    ("body", "error_code", "names"),
    [
        (b"", "INVALID_FORMAT", "JSON"),
        (b"{", "INVALID_FORMAT", "JSON"),
        (b"\xff", "INVALID_FORMAT", "JSON"),
        (b'{"username": "\\ud800", "password": "x"}', "INVALID_FORMAT", "JSON"),
        (b"[" * 100_000, "UNEXPECTED_VALUE", "object"),
        (b"[]", "UNEXPECTED_VALUE", "object"),
        (b"null", "UNEXPECTED_VALUE", "object"),
        (b"{}", "EXPECTED_VALUE", "username"),
        (b'{"username": "jan@sandbox.test"}', "EXPECTED_VALUE", "password"),
        (b'{"username": 5, "password": "x"}', "UNEXPECTED_VALUE", "username"),
        (b'{"username": "x", "password": null}', "UNEXPECTED_VALUE", "password"),
        (b'{"username": "\\u0000", "password": "x"}', "UNEXPECTED_VALUE", "username"),
        (json.dumps({"username": "x", "password": "x" * 5000}).encode(), "UNEXPECTED_VALUE", "password"),
    ],
)
def test_bodies_that_are_none(http, body, error_code, names):
    answer = http.license("POST", "authenticate/", body=body)
    assert names in refused(answer, 400, error_code)
    assert "xxxxx" not in answer.data.decode()


def test_other_fields_mean_nothing(http):
    assert http.license("POST", "authenticate/", body=JAN | {"remember": True}).status == 200


def test_a_body_that_is_too_large(http):
    answer = http.license("POST", "authenticate/", body=b" " * (2 << 20))
    assert "large" in refused(answer, 413, "ERROR")


@pytest.mark.parametrize("id", ["125", "x", KIST[:-1], KIST + "0", "%20", "é"])
def test_company_ids_that_are_none(http, id):
    answer = http.license("GET", f"get-company-permissions/{id}/", http.login())
    assert "UUID" in refused(answer, 400, "UNEXPECTED_VALUE")


def test_an_unknown_company(http):
    answer = http.license("GET", f"get-company-permissions/{uuid.UUID(int=7)}/", http.login())
    refused(answer, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "authenticate/", "POST"),
        ("PUT", "authenticate/", "POST"),
        ("POST", "get-permissions/", "GET, HEAD"),
        ("DELETE", f"get-company-permissions/{KIST}/", "GET, HEAD"),
        ("PATCH", "users/profile/", "GET, HEAD"),
        ("GET", "impersonation-validation/", "POST"),
    ],
)
def test_other_methods(http, method, path, allow):
    answer = http.license(method, path)
    refused(answer, 405, "NOT_ALLOWED")
    assert answer.headers["Allow"] == allow


def test_paths_without_their_slash(http):
    answer = http.license("GET", "users/profile?x=1")
    assert (answer.status, answer.headers["Location"]) == (301, "/api/v1/auth/users/profile/?x=1")
    answer = http.license("GET", f"get-company-permissions/{KIST}")
    assert answer.headers["Location"] == f"/api/v1/auth/get-company-permissions/{KIST}/"
    assert "slash" in refused(http.license("POST", "authenticate", body=JAN), 404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["", "nothing/", "get-company-permissions/", f"get-company-permissions/{KIST}/x/"])
def test_unknown_paths(http, path):
    refused(http.license("GET", path, http.login()), 404, "NOT_FOUND")


def test_the_headers_tell_which_server_is_meant(http):
    token = http.login()
    assert "company_id" in http.license("GET", "get-permissions/", token).json()["permissions"][0]
    assert "permission" in http.external("GET", "get-permissions/", token).json()["permissions"][0]
    neither, both = {"X_LICENSE_MODULE": None}, {"X_ERP_REQUESTOR": "sandbox-app"}
    for headers, status, word in ((neither, 401, "NOT_AUTHORIZED"), (both, 400, "INVALID_FORMAT")):
        answer = http.license("GET", "get-permissions/", token, **headers)
        said = refused(answer, status, word)
        assert "X-LICENSE-MODULE" in said
        assert "X-ERP-REQUESTOR" in said


def test_impersonation(small):
    token = small.sandbox.user_tokens.impersonate("jan@sandbox.test", "Lampe SA")
    answer = small.license("POST", "impersonation-validation/", body={"token": token})
    assert answer.status == 200
    assert list(answer.json()) == ["token", "auth_token", "user", "company"]
    validated = Impersonation.from_json(answer.data)
    assert (validated.token, validated.user, validated.company) == (token, "jan@sandbox.test", LAMPE)
    assert small.license("GET", "get-permissions/", validated.auth_token).json()["permissions"] == JANS
    again = small.license("POST", "impersonation-validation/", body={"token": token})
    assert "used" in refused(again, 401, "NOT_AUTHORIZED")


def test_impersonations_that_are_refused(small):
    sandbox = small.sandbox
    sandbox.applications.create(id="other-app")
    for token in (
        "made-up",
        sandbox.user_tokens.impersonate("jan@sandbox.test", "Lampe SA", seconds=-1),
        sandbox.user_tokens.impersonate("jan@sandbox.test", "Lampe SA", "other-app"),
        sandbox.user_tokens.impersonate("marie@sandbox.test", "Lampe SA"),
        sandbox.user_tokens.impersonate("piet@sandbox.test", "Kist & Vijs BV"),
    ):
        answer = small.license("POST", "impersonation-validation/", body={"token": token})
        refused(answer, 401, "NOT_AUTHORIZED")
    refused(small.license("POST", "impersonation-validation/", body={}), 400, "EXPECTED_VALUE")
    assert small.sandbox.user_tokens.list() == []


def test_a_secret_is_in_no_repr(http):
    answer = http.license("POST", "authenticate/", body=JAN)
    session = LicenseSession.from_json(answer.data)
    assert session.token not in repr(session)
    assert session.token not in str(session.__rich_repr__())
    assert "Kist & Vijs BV" in repr(session)
    assert "1234" not in repr(Profile(email="x@y.z", pin="1234"))


def test_faults_meet_the_login_too(small):
    small.sandbox.faults.add(route="auth/authenticate", status=503)
    assert small.license("GET", "users/profile/", "x").status == 401
    refused(small.license("POST", "authenticate/", body=JAN), 503, "ERROR")
    token = small.login()
    small.sandbox.faults.add(token=token, retry_after=2)
    small.sandbox.faults.add(route="auth/get-company-permissions", status=502, body="html")
    answer = small.license("GET", f"get-company-permissions/{KIST}/", token)
    refused(answer, 429, "ERROR")
    assert answer.headers["Retry-After"] == "2"
    assert small.license("GET", f"get-company-permissions/{KIST}/", token).data.startswith(b"<html>")
    small.sandbox.faults.add(route="auth/get-permissions", cut_off=0.5, ends_cleanly=True)
    with pytest.raises(ValueError):
        small.license("GET", "get-permissions/", token).json()
    small.sandbox.faults.add(route="auth/get-user", status=500)
    assert small.external("GET", "get-user/", token).json() == {
        "message": "Internal Server Error (a fault of the sandbox)."
    }
