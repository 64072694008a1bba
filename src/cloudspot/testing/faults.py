"""The marker `cloudspot_fault`: what goes wrong in the sandbox of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cloudspot.sandbox import Sandbox

MARKER = "cloudspot_fault"


def add_faults(sandbox: Sandbox, node: pytest.Item) -> None:
    """Add the faults of a test's markers: its own before its class's and its module's, the upper ones first."""
    by_node: dict[str, list[pytest.Mark]] = {}
    for owner, marker in node.iter_markers_with_node(MARKER):
        # Decorators are applied from below.
        by_node.setdefault(owner.nodeid, []).insert(0, marker)
    for markers in by_node.values():
        for marker in markers:
            try:
                _add(sandbox, marker)
            except (ValueError, LookupError) as error:
                pytest.fail(f"The marker {MARKER}: {error}.", pytrace=False)


def _add(sandbox: Sandbox, marker: pytest.Mark) -> None:
    if not marker.args:
        sandbox.faults.add(**marker.kwargs)
        return
    if marker.kwargs.keys() - {"route"}:
        raise ValueError("it takes either names of presets, and perhaps a route, or the fields of a fault")
    for preset in marker.args:
        sandbox.faults.switch_on(preset, **marker.kwargs)


def refuse_faults_in_vain(item: pytest.Item) -> None:
    """Fail a test whose own faults nobody would meet, since it has no sandbox."""
    is_marked = any(owner is item for owner, _ in item.iter_markers_with_node(MARKER))
    if is_marked and "cloudspot_sandbox" not in getattr(item, "fixturenames", ()):
        pytest.fail(
            f"The marker {MARKER} is for tests that use the fixture cloudspot_sandbox, or one of erp, async_erp and "
            "license_server, which do.",
            pytrace=False,
        )
