"""Applications that users log in to, and where their events go."""

from __future__ import annotations

from base64 import b64encode
from secrets import token_bytes
from typing import Any

import msgspec

from cloudspot.sandbox.answers import Answer
from cloudspot.sandbox.webhooks import SECRET_PREFIX

from .problems import Problem
from .rendering import segment
from .routing import Routes
from .visit import Blank, Visit

SIGNING = ("keep", "none", "sign")


def _list(visit: Visit) -> Answer:
    applications = visit.sandbox.applications
    every = [(each, applications.signs_events(each.id)) for each in applications.list()]
    return visit.page("applications.html", every=every)


def _new(visit: Visit) -> Answer:
    return _form(visit, {"automatic_events": True})


def _create(visit: Visit) -> Answer:
    fields = _fields(visit)
    try:
        made = visit.sandbox.applications.create(**fields)
    except ValueError as error:
        return _form(visit, fields, problem=Problem.of(error))
    return visit.back("/applications", "applications.created", application=made.id)


def _edit(visit: Visit, id: str) -> Answer:
    return _form(visit, msgspec.structs.asdict(visit.sandbox.applications.get(id)), id=id)


def _save(visit: Visit, id: str) -> Answer:
    fields = _fields(visit)
    try:
        now = visit.sandbox.applications.update(id, **fields)
    except ValueError as error:
        return _form(visit, fields, id=id, problem=Problem.of(error))
    return visit.back(f"/applications/{segment(now.id)}", "applications.saved", application=now.id)


def _delete(visit: Visit, id: str) -> Answer:
    if asked := visit.unsure("applications.sure", application=id):
        return asked
    visit.sandbox.applications.delete(id)
    return visit.back("/applications", "applications.deleted", application=id)


def _fields(visit: Visit) -> dict[str, Any]:
    form = visit.form
    fields: dict[str, Any] = {
        "id": form.text("id"),
        "name": form.text("name"),
        "requestor": form.optional("requestor"),
        "webhook_url": form.optional("webhook_url"),
        "automatic_events": form.is_on("automatic_events"),
    }
    if form.text("signing") == "sign":
        fields["webhook_secret"] = form.text("webhook_secret")
    elif form.text("signing") == "none":
        fields["webhook_secret"] = None
    return fields


def _form(visit: Visit, fields: dict[str, Any], *, id: str = "", problem: Problem | None = None) -> Answer:
    return visit.page(
        "application.html",
        status=400 if problem else 200,
        fields=Blank(fields),
        id=id,
        problem=problem,
        signs=bool(id) and visit.sandbox.applications.signs_events(id),
        signing=visit.form.text("signing") or "keep",
        secret=fields.get("webhook_secret") or SECRET_PREFIX + b64encode(token_bytes(32)).decode(),
    )


ROUTES: Routes = {
    "applications": {"GET": _list},
    "applications/+new": {"GET": _new, "POST": _create},
    "applications/*": {"GET": _edit, "POST": _save},
    "applications/*/delete": {"POST": _delete},
}
