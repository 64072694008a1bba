"""Writes the OpenAPI documents: `python docs/openapi.py`. A test fails when one is out of date."""

from __future__ import annotations

from pathlib import Path

from cloudspot.sandbox import openapi

FOLDER = Path(__file__).with_suffix("")

if __name__ == "__main__":
    for naam in openapi.MAKERS:
        (FOLDER / f"{naam}.json").write_bytes(openapi.text(naam))
