"""Records on stdout and in files: what comes out is what was sent, and nothing else comes out."""

from __future__ import annotations

import csv
import io
import json
import stat
from decimal import Decimal
from pathlib import Path

from cloudspot.records import Artikel, ArtikelCategorie, Klant

from .conftest import ARTIKELS, KLANTEN, Run, Sandbox, Server, every_artikel, every_klant


def test_json_is_one_array_of_all_that_was_sent(inside: Run, sandbox: Sandbox) -> None:
    ran = inside("artikels", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [Artikel.from_dict(each) for each in json.loads(ran.out, parse_float=Decimal)] == every_artikel(sandbox)


def test_jsonl_is_the_records_own_json(inside: Run, sandbox: Sandbox) -> None:
    ran = inside("klanten", "--jsonl")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.encode() == b"".join(klant.to_json() + b"\n" for klant in every_klant(sandbox))


def test_nothing_found_is_an_empty_array(inside: Run) -> None:
    ran = inside("artikels", "--json", "--where", "id=1")
    assert (ran.code, ran.out, ran.err) == (0, "[]\n", "")


def test_csv_can_be_read_back(inside: Run, sandbox: Sandbox) -> None:
    ran = inside("artikels", "--csv")
    assert ran.code == 0
    assert "\r\n" in ran.out
    rows = list(csv.DictReader(io.StringIO(ran.out, newline="")))
    for row, artikel in zip(rows, every_artikel(sandbox), strict=True):
        assert row["naam"] == (artikel.naam or "")
        assert row["beschrijving"] == (artikel.beschrijving or "")
        assert row["verkoopprijs_incl"] == ("" if artikel.verkoopprijs_incl is None else str(artikel.verkoopprijs_incl))
        assert json.loads(row["EAN"]) == list(artikel.EAN)
        assert [ArtikelCategorie.from_dict(each) for each in json.loads(row["categorieen"])] == list(
            artikel.categorieen
        )


def test_table_is_whole_when_piped(inside: Run, sandbox: Sandbox) -> None:
    ran = inside("artikels")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    assert "…" not in ran.out
    title, _, *lines = ran.out.splitlines()
    assert "incl." in title
    assert [line.split()[0] for line in lines] == [str(artikel.id) for artikel in every_artikel(sandbox)]
    assert all((artikel.naam or "") in line for line, artikel in zip(lines, every_artikel(sandbox), strict=True))


def test_fields_are_picked_in_order(inside: Run) -> None:
    ran = inside("artikels", "--csv", "--fields", "naam, id,is_zichtbaar", "--limit", "1")
    assert ran.out.splitlines()[0] == "naam,id,is_zichtbaar"
    assert ran.out.splitlines()[1].endswith(",125,true")
    one = json.loads(inside("klanten", "--jsonl", "--fields", "naam,adres", "--limit", "1").out)
    assert list(one) == ["naam", "adres"]


def test_an_artikel(inside: Run, sandbox: Sandbox) -> None:
    (artikel,) = (each for each in every_artikel(sandbox) if each.id == 125)
    assert artikel.naam
    card = inside("artikel", "125")
    assert card.code == 0
    assert artikel.naam in card.out
    assert "<p>" not in card.out
    assert inside("artikel", "125", "--json").out.encode() == artikel.to_json() + b"\n"
    assert inside("artikel", "125", "--jsonl").out.encode() == artikel.to_json() + b"\n"
    assert inside("artikel", "125", "--csv", "--fields", "id").out == "id\r\n125\r\n"


def test_categorieen(inside: Run) -> None:
    tree = inside("categorieen").out
    rows = list(csv.DictReader(io.StringIO(inside("categorieen", "--csv").out)))
    roots = [ArtikelCategorie.from_dict(each) for each in json.loads(inside("categorieen", "--json").out)]
    names = [each.naam for root in roots for each in root.walk()]
    assert [row["naam"] for row in rows] == names
    assert all(str(name) in line for name, line in zip(names, tree.splitlines(), strict=True))
    deep = next(row for row in rows if row["path"].count(" > ") == 2)
    assert deep["naam"] == deep["path"].rpartition(" > ")[2]
    assert deep["parent"] in {row["id"] for row in rows}


def test_options_may_stand_before_and_after_the_command(inside: Run, sandbox: Sandbox) -> None:
    away = "http://127.0.0.1:9/api/v1"
    assert inside("--base-url", away, "klanten", "--retries", "0").code == 5
    assert inside("--base-url", away, "klanten", "--base-url", sandbox.base_url).code == 0


def test_a_file_is_written_and_stdout_stays_empty(inside: Run, tmp_path: Path) -> None:
    ran = inside("klanten", "--jsonl", "-o", "klanten.jsonl")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert len((tmp_path / "klanten.jsonl").read_bytes().splitlines()) == KLANTEN
    assert inside("artikels", "-o", "tabel.txt").out == ""
    assert len((tmp_path / "tabel.txt").read_text(encoding="utf-8").splitlines()) == ARTIKELS + 2


def test_a_failed_run_leaves_the_old_file_alone(inside: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    old = tmp_path / "out.json"
    old.write_text("old")
    old.chmod(0o640)
    sandbox.faults.add(route="artikels", cut_off=0.5)
    ran = inside("artikels", "--json", "-o", "out.json", "--retries", "0")
    assert ran.code == 7
    assert old.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]
    assert inside("artikels", "--json", "-o", "out.json").code == 0
    assert len(json.loads(old.read_text(encoding="utf-8"))) == ARTIKELS
    assert stat.S_IMODE(old.stat().st_mode) == 0o640


def test_a_link_is_followed_and_a_device_is_written_to(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "target")
    assert inside("klanten", "--csv", "-o", "link").code == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere" / "target").stat().st_size
    assert inside("klanten", "--csv", "-o", "/dev/null").code == 0
    assert Path("/dev/null").is_char_device()


def test_no_directory_to_write_to(inside: Run) -> None:
    ran = inside("klanten", "--csv", "-o", "nowhere/out.csv")
    assert ran.code == 1
    assert "No such file or directory" in ran.err
    assert "out.csv" in ran.err


def test_a_full_disk_is_told(inside: Run, environ: dict[str, str], tmp_path: Path) -> None:
    ran = inside("artikels", "--json", "-o", "/dev/full")
    assert ran.code == 1
    assert "No space left" in ran.err


def test_invalid_records_are_told_and_the_good_ones_written(inside: Run, server: Server) -> None:
    server.says({"data": [{"id": 1, "naam": "a"}, {"id": 2, "BTW": "veel"}, {"id": 3, "naam": "c"}]})
    for form, ids in (
        ("--json", lambda out: [each["id"] for each in json.loads(out)]),
        ("--jsonl", lambda out: [json.loads(line)["id"] for line in out.splitlines()]),
        ("--csv", lambda out: [int(row["id"]) for row in csv.DictReader(io.StringIO(out))]),
        ("--where=id>0", lambda out: [int(line.split()[0]) for line in out.splitlines()[2:]]),
    ):
        ran = inside("artikels", form, "--base-url", server.base_url)
        assert ran.code == 8
        assert ids(ran.out) == [1, 3]
        assert "record 2 (2), field BTW: 'veel'" in ran.err
        assert "1 record could not be read; 2 others were written" in ran.err


def test_unknown_fields_are_not_lost_silently(inside: Run, server: Server) -> None:
    server.says({"data": [{"id": 1, "nieuw": "x", "fotos": [{"url": "u", "breedte": 5}]}]})
    ran = inside("artikels", "--csv", "--base-url", server.base_url)
    assert "nieuw" in ran.err
    assert '""breedte"":5' in ran.out
    ran = inside("artikels", "--csv", "--base-url", server.base_url, "--fields", "id,extra,extra.nieuw")
    assert (ran.err, ran.out.splitlines()[1]) == ("", '1,"{""nieuw"":""x""}",x')
    assert json.loads(inside("artikels", "--jsonl", "--base-url", server.base_url).out)["nieuw"] == "x"
    assert inside("artikels", "--jsonl", "--base-url", server.base_url, "--where", "extra.nieuw=y").out == ""


def test_csv_alters_nothing_and_csv_excel_defuses_formulas(inside: Run, server: Server) -> None:
    formula = '=HYPERLINK("http://evil")'
    server.says({"data": [{"id": 1, "naam": formula, "op_voorraad": -2.5, "verkoopprijs_incl": "12.50"}]})
    picked = ("--fields", "naam,op_voorraad,verkoopprijs_incl", "--base-url", server.base_url)
    assert next(csv.DictReader(io.StringIO(inside("artikels", "--csv", *picked).out)))["naam"] == formula
    excel = inside("artikels", "--csv-excel", *picked).out
    assert excel.startswith("\ufeffnaam;op_voorraad;verkoopprijs_incl")
    row = next(csv.reader(io.StringIO(excel.splitlines()[1]), delimiter=";"))
    assert row == [f"'{formula}", "-2,5", "12,50"]


def test_a_name_can_not_command_the_terminal(inside: Run, server: Server) -> None:
    server.says({"data": [{"id": 1, "naam": "a\x1b[2Jb\nc[bold]d", "categorie": "x\x9b31m"}]})
    ran = inside("artikels", "--base-url", server.base_url)
    assert "\x1b" not in ran.out + ran.err
    assert "\x9b" not in ran.out
    assert "a [2Jb c[bold]d" in ran.out
    server.says({"message": "go \x1b[2Jaway\nnow"}, status=401)
    ran = inside("artikels", "--base-url", server.base_url)
    assert "\x1b" not in ran.err
    assert len(ran.err.splitlines()) == 1


def test_filters_reach_the_output(inside: Run, sandbox: Sandbox) -> None:
    wanted = {each.id for each in every_artikel(sandbox) if each.is_zichtbaar and (each.verkoopprijs_incl or 0) > 10}
    ran = inside("artikels", "--status", "zichtbaar", "--where", "verkoopprijs_incl>10", "--jsonl")
    assert {json.loads(line)["id"] for line in ran.out.splitlines()} == wanted
    categorie = next(each.categorie for each in every_artikel(sandbox))
    wanted = {each.id for each in every_artikel(sandbox) if categorie in {c.naam for c in each.categorieen}}
    ran = inside("artikels", "--categorie", str(categorie).upper(), "--jsonl", "--fields", "id")
    assert {json.loads(line)["id"] for line in ran.out.splitlines()} >= wanted


def test_sorting(inside: Run) -> None:
    ran = inside("artikels", "--sort", "-verkoopprijs_incl", "--jsonl", "--limit", "10")
    prices = [json.loads(line)["verkoopprijs_incl"] for line in ran.out.splitlines()]
    assert len(prices) == 10
    assert prices == sorted(prices, reverse=True)


def test_a_strange_status_is_remarked(inside: Run) -> None:
    ran = inside("artikels", "--status", "ZICHTBAR", "--json")
    assert (ran.code, ran.out) == (0, "[]\n")
    assert "NIET_VERKOOPBAAR" in ran.err
    assert inside("artikels", "--status", "ZICHTBAR", "--json", "--quiet").err == ""


def test_a_category_that_nothing_is_in_is_remarked(inside: Run, sandbox: Sandbox) -> None:
    ran = inside("artikels", "--status", "zichtbaar", "--categorie", "nope", "--csv", "--fields", "id")
    assert (ran.code, ran.out) == (0, "id\r\n")
    assert "'nope'" in ran.err
    assert inside("artikels", "--categorie", "nope", "--json", "--quiet").err == ""
    categorie = str(next(each.categorie for each in every_artikel(sandbox) if each.categorie))
    assert inside("artikels", "--categorie", categorie, "--where", "id=1", "--json").err == ""
    ran = inside("artikels", "--categorie", categorie, "--categorie", "nope", "--json")
    assert "'nope'" in ran.err
    assert categorie not in ran.err
    assert inside("artikels", "--categorie", categorie, "--categorie", "nope", "--limit", "1", "--json").err == ""


def test_an_unknown_extra_field_is_remarked(inside: Run, server: Server) -> None:
    server.says({"data": [{"id": 1, "nieuw": "x"}, {"id": 2}]})
    at = ("--jsonl", "--base-url", server.base_url)
    assert "extra.typo" in inside("artikels", "--where", "id=1", "--where", "extra.typo=1", *at).err
    assert "extra.typo" in inside("artikels", "--fields", "id,extra.typo", *at).err
    assert "naam is a field of its own" in inside("artikels", "--where", "extra.naam=x", *at).err
    assert inside("artikels", "--where", "id=2", "--where", "extra.nieuw=y", *at).err == ""


def test_a_broken_list_is_asked_for_again(inside: Run, sandbox: Sandbox) -> None:
    sandbox.faults.add(route="artikels", cut_off=0.5)
    ran = inside("artikels")
    assert (ran.code, len(ran.out.splitlines())) == (0, ARTIKELS + 2)


def test_klant_name(inside: Run, sandbox: Sandbox) -> None:
    klant: Klant = next(each for each in every_klant(sandbox) if each.is_bedrijf and each.bedrijfsnaam)
    ran = inside("klanten", "--text", klant.naam.upper(), "--jsonl", "--fields", "klantennummer,naam")
    assert {"klantennummer": klant.klantennummer, "naam": klant.naam} in map(json.loads, ran.out.splitlines())
