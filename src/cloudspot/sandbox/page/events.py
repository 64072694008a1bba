"""Events: what was sent to webhooks and what came of it, sending by hand, and sending again."""

from __future__ import annotations

from typing import Any

import msgspec

from cloudspot.records.auth import EVENTS
from cloudspot.sandbox.answers import Answer
from cloudspot.sandbox.events import shown

from .numbers import page_of, whole
from .problems import Problem
from .routing import Routes
from .visit import Visit

PER_PAGE = 50


def _list(visit: Visit) -> Answer:
    query = visit.query
    every = visit.sandbox.events.list()[::-1]
    found = [
        shown(each)
        for each in every
        if query.get("status") in {None, each.status}
        and query.get("event") in {None, each.event}
        and query.get("application") in {None, each.application}
    ]
    page, first = page_of(query.get("page"), len(found), PER_PAGE)
    return visit.page(
        "events.html",
        deliveries=found[first : first + PER_PAGE],
        total=len(found),
        any=bool(every),
        number=page,
        size=PER_PAGE,
        kinds=sorted({each.event for each in every} | set(EVENTS)),
        applications=visit.sandbox.applications.list(),
    )


def _one(visit: Visit, id: str) -> Answer:
    return visit.page("event.html", delivery=shown(visit.sandbox.events.get(whole(id))))


def _replay(visit: Visit, id: str) -> Answer:
    visit.sandbox.events.replay(whole(id))
    return visit.back(visit.where_from("/events"), "events.replayed", id=id)


def _clear(visit: Visit) -> Answer:
    if asked := visit.unsure("events.sure"):
        return asked
    visit.sandbox.events.clear()
    return visit.back("/events", "events.cleared")


def _write(visit: Visit) -> Answer:
    event = visit.query.get("event", next(iter(EVENTS)))
    return _form(visit, event, visit.query.get("application", ""), _example(visit, event))


def _send(visit: Visit) -> Answer:
    form = visit.form
    event, application, data = form.text("event"), form.text("application"), form.text("data")
    try:
        plain = msgspec.json.decode(data, type=dict[str, Any])
    except ValueError as error:
        return _form(visit, event, application, data, Problem(f"This is not a JSON object: {error}.", "data"))
    try:
        sent = visit.sandbox.events.send(event, plain, application)
    except ValueError as error:
        return _form(visit, event, application, data, Problem.of(error)._replace(field="application"))
    return visit.back(f"/events/{sent.id}", "events.sent", event=event)


def _form(visit: Visit, event: str, application: str, data: object, problem: Problem | None = None) -> Answer:
    return visit.page(
        "send_event.html",
        status=400 if problem else 200,
        event=event,
        application=application,
        data=data,
        kinds=list(EVENTS),
        applications=visit.sandbox.applications.list(),
        problem=problem,
    )


def _example(visit: Visit, event: str) -> dict[str, Any]:
    """The fields of an event, with what the sandbox's first user and company would put into them."""
    if event not in EVENTS:
        return {}
    user, company = next(iter(visit.sandbox.users.list()), None), visit.sandbox.companies.list()[0]
    email = user.email if user else "jan@sandbox.test"
    known = {
        "username": email,
        "company_id": company.id,
        "permissions": ["use_app"],
        "available_companies": [{"company_id": company.id, "company_name": company.naam}],
        "current_email": email,
        "change_to_email": f"new.{email}",
        "user_username": email,
        "pin": "1234",
        "user_email": f"new.{email}",
        "user_first_name": user.first_name if user else "",
        "user_last_name": user.last_name if user else "",
    }
    names = [field.name for field in msgspec.structs.fields(EVENTS[event]) if not field.name.startswith("_")]
    return {name: known.get(name, "") for name in names}


ROUTES: Routes = {
    "events": {"GET": _list},
    "events/+send": {"GET": _write, "POST": _send},
    "events/+clear": {"POST": _clear},
    "events/*": {"GET": _one},
    "events/*/replay": {"POST": _replay},
}
