"""Projects of users: their tests are run by a pytest of their own, where warnings are errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest_plugins = "pytester"

Run = Callable[..., pytest.RunResult]

# Without plugins that take long to load, and have no part in this.
INI = """
[pytest]
addopts = -p no:cacheprovider -p no:hypothesispytest -p no:schemathesis -p no:faker
filterwarnings = error
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a test module as its owner would; without pytest-asyncio, unless it is asked for."""
    monkeypatch.setenv("NO_COLOR", "1")

    def run(module: str, *options: str, ini: str = "", asyncio: bool = False) -> pytest.RunResult:
        if not asyncio:
            options = (*options, "-p", "no:asyncio")
        pytester.makefile(".ini", pytest=INI + ini)
        pytester.makepyfile(test_theirs=module)
        return pytester.runpytest_subprocess(*options)

    return run
