from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cloudspot

from .conftest import JAN


def test_a_project_keeps_its_own_user_model(sandbox) -> None:
    command = [sys.executable, "-W", "error", str(Path(__file__).parent / "project_own_users.py"), sandbox.license_url]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(cloudspot.__file__).parents[1])}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ) as project:
        assert project.stdin is not None
        assert project.stdout is not None
        found = json.loads(project.stdout.readline())
        assert found == {"login": 302, "first": {"pk": 1, "mail": JAN, "edits": True}}
        sandbox.users.update(JAN, email="jan@new.test")
        project.stdin.write("\n")
        project.stdin.flush()
        found = json.loads(project.stdout.readline())
    assert found == {"second": {"pk": 1, "mail": "jan@new.test", "edits": True}}, "the same user under another address"
