"""The first page: how to connect, and what happens right now."""

from __future__ import annotations

from cloudspot.sandbox.accounts import PASSWORD
from cloudspot.sandbox.answers import Answer

from .requests import mark, seen
from .routing import Routes
from .visit import Visit

LATEST = 10


def _show(visit: Visit) -> Answer:
    sandbox = visit.sandbox
    exchanges = sandbox.requests.list(limit=LATEST)[::-1]
    if visit.query["since"] == (now := mark(exchanges)):
        return Answer(204)
    first = next(iter(sandbox.artikels.search(limit=1).records), None)
    return visit.page(
        "overview.html",
        exchanges=exchanges,
        mark=now,
        seen=seen(visit),
        tokens=sandbox.tokens,
        applications=sandbox.applications.list(),
        users=sandbox.users.list(),
        faults=sandbox.faults.list(),
        artikel=first.id if first else 125,
        password=PASSWORD,
    )


ROUTES: Routes = {"": {"GET": _show}}
