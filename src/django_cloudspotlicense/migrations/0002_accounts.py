"""What 6.3 kept of its users becomes accounts of `cloudspot.django`, with tokens and PINs encrypted.

Users and companies keep their ids. Permissions are not taken over: they are looked up when a user is next here, and the
ones that 6.3 left in Django's tables would never have been taken away again. Nor are passwords: 6.3 gave every user the
same one.
"""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import migrations

from cloudspot.django.encryption import sealed
from cloudspot.weblogin.doorbell import is_address
from cloudspot.weblogin.identity import account_name

TABLE = "django_cloudspotlicense_cloudspotuser"


def take_over(apps: Any, editor: Any) -> None:
    user_model = apps.get_model("django_cloudspotlicense", "CloudspotUser")
    companies = apps.get_model("django_cloudspotlicense", "CloudspotCompany").objects.values_list("id", "name")
    company_model, account_model = (apps.get_model("cloudspot_django", name) for name in ("Company", "Account"))
    company_model.objects.bulk_create([company_model(id=key, name=name or "") for key, name in companies])
    pins, taken = pins_of(editor.connection, user_model), set()
    for user in user_model.objects.order_by("-is_active", "-last_login", "pk").iterator():
        if (user.is_staff or user.is_superuser) and not user.license_token:
            continue
        name = next((each for each in map(account_name, (user.username, user.email)) if is_address(each)), "")
        if name and name not in taken:
            taken.add(name)
            account_model.objects.create(
                user=user,
                email=name,
                company_id=user.company_id,
                sealed_token=sealed(user.license_token),
                sealed_pin=sealed(pins.get(user.pk)),
            )
        user.password = make_password(None)
        user.save(update_fields=["password"])
    granted = user_model.user_permissions.through.objects.filter(
        permission__content_type__app_label="django_cloudspotlicense",
        permission__content_type__model="global_permission",
    )
    granted.delete()


def pins_of(connection: Any, user_model: Any) -> dict[Any, str]:
    """The PINs, where somebody made the column for which 6.3 has no migration."""
    with connection.cursor() as cursor:
        columns = {each.name for each in connection.introspection.get_table_description(cursor, TABLE)}
    if "pin" not in columns:
        return {}
    rows = user_model.objects.extra(select={"pin_of_6_3": "pin"}).values_list("pk", "pin_of_6_3")
    return {key: pin for key, pin in rows if pin}


class Migration(migrations.Migration):
    dependencies = [("django_cloudspotlicense", "0001_tables_of_6_3"), ("cloudspot_django", "0001_accounts")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
