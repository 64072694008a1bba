"""Every block of README and docs is run: Python against a sandbox over HTTP, shell lines as commands."""

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

from cloudspot.sandbox import Sandbox

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


def named(language: str) -> list[object]:
    return [pytest.param(b, id=f"{b.page.name}:{b.line}") for b in blocks() if b.language == language]


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
        "PYTHONPATH": str(site),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "CLOUDSPOT_CONFIG_DIR": str(tmp_path / "config"),
        "CLOUDSPOT_TOKEN": "sandbox-token",
    }


def test_pages_have_blocks() -> None:
    assert {block.page.name for block in blocks()} >= {"README.md", "client.md"}
    assert {block.language for block in blocks()} <= {"python", "sh", "json", "text", "toml", "yaml", ""}


@pytest.mark.parametrize("block", named("python"))
def test_python(block: Block, environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    text = block.text.replace("http://localhost:8000/api/v1", sandbox.base_url)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        check=False,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


# What a block may tell a reader to do that a test of blocks can't: set-up, and what runs until it is stopped.
SETUP = ("pip install", "make", "cloudspot sandbox", "cloudspot demo", "python -m venv")


@pytest.mark.parametrize("block", named("sh"))
def test_shell(block: Block, environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> None:
    for line in block.text.replace("\\\n", " ").splitlines():
        command = line.partition("  #")[0].strip()
        if not command or command.startswith(("#", *SETUP)):
            continue
        if command.startswith("export "):
            name, _, value = shlex.split(command)[1].partition("=")
            environment[name] = value
            continue
        command = command.replace("http://localhost:8000", sandbox.base_url.removesuffix("/api/v1"))
        command = command.replace("http://127.0.0.1:8000", sandbox.base_url.removesuffix("/api/v1"))
        done = subprocess.run(
            command, shell=True, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
