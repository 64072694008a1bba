"""`cloudspot license check`, in a process of its own against the sandbox's License server."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import COMMAND, Ran, Run, Server

from cloudspot.sandbox import Sandbox

PASSWORD = "sandbox-wachtwoord"
JAN = "jan@sandbox.test"


@pytest.fixture
def check(cloudspot: Run, sandbox: Sandbox) -> Run:
    def run(*args: str, password: str = PASSWORD, application: str = "sandbox-app", **environ: str) -> Ran:
        told = {"CLOUDSPOT_LICENSE_APP": application, "CLOUDSPOT_LICENSE_URL": sandbox.license_url, **environ}
        ran = cloudspot("license", "check", *args, "--password-stdin", input=password, **told)
        assert PASSWORD not in ran.out + ran.err
        return ran

    return run


def test_a_table(check: Run) -> None:
    ran = check(JAN)
    assert ran.code == 0
    title, _, kist, lampe = ran.out.splitlines()
    assert title.split() == ["company", "id", "permissions"]
    assert kist.startswith("Kist & Vijs BV")
    assert kist.endswith("edit_artikels use_app view_artikels view_klanten")
    assert lampe.startswith("Lampe SA")
    assert ran.err == "Jan Janssens (jan@sandbox.test) may use sandbox-app in 2 companies.\n"
    assert check(JAN, "--quiet").err == ""


def test_json(check: Run, sandbox: Sandbox) -> None:
    ran = check(JAN, "--json", password=f"{PASSWORD}\r\n")
    found: dict[str, Any] = json.loads(ran.out)
    assert found["user"] == {"email": JAN, "first_name": "Jan", "last_name": "Janssens"}
    assert [company["company_name"] for company in found["companies"]] == ["Kist & Vijs BV", "Lampe SA"]
    assert found["companies"][1]["permissions"] == ["use_app", "view_artikels"]
    assert "1234" not in ran.out + ran.err  # the PIN


def test_a_user_who_may_not_use_the_application(check: Run) -> None:
    ran = check("piet@sandbox.test")
    assert (ran.code, ran.out) == (3, "")
    assert "in no company" in ran.err
    assert json.loads(check("piet@sandbox.test", "--json").out)["companies"] == []


@pytest.mark.parametrize(
    ("args", "options", "code", "said"),
    [
        ((JAN,), {"password": "fout"}, 3, "user name or the password is not correct"),
        ((JAN,), {"password": ""}, 3, "no password"),
        ((JAN,), {"application": "other"}, 3, "--application or CLOUDSPOT_LICENSE_APP"),
        ((JAN,), {"application": ""}, 9, "There is no application"),
        ((JAN,), {"CLOUDSPOT_LICENSE_URL": "http://127.0.0.1:9/api/v1"}, 5, "can't be reached"),
        ((JAN, "--base-url", ""), {}, 9, "--base-url is empty"),
        ((JAN, "--base-url", "http://license.example"), {}, 9, "pass --allow-http"),
        ((), {}, 2, "USERNAME"),
    ],
)
def test_what_fails(check: Run, args: tuple[str, ...], options: dict[str, str], code: int, said: str) -> None:
    ran = check(*args, **options)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err


def test_a_failing_server_is_no_wrong_password(check: Run, sandbox: Sandbox) -> None:
    sandbox.faults.add(route="auth/authenticate", status=502, body="html")
    ran = check(JAN)
    assert ran.code == 6
    assert "The server failed" in ran.err


def test_nothing_that_a_terminal_would_obey(check: Run, server: Server) -> None:
    server.RequestHandlerClass.do_POST = server.RequestHandlerClass.do_GET  # type: ignore[attr-defined]
    row = {"company_id": "i", "company_name": "a\x1b[31mb", "permissions": ["use_app", "\x07"]}
    server.says({"token": "t", "permissions": [row], "email": "x\x1b[0m", "first_name": "\x1b]0;t\x07"})
    ran = check(JAN, CLOUDSPOT_LICENSE_URL=server.base_url)
    assert ran.code == 0
    assert not set("\x1b\x07") & set(ran.out + ran.err)


def test_no_terminal_to_ask(cloudspot: Run) -> None:
    ran = cloudspot("license", "check", JAN, "--application", "sandbox-app")
    assert ran.code == 2
    assert "--password-stdin" in ran.err


def test_help(cloudspot: Run) -> None:
    assert cloudspot("license").out == cloudspot("license", "--help").out
    assert "check" in cloudspot("license").out


def test_the_password_is_asked_for_and_not_shown(environ: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [*COMMAND, "license", "check", JAN, "--application", "sandbox-app", "--base-url", sandbox.license_url]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, cwd=tmp_path, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        while b"Password of jan@sandbox.test: " not in shown:  # the space comes when the terminal's echo is off
            shown += os.read(ours, 1024)
        os.write(ours, f"{PASSWORD}\n".encode())
        try:
            while chunk := os.read(ours, 65536):
                shown += chunk
        except OSError:
            pass  # how a pseudo-terminal ends
        assert process.wait(30) == 0, shown
    os.close(ours)
    assert b"Kist & Vijs BV" in shown
    assert PASSWORD.encode() not in shown
    assert sys.stdin is not None
