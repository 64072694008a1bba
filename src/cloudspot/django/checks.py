"""What `manage.py check` finds: the common mistakes, each with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.shortcuts import resolve_url

from django.urls import NoReverseMatch, reverse

from ..errors import ConfigurationError
from ..settings import is_loopback
from . import encryption, license_server
from .conf import NAME, Conf, conf
from .sessions import BACKEND
from .views.webhook import receiver

MIDDLEWARE = "cloudspot.django.middleware.cloudspot_middleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
_UNSHARED = ("LocMemCache", "DummyCache")


@register(Tags.security)
def check_settings(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """The setting itself, keys and webhook secrets."""
    try:
        said = conf()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="docs/django.md lists its keys.", id="cloudspot.E001")]
    return [*_server(said), *_keys(), *_webhook(said)]


@register(Tags.security)
def check_installation(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """Backend, middleware and URLs."""
    found: list[CheckMessage] = []
    if BACKEND not in settings.AUTHENTICATION_BACKENDS:
        hint = f'AUTHENTICATION_BACKENDS = ["{BACKEND}", …]'
        found.append(
            Error("Nobody can log in through Cloudspot: its backend is missing.", hint=hint, id="cloudspot.E003")
        )
    order = list(settings.MIDDLEWARE)
    if MIDDLEWARE not in order:
        hint = f'Put "{MIDDLEWARE}" after AuthenticationMiddleware in MIDDLEWARE.'
        message = "Permissions are never looked up again, and no company is chosen: the middleware is missing."
        found.append(Error(message, hint=hint, id="cloudspot.E004"))
    elif AUTHENTICATION not in order[: order.index(MIDDLEWARE)]:
        hint = f'Put "{MIDDLEWARE}" after "{AUTHENTICATION}".'
        found.append(Error("Cloudspot's middleware knows no user yet where it stands.", hint=hint, id="cloudspot.E005"))
    try:
        reverse("select_company")
    except NoReverseMatch:
        hint = 'urlpatterns += [path("auth/", include("cloudspot.django.urls"))]'
        found.append(Error("The login pages have no URLs.", hint=hint, id="cloudspot.E006"))
    else:
        found += _login_url()
    return found


@register(Tags.security, deploy=True)
def check_deployment(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """What only matters where others can reach it; `manage.py check --deploy`."""
    try:
        said = conf()
    except ImproperlyConfigured:
        return []
    found: list[CheckMessage] = []
    if said.test_mode:
        hint = "Leave TEST_MODE out."
        found.append(checks.Warning("Users are looked up in a sandbox.", hint=hint, id="cloudspot.W007"))
    if not said.encryption_keys:
        hint = (
            f'{NAME} = {{"ENCRYPTION_KEYS": [Fernet.generate_key().decode()]}}; the first is used, the others are read.'
        )
        message = "Tokens and PINs are encrypted with keys that are derived from SECRET_KEY."
        found.append(checks.Warning(message, hint=hint, id="cloudspot.W008"))
    if not (said.webhook_secrets or said.webhook_url_secrets):
        hint = "Set WEBHOOK_SECRETS or WEBHOOK_URL_SECRETS, where the License server can be told one."
        message = "Events prove nothing, so they only make a user's next request ask again."
        found.append(checks.Warning(message, hint=hint, id="cloudspot.W009"))
    backend = settings.CACHES.get(said.cache, {}).get("BACKEND", "")
    if backend.endswith(_UNSHARED):
        hint = "Use Redis, Memcached or the database in CACHES."
        message = f"Login attempts are counted by each process alone: CACHES[{said.cache!r}] is not shared."
        found.append(checks.Warning(message, hint=hint, id="cloudspot.W010"))
    return found


def _server(said: Conf) -> Iterable[CheckMessage]:
    if said.cache not in settings.CACHES:
        message = f"There is no CACHES[{said.cache!r}] to count login attempts in."
        yield Error(message, hint=f'Set {NAME}["CACHE"] to one of CACHES.', id="cloudspot.E011")
    try:
        license_server.plain_client()
    except (ConfigurationError, ImproperlyConfigured) as error:
        yield Error(str(error), hint=f'{NAME} = {{"APPLICATION": "…"}}', id="cloudspot.E001")
        return
    url = urlsplit(said.base_url or "")
    if said.allow_http and url.scheme == "http" and not is_loopback(url.hostname or ""):
        message = f"Passwords go to {url.hostname} in plain http, where the network can read them."
        yield checks.Warning(message, hint="Use https.", id="cloudspot.W002")


def _keys() -> Iterable[CheckMessage]:
    try:
        encryption.sealed("a check")
    except ImproperlyConfigured as error:
        yield Error(str(error), id="cloudspot.E012")


def _webhook(said: Conf) -> Iterable[CheckMessage]:
    try:
        receiver()
    except ConfigurationError as error:
        yield Error(str(error), id="cloudspot.E013")
    if any(len(secret) < 20 for secret in said.webhook_url_secrets):
        message = "A secret in the webhook's URL has less than 20 characters."
        yield checks.Warning(
            message, hint='python -c "import secrets; print(secrets.token_urlsafe())"', id="cloudspot.W014"
        )


def _login_url() -> Iterable[CheckMessage]:
    try:
        is_ours = resolve_url(settings.LOGIN_URL)
    except NoReverseMatch:
        is_ours = ""
    if settings.LOGIN_URL == "/accounts/login/" or not is_ours:
        message = f"LOGIN_URL, {settings.LOGIN_URL!r}, is no page of this project."
        yield checks.Info(message, hint='LOGIN_URL = "login"', id="cloudspot.I015")
