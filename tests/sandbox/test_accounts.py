"""Applications, users, permissions and user tokens: edited in the same process, and by the control API."""

import json
import sqlite3
import threading

import pytest

from cloudspot.sandbox import NoSuchRecord, RecordExists, Sandbox
from cloudspot.sandbox.accounts import effective
from cloudspot.sandbox.passwords import fits, hashed

KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"
JAN, MARIE, PIET = (f"{who}@sandbox.test" for who in ("jan", "marie", "piet"))


def control(http, method: str, path: str, body: object = None):
    return http.control(method, path, None if body is None else json.dumps(body).encode())


def log_in(http, username: str, password: str) -> int:
    return http.license("POST", "authenticate/", body={"username": username, "password": password}).status


def test_passwords():
    kept = hashed("geheim")
    assert kept != hashed("geheim")
    assert fits("geheim", kept)
    assert not fits("gehein", kept)
    assert not fits("geheim", None)
    assert not fits("", None)
    assert "geheim" not in kept


def test_what_permissions_come_to():
    assert effective([]) == []
    assert effective(["view_artikels"]) == []
    assert effective(["view_artikels", "use_app"]) == ["use_app", "view_artikels"]
    assert effective(["is_superuser"]) == ["is_superuser", "use_app"]


def test_the_fixed_names_whatever_the_seed():
    with Sandbox(artikels=1, seed=7) as sandbox:
        assert [each.id for each in sandbox.applications.list()] == ["sandbox-app"]
        assert sandbox.applications.get().requestor == "sandbox-app"
        assert [user.email for user in sandbox.users.list()] == [JAN, MARIE, PIET]
        assert sandbox.companies.list()[0] == (1, KIST, "Kist & Vijs BV")
        assert sandbox.license_url == sandbox.base_url


def test_users(small):
    users = small.sandbox.users
    made = users.create(email="an@sandbox.test", first_name="An", pin="00", password="geheim")
    assert users.get("an@sandbox.test") == made
    assert log_in(small, "an@sandbox.test", "geheim") == 200
    users.update("an@sandbox.test", password="nieuw", email="an@elders.test")
    assert log_in(small, "an@sandbox.test", "nieuw") == 401
    assert log_in(small, "an@elders.test", "geheim") == 401
    assert log_in(small, "an@elders.test", "nieuw") == 200
    users.update("an@elders.test", pin=None)
    assert users.get("an@elders.test").pin is None
    assert users.create(email="bo@sandbox.test") in users.list()
    assert log_in(small, "bo@sandbox.test", "sandbox-wachtwoord") == 200
    users.delete("an@elders.test")
    assert log_in(small, "an@elders.test", "nieuw") == 401
    for edit in (users.get, users.update, users.delete):
        with pytest.raises(NoSuchRecord, match="an@elders"):
            edit("an@elders.test")


def test_a_name_in_use(small):
    for edit in (
        lambda: small.sandbox.users.create(email=JAN),
        lambda: small.sandbox.users.update(PIET, email=JAN),
        lambda: small.sandbox.applications.create(id="sandbox-app"),
        lambda: small.sandbox.applications.create(id="other", requestor="sandbox-app"),
    ):
        with pytest.raises(RecordExists):
            edit()
    assert [user.email for user in small.sandbox.users.list()] == [JAN, MARIE, PIET]
    assert small.sandbox.users.update(JAN, email=JAN, first_name="J").first_name == "J"


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "jan"},
        {"email": "a b@c"},
        {"email": None},
        {"pin": "1234567"},
        {"pin": ""},
        {"pin": 12},
        {"is_active": "yes"},
        {"password": ""},
        {"first_name": "x" * 201},
        {"first_name": "\0"},
        {"surname": "x"},
        {"username": "x"},
    ],
)
def test_fields_of_a_user_that_do_not_fit(small, fields):
    (name,) = fields
    for edit in (lambda: small.sandbox.users.update(JAN, **fields), lambda: small.sandbox.users.create(**fields)):
        with pytest.raises(ValueError, match=name if name != "email" else "email"):
            edit()
    answer = control(small, "PATCH", f"users/{JAN}", fields)
    assert answer.status == 400
    assert ("NUL" if fields[name] == "\0" else name) in answer.json()["message"]


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "a/b"},
        {"id": ""},
        {"requestor": "Upper"},
        {"webhook_url": "ftp://127.0.0.1/x"},
        {"webhook_url": "/auth/webhook"},
        {"webhook_url": "http://example.com/auth/webhook"},
        {"webhook_url": "http://10.0.0.1/"},
        {"webhook_url": "http://127.0.0.1:99999/"},
        {"webhook_url": "http://me:secret@127.0.0.1/"},
        {"webhook_url": "http://127.0.0.1.example.com/"},
        {"webhook_url": "http://127.0.0.1/a b"},
        {"webhook_secret": "geheim"},
        {"webhook_secret": "whsec_!!"},
        {"webhook_secret": "whsec_" + "AAAA"},
        {"automatic_events": 1},
        {"webhook": "http://127.0.0.1/"},
    ],
)
def test_fields_of_an_application_that_do_not_fit(small, fields):
    with pytest.raises(ValueError):
        small.sandbox.applications.update(**fields) if "id" not in fields else small.sandbox.applications.create(
            **fields
        )
    answer = control(small, "PATCH", "applications/sandbox-app", fields)
    assert answer.status == 400
    assert answer.json()["message"]
    assert small.sandbox.applications.get().webhook_url is None
    assert not small.sandbox.applications.signs_events()


def test_webhooks_elsewhere_when_told():
    with Sandbox(artikels=1, remote_webhooks=True) as sandbox:
        sandbox.applications.update(webhook_url="https://example.com/auth/webhook", automatic_events=False)
        assert sandbox.applications.get().webhook_url == "https://example.com/auth/webhook"


def test_permissions(small):
    permissions = small.sandbox.permissions
    assert permissions.get(JAN, "Lampe SA") == {"use_app", "view_artikels"}
    permissions.set(JAN, "Lampe SA", ["use_app", "view_klanten"])
    assert permissions.get(JAN, "Lampe SA") == {"use_app", "view_klanten"}
    permissions.set(JAN, KIST, [])
    companies = small.license("GET", "get-permissions/", small.login()).json()["permissions"]
    assert [(each["company_name"], each["permissions"]) for each in companies] == [
        ("Lampe SA", ["use_app", "view_klanten"])
    ]
    permissions.set(MARIE, KIST, ["is_superuser"])
    (company,) = small.license("GET", "get-permissions/", small.login("marie")).json()["permissions"]
    assert company["permissions"] == ["is_superuser", "use_app"]


def test_permissions_are_of_one_application(small):
    sandbox = small.sandbox
    sandbox.applications.create(id="other-app", name="Other")
    sandbox.permissions.set(PIET, "Lampe SA", {"use_app"}, "other-app")
    assert sandbox.permissions.get(PIET, "Lampe SA") == frozenset()
    token = sandbox.user_tokens.issue(PIET, "other-app")
    answer = small.license("GET", "get-permissions/", token, X_LICENSE_MODULE="other-app")
    assert [each["company_name"] for each in answer.json()["permissions"]] == ["Lampe SA"]
    sandbox.applications.delete("other-app")
    assert small.license("GET", "get-permissions/", token, X_LICENSE_MODULE="other-app").status == 401
    assert sandbox.permissions.list(application="other-app") == []
    with pytest.raises(NoSuchRecord):
        sandbox.applications.delete("other-app")


def test_permissions_of_nobody(small):
    for user, company, application in (
        ("x@y.z", KIST, "sandbox-app"),
        (JAN, "Geen", "sandbox-app"),
        (JAN, KIST, "other-app"),
    ):
        with pytest.raises(LookupError):
            small.sandbox.permissions.set(user, company, [], application)
    for slugs in (["a b"], [""], [5], ["é"]):
        with pytest.raises(ValueError):
            small.sandbox.permissions.set(JAN, KIST, slugs)


def test_an_application_goes_by_another_name(small):
    token = small.login()
    small.sandbox.applications.update(id="new-app")
    assert small.license("GET", "users/profile/", token).status == 401
    assert small.license("GET", "users/profile/", token, X_LICENSE_MODULE="new-app").status == 200


def test_tokens_follow_their_user(small):
    token = small.login()
    small.sandbox.users.update(JAN, email="jan@elders.test")
    assert small.license("GET", "users/profile/", token).json()["email"] == "jan@elders.test"
    small.sandbox.users.delete("jan@elders.test")
    assert "unknown" in small.license("GET", "users/profile/", token).json()["message"]


def test_a_reset_makes_the_accounts_anew(small):
    small.sandbox.users.delete(JAN)
    small.sandbox.applications.create(id="other-app")
    token = small.login("marie")
    small.sandbox.reset()
    assert [user.email for user in small.sandbox.users.list()] == [JAN, MARIE, PIET]
    assert small.license("GET", "users/profile/", token).status == 401
    assert log_in(small, JAN, "sandbox-wachtwoord") == 200


def test_accounts_are_kept_in_a_file_and_secrets_only_as_hashes(tmp_path):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    with Sandbox(artikels=1, database=database) as sandbox:
        sandbox.users.create(email="an@sandbox.test", password="zeer-geheim")
        token = sandbox.user_tokens.issue("an@sandbox.test")
        impersonating = sandbox.user_tokens.impersonate("an@sandbox.test", KIST)
    with Sandbox(artikels=1, database=database) as sandbox:
        assert sandbox.user_tokens.list()[0].user == "an@sandbox.test"
        assert sandbox.store.user_tokens.holder(token, "sandbox-app").user.email == "an@sandbox.test"
    file = sqlite3.connect(tmp_path / "sandbox.db")
    dump = "\n".join(file.iterdump())
    file.close()
    for secret in ("zeer-geheim", token, impersonating):
        assert secret not in dump


def test_many_logins_at_once(small):
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda: tokens.extend(small.login() for _ in range(5))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(tokens)) == 30
    assert len(small.sandbox.user_tokens.list(user=JAN)) == 30


def test_control_of_users(small):
    made = control(small, "POST", "users", {"email": "an@sandbox.test", "password": "geheim", "pin": "9"})
    assert made.status == 201
    assert made.json() == {
        "email": "an@sandbox.test",
        "first_name": "",
        "last_name": "",
        "pin": "9",
        "is_active": True,
    }
    assert log_in(small, "an@sandbox.test", "geheim") == 200
    assert control(small, "GET", "users/an%40sandbox.test").json() == made.json()
    assert control(small, "PATCH", "users/an@sandbox.test", {"is_active": False}).json()["is_active"] is False
    assert [each["email"] for each in control(small, "GET", "users").json()["users"]][-1] == "an@sandbox.test"
    assert control(small, "DELETE", "users/an@sandbox.test").json() == {"deleted": "an@sandbox.test"}
    assert control(small, "GET", "users/an@sandbox.test").status == 404
    assert control(small, "POST", "users", {"email": JAN}).status == 409
    assert "email" in control(small, "POST", "users", {}).json()["message"]
    assert control(small, "POST", "users", []).status == 400
    assert small.control("POST", "users", b"{").status == 400
    assert control(small, "PUT", f"users/{JAN}", {}).headers["Allow"] == "GET, PATCH, DELETE"


def test_control_of_names_that_no_database_takes(small):
    for method, path, body in (
        ("GET", "users/%00", None),
        ("GET", "permissions?user=%00", None),
        ("PUT", "permissions", {"user": "\0", "company": KIST, "permissions": []}),
    ):
        answer = control(small, method, path, body)
        assert answer.status == 400
        assert "NUL" in answer.json()["message"]


def test_control_of_applications_and_companies(small):
    secret = "whsec_" + "QUJD" * 8
    fields = {"id": "other-app", "name": "Other", "webhook_url": "http://localhost:1/auth/webhook"}
    made = control(small, "POST", "applications", fields | {"webhook_secret": secret})
    assert made.status == 201
    assert made.json() == fields | {"requestor": None, "automatic_events": True, "signs_events": True}
    every = control(small, "GET", "applications")
    assert [each["id"] for each in every.json()["applications"]] == ["sandbox-app", "other-app"]
    assert b"whsec" not in every.data
    changed = control(small, "PATCH", "applications/other-app", {"webhook_secret": None, "requestor": "other"})
    assert (changed.json()["signs_events"], changed.json()["requestor"]) == (False, "other")
    assert control(small, "GET", "applications/other-app").json() == changed.json()
    assert control(small, "DELETE", "applications/other-app").status == 200
    assert control(small, "DELETE", "applications/other-app").status == 404
    assert control(small, "GET", "companies").json()["companies"][0] == {"id": KIST, "naam": "Kist & Vijs BV"}


def test_control_of_permissions(small):
    wanted = {"user": PIET, "company": "Kist & Vijs BV", "permissions": ["use_app"]}
    assert control(small, "PUT", "permissions", wanted).json() == {
        "user": PIET,
        "application": "sandbox-app",
        "company_id": KIST,
        "company_name": "Kist & Vijs BV",
        "permissions": ["use_app"],
    }
    (row,) = control(small, "GET", f"permissions?user={PIET}&company={KIST}").json()["permissions"]
    assert row["permissions"] == ["use_app"]
    assert len(control(small, "GET", "permissions").json()["permissions"]) == 4
    assert control(small, "PUT", "permissions", wanted | {"user": "x@y.z"}).status == 404
    assert control(small, "PUT", "permissions", wanted | {"company": "Geen"}).status == 404
    assert control(small, "PUT", "permissions", wanted | {"permissions": ["a b"]}).status == 400
    assert "slugs" in control(small, "PUT", "permissions", wanted | {"slugs": []}).json()["message"]
    assert "who" in control(small, "GET", "permissions?who=x").json()["message"]


def test_control_of_user_tokens(small):
    token, other = small.login(), small.login("marie")
    listed = control(small, "GET", "user-tokens")
    assert [each["user"] for each in listed.json()["user_tokens"]] == [JAN, MARIE]
    assert token.encode() not in listed.data
    assert control(small, "GET", f"user-tokens?user={MARIE}").json()["user_tokens"][0]["id"] == 2
    assert control(small, "POST", "user-tokens/expire", {"user": JAN}).json() == {"expired": 1}
    assert "expired" in small.license("GET", "users/profile/", token).json()["message"]
    assert control(small, "DELETE", "user-tokens/1").json() == {"revoked": 1}
    assert control(small, "DELETE", "user-tokens/1").status == 404
    assert control(small, "DELETE", "user-tokens/x").status == 404
    assert small.license("GET", "users/profile/", other).status == 200
    assert control(small, "DELETE", "user-tokens?application=sandbox-app").json() == {"revoked": 1}
    assert small.license("GET", "users/profile/", other).status == 401
    assert control(small, "POST", "user-tokens/expire", {"who": JAN}).status == 400


def test_control_of_impersonations(small):
    made = control(small, "POST", "impersonations", {"user": JAN, "company": "Lampe SA"})
    assert made.status == 201
    answer = small.license("POST", "impersonation-validation/", body=made.json())
    assert answer.json()["user"] == JAN
    late = control(small, "POST", "impersonations", {"user": JAN, "company": "Lampe SA", "seconds": -1}).json()
    assert small.license("POST", "impersonation-validation/", body=late).status == 401
    assert control(small, "POST", "impersonations", {"user": "x@y.z", "company": KIST}).status == 404
    assert control(small, "POST", "impersonations", {"user": JAN}).status == 400


def test_the_control_api_never_shows_a_secret(small):
    small.login()
    kept = small.sandbox.store.accounts.password(JAN)
    for path in ("users", f"users/{JAN}", "applications", "user-tokens", "permissions", "companies", "events"):
        answer = control(small, "GET", path)
        assert answer.status == 200
        for secret in (kept, kept.split("$")[2], "sandbox-wachtwoord", "digest", "password"):
            assert secret.encode() not in answer.data
