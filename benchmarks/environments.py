"""Environments of the benchmarks' own: the published package, and this one without extras."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PUBLISHED = "cloudspot-erp-api==1.1.0"

_LIST = """
import json, importlib.metadata as metadata
print(json.dumps({found.metadata["Name"]: found.version for found in metadata.distributions()}))
"""


def environment(name: str, *requirements: str) -> Path:
    """The Python of an environment with these requirements; made when it isn't there."""
    folder = Path(__file__).parent / ".envs" / name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = folder / "ready"
    wanted = " ".join([sys.version, *requirements])
    if not ready.exists() or ready.read_text() != wanted:
        print(f"making an environment for {' '.join(requirements)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *requirements], check=True, cwd=ROOT)
        ready.write_text(wanted)
    return python


def published() -> Path:
    """The Python that has the published package."""
    return environment("published", PUBLISHED)


def base() -> Path:
    """The Python that has this package as it is in the checkout, without extras."""
    return environment("base", "-c", "constraints.txt", "-e", ".")


def installed(python: Path) -> dict[str, str]:
    """What an environment holds, besides what every environment does."""
    answer = subprocess.run([str(python), "-c", _LIST], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(answer.stdout)
    return {name: version for name, version in sorted(found.items()) if name not in {"pip", "setuptools"}}
