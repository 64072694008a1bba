"""The commands for a sandbox that runs, through click and as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import typing
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import msgspec
import pytest
from click.testing import CliRunner

from cloudspot.sandbox import Fault, Sandbox
from cloudspot.sandbox.command import sandbox as command
from cloudspot.sandbox.commands.fault import add
from cloudspot.sandbox.faults import PRESETS


@pytest.fixture
def run(fresh):
    """Run a command for the sandbox `fresh`; it must succeed unless told otherwise."""

    def run(*arguments, code=0):
        url = fresh.sandbox.base_url.removesuffix("/api/v1")
        result = CliRunner().invoke(command, [*arguments, "--url", url] if "clock" not in arguments else arguments)
        assert result.exit_code == code, result.output
        return result.output

    return run


@pytest.fixture
def clock(fresh, monkeypatch):
    monkeypatch.setenv("CLOUDSPOT_SANDBOX_URL", fresh.sandbox.base_url)

    def run(*arguments, code=0):
        result = CliRunner().invoke(command, ["clock", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    return run


def test_a_fault_is_added_listed_and_cleared(fresh, run):
    assert run("fault", "add", "--route", "artikels", "--status", "503", "--times", "2") == (
        "1  route=artikels times=2 status=503  hits: 0\n"
    )
    run("fault", "add", "--cut-off", "0.5", "--times", "always", "--ends-cleanly")
    assert [fresh.get("/artikels/?id=125").status for _ in range(2)] == [503, 503]
    assert run("fault", "list") == "2  times=always cut_off=0.5 ends_cleanly  hits: 0\n"
    assert json.loads(run("fault", "list", "--json"))[0]["cut_off"] == 0.5
    run("fault", "clear", "2")
    assert "There is no fault 2" in run("fault", "clear", "2", code=1)
    run("fault", "add", "--expired")
    run("fault", "clear")
    assert "No fault waits." in run("fault", "list")


def test_every_field_is_an_option():
    values = {
        "times": ["--times", "always"],
        "cut_off": ["--cut-off", "1000"],
        "field": ["--alter", "wrong_types", "--field", "naam"],
        "body": ["--status", "500", "--body", "html"],
        "retry_after_as_date": ["--retry-after", "5", "--retry-after-as-date"],
        "ends_cleanly": ["--cut-off", "0.5", "--ends-cleanly"],
        "pieces_of": ["--pieces-of", "5", "--pause", "0.5"],
        "pause": ["--pieces-of", "5", "--pause", "0.5"],
        "redirect": ["--redirect", "/x"],
        "content_type": ["--content-type", "text/html"],
        "alter": ["--alter", "nulls"],
        "route": ["--route", "klanten"],
    }
    hints = typing.get_type_hints(Fault)
    with Sandbox(artikels=1, klanten=1) as sandbox:
        for field in msgspec.structs.fields(Fault):
            option = f"--{field.name.replace('_', '-')}"
            given = values.get(field.name, [option] if hints[field.name] is bool else [option, "300"])
            if field.name in {"route", "token", "after", "times"}:
                given = [*given, "--status", "500"]
            if field.name == "probability":
                given = [option, "0.5", "--status", "500"]
            result = CliRunner().invoke(command, ["fault", "add", *given, "--url", sandbox.base_url])
            assert result.exit_code == 0, (field.name, result.output)
            said = getattr(sandbox.faults.list()[-1].fault, field.name)
            assert said != field.default, field.name


def test_every_option_of_a_fault_is_explained():
    for parameter in add.params:
        assert parameter.help, parameter.name
        assert len(parameter.help) > 5
        assert "None" not in parameter.help


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--status", "503", "--reset"], 1, "exclude each other"),
        (["--status", "teapot"], 2, "teapot"),
        (["--times", "x", "--reset"], 2, "neither a number nor `always`"),
        (["--cut-off", "half"], 2, "neither a number of bytes nor a fraction"),
        (["--alter", "upside_down"], 2, "half_list"),
        ([], 1, "a fault needs one of"),
    ],
)
def test_what_is_no_fault(run, arguments, code, says):
    assert says.lower() in run("fault", "add", *arguments, code=code).lower()


def test_presets(fresh, run):
    run("fault", "on", "empty-shop", "--route", "artikels")
    assert fresh.data("/artikels/") == []
    assert len(fresh.data("/klanten/")) == 20
    lines = run("fault", "presets").splitlines()
    assert [line[2:].split()[0] for line in lines] == [*PRESETS]
    assert [line for line in lines if line.startswith("*")] == ["* empty-shop         lists are empty, with a 200"]
    run("fault", "off", "empty-shop")
    assert len(fresh.data("/artikels/")) == 300
    assert json.loads(run("fault", "presets", "--json"))[0]["name"] == "proxy-page"
    assert "proxy-page" in run("fault", "on", "no-such", code=2)


def test_requests(fresh, run, monkeypatch, tmp_path):
    fresh.get("/artikels/?id=125")
    fresh.get("/artikels/?id=1")
    lines = run("requests").splitlines()
    assert ["GET /api/v1/artikels/?id=125" in lines[0], "404" in lines[1]] == [True, True]
    assert len(run("requests", "--status", "4xx").splitlines()) == 1
    assert json.loads(run("requests", "--limit", "1", "--json"))["id"] == 2
    monkeypatch.setenv("CLOUDSPOT_SANDBOX_URL", fresh.sandbox.base_url)
    ran = CliRunner().invoke(command, ["requests", "curl", "1"]).output
    assert ran.startswith("curl ")
    assert ran == fresh.sandbox.requests.curl(1) + "\n"
    shown = CliRunner().invoke(command, ["requests", "show", "2"]).output
    assert '{"message":"There is no artikel 1."}' in shown
    assert "sandbox-token" not in shown + "\n".join(lines)
    run("requests", "--har", str(tmp_path / "x.har"), "--status", "4xx")
    assert len(json.loads((tmp_path / "x.har").read_text())["log"]["entries"]) == 1
    assert CliRunner().invoke(command, ["requests", "clear"]).exit_code == 0
    assert fresh.sandbox.requests.list() == []
    assert "is no status" in run("requests", "--status", "x", code=1)
    assert "exclude each other" in run("requests", "--follow", "--har", "-", code=2)


def test_requests_are_followed(fresh):
    fresh.get("/klanten/")
    run = [sys.executable, "-W", "error", "-m", "cloudspot.sandbox", "requests", "--follow", "--status", "200"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", "CLOUDSPOT_SANDBOX_URL": fresh.sandbox.base_url}
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        assert "/klanten/" in process.stdout.readline()
        fresh.get("/klanten/", "unknown")
        fresh.get("/categories/")
        assert "/categories/" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 130


def test_the_clock(fresh, clock):
    assert "this machine's time" in clock()
    assert clock("freeze", "2026-01-31T23:59:00+01:00") == "2026-01-31T23:59:00+01:00  (stands still)\n"
    assert clock("advance", "1h30m").startswith("2026-02-01T01:29:00")
    assert clock("advance", "-1h").startswith("2026-02-01T00:29:00")
    assert clock("advance", "-60").startswith("2026-02-01T00:28:00")
    assert clock("set", "2027-01-01T00:00:00Z").startswith("2027-01-01T00:00:00+00:00")
    assert fresh.sandbox.clock.now().year == 2027
    assert "(runs)" in clock("run")
    assert "this machine's time" in clock("reset")
    assert "is no moment" in clock("set", "noon", code=1)
    assert "is no duration" in clock("advance", "5x", code=2)


def test_where_the_sandbox_is(fresh, monkeypatch):
    port = str(fresh.sandbox.port)
    monkeypatch.setenv("CLOUDSPOT_SANDBOX_URL", "http://127.0.0.1:9")
    assert CliRunner().invoke(command, ["--port", port, "fault", "list"]).exit_code == 0
    result = CliRunner().invoke(command, ["fault", "list"])
    assert result.exit_code == 1
    assert "No sandbox answers at http://127.0.0.1:9." in result.output
    assert "is not the URL of a sandbox" in CliRunner().invoke(command, ["fault", "list", "--url", "sandbox"]).output
    result = CliRunner().invoke(command, ["--artikels", "5", "fault", "list"])
    assert (result.exit_code, "--artikels has no meaning here" in result.output) == (2, True)


def test_one_that_listens_everywhere_is_here(small):
    port = str(small.sandbox.port)
    assert CliRunner().invoke(command, ["--host", "0.0.0.0", "--port", port, "--wait", "--timeout", "5"]).exit_code == 0


def test_something_else_answers(http_pool):
    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if "clock" in self.path else 404)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        for arguments in (["fault", "list"], ["clock"]):
            url = f"http://127.0.0.1:{server.server_port}"
            result = CliRunner().invoke(command, [*arguments, "--url", url])
            assert (result.exit_code, "is not a sandbox" in result.output) == (1, True)
        server.shutdown()


def test_an_exposed_sandbox_says_so():
    run = [sys.executable, "-W", "error", "-m", "cloudspot.sandbox", "--port", "0", "--host", "0.0.0.0", "--json"]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
    assert "Warning: the sandbox listens on 0.0.0.0." in said


def test_options_of_the_server():
    run = [sys.executable, "-W", "error", "-m", "cloudspot.sandbox", "--port", "0", "--json", "--artikels", "1"]
    more = ["--clock", "2026-01-31T23:59:00+01:00", "--seeded-ids", "--requests", "5", "--allow-host", "shop.test"]
    with subprocess.Popen([*run, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        url = json.loads(process.stdout.readline())["base_url"]
        result = CliRunner().invoke(command, ["clock", "--url", url])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert result.output == "2026-01-31T23:59:00+01:00  (stands still)\n"
    for wrong, says in (
        (["--clock", "noon"], "is no moment"),
        (["--allow-host", "a:1"], "no name of a host"),
        (["--seeded-ids", "--database", "sqlite:///x.db"], "seeded_ids go with"),
    ):
        result = CliRunner().invoke(command, ["--port", "0", *wrong])
        assert (result.exit_code, says in result.output) == (1, True)
