"""Guards a sandbox against the pages of other web sites: they may neither read nor change anything in it. Pure.

A browser that is on another site's page may send requests here: from that page (then it says so), or after that site
has let its own name point to this machine (DNS rebinding; then the name stands in the header Host).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

KEPT = 128
"""So many names are not looked at twice: every request has one."""

OUTSIDERS = frozenset({"cross-site", "same-site"})
"""What browsers say of a request that another origin's page made. Other ports of this host are other origins too."""


@dataclass(frozen=True, slots=True)
class Guards:
    """Where a sandbox listens, and by which names it may be asked for."""

    is_exposed: bool
    """Whether other machines reach it."""
    names: frozenset[str]
    """Names that are allowed beside those of this machine itself, in lower case."""

    def refuse(self, method: str, headers: Mapping[str, str], *, is_api: bool) -> str | None:
        """Why a request is refused; None where it is welcome.

        Args:
            headers: by lower-case name.
            is_api: whether it is for the servers' own paths, which other machines may use under any name if they
                reach them at all. Pages and the control API are stricter.
        """
        host = headers.get("host", "")
        name = _name(host)
        if host and not (self._is_own(name) or (self.is_exposed and (is_api or _is_address(name)))):
            wanted = name or "NAME"
            return f"The sandbox is not called {wanted}. If it should be, start it with --allow-host {wanted}."
        return _refuse_outsiders(method, headers, host, is_api=is_api)

    def _is_own(self, name: str) -> bool:
        return name in self.names or is_this_machine(name)


def _refuse_outsiders(method: str, headers: Mapping[str, str], host: str, *, is_api: bool) -> str | None:
    origin = headers.get("origin")
    if origin is not None and (not host or _netloc(origin) != host.lower()):
        return f"The sandbox takes no requests from pages of {origin[:200]}."
    if headers.get("sec-fetch-site") not in OUTSIDERS:
        return None
    follows_a_link = (
        method in {"GET", "HEAD"}
        and not is_api
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )
    return None if follows_a_link else "The sandbox takes no requests from pages of other sites."


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


@lru_cache(maxsize=KEPT)
def _name(host: str) -> str:
    """The name in a Host header, without its port, in lower case; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def names_of(own: Iterable[str], allowed: Iterable[str]) -> frozenset[str]:
    """The names by which a sandbox may be asked for: those of this machine, and those that are allowed.

    Raises:
        ValueError: what is allowed is no name.
    """
    found = {name.lower() for name in own}
    for name in allowed:
        if not name or _name(name) != name.lower():
            raise ValueError(f"{name!r} is no name of a host: it has no scheme, port or path")
        found.add(name.lower())
    return frozenset(found)


@lru_cache(maxsize=KEPT)
def is_this_machine(name: str) -> bool:
    """Whether a name or address means this machine, whoever is asked."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
