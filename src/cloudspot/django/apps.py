"""The app."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CloudspotConfig(AppConfig):
    """Cloudspot logins; its label keeps `cloudspot.` free for the names of permissions."""

    name = "cloudspot.django"
    label = "cloudspot_django"
    verbose_name = _("Cloudspot logins")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect checks and signals."""
        from . import checks, sessions  # noqa: F401, PLC0415 - Django loads models first
