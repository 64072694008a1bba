"""Projects written for django-cloudspotlicense 6.3: their code, and tables that the published package made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cloudspot
from cloudspot.sandbox import Sandbox

from .conftest import JAN, KIST

HERE = Path(__file__).parent
DJANGO = ("django-cloudspotlicense==6.3.0", "Django==5.2.*")


def run(command: list[str], **environ: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False, env={"PATH": os.environ["PATH"], **environ}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def published(request: pytest.FixtureRequest) -> str:
    """The Python of an environment with the published package, kept in pytest's cache directory."""
    folder = request.config.cache.mkdir("published") / "tables-of-6.3"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *DJANGO], check=True
        )
        (folder / "complete").touch()
    return str(python)


def project(database: Path, sandbox: Sandbox) -> dict[str, Any]:
    source = str(Path(cloudspot.__file__).parents[1])
    said = run(
        [sys.executable, "-W", "error", str(HERE / "project_of_6_3.py"), str(database), sandbox.license_url],
        PYTHONPATH=source,
    )
    found: dict[str, Any] = json.loads(said)
    return found


@pytest.mark.published
@pytest.mark.parametrize("pin", ["yes", "no"])
def test_its_tables_are_taken_over_with_users_and_ids(published, sandbox, tmp_path, pin) -> None:
    database = tmp_path / "project.db"
    token = sandbox.user_tokens.issue(JAN)
    run([published, str(HERE / "tables_of_6_3.py"), str(database), pin, token])
    found = project(database, sandbox)
    assert "No changes" in found["changes"]
    assert found["columns"] == [], "nothing in plain text is left"
    assert found["granted"] == 0, "nor a permission that nobody would take away"
    assert found["companies"] == {KIST: "Kist & Vijs BV"}
    assert found["users"] == {
        JAN: {"id": "00000000-0000-4000-8000-000000000001", "password": False, "token": token},
        "chef": {"id": "00000000-0000-4000-8000-000000000002", "password": True, "token": None},
        "odd name": {"id": "00000000-0000-4000-8000-000000000003", "password": False, "token": None},
    }
    assert found["me"]["id"] == "00000000-0000-4000-8000-000000000001"
    assert found["count"] == 3, "no user was made anew"


def test_its_names_work_in_a_fresh_project(sandbox, tmp_path) -> None:
    found = project(tmp_path / "project.db", sandbox)
    assert "No changes" in found["changes"]
    assert (found["anonymous"], found["login"]) == (302, 302)
    assert found["me"] | {"id": ""} == {
        "id": "", "company": KIST, "names": ["Kist & Vijs BV", "Lampe SA"], "may": True, "superuser": False,
        "token": True, "pin": "1234",
    }  # fmt: skip
    assert found["edit"] == "edits"
