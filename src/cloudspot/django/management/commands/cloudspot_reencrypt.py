"""`manage.py cloudspot_reencrypt`: after a new key was put first, before the old one is removed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from ...encryption import resealed
from ...models import Account, Impersonation


class Command(BaseCommand):
    """Encrypts tokens and PINs again, with the newest key."""

    help = "Encrypt all stored tokens and PINs again, with the newest of the keys."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, row by row, so that a token that is replaced meanwhile is not overwritten."""
        count = 0
        for model, fields in ((Account, ("sealed_token", "sealed_pin")), (Impersonation, ("sealed_token",))):
            rows: Any = model.objects
            for row in rows.values("pk", *fields).iterator():
                for field in fields:
                    if stored := row[field]:
                        count += rows.filter(**{"pk": row["pk"], field: stored}).update(**{field: resealed(stored)})
        self.stdout.write(f"{count} tokens and PINs are under the newest key.")
