"""Products and clients from a file that somebody has."""

from __future__ import annotations

from functools import partial

from cloudspot.sandbox.answers import Answer
from cloudspot.sandbox.imports import FORMATS, InvalidImport
from cloudspot.sandbox.imports.loading import MODES
from cloudspot.sandbox.imports.rows import format_of

from . import record_fields, records
from .records import ARTIKELS, KLANTEN, Collection
from .rendering import address
from .routing import Routes
from .visit import Visit

SHOWN = 100


def _form(of: Collection, visit: Visit) -> Answer:
    return _page(of, visit)


def _page(of: Collection, visit: Visit, *, refused: InvalidImport | None = None, lacks_file: bool = False) -> Answer:
    return visit.page(
        "import.html",
        status=400 if refused or lacks_file else 200,
        of=of,
        company=records.company_of(visit),
        companies=visit.sandbox.companies.list(),
        formats=FORMATS,
        modes=MODES,
        mode=visit.form.text("mode") or MODES[0],
        format=visit.form.text("format"),
        refused=refused,
        problems=refused.problems[:SHOWN] if refused else (),
        lacks_file=lacks_file,
        fields=record_fields.fields_of(of.type),
        section=of.naam,
    )


def _load(of: Collection, visit: Visit) -> Answer:
    upload = visit.form.files.get("file")
    if upload is None:
        return _page(of, visit, lacks_file=True)
    try:
        kind = visit.form.text("format") or format_of(upload.name)
        loaded = records.records_of(of, visit).load(upload.content, format=kind, mode=visit.form.text("mode"))
    except InvalidImport as error:
        return _page(of, visit, refused=error)
    where = address(f"/{of.naam}", company=records.company_of(visit))
    return visit.back(where, "records.imported", **loaded._asdict())


def _routes(of: Collection) -> Routes:
    return {f"{of.naam}/+import": {"GET": partial(_form, of), "POST": partial(_load, of)}}


ROUTES: Routes = {**_routes(ARTIKELS), **_routes(KLANTEN)}
