"""A project that was written for django-cloudspotlicense 6.3, on this package; prints what it finds as JSON.

Arguments: the database, and the License server.
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
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
        "INSTALLED_APPS": ["django_cloudspotlicense", *SETTINGS["INSTALLED_APPS"]],
        "AUTH_USER_MODEL": "django_cloudspotlicense.CloudspotUser",
        "ROOT_URLCONF": __name__,
        "CLOUDSPOT_LICENSE_APP": "sandbox-app",
        "CLOUDSPOT_LICENSE": {"BASE_URL": sys.argv[2]},
    }
)
django.setup()

from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client
from django.views.generic import View

from django.urls import include, path
from django_cloudspotlicense.config import get_superuser_perm
from django_cloudspotlicense.context_processors import available_companies
from django_cloudspotlicense.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django_cloudspotlicense.models import CloudspotCompany, CloudspotUser
from django_cloudspotlicense.utils import has_perm
from django_cloudspotlicense.views import LoginView

PAGE = '{% load license_tags %}{% if request.user|has_perm:"edit_artikels" %}edits{% endif %}'


class Edit(PermissionRequiredMixin, View):
    permission_required = "edit_artikels"

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


class Me(LoginRequiredMixin, View):
    def get(self, request: Any) -> HttpResponse:
        user = request.user
        found = {
            "id": str(user.id),
            "company": str(user.company.id),
            "names": sorted(each.name for each in available_companies(request)["available_companies"]),
            "may": has_perm(user, "edit_artikels"),
            "superuser": user.has_perm(get_superuser_perm()),
            "token": bool(user.license_token),
            "pin": user.pin,
        }
        return HttpResponse(json.dumps(found))


urlpatterns = [
    path("login", LoginView.as_view(), name="login"),
    path("auth/", include("django_cloudspotlicense.urls")),
    path("edit", Edit.as_view()),
    path("me", Me.as_view()),
]

call_command("migrate", verbosity=0)
changes = io.StringIO()
call_command("makemigrations", check=True, dry_run=True, stdout=changes)
with connection.cursor() as cursor:
    columns = {
        each.name for each in connection.introspection.get_table_description(cursor, CloudspotUser._meta.db_table)
    }
    cursor.execute("SELECT COUNT(*) FROM django_cloudspotlicense_cloudspotuser_user_permissions")
    granted = cursor.fetchone()[0]
users = {
    each.username: {"id": str(each.id), "password": each.has_usable_password(), "token": each.license_token}
    for each in CloudspotUser.objects.select_related("cloudspot_account")
}
companies = {str(each.id): each.name for each in CloudspotCompany.objects.all()}
browser = Client()
before = browser.get("/me").status_code
login = browser.post("/login", {"username": "jan@sandbox.test", "password": "sandbox-wachtwoord"})
browser.post("/auth/select-company", {"company": "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"})
print(
    json.dumps(
        {
            "changes": changes.getvalue(),
            "columns": sorted(columns & {"pin", "license_token", "company_id"}),
            "granted": granted,
            "users": users,
            "companies": companies,
            "anonymous": before,
            "login": login.status_code,
            "me": json.loads(browser.get("/me").content),
            "edit": browser.get("/edit").content.decode(),
            "count": CloudspotUser.objects.count(),
        }
    )
)
