"""Every block of README and docs is run: Python against a sandbox over HTTP, shell lines as commands.

Blocks marked `console` or `text` show what a terminal looks like, and are not run.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import cloudspot
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.commands import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```([\w-]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    page: Path
    line: int
    language: str
    text: str


def blocks() -> Iterator[Block]:
    for page in PAGES:
        content = page.read_text()
        for match in FENCE.finditer(content):
            yield Block(page, content.count("\n", 0, match.start()) + 1, match[1], match[2])


def pages_with(*languages: str) -> list[object]:
    found: dict[Path, list[Block]] = {}
    for block in blocks():
        if block.language in languages:
            found.setdefault(block.page, []).append(block)
    return [pytest.param(of_page, id=page.name) for page, of_page in found.items()]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=200, klanten=50) as running:
        yield running


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """A process in which `localhost:8000`, the address of test mode, is this test's sandbox."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        f"import cloudspot.settings\ncloudspot.settings.TEST_URL = {sandbox.base_url!r}\n"
    )
    return {
        **os.environ,
        "PYTHONPATH": f"{site}{os.pathsep}{Path(cloudspot.__file__).parents[1]}",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CLOUDSPOT_CONFIG_DIR": str(tmp_path / "config"),
        "CLOUDSPOT_TOKEN": "sandbox-token",
        "CLOUDSPOT_BASE_URL": sandbox.base_url,
        "CLOUDSPOT_SANDBOX_URL": sandbox.base_url,
    }


def test_pages_have_blocks() -> None:
    assert {block.page.name for block in blocks()} >= {"README.md", "client.md"}
    assert {block.language for block in blocks()} <= {"python", "sh", "console", "json", "text", ""}


@pytest.mark.parametrize("of_page", pages_with("python"))
def test_python(of_page: list[Block], environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    """The blocks of a page are run from top to bottom, as a reader would: a later one may build on an earlier one."""
    runs = [f"exec(compile({block.text!r}, '{block.page.name}:{block.line}', 'exec'), scope)" for block in of_page]
    program = "\n".join(["scope = {'__name__': '__main__'}", *runs]).replace(
        "http://localhost:8000/api/v1", sandbox.base_url
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# What a page may tell a reader to do that a test of its blocks can't: set-up, questions, what runs until it is stopped.
SETUP = ("pip install", "cloudspot login", "make", "cloudspot demo", "python -m venv")


def serves(command: str) -> bool:
    """Whether a command runs a sandbox, and doesn't just talk to one."""
    return command.startswith("cloudspot sandbox") and not set(command.split()) & {*COMMANDS, "--wait"}


@pytest.mark.parametrize("of_page", pages_with("sh"))
def test_shell(of_page: list[Block], environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    for command in commands(of_page):
        if command.startswith("export "):
            name, _, value = shlex.split(command)[1].partition("=")
            environment[name] = value
        elif not command.startswith(SETUP) and not serves(command):
            served = sandbox.base_url.removesuffix("/api/v1")
            done = subprocess.run(
                ["bash", "-c", re.sub(r"http://(localhost|127\.0\.0\.1):8000", served, command)],
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def commands(of_page: list[Block]) -> Iterator[str]:
    for block in of_page:
        for line in block.text.replace("\\\n", " ").splitlines():
            command = line.partition("  #")[0].strip()
            if command and not command.startswith("#"):
                yield command


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
