"""The page's one cookie: who the browser is, how it wants the page, and what is to be said once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlencode

NAME = "cloudspot_sandbox"
YEAR = 365 * 24 * 3600
LONGEST_SAID = 200

Language = Literal["nl", "en"]
Theme = Literal["light", "dark"]


@dataclass
class Cookie:
    """What the browser keeps for the page. All sandboxes of a machine share it, since cookies know no ports."""

    id: str = ""
    language: Language | None = None
    """None where the browser's own is to be followed."""
    theme: Theme | None = None
    said_key: str = ""
    """The text to show once, after a form has done its work."""
    said_values: dict[str, str] = field(default_factory=dict)

    def say(self, key: str, /, **values: object) -> None:
        """Let the next page say this."""
        self.said_key = key
        self.said_values = {name: _clipped(str(value)) for name, value in values.items()}

    def header(self) -> str:
        """The value of Set-Cookie."""
        self.id = self.id or token_urlsafe(24)
        fields = {"id": self.id, "language": self.language, "theme": self.theme, "said": self._said()}
        value = urlencode({name: text for name, text in fields.items() if text})
        return f"{NAME}={value}; Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Strict"

    def _said(self) -> str:
        return json.dumps([self.said_key, self.said_values]) if self.said_key else ""


def read(header: str) -> Cookie:
    """The cookie in a request's header; what makes no sense is left out."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == NAME:
            return _cookie(dict(parse_qsl(value)))
    return Cookie()


def _cookie(fields: dict[str, str]) -> Cookie:
    cookie = Cookie(id=fields.get("id", ""))
    for language in get_args(Language):
        if fields.get("language") == language:
            cookie.language = language
    for theme in get_args(Theme):
        if fields.get("theme") == theme:
            cookie.theme = theme
    try:
        key, values = json.loads(fields.get("said", ""))
        cookie.say(str(key), **{str(name): value for name, value in dict(values).items()})
    except (ValueError, TypeError):
        pass
    return cookie


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_SAID else text[: LONGEST_SAID - 1] + "…"
