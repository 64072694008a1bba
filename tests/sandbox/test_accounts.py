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
        assert sandbox.companies[0] == (1, KIST, "Kist & Vijs BV")
        assert sandbox.license_url == sandbox.base_url


def test_users(fresh):
    users = fresh.sandbox.users
    made = users.create(email="an@sandbox.test", first_name="An", pin="00", password="geheim")
    assert users.get("an@sandbox.test") == made
    assert log_in(fresh, "an@sandbox.test", "geheim") == 200
    users.update("an@sandbox.test", password="nieuw", email="an@elders.test")
    assert log_in(fresh, "an@sandbox.test", "nieuw") == 401
    assert log_in(fresh, "an@elders.test", "geheim") == 401
    assert log_in(fresh, "an@elders.test", "nieuw") == 200
    users.update("an@elders.test", pin=None)
    assert users.get("an@elders.test").pin is None
    assert users.create(email="bo@sandbox.test") in users.list()
    assert log_in(fresh, "bo@sandbox.test", "sandbox-wachtwoord") == 200
    users.delete("an@elders.test")
    assert log_in(fresh, "an@elders.test", "nieuw") == 401
    for edit in (users.get, users.update, users.delete):
        with pytest.raises(NoSuchRecord, match="an@elders"):
            edit("an@elders.test")


def test_a_name_in_use(fresh):
    for edit in (
        lambda: fresh.sandbox.users.create(email=JAN),
        lambda: fresh.sandbox.users.update(PIET, email=JAN),
        lambda: fresh.sandbox.applications.create(id="sandbox-app"),
        lambda: fresh.sandbox.applications.create(id="other", requestor="sandbox-app"),
    ):
        with pytest.raises(RecordExists):
            edit()
    assert [user.email for user in fresh.sandbox.users.list()] == [JAN, MARIE, PIET]
    assert fresh.sandbox.users.update(JAN, email=JAN, first_name="J").first_name == "J"


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
def test_fields_of_a_user_that_do_not_fit(fresh, fields):
    (name,) = fields
    for edit in (lambda: fresh.sandbox.users.update(JAN, **fields), lambda: fresh.sandbox.users.create(**fields)):
        with pytest.raises(ValueError, match=name if name != "email" else "email"):
            edit()
    answer = control(fresh, "PATCH", f"users/{JAN}", fields)
    assert answer.status == 400
    assert name in answer.json()["message"]


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
def test_fields_of_an_application_that_do_not_fit(fresh, fields):
    with pytest.raises(ValueError):
        fresh.sandbox.applications.update(**fields) if "id" not in fields else fresh.sandbox.applications.create(
            **fields
        )
    answer = control(fresh, "PATCH", "applications/sandbox-app", fields)
    assert answer.status == 400
    assert answer.json()["message"]
    assert fresh.sandbox.applications.get().webhook_url is None
    assert not fresh.sandbox.applications.signs_events()


def test_webhooks_elsewhere_when_told():
    with Sandbox(artikels=1, remote_webhooks=True) as sandbox:
        sandbox.applications.update(webhook_url="https://example.com/auth/webhook", automatic_events=False)
        assert sandbox.applications.get().webhook_url == "https://example.com/auth/webhook"


def test_permissions(fresh):
    permissions = fresh.sandbox.permissions
    assert permissions.get(JAN, "Lampe SA") == {"use_app", "view_artikels"}
    permissions.set(JAN, "Lampe SA", ["use_app", "view_klanten"])
    assert permissions.get(JAN, "Lampe SA") == {"use_app", "view_klanten"}
    permissions.set(JAN, KIST, [])
    companies = fresh.license("GET", "get-permissions/", fresh.login()).json()["permissions"]
    assert [(each["company_name"], each["permissions"]) for each in companies] == [
        ("Lampe SA", ["use_app", "view_klanten"])
    ]
    permissions.set(MARIE, KIST, ["is_superuser"])
    (company,) = fresh.license("GET", "get-permissions/", fresh.login("marie")).json()["permissions"]
    assert company["permissions"] == ["is_superuser", "use_app"]


def test_permissions_are_of_one_application(fresh):
    sandbox = fresh.sandbox
    sandbox.applications.create(id="other-app", name="Other")
    sandbox.permissions.set(PIET, "Lampe SA", {"use_app"}, "other-app")
    assert sandbox.permissions.get(PIET, "Lampe SA") == frozenset()
    token = sandbox.user_tokens.issue(PIET, "other-app")
    answer = fresh.license("GET", "get-permissions/", token, X_LICENSE_MODULE="other-app")
    assert [each["company_name"] for each in answer.json()["permissions"]] == ["Lampe SA"]
    sandbox.applications.delete("other-app")
    assert fresh.license("GET", "get-permissions/", token, X_LICENSE_MODULE="other-app").status == 401
    assert sandbox.permissions.list(application="other-app") == []
    with pytest.raises(NoSuchRecord):
        sandbox.applications.delete("other-app")


def test_permissions_of_nobody(fresh):
    for user, company, application in (
        ("x@y.z", KIST, "sandbox-app"),
        (JAN, "Geen", "sandbox-app"),
        (JAN, KIST, "other-app"),
    ):
        with pytest.raises(LookupError):
            fresh.sandbox.permissions.set(user, company, [], application)
    for slugs in (["a b"], [""], [5], ["é"]):
        with pytest.raises(ValueError):
            fresh.sandbox.permissions.set(JAN, KIST, slugs)


def test_an_application_goes_by_another_name(fresh):
    token = fresh.login()
    fresh.sandbox.applications.update(id="new-app")
    assert fresh.license("GET", "users/profile/", token).status == 401
    assert fresh.license("GET", "users/profile/", token, X_LICENSE_MODULE="new-app").status == 200


def test_tokens_follow_their_user(fresh):
    token = fresh.login()
    fresh.sandbox.users.update(JAN, email="jan@elders.test")
    assert fresh.license("GET", "users/profile/", token).json()["email"] == "jan@elders.test"
    fresh.sandbox.users.delete("jan@elders.test")
    assert "unknown" in fresh.license("GET", "users/profile/", token).json()["message"]


def test_a_reset_makes_the_accounts_anew(fresh):
    fresh.sandbox.users.delete(JAN)
    fresh.sandbox.applications.create(id="other-app")
    token = fresh.login("marie")
    fresh.sandbox.reset()
    assert [user.email for user in fresh.sandbox.users.list()] == [JAN, MARIE, PIET]
    assert fresh.license("GET", "users/profile/", token).status == 401
    assert log_in(fresh, JAN, "sandbox-wachtwoord") == 200


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


def test_many_logins_at_once(fresh):
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda: tokens.extend(fresh.login() for _ in range(5))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(tokens)) == 30
    assert len(fresh.sandbox.user_tokens.list(user=JAN)) == 30


def test_control_of_users(fresh):
    made = control(fresh, "POST", "users", {"email": "an@sandbox.test", "password": "geheim", "pin": "9"})
    assert made.status == 201
    assert made.json() == {
        "email": "an@sandbox.test",
        "first_name": "",
        "last_name": "",
        "pin": "9",
        "is_active": True,
    }
    assert log_in(fresh, "an@sandbox.test", "geheim") == 200
    assert control(fresh, "GET", "users/an%40sandbox.test").json() == made.json()
    assert control(fresh, "PATCH", "users/an@sandbox.test", {"is_active": False}).json()["is_active"] is False
    assert [each["email"] for each in control(fresh, "GET", "users").json()["users"]][-1] == "an@sandbox.test"
    assert control(fresh, "DELETE", "users/an@sandbox.test").json() == {"deleted": "an@sandbox.test"}
    assert control(fresh, "GET", "users/an@sandbox.test").status == 404
    assert control(fresh, "POST", "users", {"email": JAN}).status == 409
    assert "email" in control(fresh, "POST", "users", {}).json()["message"]
    assert control(fresh, "POST", "users", []).status == 400
    assert fresh.control("POST", "users", b"{").status == 400
    assert control(fresh, "PUT", f"users/{JAN}", {}).headers["Allow"] == "GET, PATCH, DELETE"


def test_control_of_applications_and_companies(fresh):
    secret = "whsec_" + "QUJD" * 8
    fields = {"id": "other-app", "name": "Other", "webhook_url": "http://localhost:1/auth/webhook"}
    made = control(fresh, "POST", "applications", fields | {"webhook_secret": secret})
    assert made.status == 201
    assert made.json() == fields | {"requestor": None, "automatic_events": True, "signs_events": True}
    every = control(fresh, "GET", "applications")
    assert [each["id"] for each in every.json()["applications"]] == ["sandbox-app", "other-app"]
    assert b"whsec" not in every.data
    changed = control(fresh, "PATCH", "applications/other-app", {"webhook_secret": None, "requestor": "other"})
    assert (changed.json()["signs_events"], changed.json()["requestor"]) == (False, "other")
    assert control(fresh, "GET", "applications/other-app").json() == changed.json()
    assert control(fresh, "DELETE", "applications/other-app").status == 200
    assert control(fresh, "DELETE", "applications/other-app").status == 404
    assert control(fresh, "GET", "companies").json()["companies"][0] == {"id": KIST, "name": "Kist & Vijs BV"}


def test_control_of_permissions(fresh):
    wanted = {"user": PIET, "company": "Kist & Vijs BV", "permissions": ["use_app"]}
    assert control(fresh, "PUT", "permissions", wanted).json() == {
        "user": PIET,
        "application": "sandbox-app",
        "company_id": KIST,
        "company_name": "Kist & Vijs BV",
        "permissions": ["use_app"],
    }
    (row,) = control(fresh, "GET", f"permissions?user={PIET}&company={KIST}").json()["permissions"]
    assert row["permissions"] == ["use_app"]
    assert len(control(fresh, "GET", "permissions").json()["permissions"]) == 4
    assert control(fresh, "PUT", "permissions", wanted | {"user": "x@y.z"}).status == 404
    assert control(fresh, "PUT", "permissions", wanted | {"company": "Geen"}).status == 404
    assert control(fresh, "PUT", "permissions", wanted | {"permissions": ["a b"]}).status == 400
    assert "slugs" in control(fresh, "PUT", "permissions", wanted | {"slugs": []}).json()["message"]
    assert "who" in control(fresh, "GET", "permissions?who=x").json()["message"]


def test_control_of_user_tokens(fresh):
    token, other = fresh.login(), fresh.login("marie")
    listed = control(fresh, "GET", "user-tokens")
    assert [each["user"] for each in listed.json()["user_tokens"]] == [JAN, MARIE]
    assert token.encode() not in listed.data
    assert control(fresh, "GET", f"user-tokens?user={MARIE}").json()["user_tokens"][0]["id"] == 2
    assert control(fresh, "POST", "user-tokens/expire", {"user": JAN}).json() == {"expired": 1}
    assert "expired" in fresh.license("GET", "users/profile/", token).json()["message"]
    assert control(fresh, "DELETE", "user-tokens/1").json() == {"revoked": 1}
    assert control(fresh, "DELETE", "user-tokens/1").status == 404
    assert control(fresh, "DELETE", "user-tokens/x").status == 404
    assert fresh.license("GET", "users/profile/", other).status == 200
    assert control(fresh, "DELETE", "user-tokens?application=sandbox-app").json() == {"revoked": 1}
    assert fresh.license("GET", "users/profile/", other).status == 401
    assert control(fresh, "POST", "user-tokens/expire", {"who": JAN}).status == 400


def test_control_of_impersonations(fresh):
    made = control(fresh, "POST", "impersonations", {"user": JAN, "company": "Lampe SA"})
    assert made.status == 201
    answer = fresh.license("POST", "impersonation-validation/", body=made.json())
    assert answer.json()["user"] == JAN
    late = control(fresh, "POST", "impersonations", {"user": JAN, "company": "Lampe SA", "seconds": -1}).json()
    assert fresh.license("POST", "impersonation-validation/", body=late).status == 401
    assert control(fresh, "POST", "impersonations", {"user": "x@y.z", "company": KIST}).status == 404
    assert control(fresh, "POST", "impersonations", {"user": JAN}).status == 400


def test_the_control_api_never_shows_a_secret(fresh):
    fresh.login()
    kept = fresh.sandbox.store.accounts.password(JAN)
    for path in ("users", f"users/{JAN}", "applications", "user-tokens", "permissions", "companies", "events"):
        answer = control(fresh, "GET", path)
        assert answer.status == 200
        for secret in (kept, kept.split("$")[2], "sandbox-wachtwoord", "digest", "password"):
            assert secret.encode() not in answer.data
