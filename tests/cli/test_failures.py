"""Every way to fail: its exit code, one line on stderr, nothing on stdout that looks whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cloudspot.cli.connection import timeout_of
from cloudspot.cli.failures import MEANINGS, ExitCode, exit_code_of, line_of
from cloudspot.cli.options import Choices
from cloudspot.settings import Timeout

from .conftest import COMMAND, Run, Sandbox, Server


def one_line(err: str) -> str:
    (line,) = err.splitlines()
    assert line.startswith("cloudspot: ")
    return line


@pytest.mark.parametrize(
    "args",
    [
        ["artikelen"],
        ["--bogus"],
        ["artikels", "--json", "--csv"],
        ["artikels", "--where", "prijs=3"],
        ["artikels", "--where", "nonsense"],
        ["artikels", "--where", "BTW>veel"],
        ["artikels", "--where", "fotos>1"],
        ["artikels", "--fields", "id,prijs"],
        ["artikels", "--sort", "fotos"],
        ["artikels", "--limit", "0"],
        ["artikels", "--test-mode", "--base-url", "https://erp.example"],
        ["artikel"],
        ["artikel", "abc"],
        ["klanten", "--timeout", "0"],
    ],
    ids=" ".join,
)
def test_usage(here: Run, args: list[str]) -> None:
    ran = here(*args)
    assert (ran.code, ran.out) == (2, "")
    first, *below = ran.err.splitlines()
    assert "--help" in one_line(first)
    assert all(line.startswith("  ") for line in below)


def test_usage_names_what_is_near(cloudspot: Run) -> None:
    assert "Did you mean artikels?" in cloudspot("artikelss").err
    ran = cloudspot("artikels", "--where", "verkoopprijs=3")
    assert "Did you mean verkoopprijs_" in ran.err
    first, *below = ran.err.splitlines()
    assert "See: cloudspot artikels --help" in first
    assert below[0].startswith("  There are: id, naam,")
    assert max(map(len, below)) <= 80


def test_not_authorised(cloudspot: Run) -> None:
    ran = cloudspot("artikels", "--json", CLOUDSPOT_TOKEN="sandbox-klanten")
    assert (ran.code, ran.out) == (3, "")
    assert "see all products" in one_line(ran.err)
    assert "sandbox-klanten" not in ran.err


def test_not_found(cloudspot: Run, sandbox: Sandbox) -> None:
    ran = cloudspot("artikel", "999999")
    assert (ran.code, ran.out) == (4, "")
    assert "999999" in one_line(ran.err)
    assert cloudspot("artikels", "--base-url", sandbox.base_url + "/nowhere").code == 4


def test_unreachable_and_silent(cloudspot: Run, sandbox: Sandbox) -> None:
    ran = cloudspot("artikels", "--base-url", "http://127.0.0.1:9/api/v1", "--retries", "0")
    assert (ran.code, ran.out) == (5, "")
    one_line(ran.err)
    sandbox.faults.add(route="artikels", delay=5)
    ran = cloudspot("artikels", "--timeout", "0.2", "--retries", "0")
    assert ran.code == 5
    assert "in time" in one_line(ran.err)


@pytest.mark.parametrize(
    "fault",
    [{"status": 502, "body": "html"}, {"status": 503, "body": "empty"}, {"retry_after": 500}],
    ids=["page", "empty", "rate"],
)
def test_server_trouble(cloudspot: Run, sandbox: Sandbox, fault: dict[str, object]) -> None:
    sandbox.faults.add(route="artikels", **fault)
    ran = cloudspot("artikels", "--retries", "0")
    assert (ran.code, ran.out) == (6, "")
    one_line(ran.err)


FORMS = ["--json", "--jsonl", "--csv", "--csv-excel", "--quiet", "--sort=id"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, {"message": "no"}, 3),
        (404, {"message": "no"}, 4),
        (200, b"<html><title>Log in</title></html>", 6),
        (500, {"message": "no"}, 6),
        (200, {"data": "no"}, 7),
    ],
)
def test_a_failed_answer_leaves_no_byte(
    inside: Run, server: Server, form: str, status: int, body: object, code: int
) -> None:
    server.says(body, status=status)
    for what in ("artikels", "klanten"):
        form_there = form.replace("=id", "=klantennummer") if what == "klanten" else form
        ran = inside(what, form_there, "--base-url", server.base_url)
        assert (ran.code, ran.out) == (code, "")


@pytest.mark.parametrize("form", FORMS)
def test_no_answer_leaves_no_byte(inside: Run, form: str) -> None:
    ran = inside("artikels", form, "--base-url", "http://127.0.0.1:9/api/v1", "--retries", "0")
    assert (ran.code, ran.out) == (5, "")


def test_an_empty_answer_has_its_header(inside: Run, server: Server) -> None:
    server.says({"data": []})
    picked = ("--fields", "id,naam", "--base-url", server.base_url)
    assert inside("artikels", "--csv", *picked).out == "id,naam\r\n"
    assert inside("artikels", "--csv-excel", *picked).out == "\ufeffid;naam\r\n"


@pytest.mark.parametrize("form", ["--json", "--jsonl", "--csv"])
def test_cut_off_in_mid_stream(cloudspot: Run, sandbox: Sandbox, form: str) -> None:
    sandbox.faults.add(route="artikels", cut_off=0.9, ends_cleanly=True)
    ran = cloudspot("artikels", form, "--retries", "0")
    assert ran.code == 7
    one_line(ran.err)
    if form == "--json":
        with pytest.raises(ValueError):
            json.loads(ran.out)


def test_no_document(cloudspot: Run, server: Server) -> None:
    server.says({"results": []})
    assert cloudspot("klanten", "--base-url", server.base_url).code == 7


def test_one_invalid_record(cloudspot: Run, server: Server) -> None:
    server.says({"data": [{"id": 7, "BTW": "veel"}]})
    ran = cloudspot("artikel", "7", "--json", "--base-url", server.base_url)
    assert (ran.code, ran.out) == (8, "")
    assert "BTW" in one_line(ran.err)


def test_configuration(cloudspot: Run, tmp_path: Path) -> None:
    ran = cloudspot("artikels", CLOUDSPOT_TOKEN="")
    assert (ran.code, ran.out) == (9, "")
    assert "cloudspot login" in one_line(ran.err)
    assert cloudspot("artikels", "--profile", "nobody").code == 9
    assert cloudspot("artikels", "--base-url", "ftp://x").code == 9
    ran = cloudspot("artikels", "--base-url", "http://erp.example/api")
    assert ran.code == 9
    assert "--allow-http" in ran.err
    assert cloudspot("artikels", "--token-file", "nowhere").code == 9
    ran = cloudspot("artikels", CLOUDSPOT_TOKEN="sand box")
    assert ran.code == 9
    assert "sand box" not in ran.err


def test_a_token_from_a_file_or_stdin(cloudspot: Run, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("sandbox-token\n")
    assert cloudspot("artikel", "125", "--token-file", "token", CLOUDSPOT_TOKEN="").code == 0
    assert cloudspot("--token-file", "-", "artikel", "125", CLOUDSPOT_TOKEN="", input="sandbox-token\n").code == 0
    assert cloudspot("artikel", "125", "--token-file", "-", input="wrong\n").code == 3


def test_an_empty_token_is_told_by_its_place(inside: Run, cloudspot: Run, tmp_path: Path) -> None:
    for text in ("", " \n", "\ufeff\n"):
        (tmp_path / "tok").write_text(text, encoding="utf-8")
        ran = inside("artikels", "--token-file", "tok")
        assert (ran.code, ran.out) == (9, "")
        assert "tok is empty" in one_line(ran.err)
        assert "token=" not in ran.err
    assert "stdin is empty" in one_line(cloudspot("artikels", "--token-file", "-").err)
    assert "CLOUDSPOT_TOKEN is empty" in one_line(cloudspot("artikels", CLOUDSPOT_TOKEN="  ").err)
    assert inside("artikels", "--token-file", "").code == 9


def test_a_byte_order_mark_is_no_part_of_a_token(cloudspot: Run, tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbfsandbox-token\r\n")
    assert cloudspot("artikel", "125", "--token-file", "token", CLOUDSPOT_TOKEN="").code == 0
    assert cloudspot("artikel", "125", "--token-file", "-", input="\ufeffsandbox-token\n").code == 0


@pytest.mark.parametrize("command", ["artikels", "categorieen", "login"])
def test_an_empty_base_url_is_not_cloudspots_own(here: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("CLOUDSPOT_TOKEN", "sandbox-token")
    for url in ("", "  "):
        ran = here(command, "--base-url", url)
        assert (ran.code, ran.out) == (9, "")
        assert "--base-url is empty" in one_line(ran.err)


def test_the_total_time_of_a_call(cloudspot: Run, sandbox: Sandbox) -> None:
    sandbox.faults.add(route="artikels", delay=5)
    began = time.monotonic()
    ran = cloudspot("artikels", "--total", "0.3", "--csv")
    assert time.monotonic() - began < 4
    assert (ran.code, ran.out) == (5, "")
    one_line(ran.err)


def test_timeouts() -> None:
    assert timeout_of(Choices(timeout=3)) == Timeout(3, 3, None)
    assert timeout_of(Choices(total=9)) == Timeout(total=9)
    assert timeout_of(Choices(timeout=3, total=9)) == Timeout(3, 3, 9)


def test_ctrl_c_while_importing(environ: dict[str, str], tmp_path: Path) -> None:
    for module in ("click", "msgspec"):
        (tmp_path / module).mkdir()
        (tmp_path / module / f"{module}.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
        environ["PYTHONPATH"] = str(tmp_path / module)
        done = subprocess.run([*COMMAND, "artikels"], capture_output=True, env=environ, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_head_ends_quietly(cloudspot: Run, environ: dict[str, str], sandbox: Sandbox) -> None:
    for args in (["artikels", "--jsonl"], ["artikels"], ["klanten", "--csv"]):
        running = subprocess.Popen([*COMMAND, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        err = running.stderr.read()
        running.stderr.close()
        assert (running.wait(10), err) == (141, b"")


def test_ctrl_c(environ: dict[str, str], cloudspot: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    old = tmp_path / "out.json"
    old.write_text("old")
    for stop, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        sandbox.faults.add(route="artikels", delay=5)
        running = subprocess.Popen(
            [*COMMAND, "artikels", "--json", "-v", "-o", str(old)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
        )
        deadline = time.monotonic() + 10
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        running.send_signal(stop)
        out, err = running.communicate(timeout=10)
        assert (running.returncode, out) == (code, b"")
        assert b"Traceback" not in err
        assert old.read_text() == "old"
        assert list(tmp_path.iterdir()) == [old]
        sandbox.faults.clear()


def test_a_full_stdout(cloudspot: Run, environ: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "artikels", "--json"], stdout=full, stderr=subprocess.PIPE, env=environ, check=False
        )
    assert done.returncode == 1
    assert "No space left" in one_line(done.stderr.decode())


def test_a_closed_stdout(cloudspot: Run, environ: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m cloudspot.cli artikels --json >&-"],
        stderr=subprocess.PIPE,
        env=environ,
        check=False,
    )
    assert done.returncode == 1
    one_line(done.stderr.decode())


def test_verbose_logs_to_stderr_without_the_token(cloudspot: Run) -> None:
    ran = cloudspot("klanten", "--json", "-v")
    assert ran.code == 0
    json.loads(ran.out)
    assert "GET /klanten/ → 200" in ran.err
    assert "sandbox-token" not in ran.err


def test_a_bug_is_one_line_too(here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("cloudspot.cli.connection.load_profiles", broken)
    ran = here("artikels")
    assert ran.code == 1
    assert "unexpected KeyError" in one_line(ran.err)
    monkeypatch.setenv("CLOUDSPOT_DEBUG", "1")
    assert "Traceback" in here("artikels").err


def test_without_click(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise ModuleNotFoundError('No module named click', name='click')")
    environ["PYTHONPATH"] = str(tmp_path)
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, env=environ, check=False)
    assert done.returncode == 9
    assert "cloudspot-erp-api[cli]" in one_line(done.stderr.decode())


def test_a_missing_package_names_its_extra() -> None:
    assert "[sandbox]" in line_of(ModuleNotFoundError("x", name="sqlalchemy.orm"))
    assert "[cli]" in line_of(ModuleNotFoundError("x", name="keyring"))
    assert exit_code_of(ModuleNotFoundError("x", name="keyring")) == 9


def test_every_exit_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(ExitCode)
