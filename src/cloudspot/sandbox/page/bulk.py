"""Many products or clients changed at once: those that are ticked, or all that were found."""

from __future__ import annotations

from functools import partial
from typing import Any

from cloudspot.sandbox.answers import Answer

from . import record_fields, records
from .numbers import amount
from .problems import Problem
from .records import ARTIKELS, KLANTEN, Collection
from .rendering import address
from .routing import Handler, Routes
from .visit import Visit


def _change(of: Collection, visit: Visit) -> Answer:
    form = visit.form
    chosen = [int(each) for each in form.texts("chosen") if each.isascii() and each.isdecimal() and len(each) < 19]
    is_for_all = form.text("whom") == "found"
    if not chosen and not is_for_all:
        return _refused(of, visit, Problem("", "none_chosen"))
    if asked := visit.unsure("records.sure_bulk"):
        return asked
    values, problem = _values(of, visit)
    percentage = amount(form.text("percentage"), visit.language)
    if problem is None and not values and not percentage:
        problem = Problem("", "nothing_to_do")
    if problem:
        return _refused(of, visit, problem)
    whom = records.wanted(of, visit) if is_for_all else {"ids": chosen}
    edited = records.records_of(of, visit)
    try:
        if percentage and of is ARTIKELS:
            done = edited.change_prices(percentage, values, prices=form.texts("prices"), **whom)
        else:
            done = edited.update_many(values, **whom)
    except LookupError:
        raise
    except ValueError as error:
        refused = Problem.of(error)
        return _refused(of, visit, refused._replace(field="value" if refused.field in values else "percentage"))
    where = address(f"/{of.naam}", visit.query)
    return visit.back(where, "records.bulk_done", changed=done.changed, selected=done.selected)


def _values(of: Collection, visit: Visit) -> tuple[dict[str, Any], Problem | None]:
    """The field that is to change and its new value; `status=ZICHTBAAR` says both."""
    name, equals, word = visit.form.text("field").partition("=")
    field = record_fields.fields_of(of.type).get(name)
    if field is None:
        return {}, None
    try:
        typed = word if equals else visit.form.text("value")
        return {name: record_fields.value_of(field, typed, visit.language)}, None
    except ValueError as error:
        return {}, Problem(str(error), "value")


def _refused(of: Collection, visit: Visit, problem: Problem) -> Answer:
    return records.listed(of, visit, bulk_problem=problem)


def _routes(of: Collection) -> Routes:
    handler: Handler = partial(_change, of)
    return {f"{of.naam}/+bulk": {"POST": handler}}


ROUTES: Routes = {**_routes(ARTIKELS), **_routes(KLANTEN)}
