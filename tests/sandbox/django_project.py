"""A small Django project on the published django-cloudspotlicense, run by test_published in an environment of its own.

Its first argument is the URL of a sandbox. It prints the port it serves on, and ends when its input does.
"""
# ruff: noqa: E402 - Django wants its settings before its models are imported

import sys
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings

import cloudspotlicense.api
import django

TEMPLATES = "django.template.backends.django.DjangoTemplates"
APPS = ("auth", "contenttypes", "sessions", "messages")

settings.configure(
    SECRET_KEY="of a test",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(Path("project.db").absolute())}},
    INSTALLED_APPS=[*(f"django.contrib.{app}" for app in APPS), "django_cloudspotlicense"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[{"BACKEND": TEMPLATES, "APP_DIRS": True}],
    AUTH_USER_MODEL="django_cloudspotlicense.CloudspotUser",
    CLOUDSPOT_LICENSE_APP="sandbox-app",
    LOGIN_URL="/login",
    LOGIN_REDIRECT_URL="/me",
    # The package has no migration for the PIN: without migrations, the tables are made as the models are.
    MIGRATION_MODULES=dict.fromkeys((*APPS, "django_cloudspotlicense")),
)
django.setup()

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse

from django.urls import include, path
from django_cloudspotlicense import views
from django_cloudspotlicense.utils import has_perm

made = cloudspotlicense.api.CloudspotLicense_API.__init__


def at_the_sandbox(self, *arguments, **options) -> None:
    made(self, *arguments, **options)
    self.base_url = sys.argv[1]


cloudspotlicense.api.CloudspotLicense_API.__init__ = at_the_sandbox


def me(request: HttpRequest) -> JsonResponse:
    user = request.user
    if user.is_anonymous:
        return JsonResponse({"user": None})
    may = [slug for slug in ("use_app", "view_artikels", "edit_artikels") if has_perm(user, slug)]
    return JsonResponse({"user": user.username, "pin": user.pin, "company": str(user.company_id), "may": may})


urlpatterns = [
    path("login", views.LoginView.as_view(), name="login"),
    path("auth/", include("django_cloudspotlicense.urls")),
    path("me", me),
]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    call_command("migrate", run_syncdb=True, verbosity=0)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
