"""The mirror on the command line."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudspot.cli.failures import ExitCode
from cloudspot.sandbox import Sandbox

from .conftest import ARTIKELS, COMMAND, KLANTEN, Run


@pytest.fixture
def changing() -> Iterator[Sandbox]:
    with Sandbox(artikels=40, klanten=10) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def a_token(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDSPOT_TOKEN", "sandbox-token")


@pytest.fixture
def database(tmp_path: Path) -> str:
    return str(tmp_path / "copy.db")


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_sync_and_what_changed(here: Run, changing: Sandbox, database: str) -> None:
    erp = ["--base-url", changing.base_url]
    first = here("sync", "--to", database, *erp)
    assert first.code == 0, first.err
    assert "artikels: 40 seen, 40 created" in first.out
    changing.artikels.update(130, verkoopprijs_incl="99.95")
    changing.artikels.delete(131)
    report = json.loads(here("sync", "--mirror", database, "--json", *erp).out)
    assert (report["artikels"]["updated"], report["artikels"]["deleted"]) == (1, 1)
    assert report["klanten"]["not_modified"]
    shown = here("changes", "--mirror", database, "--kind", "updated", "--kind", "deleted")
    assert "verkoopprijs_incl: " in shown.out
    assert "99.95" in shown.out
    told = lines(here("changes", "--mirror", database, "--since", "3", "--resource", "artikels", "--jsonl").out)
    assert told[-1]["kind"] == "deleted"
    assert told[-2]["fields"]["verkoopprijs_incl"][1] == 99.95
    story = lines(here("history", "artikel", "130", "--mirror", database, "--jsonl").out)
    assert [event["kind"] for event in story] == ["created", "updated"]
    assert here("history", "artikel", "1", "--mirror", database).code == ExitCode.NOT_FOUND


def test_consumers(here: Run, sandbox: Sandbox, database: str) -> None:
    erp = ["--base-url", sandbox.base_url]
    assert here("sync", "--to", database, *erp).code == 0
    asked = ["changes", "--mirror", database, "--consumer", "shop", "--resource", "artikels", "--jsonl"]
    assert len(lines(here(*asked, "--limit", "5").out)) == 5
    assert len(lines(here(*asked).out)) == ARTIKELS - 5
    assert here(*asked).out == ""
    assert here(*asked, "--since", "3").code == ExitCode.USAGE


def test_the_guard_has_an_exit_code(here: Run, changing: Sandbox, database: str) -> None:
    erp = ["--base-url", changing.base_url]
    assert here("sync", "--to", database, *erp).code == 0
    for number in range(125, 160):
        changing.artikels.delete(number)
    refused = here("sync", "--to", database, *erp)
    assert refused.code == ExitCode.GUARD_REFUSED
    assert "35 of the 40 records of the mirror would be deleted" in refused.err
    assert "--confirm-deletes" in refused.err
    assert "klanten: not modified" in refused.out
    changing.faults.add(route="artikels", cut_off=0.5, times=None)
    assert here("sync", "--to", database, *erp).code == ExitCode.INVALID_DOCUMENT
    changing.faults.clear()
    confirmed = here("sync", "--to", database, "--confirm-deletes", "--resource", "artikels", *erp)
    assert (confirmed.code, "35 deleted" in confirmed.out) == (0, True)


def test_forgetting(here: Run, sandbox: Sandbox, database: str) -> None:
    erp = ["--base-url", sandbox.base_url]
    assert here("sync", "--to", database, *erp).code == 0
    assert here("forget", "1001", "--mirror", database, "--yes").out == "Erased: 1 client, 1 event.\n"
    assert "1 kept out" not in here("sync", "--to", database, *erp).out
    assert len(lines(here("changes", "--mirror", database, "--resource", "klanten", "--jsonl").out)) == KLANTEN - 1
    assert here("readmit", "1001", "1002", "--mirror", database).out == "Readmitted: 1 client.\n"
    assert "1 created" in here("sync", "--to", database, *erp).out
    assert here("readmit", "1001", "--mirror", database).code == ExitCode.NOT_FOUND


def test_history_is_kept_for_some_time(here: Run, changing: Sandbox, database: str) -> None:
    sync = ["sync", "--to", database, "--base-url", changing.base_url, "--resource", "artikels"]
    assert here(*sync).code == 0
    changing.artikels.update(130, verkoopprijs_incl="99.95")
    assert "let go" not in here(*sync, "--keep-history", "400d").out
    time.sleep(1.1)
    told = here(*sync, "--keep-history", "1s")
    assert "history: 1 old events let go" in told.out
    assert json.loads(here(*sync, "--keep-history", "1s", "--json").out)["pruned"] == 0
    story = lines(here("history", "artikel", "130", "--mirror", database, "--jsonl").out)
    assert [event["kind"] for event in story] == ["created"]
    for wrong in ("999999d", "0d", "soon"):
        assert here(*sync, "--keep-history", wrong).code in {ExitCode.USAGE, ExitCode.CONFIGURATION}


def test_watching(environ: dict[str, str], changing: Sandbox, database: str) -> None:
    command = [*COMMAND, "sync", "--to", database, "--base-url", changing.base_url, "--watch", "1s", "--json"]
    command += ["--token-file", "-", "--on-change", "exit 7"]
    changing.faults.add(route="klanten", status=404)
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, env=environ, text=True, **pipes) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write("sandbox-token\n")
        running.stdin.close()
        running.stdin = None
        first, second = (json.loads(running.stdout.readline()) for _ in range(2))
        running.terminate()
        _, said = running.communicate(timeout=30)
    assert (first["artikels"]["created"], second["artikels"]["not_modified"]) == (40, True)
    assert first["klanten"]["error"]
    assert second["klanten"]["created"] == 10
    assert "There is no such address" in said
    assert "The command ended with 7" in said
    assert running.returncode == ExitCode.TERMINATED


def test_after_changes_others_are_told(here: Run, changing: Sandbox, database: str, tmp_path: Path) -> None:
    told = tmp_path / "told.jsonl"
    sync = ["sync", "--to", database, "--base-url", changing.base_url, "--json"]
    then = ["--on-change", f"echo hello; cat >> {shlex.quote(str(told))}; echo >> {shlex.quote(str(told))}"]
    failed = here(*sync, "--on-change", "exit 3")
    assert failed.code == ExitCode.NOT_TOLD
    assert "The command ended with 3" in failed.err
    assert json.loads(failed.out)["artikels"]["created"] == 40
    ran = here(*sync, *then)  # changes nothing itself
    assert (ran.code, json.loads(ran.out)["artikels"]["not_modified"]) == (0, True)
    assert "hello" in ran.err
    changing.artikels.delete(131)
    assert here(*sync, *then).code == 0
    assert here(*sync, *then).code == 0
    first, second = lines(told.read_text())
    assert first["data"]["counts"]["artikels"] == {"created": 40}
    assert second["data"]["counts"] == {"artikels": {"deleted": 1}}
    assert second["data"]["since"] == first["data"]["until"]


def test_a_webhook_after_changes(here: Run, changing: Sandbox, database: str, tmp_path: Path) -> None:
    sync = ["sync", "--to", database, "--base-url", changing.base_url]
    secret = tmp_path / "secret"
    secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    notify = ["--notify", "http://127.0.0.1:1/hook", "--notify-secret-file", str(secret), "--hook-limit", "2s"]
    failed = here(*sync, *notify)
    assert failed.code == ExitCode.NOT_TOLD
    assert "artikels: 40 seen, 40 created" in failed.out
    assert "told again" in failed.err
    changing.faults.add(route="klanten", status=404)
    both = here(*sync, *notify)
    assert both.code == ExitCode.NOT_FOUND
    assert "can't be reached" in both.err
    secret.write_text("hush-hush")
    wrong = here(*sync, *notify)
    assert (wrong.code, "hush" in wrong.err) == (ExitCode.CONFIGURATION, False)
    assert here(*sync, *notify[2:]).code == ExitCode.USAGE


def test_what_can_t_be_watched(here: Run, database: str) -> None:
    for wrong in (["--watch", "soon"], ["--watch", "0s"], ["--watch", "1h", "--confirm-deletes"]):
        assert here("sync", "--to", database, *wrong).code == ExitCode.USAGE


def test_sql(here: Run, sandbox: Sandbox, database: str) -> None:
    assert here("sync", "--to", database, "--base-url", sandbox.base_url).code == 0
    asked = ["sql", "SELECT id, btw FROM artikels ORDER BY id LIMIT 2", "--mirror", database]
    assert [row["id"] for row in json.loads(here(*asked, "--json").out)] == [125, 126]
    assert here(*asked, "--csv").out.splitlines()[0] == "id,btw"
    assert here(*asked).out.splitlines()[0].split() == ["id", "btw"]
    refused = here("sql", "DELETE FROM mirror_artikels", "--mirror", database)
    assert (refused.code, "readonly" in refused.err) == (ExitCode.FAILED, True)


def test_there_is_no_mirror(here: Run, tmp_path: Path) -> None:
    for asked in (["changes"], ["history", "artikel", "1"], ["forget", "1", "--yes"]):
        ran = here(*asked, "--mirror", str(tmp_path / "none.db"))
        assert ran.code == ExitCode.CONFIGURATION
        assert "cloudspot sync" in ran.err
    assert not list(tmp_path.glob("*.db"))
