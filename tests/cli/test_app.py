"""The root command, the reference page, completion, what a terminal gets to see, and the demo."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import click
import pytest

from cloudspot.cli.app import COMMANDS, app
from cloudspot.cli.demo import DidNotHold, check
from cloudspot.cli.reference import brought_up_to_date, help_of

from .conftest import COMMAND, Run

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_help_and_version(here: Run) -> None:
    for args in ([], ["--help"], ["-h"]):
        ran = here(*args)
        assert (ran.code, ran.err) == (0, "")
        assert all(name in ran.out for name in COMMANDS)
    assert here("--version").out.startswith("cloudspot 2.")
    assert here("artikels", "-h").code == 0


def test_the_overview_says_what_the_commands_say() -> None:
    context = click.Context(app)
    for name, lazy in COMMANDS.items():
        command = app.get_command(context, name)
        assert command
        assert command.name == name
        assert command.get_short_help_str(200).startswith(lazy.summary.rstrip("."))


def test_help_loads_nothing_heavy(environ: dict[str, str]) -> None:
    code = "import sys; from cloudspot.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environ, check=True)
    loaded = set(done.stderr.decode().split())
    assert not loaded & {"rich", "keyring", "urllib3", "sqlalchemy", "msgspec", "asyncio", "cloudspot.client", "ssl"}


def test_the_reference_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == brought_up_to_date(page), "run: python -m cloudspot.cli.reference docs/cli.md"
    for name in COMMANDS:
        assert f"### `cloudspot {name}`" in page
        assert help_of([name]) in page


def test_a_page_without_a_place_is_told() -> None:
    with pytest.raises(ValueError, match="begin: commands"):
        brought_up_to_date("# nothing")


def test_completion(cloudspot: Run) -> None:
    def completed(words: str, position: int) -> list[str]:
        ran = cloudspot(_CLOUDSPOT_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(position))
        return [line.partition(",")[2] for line in ran.out.splitlines()]

    assert completed("cloudspot artik", 1) == ["artikels", "artikel"]
    assert completed("cloudspot klanten --sort post", 3) == ["postcode"]
    assert "--csv" in completed("cloudspot artikels --c", 2)
    assert "complete" in cloudspot(_CLOUDSPOT_COMPLETE="bash_source").out


def on_terminal(args: list[str], environ: dict[str, str], columns: int = 80, **streams: int) -> str:
    """What a terminal of 80 columns gets to see."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    running = subprocess.Popen(
        [*COMMAND, *args],
        stdin=follower,
        stdout=streams.get("stdout", follower),
        stderr=follower,
        env=environ | {"TERM": "xterm-256color"},
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(leader)
    assert running.wait(20) == 0
    return shown.decode()


def test_a_terminal_gets_colours_and_its_width(cloudspot: Run, environ: dict[str, str]) -> None:
    shown = on_terminal(["artikels", "--quiet"], environ)
    assert "\x1b[32mZICHTBAAR" in shown
    assert max(len(click.unstyle(line)) for line in shown.splitlines()) <= 80
    assert "Reading" not in shown
    shown = on_terminal(["artikels", "--quiet"], environ | {"NO_COLOR": "1"})
    assert "\x1b" not in shown


def test_progress_is_shown_to_whoever_looks_on(cloudspot: Run, environ: dict[str, str], tmp_path: Path) -> None:
    with (tmp_path / "out.json").open("wb") as out:
        shown = on_terminal(["artikels", "--json"], environ, stdout=out.fileno())
    assert "Reading artikels" in shown
    assert len(json.loads((tmp_path / "out.json").read_bytes())) == 60
    with (tmp_path / "out.json").open("wb") as out:
        assert on_terminal(["artikels", "--json", "-q"], environ, stdout=out.fileno()) == ""


def test_demo(cloudspot: Run, tmp_path: Path) -> None:
    ran = cloudspot("demo", "--artikels", "200", "--klanten", "10", "--output", "files")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    assert "\r" not in ran.out
    assert "✗" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    for told in ("200 products and 10 clients", "at attempt 2", "DocumentCutOff", "never a short list", "next"):
        assert told in ran.out
    for told in (" records into demo-mirror.db", "verkoopprijs_incl: ", "deleted", "GuardRefused: artikels"):
        assert told in ran.out
    assert ran.out.count("the mirror still has all its 199 products") == 2
    assert cloudspot("history", "artikel", "126", "--mirror", "files/demo-mirror.db").out.count("deleted") == 1
    assert len((tmp_path / "files" / "artikels.jsonl").read_bytes().splitlines()) == 200
    with (tmp_path / "files" / "artikels.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == 200
    again = cloudspot("demo", "--artikels", "50", "--klanten", "2", "--output", "files")
    assert (again.code, again.err) == (0, "")


def test_a_demo_that_does_not_hold_fails(here: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(DidNotHold):
        check(holds=False, what="x")
    monkeypatch.setattr("cloudspot.cli.demo.FIRST", 126)
    ran = here("demo", "--artikels", "50", "--klanten", "2", "--output", str(tmp_path))
    assert ran.code == 1
    assert "differs" in ran.err
    assert "✗" in ran.out


def test_the_sandbox_is_a_command(here: Run) -> None:
    assert "--port" in here("sandbox", "--help").out
