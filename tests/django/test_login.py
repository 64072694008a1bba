from __future__ import annotations

from cloudspot.django.models import Account, Membership

from .conftest import JAN, KIST, LAMPE, MARIE, PASSWORD


def test_logging_in_choosing_a_company_and_logging_out(client) -> None:
    assert client.get("/auth/login").status_code == 200
    response = client.post("/auth/login", {"username": JAN, "password": PASSWORD, "next": "/page"})
    assert response.headers["Location"] == "/auth/select-company?next=%2Fpage"
    page = client.get(response.headers["Location"]).content.decode()
    assert "Kist &amp; Vijs BV" in page
    assert "Lampe SA" in page
    response = client.post("/auth/select-company", {"company": KIST, "next": "/page"})
    assert response.headers["Location"] == "/page"
    assert client.get("/me").json()["company"] == KIST
    assert client.get("/page").content.strip() == b"jan@sandbox.test|Kist &amp; Vijs BV|edits|sees clients"
    assert client.get("/edit").content == b"edited"
    assert client.get("/aedit").content == b"edited"
    assert client.post("/auth/logout").headers["Location"] == "/auth/login"
    assert client.get("/edit").headers["Location"] == "/auth/login?next=/edit"


def test_who_has_one_company_is_not_asked(client, log_in) -> None:
    response = log_in(MARIE, company=None)
    assert response.headers["Location"] == "/me"
    assert client.get("/me").json()["company"] == KIST


async def test_the_same_under_asgi(aclient) -> None:
    assert (await aclient.get("/auth/login")).status_code == 200
    response = await aclient.post("/auth/login", {"username": JAN, "password": PASSWORD})
    assert response.headers["Location"].startswith("/auth/select-company")
    assert (await aclient.get("/auth/select-company")).status_code == 200
    await aclient.post("/auth/select-company", {"company": LAMPE})
    assert (await aclient.get("/me")).json()["permissions"] == ["use_app", "view_artikels"]
    assert (await aclient.get("/ame")).json() == {"user": JAN, "edits": False}
    assert (await aclient.get("/edit")).status_code == 403
    assert (await aclient.get("/aedit")).status_code == 403
    assert (await aclient.get("/apage")).content.strip() == b"jan@sandbox.test|Lampe SA||"
    assert (await aclient.post("/auth/logout")).status_code == 302
    assert (await aclient.get("/me")).json()["user"] == ""


def test_what_is_kept(client, log_in) -> None:
    log_in()
    account = Account.objects.select_related("user").get()
    assert not account.user.has_usable_password()
    assert (account.user.first_name, account.user.email) == ("Jan", JAN)
    assert account.company_id is not None
    assert account.pin == "1234"
    assert account.token.reveal() not in account.sealed_token
    assert Membership.objects.count() == 2
