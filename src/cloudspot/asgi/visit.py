"""What is known of a request before the application sees it: `request.scope["cloudspot"]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.requests import HTTPConnection

from ..errors import ConfigurationError
from .sessions import Login
from .user import User, Visitor

if TYPE_CHECKING:
    from .login import CloudspotLogin

KEY = "cloudspot"
"""In the scope."""


@dataclass(frozen=True)
class Visit:
    """Who a request is of, and where the pages of the login are.

    Attributes:
        to: the application's login.
        user: who it is.
        login: the session behind a user.
        cookie: what the browser brought, where it is a cookie of this application.
        is_own: whether the request comes from the application's own pages; else its cookie says nothing.
        root: where the application is mounted; "" at the top.
    """

    to: CloudspotLogin
    user: User | Visitor
    login: Login | None = None
    cookie: str | None = None
    is_own: bool = True
    root: str = ""

    def path(self, name: str, next: str | None = None) -> str:
        """Where a page of the login is: `login`, `company`, `logout`, `style.css`.

        Args:
            name: the page's.
            next: where the browser goes afterwards.
        """
        query = f"?{urlencode({'next': next})}" if next else ""
        return f"{self.root}{self.to.path}/{name}{query}"

    @property
    def home(self) -> str:
        """Where a browser goes that was to go nowhere else."""
        return self.root + self.to.home


def visit_of(connection: HTTPConnection) -> Visit:
    """What is known of a request.

    Raises:
        ConfigurationError: the middleware is not there.
    """
    found: Any = connection.scope.get(KEY)
    if not isinstance(found, Visit):
        raise ConfigurationError(
            "The middleware of CloudspotLogin did not see this request.",
            hint="Call login.install(app), or add CloudspotMiddleware.",
        )
    return found
