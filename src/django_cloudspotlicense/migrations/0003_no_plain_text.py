"""Tokens and PINs in plain text go, with what else is `cloudspot.django`'s now."""

from typing import Any

from django.db import migrations

TABLE = "django_cloudspotlicense_cloudspotuser"


def drop_pin(apps: Any, editor: Any) -> None:
    connection = editor.connection
    with connection.cursor() as cursor:
        columns = {each.name for each in connection.introspection.get_table_description(cursor, TABLE)}
    if "pin" in columns:
        quote = connection.ops.quote_name
        editor.execute(f"ALTER TABLE {quote(TABLE)} DROP COLUMN {quote('pin')}")


class Migration(migrations.Migration):
    dependencies = [("django_cloudspotlicense", "0002_accounts")]

    operations = [
        migrations.RemoveField("CloudspotCompany", "users"),
        migrations.RemoveField("CloudspotUser", "company"),
        migrations.RemoveField("CloudspotUser", "license_token"),
        migrations.RunPython(drop_pin, migrations.RunPython.noop),
    ]
