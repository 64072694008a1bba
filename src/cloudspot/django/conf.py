"""The setting CLOUDSPOT_LICENSE, typed and checked once.

CLOUDSPOT_LICENSE = {"APPLICATION": "my-app"}
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from ..settings import Timeout
from ..weblogin.attempts import Limit, Limits
from ..weblogin.revalidation import Rules

NAME = "CLOUDSPOT_LICENSE"


class Conf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="upper"):
    """What a project says; keys are these names in capitals."""

    application: str | None = None
    """The id the application has at the License server; else the variable CLOUDSPOT_LICENSE_APP."""
    base_url: str | None = None
    """Where the License server is; else CLOUDSPOT_LICENSE_URL, else Cloudspot's own."""
    test_mode: bool = False
    """Ask a sandbox at localhost:8000."""
    allow_http: bool = False
    """Speak plain http to another machine, which shows passwords to the network."""
    timeout: float = 10
    """Seconds in which the License server has to answer."""

    interval: float = 300
    """Seconds after which a logged-in user is asked about again."""
    grace: float = 3600
    """Seconds for which a user stays in beyond that while the License server gives no answer."""

    attempts: dict[str, tuple[int, float]] = {}
    """Login attempts in seconds: `pair` (account and address), `account`, `address`."""
    cache: str = "default"
    """Which of CACHES counts attempts; all processes have to share it."""
    proxies: int = 0
    """How many proxies of your own stand before the application, each of which adds to X-Forwarded-For."""

    webhook_secrets: tuple[str, ...] = ()
    """Keys of Standard Webhooks, `whsec_…`; then every event has to be signed."""
    webhook_url_secrets: tuple[str, ...] = ()
    """Secrets in the webhook's URL; then every event has to come with one."""

    encryption_keys: tuple[str, ...] = ()
    """Fernet keys, the newest first, for tokens and PINs; else they are derived from SECRET_KEY and its fallbacks."""

    permissions: dict[str, str | tuple[str, ...]] = {}
    """Which Cloudspot permission opens one of Django's: `{"shop.view_product": "view_artikels"}`."""
    local_apps: tuple[str, ...] = ("admin", "auth", "contenttypes", "cloudspot_django", "sessions")
    """Apps whose data is everybody's, so that a superuser of one company has no rights in them."""
    link_users: bool = False
    """Let a Cloudspot user in as the user of this project with that name, where it is neither staff nor superuser."""

    impersonation: bool = False
    """Let supporters in whom the License server sends."""
    impersonation_minutes: float = 30
    """After so many minutes an impersonation ends by itself."""

    @property
    def rules(self) -> Rules:
        """When a user is asked about again."""
        return Rules(interval=self.interval, grace=self.grace)

    @property
    def limits(self) -> Limits:
        """How often somebody may try."""
        return Limits(**{name: Limit(*given) for name, given in self.attempts.items()})

    @property
    def client_timeout(self) -> Timeout:
        """As the clients take it."""
        return Timeout(connect=min(3.0, self.timeout), read=self.timeout, total=self.timeout)


def read(given: object) -> Conf:
    """The setting, checked.

    Raises:
        ImproperlyConfigured: a key is unknown, or a value can't be right; the message names it, and shows none.
    """
    try:
        conf = msgspec.convert(_plain(given), Conf)
    except msgspec.ValidationError as error:
        raise ImproperlyConfigured(f"{NAME}: {error}.") from None
    if conf.interval <= 0 or conf.grace < 0 or conf.timeout <= 0 or conf.impersonation_minutes <= 0 or conf.proxies < 0:
        raise ImproperlyConfigured(
            f"{NAME}: INTERVAL, TIMEOUT and IMPERSONATION_MINUTES are above 0, GRACE and PROXIES not below."
        )
    if unknown := conf.attempts.keys() - Limits.__dataclass_fields__.keys():
        raise ImproperlyConfigured(f"{NAME}: ATTEMPTS has pair, account and address, not {', '.join(sorted(unknown))}.")
    if any(attempts < 1 or seconds <= 0 for attempts, seconds in conf.attempts.values()):
        raise ImproperlyConfigured(f"{NAME}: ATTEMPTS are pairs of a number and of seconds, such as (5, 300).")
    return conf


@cache
def conf() -> Conf:
    """What the project says.

    Raises:
        ImproperlyConfigured: it can't be right.
    """
    given = getattr(settings, NAME, {})
    application = getattr(settings, "CLOUDSPOT_LICENSE_APP", None)
    if application is not None and isinstance(given, dict) and "APPLICATION" not in given:
        given = {**given, "APPLICATION": application}
    return read(given)


def _plain(given: object) -> Any:
    return (
        {key: list(value) if isinstance(value, set) else value for key, value in given.items()}
        if isinstance(given, dict)
        else given
    )


def _forget(*, setting: str, **_: object) -> None:
    if setting in {NAME, "CLOUDSPOT_LICENSE_APP"}:
        conf.cache_clear()


setting_changed.connect(_forget)
