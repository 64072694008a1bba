"""A project with a user model of its own, without permissions and names; prints what it finds as JSON.

Its argument: the License server. It goes on when a line comes in, after the user got another address.
"""
# ruff: noqa: E402 - Django wants its settings before its models are imported

import io
import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

import django

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.django.project import SETTINGS

settings.configure(
    **SETTINGS
    | {
        "INSTALLED_APPS": [
            "tests.django.own_users",
            "cloudspot.django",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
        ],
        "AUTH_USER_MODEL": "own_users.Person",
        "AUTHENTICATION_BACKENDS": ["cloudspot.django.backends.CloudspotBackend"],
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "ROOT_URLCONF": __name__,
        "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        "MIDDLEWARE": [each for each in SETTINGS["MIDDLEWARE"] if "messages" not in each],
        "CLOUDSPOT_LICENSE": {"APPLICATION": "sandbox-app", "BASE_URL": sys.argv[1]},
    }
)
django.setup()

from django.core.management import call_command
from django.http import JsonResponse
from django.test import Client

from cloudspot.django.backends import CloudspotBackend
from cloudspot.django.models import Account
from django.urls import include, path


def me(request: Any) -> JsonResponse:
    return JsonResponse(
        {
            "pk": request.user.pk,
            "mail": getattr(request.user, "mail", None),
            "edits": CloudspotBackend().has_perm(request.user, "cloudspot.edit_artikels"),
        }
    )


urlpatterns = [path("auth/", include("cloudspot.django.urls")), path("me", me)]

call_command("migrate", run_syncdb=True, verbosity=0)
call_command("check", stdout=io.StringIO())
browser = Client()
login = browser.post("/auth/login", {"username": "jan@sandbox.test", "password": "sandbox-wachtwoord"})
browser.post("/auth/select-company", {"company": "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"})
first = browser.get("/me").json()
print(json.dumps({"login": login.status_code, "first": first}), flush=True)
sys.stdin.readline()
Account.objects.update(confirmed_at=None, tried_at=None)
print(json.dumps({"second": browser.get("/me").json()}), flush=True)
