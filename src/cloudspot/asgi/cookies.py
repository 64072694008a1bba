"""The cookies that a browser is given. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import ConfigurationError

SameSite = Literal["lax", "strict"]


@dataclass(frozen=True, slots=True)
class Cookies:
    """What they are called, and for whom and how long they are.

    Attributes:
        name: of the session's; with `secure` browsers hold it to this host, by the prefix `__Host-`.
        secure: whether they go over https alone.
        same_site: whether a link on another site opens the application logged in (lax) or not (strict).
        lifetime: of a session, in seconds.

    Raises:
        ConfigurationError: a value can't be.
    """

    name: str
    secure: bool
    same_site: SameSite
    lifetime: float

    def __post_init__(self) -> None:
        if not self.name.isascii() or not self.name.replace("-", "").replace("_", "").isalnum():
            raise ConfigurationError("cookie is a name of letters, digits, - and _.")
        if self.same_site not in {"lax", "strict"}:
            raise ConfigurationError('same_site is "lax" or "strict".')
        if not self.lifetime > 0:
            raise ConfigurationError("lifetime is a number of seconds above 0.")

    @property
    def session(self) -> str:
        """The name of the session's cookie."""
        return f"__Host-{self.name}" if self.secure else self.name

    @property
    def visitor(self) -> str:
        """The name of the cookie by which a form knows its browser before anybody is logged in."""
        return f"{self.session}-form"

    def kept(self, value: str) -> str:
        """The header Set-Cookie that begins a session."""
        return self._header(self.session, value, f"Max-Age={int(self.lifetime)}", self.same_site)

    def removed(self) -> str:
        """The header Set-Cookie that ends it in the browser."""
        return self._header(self.session, "", "Max-Age=0", self.same_site)

    def for_forms(self, value: str) -> str:
        """The header Set-Cookie for somebody who sees a form; it goes when the browser is closed."""
        return self._header(self.visitor, value, "", "lax")

    def _header(self, name: str, value: str, age: str, same_site: str) -> str:
        parts = [f"{name}={value}", "Path=/", age, "HttpOnly", f"SameSite={same_site}", "Secure" if self.secure else ""]
        return "; ".join(filter(None, parts))
