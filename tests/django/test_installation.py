from __future__ import annotations

import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from cloudspot.django.models import Account

MIDDLEWARE = "cloudspot.django.middleware.cloudspot_middleware"


def found(**options: Any) -> set[str]:
    return {each.id for each in run_checks(**options) if each.id and each.id.startswith("cloudspot.")}


def test_a_fresh_installation_has_every_column_that_the_models_have() -> None:
    """Fault 17: no migration for `pin`, so that no user could be created."""
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert "No changes" in said.getvalue()


def test_nothing_else_of_the_toolkit_needs_django() -> None:
    program = (
        "import cloudspot, sys; [getattr(cloudspot, n) for n in cloudspot.__all__]; print('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.strip() == b"False"


def test_a_right_installation_has_nothing_to_complain_about(configure) -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"APPLICATION": None}, "cloudspot.E001"),
        ({"APPLICATION": "a", "APPLICATOIN": "b"}, "cloudspot.E001"),
        ({"APPLICATION": "a", "GRACE": "soon"}, "cloudspot.E001"),
        ({"APPLICATION": "a", "INTERVAL": 0}, "cloudspot.E001"),
        ({"APPLICATION": "a", "ATTEMPTS": {"pair": [0, 1]}}, "cloudspot.E001"),
        ({"APPLICATION": "a", "ATTEMPTS": {"user": [1, 1]}}, "cloudspot.E001"),
        ({"APPLICATION": "a", "BASE_URL": "http://license.example"}, "cloudspot.E001"),
        ({"APPLICATION": "a", "BASE_URL": "http://license.example", "ALLOW_HTTP": True}, "cloudspot.W002"),
        ({"APPLICATION": "a", "CACHE": "none"}, "cloudspot.E011"),
        ({"APPLICATION": "a", "ENCRYPTION_KEYS": ["short"]}, "cloudspot.E012"),
        ({"APPLICATION": "a", "WEBHOOK_SECRETS": ["whsec_x"]}, "cloudspot.E013"),
        ({"APPLICATION": "a", "WEBHOOK_URL_SECRETS": ["short"]}, "cloudspot.W014"),
    ],
)
def test_mistakes_in_the_setting_are_found(said, expected) -> None:
    with override_settings(CLOUDSPOT_LICENSE=said):
        assert found() == {expected}


def test_no_secret_is_shown_by_a_check() -> None:
    secret = "whsec_" + "geheim" * 3
    with override_settings(
        CLOUDSPOT_LICENSE={"APPLICATION": "a", "WEBHOOK_SECRETS": [secret], "ENCRYPTION_KEYS": [secret]}
    ):
        assert not any(secret in str(each) for each in run_checks())


def without(*names: str) -> list[str]:
    return [each for each in settings.MIDDLEWARE if each not in names]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"AUTHENTICATION_BACKENDS": ["django.contrib.auth.backends.ModelBackend"]}, "cloudspot.E003"),
        ({"MIDDLEWARE": without(MIDDLEWARE)}, "cloudspot.E004"),
        ({"MIDDLEWARE": [MIDDLEWARE, *without(MIDDLEWARE)]}, "cloudspot.E005"),
        ({"ROOT_URLCONF": "tests.django.no_urls"}, "cloudspot.E006"),
        ({"LOGIN_URL": "/accounts/login/"}, "cloudspot.I015"),
    ],
)
def test_mistakes_in_the_installation_are_found(configure, said, expected) -> None:
    with override_settings(**said):
        assert expected in found()


def test_what_only_matters_in_production_is_found_there(configure) -> None:
    assert {"cloudspot.W008", "cloudspot.W009", "cloudspot.W010"} <= found(include_deployment_checks=True)
    configure(ENCRYPTION_KEYS=[Fernet.generate_key().decode()], WEBHOOK_URL_SECRETS=["a-long-random-text-indeed"])
    redis = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1"}}
    with override_settings(CACHES=redis):
        assert found(include_deployment_checks=True) == set()
    with override_settings(CLOUDSPOT_LICENSE={"APPLICATION": "a", "TEST_MODE": True}):
        assert "cloudspot.W007" in found(include_deployment_checks=True)


def test_tokens_are_encrypted_and_keys_can_be_replaced(configure, log_in) -> None:
    """Fault 11: token and PIN in plain text."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    configure(ENCRYPTION_KEYS=[old])
    log_in()
    account = Account.objects.get()
    token, was = account.token.reveal(), account.sealed_token
    assert token
    assert token not in was
    assert "1234" not in account.sealed_pin
    configure(ENCRYPTION_KEYS=[new, old])
    assert Account.objects.get().token == token
    call_command("cloudspot_reencrypt", stdout=StringIO())
    assert Account.objects.get().sealed_token != was
    configure(ENCRYPTION_KEYS=[new])
    assert Account.objects.get().token == token
    assert Account.objects.get().pin == "1234"
    configure(ENCRYPTION_KEYS=[old])
    assert not Account.objects.get().token, "no key opens it: the user logs in again"


def test_without_keys_they_are_derived_from_the_secret_key_and_its_fallbacks(configure, log_in) -> None:
    log_in()
    token = Account.objects.get().token.reveal()
    with override_settings(
        SECRET_KEY="another one, longer than it has to be", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]
    ):
        assert Account.objects.get().token == token
    with override_settings(SECRET_KEY="another one, longer than it has to be"):
        assert not Account.objects.get().token


def test_a_project_may_wrap_its_requests_in_transactions(client, log_in, monkeypatch) -> None:
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)
    assert client.get("/auth/login").status_code == 200
    log_in()
    assert client.get("/edit").status_code == 200
    assert client.post("/auth/webhook", b"{", content_type="application/json").status_code == 400
    assert client.post("/auth/logout").status_code == 302
