"""What templates for 6.3 know."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def available_companies(request: HttpRequest) -> dict[str, Any]:
    """`available_companies`: those in which the user may use the application; none for everybody else."""
    return {"available_companies": getattr(request.user, "available_companies", [])}
