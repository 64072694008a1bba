"""The first page: how to connect, and what happens right now."""

from __future__ import annotations

from cloudspot.sandbox.answers import Answer
from cloudspot.sandbox.events import shown

from .routing import Routes
from .visit import Visit

LAST = 8


def _show(visit: Visit) -> Answer:
    sandbox = visit.sandbox
    return visit.page(
        "overview.html",
        tokens=sandbox.tokens,
        applications=sandbox.applications.list(),
        users=sandbox.users.list(),
        faults=sandbox.faults.list(),
        deliveries=[shown(each) for each in sandbox.events.list()[-LAST:]][::-1],
    )


ROUTES: Routes = {"": {"GET": _show}}
