"""A real sandbox over HTTP, the command in a process of its own or in this one, and a server that says anything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import keyring
import keyring.errors
import pytest
from keyring.backend import KeyringBackend

from cloudspot.cli import main
from cloudspot.records import Artikel, Klant
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.companies import KIST

COMMAND = [sys.executable, "-m", "cloudspot.cli"]
ARTIKELS, KLANTEN = 60, 20


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(artikels=ARTIKELS, klanten=KLANTEN) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    running.faults.clear()
    yield running
    running.faults.clear()


def every_artikel(sandbox: Sandbox) -> list[Artikel]:
    return [sandbox.artikels.get(number) for number in range(KIST.first_artikel, KIST.first_artikel + ARTIKELS)]


def every_klant(sandbox: Sandbox) -> list[Klant]:
    return [sandbox.klanten.get(number) for number in range(KIST.first_klant, KIST.first_klant + KLANTEN)]


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a user who has configured nothing and has no keyring."""
    for name in list(os.environ):
        if name.startswith("CLOUDSPOT_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CLOUDSPOT_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return dict(os.environ)


Run = Callable[..., Ran]


@pytest.fixture
def cloudspot(environ: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> Run:
    """The command in a process of its own, with the sandbox as its ERP; warnings are errors there too."""
    environ |= {
        "CLOUDSPOT_TOKEN": "sandbox-token",
        "CLOUDSPOT_BASE_URL": sandbox.base_url,
        "PYTHONWARNINGS": "error",
        "PYTHONIOENCODING": "utf-8",
    }

    def run(*args: str, input: str = "", **more: str) -> Ran:
        done = subprocess.run(
            [*COMMAND, *args],
            input=input.encode(),
            capture_output=True,
            env=environ | more,
            cwd=tmp_path,
            timeout=30,
            check=False,
        )
        assert "Traceback" not in done.stderr.decode()
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def here(environ: dict[str, str], capfd: pytest.CaptureFixture[str]) -> Run:
    """The command in this process, where a keyring in memory outlives it."""

    def run(*args: str) -> Ran:
        before = signal.getsignal(signal.SIGTERM)
        try:
            code = main(args)
        finally:
            signal.signal(signal.SIGTERM, before)
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def inside(here: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process, which is quicker, with the sandbox as its ERP."""
    monkeypatch.setenv("CLOUDSPOT_TOKEN", "sandbox-token")
    monkeypatch.setenv("CLOUDSPOT_BASE_URL", sandbox.base_url)
    monkeypatch.chdir(tmp_path)
    return here


class MemoryKeyring(KeyringBackend):
    priority = 5  # type: ignore[assignment]
    name = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("not found")
        del self.kept[service, username]


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    memory = MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


class Server(ThreadingHTTPServer):
    """Answers every request with the same."""

    status = 200
    headers: dict[str, str]
    body = b""
    length: int | None = None
    requests: list[tuple[str, str | None]]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/v1"

    def says(self, document: Any, *, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.status, self.headers, self.length = status, headers, length


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, self.headers.get("X-ERP-TOKEN")))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(self.server.length or len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    opened = Server(("127.0.0.1", 0), _Handler)
    opened.headers, opened.requests = {}, []
    thread = Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()
