"""Who answers a path of the page."""

from __future__ import annotations

from collections.abc import Callable

from cloudspot.sandbox.answers import Answer

Handler = Callable[..., Answer]
"""Answers a visit; what stands in the path for each `*` follows."""

Routes = dict[str, dict[str, Handler]]
"""What can be done at which path; `*` is a name or a number."""


def find(routes: Routes, path: str) -> tuple[dict[str, Handler], list[str]] | None:
    """What can be done at a path, and what stands in it for each `*` of its route; None where nothing is."""
    parts = path.removeprefix("/").split("/")
    for route, methods in routes.items():
        wanted = route.split("/")
        if len(wanted) != len(parts):
            continue
        pairs = list(zip(wanted, parts, strict=True))
        if all(want == part or (want == "*" and part) for want, part in pairs):
            return methods, [part for want, part in pairs if want == "*"]
    return None
