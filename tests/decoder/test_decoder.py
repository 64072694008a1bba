"""Single documents: each with the one thing that could go wrong with it."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import textwrap
from decimal import Decimal
from typing import Any

import pytest
from tests.decoder.reading import batch_of, decode

from cloudspot import Artikel, ArtikelCategorie, DocumentCutOff, InvalidDocument, InvalidRecord, Klant, ServerTrouble
from cloudspot import decoder as decoder_module
from cloudspot.decoder import RecordDecoder

PIECES = [1, 7, 4096, 10**9]


def in_pieces(document: bytes, size: int, record_type: type[Any] = Artikel) -> tuple[list[Any], RecordDecoder[Any]]:
    return decode(document, range(0, len(document), size), record_type)


@pytest.fixture(params=PIECES, ids=lambda size: f"by-{size}")
def read(request: pytest.FixtureRequest) -> Any:
    def read(document: bytes, record_type: type[Any] = Artikel) -> tuple[list[Any], list[InvalidRecord]]:
        records, decoder = in_pieces(document, request.param, record_type)
        return records, decoder.invalid

    return read


@pytest.mark.parametrize(
    "text",
    [
        "}",
        "{",
        "],[",
        '"',
        '\\"',
        "\\",
        "\\\\",
        '\\\\"',
        '","',
        "},{",
        '"},{"id":2',
        "é€😀",
        "\n\t\r",
        "/",
        "\\u0041",
        "'",
    ],
)
def test_text_that_looks_like_json(read: Any, text: str) -> None:
    rows = [{"id": number, "naam": text * 3, "x": {text: [text, {text: text}]}} for number in range(40)]
    for escaped in (True, False):
        document = json.dumps({text: text, "data": rows, f"{text}2": [text]}, ensure_ascii=escaped).encode()
        with batch_of(64):
            assert read(document) == ([Artikel.from_dict(row) for row in rows], [])


def test_keys_around_the_data(read: Any) -> None:
    before = b'{"status": "OK", "n": 17, "deep": {"data": [{"id": 9}]}, "list": ["data", [1, {"a": "]"}]], "x": null, '
    after = b', "data2": [], "total": 1e3, "z": {"a": ["}"]}, "t": true }'
    assert read(before + b'"data" : [ {"id": 1} , {"id": 2} ]' + after) == ([Artikel(id=1), Artikel(id=2)], [])


@pytest.mark.parametrize(
    "document",
    [
        b'{"data":[]}',
        b'{"data": [ \n ] }\n\n',
        b"\xef\xbb\xbf" + b'{"data":[]}',
        b' \r\n\t{"data":[],"x":[1,{}]}',
        b'{"d\\u0061ta":[]}',
    ],
)
def test_no_records(read: Any, document: bytes) -> None:
    assert read(document) == ([], [])


def test_a_byte_order_mark(read: Any) -> None:
    assert read(b"\xef\xbb\xbf" + b'{"data":[{"id":1}]}')[0] == [Artikel(id=1)]


@pytest.mark.parametrize("document", [b"", b" ", b"\n\r\n", b"\xef\xbb\xbf", b"<html></html>", b" <!DOCTYPE html>"])
def test_no_document(read: Any, document: bytes) -> None:
    with pytest.raises(ServerTrouble):
        read(document)


@pytest.mark.parametrize(
    "document",
    [
        b"{}", b'{"x":[]}', b'{"x":{"data":[]}}', b'{"data":null}', b'{"data":{}}', b'{"data":{"id":1}}',
        b'{"data":true}', b'{"data":"x"}', b'{"data":0}', b'{"data":[],"data":[]}', b'{"data":[{"id":1}],"data":[]}',
        b'{"data":null,"data":[]}', b'{"data":[{"id":1},]}', b'{"data":[,{"id":1}]}',
        b'{"data":[,]}', b'{"data":[{"id":1},,{"id":2}]}', b'{"data":[{"id":1}{"id":2}]}', b'{"data":[{"id":1,}]}',
        b'{"data":[]}{"data":[]}', b'{"data":[]} x', b'{"data":[]}\x00', b'{"data":[],}', b'{"data":[}}',
        b'{"data":[]]',
        b'{"data":[{"id":1}}}', b'{"data":[{"id":1]}', b"[]", b"[{}]", b"1", b'"data"', b"null", b"nonsense",
        b"{data:[]}", b"{'data':[]}", b'{"data"=[]}', b'{"data":[] "x":1}',
        b'{"x":NaN,"data":[]}', b'{"x":01,"data":[]}',
        b'{"x":"\xff","data":[]}', b'{"\xff":1,"data":[]}', b'{"x":tru,"data":[]}', b'{"x":,"data":[]}',
        b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"data":[]}', b'{"data":[{"id":1} // one\n]}',
        b'{"data":[nul]}', b'{"data":[{"id":+1}]}', b'{"data":[{"id":.5}]}',
    ],
)  # fmt: skip
def test_not_the_document_of_the_protocol(read: Any, document: bytes) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read(document)
    assert not isinstance(caught.value, DocumentCutOff)
    assert len(str(caught.value)) < 400


def test_what_the_server_says_instead(read: Any) -> None:
    with pytest.raises(InvalidDocument, match="it says 'Te veel'"):
        read(b'{"message": "Te veel"}')


def test_cut_off_says_how_far_it_came() -> None:
    document = json.dumps({"data": [{"id": number} for number in range(1000)]}).encode()
    with pytest.raises(DocumentCutOff, match="after 999 whole records"):
        decode(document[:-3])


@pytest.mark.parametrize(
    ("row", "key", "field", "value"),
    [
        (b'{"id": 2, "BTW": "veel"}', 2, "BTW", "veel"),
        (b'{"id": 2, "BTW": NaN}', 2, "BTW", None),
        (b'{"id": 2, "BTW": -Infinity}', 2, "BTW", None),
        (b'{"id": 2, "BTW": "NaN"}', 2, "BTW", "NaN"),
        (b'{"id": 2, "verkoopprijs_excl": "Infinity"}', 2, "verkoopprijs_excl", "Infinity"),
        (b'{"id": 2, "prijscategorieen": [{}, {"korting": "sNaN"}]}', 2, "prijscategorieen[1].korting", "sNaN"),
        (b'{"id": "twee"}', "twee", "id", "twee"),
        (b'{"id": 2.5}', Decimal("2.5"), "id", Decimal("2.5")),
        (b'{"id": true}', True, "id", True),
        (b'{"id": 2, "fotos": [{"url": "a"}, {"url": 5}]}', 2, "fotos[1].url", 5),
        (b'{"id": 2, "fotos": {"url": "a"}}', 2, "fotos", {"url": "a"}),
        (b'{"id": 2, "EAN": [123]}', 2, "EAN[0]", 123),
        (b'{"id": 2, "EAN": [null]}', 2, "EAN[0]", None),
        (b'{"id": 2, "categorieen": [{"id": 1, "children": [{"id": "x"}]}]}', 2, "categorieen[0].children[0].id", "x"),
        (b'{"id": 2, "status": 5}', 2, "status", 5),
        (b'{"id": 2, "naam": "a\xff"}', 2, "naam", "a\udcff"),
        (b'{"id": 2, "naam": "\\ud800"}', 2, "naam", "\ud800"),
        (b'{"id": 2, "x": [{"y": "\xc3"}]}', 2, "x[0].y", "\udcc3"),
        (b'{"id": 2, "na\xffam": 1}', 2, "na\udcffam", "na\udcffam"),
        (b'{"id": 2, "x": [1, NaN]}', 2, "x[1]", None),
        (b"17", None, "", 17),
        (b"null", None, "", None),
        (b"[]", None, "", []),
        (b'"x"', None, "", "x"),
    ],
)  # fmt: skip
def test_an_invalid_record_hides_no_other(read: Any, row: bytes, key: object, field: str, value: object) -> None:
    records, (invalid,) = read(b'{"data": [{"id": 1}, ' + row + b', {"id": 3}]}')
    assert [record.id for record in records] == [1, 3]
    assert (invalid.number, invalid.key, invalid.field) == (2, key, field)
    if b"Infinity" not in row or b'"Infinity"' in row:
        assert invalid.value == value or value is None
    assert invalid.reason
    assert f"record 2 ({key})" in str(invalid) if key is not None else str(invalid).startswith("record 2")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (b"1e999", Decimal("1e999")), (b"-1E-999", Decimal("-1e-999")), (b"9" * 400, Decimal("9" * 400)),
        (b"9" * 10_000, Decimal("9" * 10_000)), (b"0." + b"1" * 10_000, Decimal("0." + "1" * 10_000)),
        (b"-0", Decimal(0)), (b"-0.0", Decimal(0)), (b"0.10", Decimal("0.10")), (b'"12.50"', Decimal("12.50")),
    ],
)  # fmt: skip
def test_huge_and_tiny_numbers(read: Any, number: bytes, expected: Decimal) -> None:
    document = b'{"data": [{"id": 1, "BTW": %s}, {"id": 2, "x": [%s]}, {"id": 3}]}' % (number, number)
    records, invalid = read(document)
    assert not invalid
    assert expected == records[0].BTW
    assert records[2].id == 3
    assert all(Artikel.from_json(record.to_json()) == record for record in records[:1])


def test_huge_ids(read: Any) -> None:
    assert read(b'{"data": [{"id": %s}]}' % (b"9" * 400))[0][0].id == int("9" * 400)
    records, (invalid,) = read(b'{"data": [{"id": 1}, {"id": %s}, {"id": 3}]}' % (b"9" * 10_000))
    assert [record.id for record in records] == [1, 3]
    assert (invalid.number, invalid.field) == (2, "id")
    assert len(str(invalid)) < 1000
    records, (invalid,) = read(b'{"data": [{"id": 1}, {"id": 1e999}, {"id": 3}]}')
    assert (invalid.number, invalid.field, invalid.value) == (2, "id", Decimal("1e999"))


@pytest.mark.parametrize("depth", [10, 300, 490, 900, 990, 1000, 1100, 100_000])
def test_deep_nesting_in_a_record(depth: int) -> None:
    for inner in (
        b'"x": ' + b"[" * depth + b"]" * depth,
        b'"x": ' + b'{"a":' * depth + b"1" + b"}" * depth,
        b'"categorieen": ' + b'[{"id": 5, "children":' * depth + b"null" + b"}]" * depth,
    ):
        records, decoder = decode(b'{"data": [{"id": 1}, {"id": 2, ' + inner + b'}, {"id": 3}]}')
        assert len(records) + len(decoder.invalid) == 3
        assert {1, 3} <= {record.id for record in records}
        assert [invalid.number for invalid in decoder.invalid] in ([], [2])
        assert all(len(str(invalid)) < 300 for invalid in decoder.invalid)
        if depth > 1000:
            assert decoder.invalid


def test_doubles(read: Any) -> None:
    assert read(b'{"data": [{"id": 1, "id": 2}, {"id": 2}, {"id": 2}]}')[0] == [Artikel(id=2)] * 3
    assert read(b'{"data": [{"id": "x", "id": 2}]}') == ([Artikel(id=2)], [])


def test_other_record_types(read: Any) -> None:
    document = b'{"data": [{"klantennummer": 1, "geboortedatum": "01/02/1980"}, {"klantennummer": 2, "land": 5}]}'
    records, (invalid,) = read(document, Klant)
    assert str(records[0].geboortedatum) == "1980-02-01"
    assert (invalid.key, invalid.field) == (2, "land")
    assert read(b'{"data": [{"id": 1, "children": [{"id": 2}]}]}', ArtikelCategorie)[0][0].children[0].id == 2


@pytest.mark.parametrize("bad", [b'{"id": 7000, "BTW": "duur", "naam": "x"}', b'{"id": 7000, "BTW": NaN}'])
def test_one_bad_record_among_ten_thousand(bad: bytes) -> None:
    rows = [b'{"id": %d, "naam": "Artikel %d", "BTW": "21.00"}' % (number, number) for number in range(10_000)]
    rows[7000] = bad
    document = b'{"data": [' + b", ".join(rows) + b"]}"
    for size in (1000, 65536, 10**9):
        records, decoder = in_pieces(document, size)
        assert [record.id for record in records] == [number for number in range(10_000) if number != 7000]
        (invalid,) = decoder.invalid
        assert (invalid.number, invalid.key, invalid.field) == (7001, 7000, "BTW")
        assert invalid.raw["id"] == 7000


def test_a_record_longer_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder_module, "LONGEST_VALUE", 1024 * 1024)
    for start in (b'{"data": [{"id": 1}, {"id": 2, "naam": "', b'{"x": "', b'{"x": [', b'{"data": [', b"{", b""):
        document = start + (b"x" if start.endswith(b'"') else b" ") * 8 * 1024 * 1024
        with pytest.raises((InvalidDocument, ServerTrouble)):
            in_pieces(document + b'"}]}', 65536)


def test_a_long_record_is_fine() -> None:
    text = "é" * 1024 * 1024
    document = json.dumps({"data": [{"id": 1}, {"id": 2, "naam": text}, {"id": 3}]}, ensure_ascii=False).encode()
    records, decoder = in_pieces(document, 65536)
    assert [record.id for record in records] == [1, 2, 3]
    assert records[1].naam == text
    assert not decoder.invalid


@pytest.mark.parametrize("length", [20, 300, 2000])
def test_the_first_record_comes_with_the_first_bytes(length: int) -> None:
    row = json.dumps({"id": 1, "naam": "x" * length}).encode()
    assert RecordDecoder(Artikel).feed(b'{"data": [' + b", ".join([row] * 400)[:4096])


def test_bounded_memory() -> None:
    """200 MB go through; the process grows by a few."""
    script = """
        import json, resource
        from cloudspot.decoder import RecordDecoder
        from cloudspot import Artikel

        row = json.dumps({"id": 1, "naam": "Naam", "beschrijving": "x, {" * 450, "BTW": 21.0, "EAN": ["5412345678908"]})
        rows = (row + ", ").encode() * 100
        decoder = RecordDecoder(Artikel)
        count = len(decoder.feed(b'{"data": [' + rows))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(200 * 1024 * 1024 // len(rows)):
            for at in range(0, len(rows), 65536):
                count += len(decoder.feed(rows[at:at + 65536]))
        count += len(decoder.feed(row.encode() + b"]}")) + len(decoder.finish())
        print(count, decoder.seen, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    gc.collect()
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True, env={**os.environ}
    )
    count, seen, grown = map(int, run.stdout.split())
    assert count == seen > 100_000
    assert grown < 40 * 1024


@pytest.mark.parametrize("raw", [b"\t", b"\n", b"\x00", b"\x1f"])
def test_a_raw_control_character_costs_its_record_alone(raw: bytes) -> None:
    document = (
        b'{"data":[{"id":1,"naam":"a"},{"id":2,"naam":"an escaped \\n","fotos":[{"url":"b'
        + raw
        + b'c"}]},{"id":3,"naam":"d\\t"}]}'
    )
    decoder = RecordDecoder(Artikel)
    records = [*decoder.feed(document), *decoder.finish()]
    assert [record.id for record in records] == [1, 3]
    (invalid,) = decoder.invalid
    assert (invalid.number, invalid.key, invalid.field) == (2, 2, "fotos[0].url")
    assert "control character" in invalid.reason
