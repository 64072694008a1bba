"""All of a sandbox at once: snapshots, the clock, and beginning anew."""

from __future__ import annotations

from datetime import datetime

from cloudspot.sandbox.answers import Answer
from cloudspot.sandbox.control.snapshots import file_answer
from cloudspot.sandbox.snapshots import restore, save

from .numbers import amount
from .problems import Problem
from .routing import Routes
from .visit import Visit

STEPS = {"minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}


def _show(visit: Visit) -> Answer:
    return _page(visit)


def _page(visit: Visit, *, typed: dict[str, str] | None = None, problem: Problem | None = None) -> Answer:
    sandbox = visit.sandbox
    return visit.page(
        "state.html",
        status=400 if problem else 200,
        snapshots=sandbox.snapshots.list()[::-1],
        clock=sandbox.clock,
        steps=STEPS,
        typed={"name": "", "moment": sandbox.clock.now().isoformat(timespec="seconds"), "seconds": ""} | (typed or {}),
        problem=problem,
    )


def _take(visit: Visit) -> Answer:
    name = visit.form.text("name") or f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"
    try:
        visit.sandbox.snapshots.take(name)
    except ValueError as error:
        return _page(visit, typed={"name": name}, problem=Problem.of(error)._replace(field="name"))
    return visit.back("/state", "state.taken", name=name)


def _restore(visit: Visit) -> Answer:
    name = visit.form.text("name")
    if asked := visit.unsure("state.sure_restore", name=name):
        return asked
    visit.sandbox.snapshots.restore(name)
    return visit.back("/state", "state.restored", name=name)


def _delete(visit: Visit) -> Answer:
    name = visit.form.text("name")
    if asked := visit.unsure("state.sure_delete", name=name):
        return asked
    visit.sandbox.snapshots.delete(name)
    return visit.back("/state", "state.deleted", name=name)


def _download(visit: Visit) -> Answer:
    """A snapshot as a file; all as it is now, where none is named."""
    if name := visit.query["name"]:
        visit.sandbox.snapshots.get(name)
        return file_answer(visit.request, lambda out: visit.sandbox.snapshots.save(name, out))
    return file_answer(visit.request, lambda out: save(visit.sandbox.store, out))


def _upload(visit: Visit) -> Answer:
    upload = visit.form.files.get("file")
    if upload is None:
        return _page(visit, problem=Problem("", "file"))
    try:
        restore(visit.sandbox.store, upload.content)
    except ValueError as error:
        return _page(visit, problem=Problem.of(error)._replace(field="file"))
    return visit.back("/state", "state.restored", name=upload.name)


def _clock(visit: Visit) -> Answer:
    """Each button of the clock's form says what it does."""
    clock, form = visit.sandbox.clock, visit.form
    does = form.text("does")
    try:
        if does == "set":
            clock.set(form.text("moment"))
        elif does == "advance":
            clock.advance(float(amount(form.text("seconds"), visit.language)))
        elif does in STEPS:
            clock.advance(STEPS[does])
        elif does == "freeze":
            clock.freeze()
        elif does == "run":
            clock.run()
        else:
            clock.start_anew()
    except ValueError as error:
        typed = {name: form.text(name) for name in ("moment", "seconds")}
        return _page(visit, typed=typed, problem=Problem(str(error), "moment" if does == "set" else "seconds"))
    return visit.back("/state", "state.clock_is", now=clock.now().isoformat(timespec="seconds"))


def _reset(visit: Visit) -> Answer:
    if asked := visit.unsure("state.sure_reset"):
        return asked
    visit.sandbox.reset()
    return visit.back("/state", "state.reset_done")


ROUTES: Routes = {
    "state": {"GET": _show},
    "state/snapshots": {"POST": _take},
    "state/snapshots/restore": {"POST": _restore},
    "state/snapshots/delete": {"POST": _delete},
    "state/snapshots/file": {"GET": _download, "POST": _upload},
    "state/clock": {"POST": _clock},
    "state/reset": {"POST": _reset},
}
