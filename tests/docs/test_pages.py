"""The pages that are made from the code agree with it."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_records_page_is_up_to_date() -> None:
    assert (DOCS / "records.md").read_text() == runpy.run_path(str(DOCS / "records.py"))["page"](), (
        "python docs/records.py"
    )


def test_tables_of_the_faults_page_are_up_to_date() -> None:
    page = DOCS / "sandbox-faults.md"
    assert page.read_text() == runpy.run_path(str(page.with_suffix(".py")))["page"](), "python docs/sandbox-faults.py"
