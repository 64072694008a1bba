"""Templates become pages. All that is filled in is escaped: names of users and companies are other people's text."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from ..errors import ConfigurationError

LANGUAGES = ("en", "nl", "fr")
HERE = Path(__file__).parent

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not `no-referrer`: with that, browsers hide the origin of a plain form even from its own site.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*")


class Rendering:
    """The pages of one application.

    Args:
        title: the application's name, on each page.
        templates: a directory with templates of one's own; those with a default's name take its place.
        languages: those that are spoken, of `nl`, `fr` and `en`; the first where a browser likes none.

    Raises:
        ConfigurationError: there is no such language, or no such directory.
    """

    def __init__(self, title: str, templates: str | os.PathLike[str] | None, languages: Sequence[str]) -> None:
        if isinstance(languages, str) or not languages or set(languages) - set(LANGUAGES):
            raise ConfigurationError(f"languages are some of {', '.join(LANGUAGES)}.")
        if templates is not None and not Path(templates).is_dir():
            raise ConfigurationError(f"templates: {os.fspath(templates)!r} is not a directory.")
        loaders: list[BaseLoader] = [FileSystemLoader(HERE / "templates")]
        if templates is not None:
            loaders.insert(0, FileSystemLoader(templates))
        self._languages = tuple(languages)
        self._environment = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["title"] = title

    def render(self, template: str, accept_language: str, shown: dict[str, Any]) -> tuple[str, str]:
        """A page, and the language it is in."""
        language = preferred(accept_language, self._languages)
        text = texts(language)
        return self._environment.get_template(template).render(language=language, t=text, **shown), language


def preferred(accept_language: str, languages: Sequence[str]) -> str:
    """The language that a browser likes best of those there are; else the first."""
    best, weight = languages[0], 0.0
    for part in accept_language[:500].split(","):
        if (match := _RANGE.fullmatch(part)) is None:
            continue
        quality = float(match[2] or 1)
        if match[1].lower() in languages and quality > weight:
            best, weight = match[1].lower(), quality
    return best


@cache
def texts(language: str) -> dict[str, str]:
    """Every text of the pages in a language."""
    every = tomllib.loads((HERE / "texts.toml").read_text(encoding="utf-8"))
    return {key: spoken[language] for key, spoken in every.items()}


@cache
def style() -> bytes:
    """The style of the pages."""
    return (HERE / "static" / "style.css").read_bytes()
