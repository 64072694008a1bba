"""`Visit`: one request for the page, with all that answering it takes."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from cloudspot.sandbox.answers import Answer, Request, document

from . import cookie, protection, texts
from .cookie import Language
from .forms import Form, form_of
from .problems import Problem
from .rendering import address, render

if TYPE_CHECKING:
    from cloudspot.sandbox.sandbox import Sandbox

HTML = "text/html; charset=utf-8"

# What may stand in an address as it is, % among it: parts that need quoting are quoted where they are put in.
_SAFE = "/?&=%@+:,;!*()~$-._"


class Blank(dict[str, Any]):
    """Values by name; one that isn't there is "" to templates."""

    def __missing__(self, name: str) -> str:
        return ""


class Visit:
    """One request for the page: the sandbox, what was sent, and in which language and colours to answer."""

    def __init__(self, sandbox: Sandbox, request: Request) -> None:
        self.sandbox, self.request = sandbox, request
        self.cookie = cookie.read(request.headers.get("cookie", ""))
        self._kept = self.cookie.header() if self.cookie.id else ""
        self.language: Language = self.cookie.language or texts.preferred(request.headers.get("accept-language", ""))

    @property
    def port(self) -> int:
        """The sandbox's port."""
        return self.sandbox.port

    @property
    def path(self) -> str:
        """The path that was asked for."""
        return self.request.path

    @property
    def is_browser(self) -> bool:
        """Whether somebody reads the answer, rather than a program."""
        return "text/html" in self.request.headers.get("accept", "") or "hx-request" in self.request.headers

    @property
    def here(self) -> str:
        """The page that was asked for, to come back to."""
        return address(self.path, self.filters) if self.request.method in {"GET", "HEAD"} else self.where_from("/")

    @property
    def filters(self) -> Blank:
        """The parameters, without what a live part says it has seen."""
        return Blank((name, value) for name, value in self.query.items() if name != "since")

    @property
    def first_token(self) -> str:
        """A token to show how one is used."""
        return next(iter(self.sandbox.tokens), "TOKEN")

    @property
    def root(self) -> str:
        """Where the sandbox's own paths begin."""
        return self.sandbox.page_url.removesuffix("/")

    @property
    def place(self) -> str:
        """Host and port."""
        return urlsplit(self.root).netloc

    @property
    def is_exposed(self) -> bool:
        """Whether others than the people at this machine can use the sandbox."""
        return self.sandbox.is_exposed

    @cached_property
    def counts(self) -> dict[str, int]:
        """What the menu counts, by the name of its page."""
        sandbox = self.sandbox
        found = {
            "artikels": sum(len(sandbox.company(each.id).artikels) for each in sandbox.companies),
            "klanten": sum(len(sandbox.company(each.id).klanten) for each in sandbox.companies),
            "users": len(sandbox.users.list()),
            "faults": len(sandbox.faults.list()),
        }
        return defaultdict(int, found)

    @cached_property
    def query(self) -> Blank:
        """The parameters that say something."""
        return Blank((name, value.strip()) for name, value in self.request.query.items() if value.strip())

    @cached_property
    def form(self) -> Form:
        """The form that was sent."""
        return Form() if self.request.method in {"GET", "HEAD"} else form_of(self.request)

    @cached_property
    def csrf(self) -> str:
        """What forms carry; the cookie that it goes with is set with the answer."""
        if not self.cookie.id:
            self.cookie.header()
        return protection.csrf_token(self.cookie.id, self.port)

    @property
    def is_stale(self) -> bool:
        """Whether what was sent isn't a form that this browser got from this sandbox."""
        return not protection.is_own(self.form.text(protection.CSRF_FIELD), self.csrf)

    @property
    def holds_nul(self) -> bool:
        """Whether a text holds what PostgreSQL takes in no text."""
        typed = (value for values in self.form.fields.values() for value in values)
        return any("\0" in text for text in (self.path, *self.request.query.values(), *typed))

    def page(self, template: str, *, status: int = 200, **shown: Any) -> Answer:
        """A whole document."""
        section = self.path.split("/")[1] or "overview"
        text = render(template, self, {"section": section, **shown})
        return document(text.encode("utf-8", "replace"), status=status, content_type=HTML)

    def back(self, path: str, key: str = "", **values: object) -> Answer:
        """Send the browser on after a form has done its work, and let the page it comes to say so."""
        if key:
            self.cookie.say(key, **values)
        return Answer(303, {"Location": quote(path, safe=_SAFE)})

    def where_from(self, otherwise: str) -> str:
        """The page of this sandbox that a form says to go back to."""
        asked = self.form.text("back")
        is_ours = asked.startswith("/") and not asked.startswith("//") and "\\" not in asked
        return asked if is_ours else otherwise

    def unsure(self, key: str, **values: object) -> Answer | None:
        """A document that asks whether something is really to be done; None once that was said."""
        if self.form.text("confirmed"):
            return None
        return self.page("confirm.html", ask=texts.text(self.language, key, **values))

    def problem(self, status: int, key: str, error: Exception | None = None) -> Answer:
        """A document that tells why nothing else is shown or done."""
        return self.page("problem.html", status=status, key=key, problem=error and Problem.of(error))

    def said(self) -> str:
        """What is to be said, this once; "" where that is nothing, or nothing that makes sense."""
        key, values = self.cookie.said_key, self.cookie.said_values
        self.cookie.said_key = ""
        try:
            return texts.text(self.language, key, **values) if key else ""
        except LookupError:
            return ""

    def keep_cookie(self, answer: Answer) -> None:
        """Have the browser keep what changed."""
        if self.cookie.id or self.cookie.said_key:
            header = self.cookie.header()
            if header != self._kept:
                answer.headers["Set-Cookie"] = header
