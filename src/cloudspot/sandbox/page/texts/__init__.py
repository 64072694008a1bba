"""All the page says, in Dutch and English: one TOML file for each of its pages, one line for each text.

[users.create]            the key is users.create
nl = "Gebruiker maken"
en = "Create user"
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, get_args

from cloudspot.sandbox.page.cookie import Language

DEFAULT: Language = "en"

_RANGE = re.compile(r"\s*([A-Za-z*-]+)\s*(?:;\s*q\s*=\s*([0-9.]+))?\s*")


def text(language: Language, key: str, /, **values: object) -> str:
    """A text; what stands in it between braces is filled in.

    Raises:
        KeyError: there is no such text.
    """
    found = every_text()[key][language]
    return found.format_map(values) if values else found


def is_known(key: str) -> bool:
    """Whether there is such a text."""
    return key in every_text()


@cache
def every_text() -> dict[str, dict[str, str]]:
    """Each text in each language, by its key."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(Path(__file__).parent.glob("*.toml")):
        _gather(tomllib.loads(file.read_text(encoding="utf-8")), file.stem, found)
    return found


def preferred(accept_language: str) -> Language:
    """The language that a browser likes best of those there are."""
    best, weight = DEFAULT, 0.0
    for part in accept_language.split(","):
        if (match := _RANGE.fullmatch(part)) is None:
            continue
        try:
            quality = float(match[2] or 1)
        except ValueError:
            continue
        for language in get_args(Language):
            if match[1].lower().split("-")[0] == language and quality > weight:
                best, weight = language, quality
    return best


def _gather(part: dict[str, Any], name: str, found: dict[str, dict[str, str]]) -> None:
    for key, value in part.items():
        if set(value) == set(get_args(Language)) and all(isinstance(each, str) for each in value.values()):
            found[f"{name}.{key}"] = value
        else:
            _gather(value, f"{name}.{key}", found)
