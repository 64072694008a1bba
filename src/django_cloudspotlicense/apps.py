"""The app, with the label that the published package's tables have."""

from __future__ import annotations

from django.apps import AppConfig


class DjangoCloudspotlicenseConfig(AppConfig):
    """Names and tables of 6.3."""

    name = "django_cloudspotlicense"
    label = "django_cloudspotlicense"
    verbose_name = "django-cloudspotlicense"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Keep the companies of 6.3 as those of `cloudspot.django`."""
        from . import companies  # noqa: F401, PLC0415 - models come first
