"""Writes the tables of sandbox-faults.md from the code: `python docs/sandbox-faults.py`.

A test fails when the page is out of date. The rest of the page is written by hand, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from cloudspot.records.described import described_fields
from cloudspot.sandbox.faults import PRESETS, Fault, Route

PAGE = Path(__file__).with_suffix(".md")


def fields() -> str:
    """What can be said of a fault."""
    rows = [f"| `{each.name}` | {each.meaning} |" for each in described_fields(Fault)]
    return "\n".join(["| field | meaning |", "|---|---|", *rows])


def routes() -> str:
    """The paths a fault can be for."""
    return ", ".join(f"`{route}`" for route in get_args(Route)) + "."


def presets() -> str:
    """Faults with names."""
    rows = [
        f"| `{name}` | {each.title} | {each.meaning} | {', '.join(f'`{fault.summary}`' for fault in each.faults)} |"
        for name, each in PRESETS.items()
    ]
    return "\n".join(["| preset | | what a client meets | the fault |", "|---|---|---|---|", *rows])


PARTS: dict[str, Callable[[], str]] = {"fields": fields, "routes": routes, "presets": presets}


def page() -> str:
    """The page with its tables written anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, write in PARTS.items():
        begin, end = f"<!-- begin: {name} (generated) -->\n", f"<!-- end: {name} -->"
        text = re.sub(
            f"{re.escape(begin)}.*?{re.escape(end)}",
            lambda _, write=write, begin=begin, end=end: f"{begin}\n{write()}\n\n{end}",
            text,
            flags=re.DOTALL,
        )
    return text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
