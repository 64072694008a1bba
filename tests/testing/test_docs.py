"""The tests in docs/testing.md pass: tests/docs runs its blocks too, but only pytest calls what they define."""

from __future__ import annotations

import re
from pathlib import Path

from .conftest import Run

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"


def test_the_tests_on_the_page(run: Run) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    module = "\n".join(blocks)
    done = run(module, "--strict-markers")
    done.assert_outcomes(passed=len(re.findall(r"def test_", module)))
