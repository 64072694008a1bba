"""`CloudspotLogin`: one object that knows all that an application says of its login."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Sequence
from typing import Unpack

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import Mount, Route

from ..errors import ConfigurationError
from ..secret import SecretText
from ..settings import Options, Timeout
from ..webhooks import Receiver
from ..weblogin.attempts import Limits
from ..weblogin.choice import chosen_company
from ..weblogin.identity import account_name
from ..weblogin.revalidation import Rules
from .attempts import Attempts
from .cookies import Cookies, SameSite
from .impersonation import Impersonations, OnImpersonation
from .keys import Keys
from .license_server import LicenseServer
from .middleware import CloudspotMiddleware
from .pages import Pages
from .rendering import LANGUAGES, Rendering
from .require import Refused, answer
from .sessions import Login, Sessions
from .stores import MemoryStore, Store
from .user import User, Visitor
from .visit import visit_of
from .webhook import OnEvent, Webhook

TIMEOUT = Timeout(connect=3, read=10, total=10)
"""Nobody waits a minute for a login page."""
RULES, LIMITS = Rules(), Limits()


class CloudspotLogin:
    """Lets Cloudspot's users into one application of Starlette or FastAPI.

    Args:
        application: the id that the application has at the License server; else CLOUDSPOT_LICENSE_APP.
        secret_keys: long random texts of which all else is derived, the newest first. To replace one, put the new one
            before it, and take the old one away when `lifetime` has gone by.
        title: the application's name, on the pages of the login.
        path: where these pages are.
        home: where a browser goes after logging in that was to go nowhere else.
        templates: a directory with templates that take the place of the default ones with their name.
        languages: those of the pages, of `nl`, `fr` and `en`; the first where a browser likes none of them.
        store: where sessions are kept; in this process where nothing else is said.
        rules: how many seconds what the License server said is good, and how much longer while it gives no answer.
        limits: how often somebody may try to log in.
        lifetime: seconds after which a user has to log in again, whatever happens.
        cookie: the name of the session's cookie, without its prefix.
        secure: whether cookies go over https alone; False is for http on your own machine.
        same_site: "lax", or "strict", with which links on other sites open the application logged out.
        trusted_origins: other sites, as `https://host`, whose pages may send requests with the user's cookie.
        proxies: how many proxies of your own stand before the application and add to X-Forwarded-For.
        webhook_secrets: keys of Standard Webhooks, `whsec_…`; then every event has to be signed.
        webhook_url_secrets: secrets in the webhook's URL; then every event has to come with one. With neither, events
            are doorbells: the next request of the user they are about asks the License server.
        on_event: awaited with each event that the License server is proven to have sent.
        impersonation: let supporters in whom the License server sends, as a user.
        impersonation_minutes: after so many it ends.
        on_impersonation: awaited before one begins, with the user as whom; where it raises, none begins.
        clock: seconds since 1970; for tests.
        options: what `AsyncLicense` is told: base_url, test_mode, timeout, proxy, …

    Raises:
        ConfigurationError: something is missing, contradictory or unusable.
    """

    def __init__(
        self,
        application: str | None = None,
        *,
        secret_keys: Sequence[str | SecretText],
        title: str = "",
        path: str = "/auth",
        home: str = "/",
        templates: str | os.PathLike[str] | None = None,
        languages: Sequence[str] = LANGUAGES,
        store: Store | None = None,
        rules: Rules = RULES,
        limits: Limits = LIMITS,
        lifetime: float = 12 * 3600,
        cookie: str = "cloudspot",
        secure: bool = True,
        same_site: SameSite = "lax",
        trusted_origins: Collection[str] = (),
        proxies: int = 0,
        webhook_secrets: Sequence[str | SecretText] = (),
        webhook_url_secrets: Sequence[str | SecretText] = (),
        on_event: OnEvent | None = None,
        impersonation: bool = False,
        impersonation_minutes: float = 30,
        on_impersonation: OnImpersonation | None = None,
        clock: Callable[[], float] = time.time,
        **options: Unpack[Options],
    ) -> None:
        _check_paths(path, home)
        _check_times(rules, limits)
        _check_surroundings(trusted_origins, proxies)
        self.path, self.home, self.proxies, self.clock = path, home, proxies, clock
        self.trusted_origins = frozenset(trusted_origins)
        self.keys = Keys(secret_keys)
        self.cookies = Cookies(cookie, secure, same_site, lifetime)
        self.license_server = LicenseServer(application, {"timeout": TIMEOUT, "retries": 1, **options})
        self.store = MemoryStore(clock=clock) if store is None else store
        self.sessions = Sessions(
            self.store, self.keys, self.license_server, rules=rules, lifetime=lifetime, clock=clock
        )
        self.attempts = Attempts(self.store, limits, secret=self.keys.counting)
        self.pages = Pages(self, Rendering(title, templates, languages))
        receiver = Receiver(
            secrets=webhook_secrets,
            url_secrets=webhook_url_secrets,
            allow_unproven=not (webhook_secrets or webhook_url_secrets),
        )
        if not impersonation_minutes > 0:
            raise ConfigurationError("impersonation_minutes is above 0.")
        impersonations = Impersonations(self, impersonation_minutes, on_impersonation)
        self.impersonations = impersonations if impersonation else None
        self.webhook = Webhook(receiver, self.sessions, self.store, on_event)

    def install(self, app: Starlette) -> None:
        """Add middleware, pages, and what is shown to who may not see a page, to an application of either framework."""
        app.add_middleware(CloudspotMiddleware, login=self)
        app.add_exception_handler(Refused, answer)
        app.router.routes.append(self.mount)

    @property
    def middleware(self) -> Middleware:
        """The middleware, for `Starlette(middleware=[…])`; `install` adds it too."""
        return Middleware(CloudspotMiddleware, login=self)

    @property
    def mount(self) -> Mount:
        """The pages of the login at their path, for `Starlette(routes=[…])`; `install` adds them too."""
        return Mount(self.path, routes=self.routes, name="cloudspot")

    @property
    def routes(self) -> list[Route]:
        """The pages of the login, without the path that they are at."""
        pages, webhook = self.pages, self.webhook.take
        found = self.impersonations
        of_supporters = found and [
            Route("/impersonation", found.status, methods=["GET"], name="impersonation"),
            Route("/impersonation", found.begun, methods=["POST"]),
            Route("/impersonation/{token}", found.asked, methods=["GET"]),
        ]
        return [
            *(of_supporters or ()),
            Route("/login", pages.sign_in, methods=["GET"], name="login"),
            Route("/login", pages.signed_in, methods=["POST"]),
            Route("/company", pages.company, methods=["GET"], name="company"),
            Route("/company", pages.company_chosen, methods=["POST"]),
            Route("/logout", pages.sign_out, methods=["GET"], name="logout"),
            Route("/logout", pages.signed_out, methods=["POST"]),
            Route("/style.css", pages.style, methods=["GET"], name="style"),
            Route("/webhook", webhook, methods=["POST"], name="webhook"),
            Route("/webhook/{secret}", webhook, methods=["POST"]),
        ]

    def user(self, connection: HTTPConnection) -> User | Visitor:
        """Who a request or a WebSocket is of; `request.user` with a type.

        Raises:
            ConfigurationError: the middleware is not there.
        """
        return visit_of(connection).user

    def user_of(self, login: Login, cookie: str) -> User:
        """The user of a session, in the company that was chosen; for parts of the toolkit."""
        company = chosen_company(login.session.permissions, (login.company,))
        return User(login.session, company, login.acting, self.keys.form_token(cookie))

    async def log_out_everywhere(self, email: str) -> None:
        """End every session of a user."""
        await self.sessions.end_everywhere(account_name(email))

    async def aclose(self) -> None:
        """Close the connections to the License server; the middleware does when the application ends."""
        await self.license_server.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.path}>"


def _check_paths(path: str, home: str) -> None:
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ConfigurationError('path is one such as "/auth".')
    if not home.startswith("/") or home.startswith("//"):
        raise ConfigurationError("home is a path of the application, from its /.")


def _check_times(rules: Rules, limits: Limits) -> None:
    if not (rules.interval > 0 and rules.grace >= 0 and rules.pause >= 0):
        raise ConfigurationError("rules: interval is above 0, grace and pause not below.")
    if any(limit.attempts < 1 or not limit.seconds > 0 for limit in (limits.pair, limits.account, limits.address)):
        raise ConfigurationError("limits: each allows at least one attempt, in a number of seconds above 0.")


def _check_surroundings(trusted_origins: Collection[str], proxies: int) -> None:
    if isinstance(trusted_origins, str) or not all(
        re.fullmatch(r"https?://[^/?#\s]+", origin) for origin in trusted_origins
    ):
        raise ConfigurationError("trusted_origins is a list of such as https://host, without a path.")
    if proxies < 0:
        raise ConfigurationError("proxies is not below 0.")
