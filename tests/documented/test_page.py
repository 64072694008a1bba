"""The examples of the documentation page of 1.1.0, and what its text promises."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest
from tests.hostile import answer

from cloudspot.api import CloudspotERP_API, CloudspotERP_CompanyAPI, CloudspotERP_UserAPI, CloudspotLicense_API
from cloudspot.constants.errors import BadCredentials, NoValidToken
from cloudspot.constants.responses import ResponseStatus
from cloudspot.errors import CloudspotWarning
from cloudspot.models.artikels import Artikel, ArtikelCategorie, ArtikelCategorieen, Artikels
from cloudspot.models.klanten import Klanten
from cloudspot.sandbox import Sandbox


def test_all_products(api: CloudspotERP_CompanyAPI) -> None:
    artikels = api.artikels.list()
    names = []
    for artikel in artikels.items():
        names.append(artikel.naam)
    assert isinstance(artikels, Artikels)
    assert len(names) == 200
    assert all(isinstance(name, str) for name in names)
    assert artikels.hasError is False
    assert artikels.error is None


def test_one_product_has_the_documented_types(api: CloudspotERP_CompanyAPI) -> None:
    artikel = api.artikels.get(125)
    assert isinstance(artikel, Artikel)
    assert artikel.id == 125
    assert artikel.hasError is False
    for name in ("op_voorraad", "verkoopprijs_excl", "verkoopprijs_incl", "inkoopprijs_excl", "BTW"):
        assert type(getattr(artikel, name)) is float
    for name in ("naam", "beschrijving", "SKU", "voorraad_bijhouden", "bestellingtype", "status"):
        assert type(getattr(artikel, name)) is str
    assert type(artikel.EAN) is list
    assert [foto.url for foto in artikel.fotos.items()]
    assert artikel.categorieen.items()[0].children.items() == []
    assert artikel.meer_info.items() is artikel.meer_info.list


def test_all_clients(api: CloudspotERP_CompanyAPI) -> None:
    klanten = api.klanten.list()
    assert isinstance(klanten, Klanten)
    born = [klant.geboortedatum for klant in klanten.items() if klant.geboortedatum]
    assert born
    for text in born:
        assert datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - what published code does
    assert all(isinstance(klant.is_bedrijf, bool) for klant in klanten)


def test_categories(api: CloudspotERP_CompanyAPI) -> None:
    trees = api.categorieen.list()
    assert isinstance(trees, ArtikelCategorieen)
    child = trees.items()[0].children.items()[0]
    assert isinstance(child, ArtikelCategorie)
    assert api.categorieen.get(child.id).naam == child.naam


def test_a_date_stays_the_text_that_was_sent(scripted: Any) -> None:
    api, _ = scripted(answer({"data": [{"klantennummer": 1, "geboortedatum": "31/12/1980"}]}))
    assert api.klanten.list()[0].geboortedatum == "31/12/1980"


def test_error_handling(api: CloudspotERP_CompanyAPI) -> None:
    api.token = "sandbox-klanten"
    artikels = api.artikels.list()
    assert artikels.hasError
    assert artikels.error.message == "The token lacks the right 'see all products'."
    assert artikels.error.exception.status == 401
    assert artikels.items() == []


def test_test_mode_is_a_sandbox_on_port_8000() -> None:
    assert CloudspotERP_CompanyAPI("t", test_mode=True).base_url == "http://localhost:8000/api/v1"
    assert CloudspotERP_CompanyAPI("t", True).base_url == "http://localhost:8000/api/v1"
    assert CloudspotERP_CompanyAPI("t").base_url == "https://erp.cloudspot.be/api/v1"


def test_where_the_logins_are() -> None:
    assert issubclass(CloudspotERP_UserAPI, CloudspotERP_API)
    assert CloudspotLicense_API("app").base_url == "https://license.cloudspot.be/api/v1"
    assert CloudspotLicense_API("app", test_mode=True).base_url == "http://localhost:8000/api/v1"
    for legacy, url in ((False, "https://license.cloudspot.be/api/v1"), (True, "https://erp.cloudspot.be/api/v1")):
        with pytest.warns(DeprecationWarning, match="one company only") as caught:
            assert CloudspotERP_UserAPI("App", legacy=legacy).base_url == url
        assert caught[0].filename == __file__


def test_constants() -> None:
    assert issubclass(BadCredentials, ValueError)
    assert issubclass(NoValidToken, ValueError)
    words = {name for name in vars(ResponseStatus) if name.isupper()}
    assert words >= {"OK", "OBJECT_EXISTS", "NOT_AUTHORIZED", "INVALID_FORMAT", "NOT_ALLOWED"}
    assert all(getattr(ResponseStatus, word) == word for word in words)


def test_fields_keep_only_those(api: CloudspotERP_CompanyAPI) -> None:
    artikel = api.artikels.list(fields=["id", "naam", "fotos"])[0]
    assert artikel.naam
    assert artikel.SKU is None
    assert artikel.EAN == []
    assert artikel.prijscategorieen.items() == []
    assert artikel.getJSON().keys() == {"id", "naam", "fotos"}
    assert api.artikels.get(125, fields=("naam",)).getJSON().keys() == {"naam"}
    assert api.klanten.list(fields=[])[0].klantennummer


@pytest.mark.parametrize(
    ("fields", "error"), [(["naam", "prijs"], ValueError), ("naam", TypeError), (3, TypeError), ([["naam"]], TypeError)]
)
def test_fields_that_are_none_are_misuse(api: CloudspotERP_CompanyAPI, fields: object, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        api.artikels.list(fields=fields)
    if error is ValueError:
        assert "'prijs'" in str(caught.value)
        assert "verkoopprijs_excl" in str(caught.value)


def test_what_an_answer_holds_can_be_copied_and_pickled(api: CloudspotERP_CompanyAPI) -> None:
    artikels = api.artikels.list()
    artikels[0].naam = "changed"
    for twin in (pickle.loads(pickle.dumps(artikels)), copy.deepcopy(artikels)):
        assert type(twin) is Artikels
        assert twin.getJSON() == artikels.getJSON()
        assert twin[0].naam == "changed"
        twin[0].fotos.list.clear()
    assert artikels[0].fotos.items()
    failed = api.artikels.get(10**9)
    twin = pickle.loads(pickle.dumps(failed))
    assert twin.hasError
    assert twin.error.message == failed.error.message
    assert twin.error.exception.status == 404


def test_no_repr_shows_the_token(api: CloudspotERP_CompanyAPI) -> None:
    api.set_token_header("sandbox-token")
    shown = [api, api.headers, api.artikels, api.session(), vars(api), api.artikels.list(), api.klanten.list()[0]]
    assert not any("sandbox-token" in repr(each) for each in shown)


def test_an_api_object_can_be_pickled(api: CloudspotERP_CompanyAPI) -> None:
    api.artikels.get(125)
    assert pickle.loads(pickle.dumps(api)).artikels.get(125).id == 125


def test_importing_it_loads_no_network() -> None:
    code = (
        "import sys; from cloudspot.api import CloudspotERP_CompanyAPI; CloudspotERP_CompanyAPI('t')\n"
        "print([m for m in ('urllib3', 'msgspec', 'aiohttp', 'asyncio', 'json') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_unread_failure_points_at_the_caller(api: CloudspotERP_CompanyAPI, sandbox: Sandbox) -> None:
    api.token = "unknown"
    with pytest.warns(CloudspotWarning, match="hasError") as caught:
        assert len(api.artikels.list()) == 0
    assert caught[0].filename == __file__
