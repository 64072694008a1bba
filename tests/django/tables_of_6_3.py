"""A database as django-cloudspotlicense 6.3 leaves it; run with the published package, in an environment of its own.

Arguments: the database, and whether somebody made the column `pin`, for which 6.3 has no migration.
"""
# ruff: noqa: E402 - Django wants its settings before its models are imported

import sys

from django.conf import settings

import django

settings.configure(
    SECRET_KEY="of a test",
    USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1]}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_cloudspotlicense"],
    AUTH_USER_MODEL="django_cloudspotlicense.CloudspotUser",
)
django.setup()

from django.core.management import call_command
from django.db import connection

from django_cloudspotlicense.models import CloudspotCompany, CloudspotUser, GlobalPermission

call_command("migrate", verbosity=0)
with connection.schema_editor() as editor:
    editor.add_field(CloudspotUser, CloudspotUser._meta.get_field("pin"))

kist = CloudspotCompany.objects.create(id="5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001", name="Kist & Vijs BV")
jan = CloudspotUser.objects.create_user(
    "jan@sandbox.test", "jan@sandbox.test", "the same for all", license_token=sys.argv[3], company=kist, pin="1234",
    id="00000000-0000-4000-8000-000000000001",
)  # fmt: skip
kist.users.add(jan)
jan.user_permissions.add(GlobalPermission.objects.create(codename="is_superuser", name="is_superuser"))
CloudspotUser.objects.create_superuser(
    "chef", "chef@x.test", "geheim-genoeg", id="00000000-0000-4000-8000-000000000002"
)
CloudspotUser.objects.create_user("odd name", "", "the same", id="00000000-0000-4000-8000-000000000003")
if sys.argv[2] == "no":
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_cloudspotlicense_cloudspotuser DROP COLUMN pin")
