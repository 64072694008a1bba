"""The pages that are made from the code agree with it."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import msgspec

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.description import about

DOCS = Path(__file__).parents[2] / "docs"


def test_records_page_is_up_to_date() -> None:
    assert (DOCS / "records.md").read_text() == runpy.run_path(str(DOCS / "records.py"))["page"](), (
        "python docs/records.py"
    )


def test_tables_of_the_faults_page_are_up_to_date() -> None:
    page = DOCS / "sandbox-faults.md"
    assert page.read_text() == runpy.run_path(str(page.with_suffix(".py")))["page"](), "python docs/sandbox-faults.py"


def test_the_line_for_programs_is_as_the_page_shows_it() -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", (DOCS / "sandbox.md").read_text(), re.DOTALL)[0])
    with Sandbox(artikels=1, klanten=1) as sandbox:
        said = msgspec.to_builtins(about(sandbox))
    assert {**said, "base_url": shown["base_url"]} == shown
