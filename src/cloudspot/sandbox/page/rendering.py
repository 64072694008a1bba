"""Templates become documents. All that is filled in is escaped: names of products are other people's text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import static, texts
from .formats import Formats
from .menu import MENU

if TYPE_CHECKING:
    from .visit import Visit


def render(template: str, visit: Visit, shown: dict[str, Any]) -> str:
    """A document with what a visit shows."""
    return (
        _environment()
        .get_template(template)
        .render(
            visit=visit,
            t=partial(texts.text, visit.language),
            f=Formats(visit.language),
            said=visit.said(),
            **shown,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(menu=MENU, static=static.url, address=address, known=texts.is_known)
    environment.filters.update(segment=segment, twice=twice)
    return environment


def segment(name: object) -> str:
    """A name as one part of a path."""
    return quote(str(name), safe="@")


def twice(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names to choose from that are their own labels."""
    return [(name, name) for name in names]


def address(path: str, *parts: dict[str, Any], **parameters: Any) -> str:
    """A path with parameters; those that say nothing are left out."""
    given: dict[str, Any] = {}
    for part in (*parts, parameters):
        given |= part
    query = urlencode({name: value for name, value in given.items() if value not in {None, "", False}})
    return f"{path}?{query}" if query else path
