"""Keeps the companies of 6.3 as those of `cloudspot.django`, for whatever points to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections

from cloudspot.django.signals import companies_seen

from .models import CloudspotCompany


def _keep(*, companies: Mapping[UUID, str], **_: Any) -> None:
    is_able = connections[DEFAULT_DB_ALIAS].features.supports_update_conflicts_with_target
    target: dict[str, Any] = {"unique_fields": ["id"]} if is_able else {}
    CloudspotCompany.objects.bulk_create(
        [CloudspotCompany(id=each, name=name[:100]) for each, name in companies.items()],
        update_conflicts=True,
        update_fields=["name"],
        **target,
    )


companies_seen.connect(_keep, dispatch_uid="django_cloudspotlicense companies")
