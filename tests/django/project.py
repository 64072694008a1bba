"""A small project on `cloudspot.django`: its settings and pages."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def database() -> dict[str, Any]:
    """A file of this process; with CLOUDSPOT_TEST_DJANGO_POSTGRESQL, the database at that URL, which is emptied."""
    if url := os.environ.get("CLOUDSPOT_TEST_DJANGO_POSTGRESQL"):
        parts = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.strip("/"),
            "HOST": parts.hostname,
            "PORT": parts.port,
            "USER": parts.username,
            "PASSWORD": parts.password or "",
        }
    folder = Path(tempfile.mkdtemp(prefix="cloudspot-django-"))
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "project.db")}


APPS = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]
SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "of a test, and longer than it has to be for nothing",
    "DEBUG": False,
    "ALLOWED_HOSTS": ["*"],
    "ROOT_URLCONF": "tests.django.urls",
    "USE_TZ": True,
    "DATABASES": {"default": database()},
    "INSTALLED_APPS": ["cloudspot.django", *(f"django.contrib.{app}" for app in APPS)],
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "cloudspot.django.middleware.cloudspot_middleware",
    ],
    "AUTHENTICATION_BACKENDS": [
        "cloudspot.django.backends.CloudspotBackend",
        "django.contrib.auth.backends.ModelBackend",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                    "cloudspot.django.context_processors.cloudspot",
                ]
            },
        }
    ],
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "LANGUAGES": [("en", "English"), ("nl", "Nederlands"), ("fr", "Français")],
    "LOGIN_URL": "login",
    "LOGIN_REDIRECT_URL": "/me",
    "STATIC_URL": "/static/",
    "CLOUDSPOT_LICENSE": {"APPLICATION": "sandbox-app", "TEST_MODE": True},
}
