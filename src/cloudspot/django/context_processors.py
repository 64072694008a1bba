"""What every template may want to know."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def cloudspot(request: HttpRequest) -> dict[str, Any]:
    """`cloudspot`, the login of the request, or None: `cloudspot.company`, `.permissions`, `.impersonation`."""
    return {"cloudspot": getattr(request, "cloudspot", None)}
