"""How the browser wants the page, and the page that tells how to use it."""

from __future__ import annotations

from typing import get_args

from cloudspot.sandbox.answers import Answer

from .cookie import Language, Theme
from .routing import Routes
from .visit import Visit


def _choose(visit: Visit) -> Answer:
    for language in get_args(Language):
        if visit.form.text("language") == language:
            visit.cookie.language = language
    if visit.form.text("theme") == "auto":
        visit.cookie.theme = None
    for theme in get_args(Theme):
        if visit.form.text("theme") == theme:
            visit.cookie.theme = theme
    return visit.back(visit.where_from("/"))


def _help(visit: Visit) -> Answer:
    return visit.page("help.html")


ROUTES: Routes = {
    "settings": {"POST": _choose},
    "help": {"GET": _help},
}
