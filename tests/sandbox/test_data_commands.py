"""snapshot, restore, reset and import, against a sandbox that runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.command import sandbox as command


@pytest.fixture
def ask(small, monkeypatch: pytest.MonkeyPatch):
    """Run a command for the sandbox `small`."""
    monkeypatch.setenv("CLOUDSPOT_SANDBOX_URL", small.sandbox.base_url)

    def run(*arguments: str, code: int = 0, given: bytes = b"") -> Result:
        result = CliRunner().invoke(command, list(arguments), input=given)
        assert result.exit_code == code, result.output
        return result

    return run


def test_a_snapshot_is_saved_and_restored(small, ask, tmp_path: Path) -> None:
    file = tmp_path / "één map" / "begin.jsonl"
    assert "Can't write" in ask("snapshot", str(file), code=1).output
    file.parent.mkdir()
    ask("snapshot", str(file))
    small.sandbox.artikels.update(125, naam="Later")
    ask("restore", str(file))
    assert small.sandbox.artikels.get(125).naam != "Later"
    assert ask("snapshot", "-").stdout_bytes == file.read_bytes()
    small.sandbox.artikels.update(125, naam="Later")
    ask("restore", "-", given=file.read_bytes())
    assert small.sandbox.artikels.get(125).naam != "Later"
    small.sandbox.artikels.update(125, naam="Blijft")
    file.write_bytes(file.read_bytes()[:-5])
    assert "cut off" in ask("restore", str(file), code=1).output
    assert "Can't read" in ask("restore", str(tmp_path / "none"), code=1).output
    assert small.sandbox.artikels.get(125).naam == "Blijft"
    ask("reset")
    assert small.sandbox.artikels.get(125).naam != "Blijft"
    assert [each.name for each in file.parent.iterdir()] == ["begin.jsonl"]


def test_a_snapshot_is_kept_in_the_sandbox(small, ask) -> None:
    ask("snapshot", "--name", "voor")
    small.sandbox.artikels.update(125, naam="Later")
    ask("restore", "--name", "voor")
    assert small.sandbox.artikels.get(125).naam != "Later"
    assert "no snapshot" in ask("restore", "--name", "niet", code=1).output
    for arguments in (["snapshot"], ["restore", "een", "--name", "twee"]):
        assert "either a file or a --name" in ask(*arguments, code=2).output


def test_files_are_imported(small, ask, tmp_path: Path) -> None:
    file = tmp_path / "artikels.csv"
    file.write_text("id;naam;verkoopprijs_excl\n125;Anders;12,50\n;Nieuw;1\n")
    assert ask("import", "artikels", str(file)).stderr == "1 added, 1 changed\n"
    assert small.sandbox.artikels.get(125).naam == "Anders"
    done = ask("import", "klanten", "-", "--format", "jsonl", "--company", "Lampe SA", "--replace", "--json",
               given=b'{"achternaam":"Peeters"}\n')  # fmt: skip
    assert json.loads(done.stdout) == {"added": 1, "changed": 0, "unchanged": 0, "removed": 0}
    assert len(small.sandbox.company("Lampe SA").klanten) == 1
    file.write_text("id;BTW\nx;veel\n" + "y;1\n" * 30)
    refused = ask("import", "artikels", str(file), code=1).output
    assert "32 values" in refused
    assert "  row 2, BTW: expected a number, not 'veel'" in refused
    assert "and 12 more" in refused
    assert (
        "There is no company 'Geen'; there are Kist"
        in ask("import", "artikels", str(file), "--company", "Geen", code=1).output
    )
    assert "--format" in ask("import", "artikels", str(tmp_path / "x.ods"), code=2).output


def test_a_sandbox_begins_from_a_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--restore", str(tmp_path / "none.jsonl"), "--port", "0"])
    assert result.exit_code == 1
    assert "can't read" in result.output
    with Sandbox(artikels=3, klanten=1) as sandbox:
        sandbox.snapshot(tmp_path / "three.jsonl")
    with Sandbox(restore=tmp_path / "three.jsonl") as sandbox:
        assert len(sandbox.artikels) == 3
