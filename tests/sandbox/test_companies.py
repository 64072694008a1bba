"""Companies and the ERP's tokens: made, changed and taken away, in every database and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import urllib3

from cloudspot.sandbox import NoSuchRecord, RecordExists, Sandbox
from cloudspot.sandbox.store.listing import ListReplaced

KIST, LAMPE = "Kist & Vijs BV", "Lampe SA"


@pytest.fixture
def sandbox(database: str) -> Iterator[Sandbox]:
    with Sandbox(artikels=20, klanten=10, database=database) as running:
        yield running


def fetch(sandbox: Sandbox, path: str, token: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", f"{sandbox.base_url}/{path}/", headers={"X-ERP-TOKEN": token}, retries=False)


def test_a_new_company_has_ids_of_its_own(sandbox: Sandbox) -> None:
    made = sandbox.companies.create("Nieuw NV")
    assert made.id == "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0003"
    assert [each.naam for each in sandbox.companies] == [KIST, LAMPE, "Nieuw NV"]
    assert len(sandbox.companies) == 3
    company = sandbox.company(made.id)
    assert (company.artikels.create().id, company.klanten.create().klantennummer) == (100_000_125, 100_001_001)
    assert company.categorieen.create("Kisten").id == 100_001
    assert len(sandbox.company("Nieuw NV").artikels) == 1
    token = sandbox.erp_tokens.create("Nieuw NV").token
    answer = fetch(sandbox, "artikels", token)
    assert [each["id"] for each in answer.json()["data"]] == [100_000_125]
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_names_and_ids_stand_for_one_company(sandbox: Sandbox) -> None:
    own = sandbox.companies.get(LAMPE).id
    for naam in (KIST, own):
        with pytest.raises(RecordExists):
            sandbox.companies.create(naam)
    with pytest.raises(RecordExists):
        sandbox.companies.create("Ander", id=own)
    with pytest.raises(RecordExists):
        sandbox.companies.update(LAMPE, naam=KIST)
    for naam in ("", "  ", "x" * 201, "a\0b"):
        with pytest.raises(ValueError):
            sandbox.companies.create(naam)
    with pytest.raises(ValueError):
        sandbox.companies.create("Ander", id="3")
    with pytest.raises(ValueError):
        sandbox.companies.update(LAMPE, id=own)
    with pytest.raises(NoSuchRecord, match=LAMPE):
        sandbox.companies.update("Geen", naam="Een")
    assert len(sandbox.companies) == 2


def test_another_name_shows_everywhere(sandbox: Sandbox) -> None:
    assert sandbox.companies.update(LAMPE, naam="Lampe & Fils").naam == "Lampe & Fils"
    assert sandbox.company("Lampe & Fils").id == sandbox.companies.get("Lampe & Fils").id
    assert {row.company_name for row in sandbox.permissions.list()} == {KIST, "Lampe & Fils"}
    sandbox.companies.update(KIST, naam="Vijs")
    assert sandbox.artikels.get(125).id == 125


def test_nothing_is_left_of_a_company(sandbox: Sandbox) -> None:
    before = fetch(sandbox, "artikels", "sandbox-token").headers["ETag"]
    lampe = sandbox.companies.get(LAMPE)
    listing = iter(sandbox.store.listing(lampe.key, "artikels"))
    session = sandbox.user_tokens.impersonate("jan@sandbox.test", LAMPE)
    assert fetch(sandbox, "artikels", "sandbox-other").status == 200
    sandbox.companies.delete(LAMPE)
    assert fetch(sandbox, "artikels", "sandbox-other").status == 401
    assert fetch(sandbox, "artikels", "sandbox-token").headers["ETag"] == before
    with pytest.raises(ListReplaced):
        next(listing)
    with pytest.raises(NoSuchRecord):
        sandbox.company(LAMPE)
    assert "sandbox-other" not in sandbox.tokens
    assert {row.company_name for row in sandbox.permissions.list()} == {KIST}
    assert sandbox.store.user_tokens.take_impersonation(session, "sandbox-app") is None
    again = sandbox.companies.create("Opnieuw")
    assert again.key == lampe.key
    assert sandbox.company("Opnieuw").artikels.search() == ([], 0)
    assert sandbox.permissions.list(company="Opnieuw") == []
    sandbox.reset()
    assert [each.naam for each in sandbox.companies] == [KIST, LAMPE]


def test_the_last_company_stays(sandbox: Sandbox) -> None:
    sandbox.companies.delete(KIST)
    assert sandbox.artikels.get(50_000_125).id == 50_000_125
    with pytest.raises(ValueError, match="only company"):
        sandbox.companies.delete(LAMPE)


def test_applications_are_told_of_a_deleted_company() -> None:
    got = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Webhook) as app, Sandbox(artikels=1, klanten=1) as sandbox:
        Thread(target=app.serve_forever, daemon=True).start()
        sandbox.applications.update("sandbox-app", webhook_url=f"http://127.0.0.1:{app.server_port}/")
        lampe = sandbox.companies.get(LAMPE).id
        sandbox.companies.delete(LAMPE)
        sandbox.events.wait()
        app.shutdown()
    (event,) = got
    assert event["event"] == "permissions.updated"
    assert event["data"]["company_id"] == lampe
    assert event["data"]["permissions"] == []
    assert [each["company_name"] for each in event["data"]["available_companies"]] == [KIST]


def test_tokens_open_what_they_may(sandbox: Sandbox) -> None:
    made = sandbox.erp_tokens.create(KIST, "Webshop 2!", sees_klanten=False)
    assert made.token == "sandbox-webshop-2"
    assert sandbox.erp_tokens.create(KIST, "webshop 2").token == "sandbox-webshop-2-2"
    assert sandbox.erp_tokens.create(LAMPE, token="eigen!").token == "eigen!"
    assert sandbox.tokens[0] == "sandbox-token"
    assert sandbox.tokens[-1] == "eigen!"
    assert sandbox.erp_tokens.get(made.id) == sandbox.erp_tokens.get(made.token) == made
    assert made in sandbox.erp_tokens.list(KIST)
    assert made not in sandbox.erp_tokens.list(LAMPE)
    assert fetch(sandbox, "artikels", made.token).status == 200
    assert fetch(sandbox, "klanten", made.token).status == 401
    changed = sandbox.erp_tokens.update(made.id, sees_artikels=False, sees_klanten=True)
    assert (changed.token, changed.sees_artikels) == (made.token, False)
    assert fetch(sandbox, "artikels", made.token).status == 401
    assert fetch(sandbox, "klanten", made.token).status == 200
    sandbox.erp_tokens.update(made.token, token="nieuw")
    assert fetch(sandbox, "klanten", made.token).status == 401
    assert fetch(sandbox, "klanten", "nieuw").status == 200
    sandbox.erp_tokens.revoke("nieuw")
    assert fetch(sandbox, "klanten", "nieuw").status == 401


def test_tokens_that_can_not_be(sandbox: Sandbox) -> None:
    tokens = sandbox.erp_tokens
    with pytest.raises(RecordExists):
        tokens.create(LAMPE, token="sandbox-token")
    with pytest.raises(RecordExists):
        tokens.update("sandbox-other", token="sandbox-token")
    for text in ("", "met spatie", "é", "x" * 201, "a\nb"):
        with pytest.raises(ValueError):
            tokens.create(KIST, token=text)
    with pytest.raises(ValueError):
        tokens.update("sandbox-token", company=LAMPE)
    with pytest.raises(NoSuchRecord):
        tokens.create("Geen")
    with pytest.raises(NoSuchRecord) as refused:
        tokens.revoke("a-real-token-perhaps")
    assert "a-real-token-perhaps" not in str(refused.value)
    with pytest.raises(NoSuchRecord, match="99"):
        tokens.get(99)


def test_over_http(small) -> None:
    def ask(method: str, path: str, fields: object = None) -> urllib3.BaseHTTPResponse:
        return small.control(method, path, None if fields is None else json.dumps(fields).encode())

    made = ask("POST", "companies", {"naam": "A/B & Co"})
    assert made.status == 201
    company = made.json()["id"]
    assert ask("PATCH", f"companies/{company}", {"naam": "Kist & Vijs BV"}).status == 409
    assert ask("PATCH", f"companies/{company}", {"id": "x"}).status == 400
    token = ask("POST", "erp-tokens", {"company": company, "naam": "kassa", "sees_klanten": False}).json()
    assert (token["token"], token["company"], token["sees_artikels"]) == ("sandbox-kassa", company, True)
    assert ask("POST", f"companies/{company}/artikels", {"naam": "Kist", "verkoopprijs_excl": 12.1}).status == 201
    assert small.data("/artikels/", "sandbox-kassa")[0]["verkoopprijs_excl"] == 12.1
    assert ask("POST", f"companies/{company}/artikels", {"self": 1}).status == 400
    assert ask("PATCH", f"erp-tokens/{token['id']}", {"sees_artikels": False}).json()["sees_artikels"] is False
    assert small.get("/artikels/", "sandbox-kassa").status == 401
    assert ask("DELETE", f"erp-tokens/{token['id']}").json() == {"revoked": token["id"]}
    assert ask("DELETE", f"erp-tokens/{token['id']}").status == 404
    found = ask("GET", "companies/Lampe%20SA/artikels?status=ZICHTBAAR&status=GEDEACTIVEERD&limit=2").json()
    assert found["limit"] == 2
    for bad in ("limit=x", "descending=ja", "offset=-1", "prijs=1", "sort=beschrijving"):
        assert ask("GET", f"companies/{company}/artikels?{bad}").status == 400, bad
    assert ask("GET", f"companies/{company}/artikels/x").status == 404
    assert ask("DELETE", f"companies/{company}").status == 200
    assert ask("GET", f"companies/{company}/artikels").status == 404
