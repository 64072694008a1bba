"""A small Django project for the benchmark, configured by its environment; `application` is served."""
# ruff: noqa: E402 - Django wants its settings before its models are imported

from __future__ import annotations

import os
from typing import Any

from django.conf import settings

import django

MIDDLEWARE = "cloudspot.django.middleware.cloudspot_middleware"


def configure(database: str, license_url: str) -> None:
    """Set Django up, once in a process."""
    settings.configure(
        SECRET_KEY="of a benchmark, and longer than it has to be for nothing",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "OPTIONS": {"timeout": 60, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
            }
        },
        INSTALLED_APPS=[
            "cloudspot.django",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.staticfiles",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            MIDDLEWARE,
        ],
        AUTHENTICATION_BACKENDS=["cloudspot.django.backends.CloudspotBackend"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        STATIC_URL="/static/",
        LOGIN_URL="login",
        LOGIN_REDIRECT_URL="/hello",
        CLOUDSPOT_LICENSE={
            "APPLICATION": "sandbox-app",
            "BASE_URL": license_url,
            "TIMEOUT": 60,
            "ATTEMPTS": {name: [1_000_000, 60] for name in ("pair", "account", "address")},
        },
    )
    django.setup()


if not settings.configured:
    configure(os.environ["BENCHMARK_DATABASE"], os.environ["BENCHMARK_LICENSE_URL"])

from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse

from django.urls import include, path


def hello(request: HttpRequest) -> HttpResponse:
    """Knows who asks, as most pages do."""
    return HttpResponse(f"hello {request.user.is_authenticated}")


async def ahello(request: HttpRequest) -> HttpResponse:
    """The same in the event loop."""
    return HttpResponse(f"hello {(await request.auser()).is_authenticated}")


async def public(_: Any) -> HttpResponse:
    """Does not ask."""
    return HttpResponse("public")


urlpatterns = [
    path("auth/", include("cloudspot.django.urls")),
    path("hello", hello),
    path("ahello", ahello),
    path("public", public),
]
application = get_asgi_application()
