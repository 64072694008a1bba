"""The ERP's retired login for external apps, over HTTP."""

import pytest

from cloudspot.records.auth import ExternalSession, ExternalUser

KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"
JAN = {"username": "jan@sandbox.test", "password": "sandbox-wachtwoord"}
JANS = [{"permission": slug} for slug in ("edit_artikels", "use_app", "view_artikels", "view_klanten")]


def refused(answer, status: int) -> str:
    assert answer.status == status
    assert list(answer.json()) == ["message"]
    return answer.json()["message"]


def test_a_login_and_what_it_opens(http):
    answer = http.external("POST", "signin-external-app/", body=JAN)
    assert answer.status == 200
    session = ExternalSession.from_json(answer.data)
    assert list(answer.json()) == ["token", "company", "permissions"]
    assert (answer.json()["company"], answer.json()["permissions"]) == (KIST, JANS)
    assert session.token not in repr(session)
    assert http.external("GET", "get-permissions/", session.token).json() == {"permissions": JANS}
    user = http.external("GET", "get-user/", session.token)
    assert user.json() == {
        "first_name": "Jan",
        "last_name": "Janssens",
        "email": "jan@sandbox.test",
        "pin": "1234",
        "company": KIST,
    }
    assert not ExternalUser.from_json(user.data).extra


def test_what_is_refused(http):
    said = {
        refused(http.external("POST", "signin-external-app/", body=JAN | wrong), 401)
        for wrong in ({"password": "fout"}, {"username": "nobody@sandbox.test"})
    }
    assert len(said) == 1
    piet = JAN | {"username": "piet@sandbox.test"}
    assert "can't use" in refused(http.external("POST", "signin-external-app/", body=piet), 401)
    assert refused(http.external("POST", "signin-external-app/", body=b"{"), 400)
    assert "password" in refused(http.external("POST", "signin-external-app/", body={"username": "x"}), 400)
    assert "unknown" in refused(http.external("GET", "get-user/", "made-up"), 401)
    assert "missing" in refused(http.external("GET", "get-user/"), 401)
    # A company's token is no user's.
    assert "unknown" in refused(http.external("GET", "get-user/", "sandbox-token"), 401)


@pytest.mark.parametrize("requestor", ["other", "SANDBOX-APP", None])
def test_requestors(http, requestor):
    answer = http.external("POST", "signin-external-app/", body=JAN, X_ERP_REQUESTOR=requestor)
    assert ("missing" if requestor is None else "unknown") in refused(answer, 401)


def test_other_methods_and_paths(http):
    answer = http.external("GET", "signin-external-app/")
    assert (refused(answer, 405), answer.headers["Allow"]) == ("Method GET is not allowed here.", "POST")
    assert refused(http.external("POST", "get-user/"), 405)
    assert "slash" in refused(http.external("POST", "signin-external-app", body=JAN), 404)
    assert http.external("GET", "get-user").headers["Location"] == "/api/v1/auth/get-user/"
    assert refused(http.external("GET", "nothing/"), 404)


def test_an_application_without_a_requestor_slug(small):
    small.sandbox.applications.update(requestor=None)
    assert "unknown" in refused(small.external("POST", "signin-external-app/", body=JAN), 401)
