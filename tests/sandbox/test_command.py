"""The command, as a process and through click."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import urllib3
from click.testing import CliRunner

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.command import sandbox as command

KIST, LAMPE = (f"5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e000{number}" for number in (1, 2))
RUN = [sys.executable, "-W", "error", "-m", "cloudspot.sandbox", "--port", "0", "--artikels", "20", "--klanten", "5"]


@pytest.mark.parametrize(("signalled", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_one_line_of_json_then_quiet(signalled, code):
    with subprocess.Popen([*RUN, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline())
        assert ready["tokens"] == ["sandbox-token", "sandbox-artikels", "sandbox-klanten", "sandbox-other"]
        with urllib3.PoolManager(timeout=10) as pool:
            headers = {"X-ERP-TOKEN": ready["tokens"][0]}
            assert ready["companies"] == [{"id": KIST, "name": "Kist & Vijs BV"}, {"id": LAMPE, "name": "Lampe SA"}]
            assert ready["applications"] == [{"id": "sandbox-app", "name": "Sandbox App", "requestor": "sandbox-app"}]
            assert ready["users"] == [
                {"email": "jan@sandbox.test", "companies": [KIST, LAMPE]},
                {"email": "marie@sandbox.test", "companies": [KIST]},
                {"email": "piet@sandbox.test", "companies": []},
            ]
            answer = pool.request("GET", f"{ready['base_url']}/artikels/", headers=headers)
        assert len(answer.json()["data"]) == 20
        process.send_signal(signalled)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == code


def test_a_banner_for_people():
    with subprocess.Popen(RUN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        banner = "".join(process.stderr.readline() for _ in range(6))
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10) == ("", "")
    assert "20 products and 5 clients" in banner
    assert "sandbox-token, sandbox-artikels" in banner
    assert "jan@sandbox.test, marie@sandbox.test" in banner
    assert "curl -H 'X-ERP-TOKEN: sandbox-token' 'http://127.0.0.1:" in banner


def test_interrupted_while_it_fills(tmp_path):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    run = [*RUN, "--artikels", "200000", "--database", database]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "sandbox.db").exists():
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 130
    with Sandbox(artikels=3, database=database) as sandbox:
        assert len(sandbox.artikels) == 3


def test_a_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port), "--artikels", "1"])
    assert result.exit_code == 1
    assert f"can't listen on 127.0.0.1:{port}" in result.output
    assert "--port" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--database", "mysql://x"], 1, "not in mysql"),
        (["--database", "sqlite:////nowhere/at/all.db"], 1, "unable to open database file"),
        (["--artikels", "-1"], 2, "--artikels"),
        (["--artikels", "99999999"], 1, "10,000,000"),
        (["--host", "host.invalid"], 1, "can't listen on host.invalid"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(arguments, code, says):
    result = CliRunner().invoke(command, ["--port", "0", *arguments])
    assert result.exit_code == code
    assert says in result.output
    assert "Traceback" not in result.output


def test_signals_are_given_back():
    before = signal.getsignal(signal.SIGINT)
    CliRunner().invoke(command, ["--database", "mysql://x"])
    assert signal.getsignal(signal.SIGINT) is before


def test_help_names_every_option():
    result = CliRunner().invoke(command, ["--help"])
    for option in (
        "--host",
        "--port",
        "--artikels",
        "--klanten",
        "--seed",
        "--database",
        "--compress",
        "--json",
        "--wait",
    ):
        assert option in result.output


def test_waiting_for_one_that_starts_later():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    started = []

    def start():
        time.sleep(0.3)
        started.append(Sandbox(artikels=1, klanten=1, port=port).start())

    thread = threading.Thread(target=start)
    thread.start()
    result = CliRunner().invoke(command, ["--port", str(port), "--wait", "--json"])
    thread.join()
    started[0].stop()
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["base_url"] == f"http://127.0.0.1:{port}/api/v1"


def test_waiting_in_vain():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port), "--wait", "--timeout", "0.2"])
    assert result.exit_code == 1
    assert f"No sandbox answered at http://127.0.0.1:{port} within 0.2 s." in result.output


def test_waiting_where_the_variable_says(small, monkeypatch):
    monkeypatch.setenv("CLOUDSPOT_SANDBOX_URL", small.sandbox.base_url)
    assert CliRunner().invoke(command, ["--wait", "--timeout", "5"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--wait", "--artikels", "5"], "--artikels has no meaning here"),
        (["--timeout", "5"], "--timeout has no meaning here"),
        (["rest"], "There is no command 'rest'"),
    ],
)
def test_what_means_nothing_is_refused(arguments, says):
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 2
    assert says in result.output
