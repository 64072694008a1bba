"""On every failure of server or network a call gives back an object with hasError, and no exception escapes."""

from __future__ import annotations

import operator
import socket
import warnings
from typing import Any

import pytest
from tests.hostile import HANG_UP, RESET, SILENCE, answer, chunked, head

from cloudspot.api import CloudspotERP_CompanyAPI
from cloudspot.errors import (
    CloudspotWarning,
    ConfigurationError,
    DocumentCutOff,
    InvalidDocument,
    NotFound,
    RequestRefused,
    ServerTrouble,
    TimedOut,
    Unreachable,
)
from cloudspot.models.artikels import Artikel, ArtikelCategorie, ArtikelCategorieen, Artikels
from cloudspot.models.klanten import Klanten

PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>"
ROWS = b'{"data": [{"id": 1, "naam": "a"}, {"id": 2, "naam": "b"}]}'

SCRIPTS: list[tuple[str, Any, type[Exception]]] = [
    ("reset before the answer", [RESET], Unreachable),
    ("reset in the middle", [head(length=len(ROWS)), ROWS[:30], 0.05, RESET], DocumentCutOff),
    ("silence", [SILENCE], TimedOut),
    ("silence in the middle", [head(length=len(ROWS)), ROWS[:30], SILENCE], TimedOut),
    ("502 page", answer(PAGE, 502), ServerTrouble),
    ("200 page", answer(PAGE), ServerTrouble),
    ("500 empty", answer(b"", 500), ServerTrouble),
    ("200 empty", answer(b""), ServerTrouble),
    ("broken JSON", answer(b'{"data": [{"id" 1}]}'), InvalidDocument),
    ("no object", answer(b"[1, 2]"), InvalidDocument),
    ("data missing", answer(b'{"rows": []}'), InvalidDocument),
    ("data null", answer(b'{"data": null}'), InvalidDocument),
    ("data an object", answer(b'{"data": {"id": 1}}'), InvalidDocument),
    ("cut off, HTTP content", answer(ROWS[:-20]), DocumentCutOff),
    ("cut off after a record", answer(ROWS[: ROWS.index(b", {")]), DocumentCutOff),
    ("last chunk missing", chunked(ROWS[:30], whole=False), DocumentCutOff),
    ("Content-Length too long", [head(length=len(ROWS) + 9), ROWS, HANG_UP], DocumentCutOff),
    ("429", answer({"message": "slow down"}, 429), RequestRefused),
    ("elsewhere", answer(b"", 302, Location="http://127.0.0.2:1/"), RequestRefused),
]
CALLS = {
    "artikels.list": Artikels,
    "artikels.get": Artikel,
    "categorieen.list": ArtikelCategorieen,
    "categorieen.get": ArtikelCategorie,
    "klanten.list": Klanten,
}


def run(api: CloudspotERP_CompanyAPI, call: str) -> Any:
    method = operator.attrgetter(call)(api)
    return method(1) if call.endswith("get") else method()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("script", "error"), [pytest.param(s, e, id=name) for name, s, e in SCRIPTS])
def test_server_fails(scripted: Any, script: Any, error: type[Exception], call: str) -> None:
    api, _ = scripted(script)
    result = run(api, call)
    assert type(result) is CALLS[call]
    assert result.hasError is True
    assert isinstance(result.error.message, str)
    assert result.error.message
    assert isinstance(result.error.exception, error)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token", "two\nlines"),
        ("token", ""),
        ("token", None),
        ("base_url", None),
        ("base_url", ""),
        ("base_url", "ftp://x"),
        ("base_url", "http://[::1"),
        ("base_url", 3),
        ("base_url", "http://erp.example/api/v1"),
        ("headers", {"X": "a\r\nb"}),
        ("headers", {"X": 3}),
        ("headers", {3: "x"}),
        ("headers", {"x-erp-token": "a b"}),
    ],
)
def test_settings_that_cannot_be_sent(call: str, name: str, value: Any) -> None:
    api = CloudspotERP_CompanyAPI("token")
    api.base_url = "http://127.0.0.1:9"
    setattr(api, name, value)
    result = run(api, call)
    assert result.hasError
    assert isinstance(result.error.exception, ConfigurationError)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    api = CloudspotERP_CompanyAPI("token", retries=0)
    api.base_url = f"http://127.0.0.1:{port}"
    assert "can't be reached" in api.artikels.list().error.message
    api.base_url = "https://erp.invalid/api/v1"
    assert "not known" in api.artikels.list().error.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "Geen\n  toegang" + "!" * 400}, "Geen\n  toegang" + "!" * 400),
        ({"status": "NOT_AUTHORIZED", "error": {"message": "Geen toegang"}}, "Geen toegang"),
    ],
)
def test_the_servers_text_is_the_message(scripted: Any, body: Any, message: str) -> None:
    api, _ = scripted(answer(body, 401))
    assert api.artikels.list().error.message == message


def test_the_servers_text_does_not_show_the_token(scripted: Any) -> None:
    api, _ = scripted(answer({"message": "unknown token tok-3f9c1e77"}, 401))
    assert api.artikels.list().error.message == "unknown token [redacted]"


def test_an_unknown_id_is_a_failed_product(scripted: Any) -> None:
    api, _ = scripted(answer({"data": []}))
    artikel = api.artikels.get(125)
    assert type(artikel) is Artikel
    assert artikel.hasError
    assert isinstance(artikel.error.exception, NotFound)
    assert "125" in artikel.error.message


def test_another_product_is_not_taken_for_the_one_asked_for(scripted: Any) -> None:
    api, _ = scripted(answer({"data": [{"id": 1}]}))
    assert api.artikels.get(125).hasError


@pytest.mark.parametrize("id", [None, 1.5, object(), [1]])
def test_an_id_that_is_none_is_misuse(scripted: Any, id: Any) -> None:
    api, server = scripted(answer(ROWS))
    with pytest.raises(TypeError):
        api.artikels.get(id)
    assert not server.requests


READINGS = {
    "items": lambda answer: answer.items(),
    "list": lambda answer: answer.list,
    "for": lambda answer: [each for each in answer],  # noqa: C416
    "list()": list,
    "len": len,
    "bool": lambda answer: not bool(answer),  # it is true, as a published one
    "in": lambda answer: 3 in answer,
    "slice": lambda answer: answer[:1],
    "getItemObject": lambda answer: answer.getItemObject("id", 1),
    "getItemIndex": lambda answer: answer.getItemIndex("id", 1),
    "getJSON": lambda answer: answer.getJSON(),
}


@pytest.mark.parametrize("reading", READINGS)
def test_a_refused_request_never_reads_as_an_empty_shop_in_silence(scripted: Any, reading: str) -> None:
    api, _ = scripted(answer({"message": "Geen toegang"}, 401))
    artikels = api.artikels.list()
    with pytest.warns(CloudspotWarning, match="Geen toegang") as caught:
        assert not READINGS[reading](artikels)
    READINGS[reading](artikels)
    assert len(caught) == 1
    assert caught[0].filename == __file__


@pytest.mark.parametrize("look", ["hasError", "error"])
def test_who_has_looked_is_not_warned(scripted: Any, look: str) -> None:
    api, _ = scripted(answer({}, 401))
    artikels = api.artikels.list()
    assert getattr(artikels, look)
    assert artikels.items() == []


def test_an_empty_shop_is_no_failure(scripted: Any) -> None:
    api, _ = scripted(answer({"data": []}))
    assert api.artikels.list().items() == []


def test_a_failed_product_that_is_read_warns(scripted: Any) -> None:
    api, _ = scripted(answer({"message": "Weg"}, 404))
    artikel = api.artikels.get(1)
    with pytest.warns(CloudspotWarning, match="Weg") as caught:
        assert artikel.naam is None
    assert artikel.SKU is None
    assert caught[0].filename == __file__


def test_an_invalid_value_stays_as_it_was_sent(scripted: Any) -> None:
    rows = [
        {"id": 1, "naam": "good", "BTW": "21.00"},
        {"id": 2, "naam": "bad", "BTW": "veel", "verkoopprijs_excl": 1.5, "fotos": [{"url": "u"}], "nieuw": 2.5},
        {"id": 3, "naam": 4},
        7,
        {"id": 5},
    ]
    api, _ = scripted(answer({"data": rows}))
    with pytest.warns(CloudspotWarning, match=r"record 2 \(2\), field BTW; record 3 \(3\), field naam") as caught:
        artikels = api.artikels.list()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert [artikel.id for artikel in artikels if not artikel.hasError] == [1, 2, 3, 5]
    _, bad, third, unreadable, _ = artikels
    assert (bad.BTW, bad.verkoopprijs_excl, bad.fotos[0].url, bad.nieuw) == ("veel", 1.5, "u", 2.5)
    assert type(bad.verkoopprijs_excl) is float
    assert third.naam == 4
    assert unreadable.hasError
    assert artikels.hasError is False


def test_get_of_an_invalid_record(scripted: Any) -> None:
    api, _ = scripted(answer({"data": [{"id": 125, "BTW": "veel", "naam": "x"}]}))
    with pytest.warns(CloudspotWarning, match=r"record 1 \(125\), field BTW") as caught:
        artikel = api.artikels.get(125, fields=["BTW"])
    assert caught[0].filename == __file__
    assert (artikel.BTW, artikel.naam, artikel.hasError) == ("veel", None, False)


def test_deep_nesting_does_not_hide_the_others(scripted: Any) -> None:
    deep = b'{"id": 1, "children": [' * 3000 + b"]}" * 3000
    api, _ = scripted(answer(b'{"data": [{"id": 7}, ' + deep + b"]}"))
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        categorieen = api.categorieen.list()
    assert categorieen.hasError or categorieen[0].id == 7
