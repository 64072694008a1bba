"""Users' own products and clients: every form their files have, every bad row told, nothing or all taken in."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudspot.records import Artikel, Klant
from cloudspot.sandbox import InvalidImport, Sandbox
from cloudspot.sandbox.imports.cells import boolean, day, decimal_mark, number, readers, whole


@pytest.fixture
def sandbox(database: str) -> Iterator[Sandbox]:
    with Sandbox(artikels=20, klanten=10, database=database) as running:
        yield running


@pytest.fixture(scope="module")
def memory() -> Iterator[Sandbox]:
    with Sandbox(artikels=3, klanten=3) as running:
        yield running


def csv(text: str, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO(text.encode(encoding))


def loaded(sandbox: Sandbox, text: str, encoding: str = "utf-8") -> list[Artikel]:
    sandbox.artikels.load(csv(text, encoding), format="csv", mode="replace")
    return sandbox.artikels.search(limit=1000).records


def problems(sandbox: Sandbox, text: str, naam: str = "artikels", format: Any = "csv") -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidImport) as refused:
        getattr(sandbox, naam).load(csv(text), format=format)
    assert refused.value.count == len(refused.value.problems)
    return [(each.row, each.field, each.value) for each in refused.value.problems]


def test_merge_and_replace(sandbox: Sandbox) -> None:
    etag = sandbox.store.collection(1, "artikels").state
    listing = iter(sandbox.store.listing(1, "artikels"))
    before = b"".join(sandbox.store.listing(1, "artikels"))
    text = "id;naam;verkoopprijs_excl\n125;Anders;12,50\n;Nieuw;\n126;;\n"
    assert sandbox.artikels.load(csv(text), format="csv") == (1, 2, 0, 0)
    changed = sandbox.artikels.get(125)
    assert (changed.naam, changed.verkoopprijs_excl) == ("Anders", Decimal("12.50"))
    assert changed.BTW is not None
    assert sandbox.artikels.get(126).naam is None
    assert sandbox.artikels.get(145).naam == "Nieuw"
    assert b"".join(listing) == before
    assert sandbox.store.collection(1, "artikels").state != etag
    assert sandbox.artikels.load(csv(text.replace("\n;N", "\n145;N")), format="csv") == (0, 0, 3, 0)
    done = sandbox.artikels.load(csv("naam\nEen\nTwee\n"), format="csv", mode="replace")
    assert done == (0, 2, 0, 19)
    assert [(each.id, each.naam, each.BTW) for each in sandbox.artikels.search().records] == [
        (125, "Een", None),
        (126, "Twee", None),
    ]
    body = b"".join(sandbox.store.listing(1, "artikels"))
    assert len(body) == sandbox.store.listing(1, "artikels").length
    with pytest.raises(ValueError, match="no mode"):
        sandbox.artikels.load(csv("naam\nx\n"), format="csv", mode="add")  # type: ignore[arg-type]


def test_every_bad_row_is_told_and_nothing_is_taken_in(sandbox: Sandbox) -> None:
    before = b"".join(sandbox.store.listing(1, "klanten"))
    text = (
        "klantennummer,achternaam,geboortedatum,is_bedrijf\n"
        "1001,Goed,31/12/1990,ja\n"
        "x,Fout,32/12/1990,misschien\n"
        "1001,Dubbel,,\n"
        "-1,Min,,\n"
        "1.5,Half,,\n"
        "5,Te,veel,,,x\n"
    )
    assert problems(sandbox, text, "klanten") == [
        (3, "klantennummer", "x"),
        (3, "geboortedatum", "32/12/1990"),
        (3, "is_bedrijf", "misschien"),
        (4, "klantennummer", "1001"),
        (5, "klantennummer", "-1"),
        (6, "klantennummer", "1.5"),
        (7, "", ""),
    ]
    assert b"".join(sandbox.store.listing(1, "klanten")) == before


def test_what_is_told_can_be_read_and_pickled(memory: Sandbox) -> None:
    rows = "\n".join(f"x{number}" for number in range(30))
    with pytest.raises(InvalidImport) as refused:
        memory.artikels.load(csv(f"id\n{rows}\n"), format="csv")
    text = str(refused.value)
    assert "30 values are not as they should be" in text
    assert "row 2, id: expected a whole number, not 'x0'" in text
    assert text.endswith("and 10 more")
    again = pickle.loads(pickle.dumps(refused.value))
    assert (str(again), again.problems) == (text, refused.value.problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encodings_and_delimiters(memory: Sandbox, encoding: str, delimiter: str) -> None:
    text = f'naam{delimiter}BTW\n"Crème; brûlée, ""vers"" €"{delimiter}21\n'
    (artikel,) = loaded(memory, text, encoding)
    assert (artikel.naam, artikel.BTW) == ('Crème; brûlée, "vers" €', 21)


def test_excels_own_line(memory: Sandbox) -> None:
    assert [each.naam for each in loaded(memory, "sep=;\r\nnaam;SKU\r\nEen;1\r\n")] == ["Een"]
    assert problems(memory, "sep=;\nid;naam\nx;y\n") == [(3, "id", "x")]


def test_lines_within_cells_and_empty_rows(memory: Sandbox) -> None:
    artikels = loaded(memory, 'naam,beschrijving\n"Een","twee\nregels"\n\n,,\nTwee,\n')
    assert [(each.naam, each.beschrijving) for each in artikels] == [("Een", "twee\nregels"), ("Twee", None)]


def test_lists(memory: Sandbox) -> None:
    (artikel,) = loaded(memory, 'naam;EAN;fotos\nEen;5400000000001, 5400000000002;"[{""url"":""https://a/1.png""}]"\n')
    assert artikel.EAN == ("5400000000001", "5400000000002")
    assert artikel.fotos[0].url == "https://a/1.png"
    assert problems(memory, "naam;fotos\nEen;https://a/1.png\n") == [(2, "fotos", "https://a/1.png")]
    assert problems(memory, 'naam;fotos\nEen;"[{""url"":1}]"\n') == [(2, "fotos[0].url", "1")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no header"),
        ("\n\n", "no header"),
        ("naam,naam\n", "twice"),
        ("naam,prijs,sku\n", r"no field for the columns prijs.*sku \(did you mean SKU\?\)"),
        ("is_zichtbaar\ntrue\n", "no column is a field"),
        ("id,naam\n1,Een\x81\n", "neither in UTF-8"),
    ],
)
def test_files_that_can_not_be_read(memory: Sandbox, text: str, complaint: str) -> None:
    with pytest.raises(InvalidImport, match=complaint):
        memory.artikels.load(io.BytesIO(text.encode("latin-1")), format="csv")


def test_a_broken_quote_is_told_with_its_row(memory: Sandbox) -> None:
    assert problems(memory, 'id,naam\n1,Een\n2,"Twee"x\n3,Drie\n')[0][0] == 3


def test_excel(sandbox: Sandbox, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["klantennummer", "achternaam", "postcode", "geboortedatum", "is_bedrijf", "huisnummer", None])
    sheet.append([2001, "Peeters", 9000, datetime.date(1990, 12, 31), True, "12A"])
    sheet.append([])
    sheet.append([None, "’t Hof", "0800", "31/12/1991", "nee", 7.5])
    book.save(tmp_path / "klanten.xlsx")
    assert sandbox.klanten.load(tmp_path / "klanten.xlsx") == (2, 0, 0, 0)
    one = sandbox.klanten.get(2001)
    assert (one.postcode, one.geboortedatum, one.is_bedrijf) == ("9000", datetime.date(1990, 12, 31), True)
    two = sandbox.klanten.search("hof").records[0]
    assert (two.postcode, two.geboortedatum, two.is_bedrijf, two.huisnummer) == (
        "0800",
        datetime.date(1991, 12, 31),
        False,
        "7.5",
    )
    sheet.append(["x", "Fout"])
    book.save(tmp_path / "klanten.xlsx")
    with pytest.raises(InvalidImport) as refused:
        sandbox.klanten.load(tmp_path / "klanten.xlsx")
    assert [(each.row, each.field) for each in refused.value.problems] == [(5, "klantennummer")]
    (tmp_path / "klanten.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(InvalidImport, match="no Excel workbook"):
        sandbox.klanten.load(tmp_path / "klanten.xlsx")
    prices = openpyxl.Workbook()
    prices.active.append(["id", "verkoopprijs_excl", "EAN", "SKU"])
    prices.active.append([125, 12.1, 5400000000001, 42])
    prices.save(tmp_path / "artikels.xlsx")
    sandbox.artikels.load(tmp_path / "artikels.xlsx")
    artikel = sandbox.artikels.get(125)
    assert (artikel.verkoopprijs_excl, artikel.EAN, artikel.SKU) == (Decimal("12.1"), ("5400000000001",), "42")


def test_json(sandbox: Sandbox, tmp_path: Path) -> None:
    rows = [{"id": 125, "naam": "Een", "verkoopprijs_excl": 0.1, "merk_id": 10**30}, {"naam": "Twee", "BTW": "6.0"}]
    file = tmp_path / "artikels.json"
    for document in (rows, {"data": rows}):
        file.write_text(json.dumps(document))
        assert sandbox.artikels.load(file, mode="replace").added <= 1
        assert sandbox.artikels.get(125).verkoopprijs_excl == Decimal("0.1")
    lines = tmp_path / "artikels.ndjson"
    lines.write_text("\n\n".join(map(json.dumps, rows)))
    assert sandbox.artikels.load(lines, mode="replace") == (0, 0, 2, 0)
    text = '{"id":1,"prijs":2,"BTW":"veel","naam":3}\n[]\n{\n{"fotos":[{"url":1}]}\n'
    found = problems(sandbox, text, format="jsonl")
    assert {each[:2] for each in found} == {
        (1, "prijs"),
        (1, "BTW"),
        (1, "naam"),
        (2, ""),
        (3, ""),
        (4, "fotos[0].url"),
    }
    for bad in ("{", '{"artikels":[]}', "1"):
        file.write_text(bad)
        with pytest.raises(InvalidImport):
            sandbox.artikels.load(file)


def test_what_the_command_line_writes(sandbox: Sandbox, tmp_path: Path) -> None:
    """Products and clients survive a way through each format of our own."""
    environment = {"CLOUDSPOT_TOKEN": "sandbox-token", "CLOUDSPOT_BASE_URL": sandbox.base_url, "PATH": ""}
    python = {**environment, "PYTHONPATH": ":".join(filter(None, sys.path))}
    for naam in ("artikels", "klanten"):
        before = getattr(sandbox, naam).search(limit=100).records
        for option, suffix in (("--csv", "csv"), ("--csv-excel", "csv"), ("--json", "json"), ("--jsonl", "jsonl")):
            file = tmp_path / f"{naam}{option}.{suffix}"
            command = [sys.executable, "-m", "cloudspot.cli", naam, option, "--quiet", "-o", str(file)]
            subprocess.run(command, env=python, check=True)
            done = getattr(sandbox, naam).load(file, mode="replace")
            assert done.added == done.removed == 0, file
            after = getattr(sandbox, naam).search(limit=100).records
            # A CSV has the same empty cell for null and for an empty text.
            assert [_without_empty(each) for each in after] == [_without_empty(each) for each in before], file


def _without_empty(record: Artikel | Klant) -> dict[str, object]:
    return {name: value or None for name, value in record.to_dict().items()}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12,50", "12.50"), ("12.50", "12.50"), ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("€ 12,50", "12.50"),
        ("1 234,5", "1234.5"), ("21 %", "21"), ("1.234.567", "1234567"), ("-3,5", "-3.5"), (",5", "0.5"),
        (12.1, "12.1"), (7, "7"), ("1e3", "1000"), ("1'234.50", "1234.50"),
    ],
)  # fmt: skip
def test_numbers(cell: object, expected: str) -> None:
    assert number(cell) == Decimal(expected)


@pytest.mark.parametrize(
    "cell", ["", "twaalf", "1,2,3.4.5", "12,50 euro", "NaN", "Infinity", "--1", True, "1e99999", "1.23.45"]
)
def test_no_numbers(cell: object) -> None:
    with pytest.raises(ValueError, match="number"):
        number(cell)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["12,50"], ","), (["1.234,56"], ","), (["1.234.567"], ","), (["0,125"], ","), (["1.234", "€ 3,5"], ","),
        (["12.50"], "."), (["1,234.56"], "."), (["1,234,567"], "."), (["1,234", "3.5"], "."),
        (["1.234"], None), (["12", 12.5, None, "x.y", "1.2.3"], None), (["12,50", "12.50"], None),
    ],
)  # fmt: skip
def test_numbers_show_the_decimal_sign(cells: list[object], mark: str | None) -> None:
    assert decimal_mark(cells) == mark


def test_thousands_are_not_read_as_decimals(memory: Sandbox, tmp_path: Path) -> None:
    rows = "naam;verkoopprijs_excl;op_voorraad\nEen;1.234;2.000\nTwee;{};\n"
    for other, one in (("12,50", (1234, 2000)), ("12.50", (Decimal("1.234"), 2))):
        artikels = loaded(memory, rows.format(other))
        assert (artikels[0].verkoopprijs_excl, artikels[0].op_voorraad) == one
        assert artikels[1].verkoopprijs_excl == Decimal("12.5")
    for other in ("12", "x"):
        found = problems(memory, rows.format(other))
        assert found[:2] == [(2, "verkoopprijs_excl", "1.234"), (2, "op_voorraad", "2.000")]
    book = openpyxl.Workbook()
    book.active.append(["naam", "verkoopprijs_excl"])
    book.active.append(["Een", "1.234"])
    book.active.append(["Twee", 12.345])
    for price, expected in (("12,50", 1234), ("12.50", Decimal("1.234"))):
        book.active.cell(4, 2, price)
        book.save(tmp_path / "artikels.xlsx")
        memory.artikels.load(tmp_path / "artikels.xlsx", mode="replace")
        found_prices = [each.verkoopprijs_excl for each in memory.artikels.search().records]
        assert found_prices[:2] == [expected, Decimal("12.345")]


def test_other_cells() -> None:
    assert whole("9000,0") == whole(9000.0) == 9000
    assert [boolean(each) for each in ("WAAR", "Oui", 1.0, True)] == [True] * 4
    assert [boolean(each) for each in ("neen", "0", False)] == [False] * 3
    assert (
        day("1/2/2026")
        == day("2026-02-01")
        == day(datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC))
        == datetime.date(2026, 2, 1)
    )
    assert readers(Klant)["straat"]("'=1+1") == "=1+1"
    assert readers(Klant)["straat"]("'t Hof") == "'t Hof"
    for reader, cell in ((whole, "1e99"), (day, "31-02-2026"), (boolean, "2")):
        with pytest.raises(ValueError):
            reader(cell)


@given(st.decimals(-(10**9), 10**9, places=2))
def test_amounts_in_belgian_form(amount: Decimal) -> None:
    belgian = f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    assert number(belgian) == number(str(amount)) == number(f"{amount:,.2f}") == amount


@given(st.one_of(st.text(), st.floats(), st.booleans(), st.integers(), st.dates()))
def test_any_cell_is_a_value_or_a_complaint(cell: object) -> None:
    for read in readers(Artikel).values():
        with contextlib.suppress(ValueError):
            read(cell)


def test_over_http(small) -> None:
    path = "companies/Kist%20&%20Vijs%20BV/artikels/load"
    done = small.control("POST", f"{path}?format=csv", "id;naam\n125;Één\n".encode())
    assert done.json() == {"added": 0, "changed": 1, "unchanged": 0, "removed": 0}
    refused = small.control("POST", f"{path}?format=csv&mode=replace", b"id;naam\nx;y\n")
    assert refused.status == 422
    assert refused.json() == {
        "message": "Nothing is imported: 1 value is not as it should be.",
        "problems": [{"row": 2, "field": "id", "value": "x", "reason": "expected a whole number"}],
        "count": 1,
    }
    large = b"naam\n" + b"x" * 3_000_000
    assert small.control("POST", f"{path}?format=csv", b"naam\n" + (b"x" * 900 + b"\n") * 2_000).status == 200
    assert len(small.sandbox.artikels) == 2_001
    assert small.control("POST", f"{path}?format=csv", large).status == 422
    for query in ("", "?format=ods", "?format=csv&mode=x", "?formaat=csv"):
        assert small.control("POST", f"{path}{query}", b"naam\nx\n").status == 400, query
    assert small.control("POST", "companies/Geen/artikels/load?format=csv", b"naam\nx\n").status == 404


PIECES = [b"id", b"naam", b"fotos", b";", b",", b"\n", b'"', b"1", b"{", b"}", b"[", b"]", b":", b"null", b"\xff\xfe"]
PIECES += [b"\xef\xbb\xbf", b"sep=", b"'=", b"1e400", b"9" * 30, b"\\ud800"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["csv", "json", "jsonl", "xlsx"]),
    st.binary(max_size=200) | st.lists(st.sampled_from(PIECES)).map(b"".join),
)
def test_any_file_is_taken_in_or_refused(memory: Sandbox, format: Any, content: bytes) -> None:
    with contextlib.suppress(InvalidImport):
        memory.artikels.load(io.BytesIO(content), format=format)
    assert len(memory.artikels) == len(json.loads(b"".join(memory.store.listing(1, "artikels")))["data"])


def test_half_a_surrogate_pair_is_told(memory: Sandbox) -> None:
    number = "9" * 30
    assert problems(memory, f'{{"merk_id":{number},"naam":"\\ud800"}}\n', format="jsonl")[0][0] == 1


def test_an_exponent_that_no_amount_has_is_told(memory: Sandbox) -> None:
    line = '{"BTW":0e1000000000000000000}'
    assert problems(memory, f"{line}\n", format="jsonl") == [(1, "", "")]
    with pytest.raises(InvalidImport, match="exponent"):
        memory.artikels.load(csv(f"[{line}]"), format="json")


def test_true_is_no_text() -> None:
    for field in ("straat", "huisnummer"):
        with pytest.raises(ValueError, match="expected text"):
            readers(Klant)[field](True)
    with pytest.raises(ValueError, match="expected text"):
        readers(Artikel)["EAN"](True)


def test_the_greatest_id_is_told_where_one_should_follow(sandbox: Sandbox) -> None:
    sandbox.artikels.create(id=2**63 - 1)
    with pytest.raises(ValueError, match="give this record an id"):
        sandbox.artikels.create(naam="Kist")
    assert problems(sandbox, "naam\nKist\n") == [(2, "id", "")]
    assert sandbox.artikels.load(csv("id;naam\n7;Kist\n"), format="csv").added == 1
