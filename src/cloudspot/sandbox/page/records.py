"""Products and clients: searched, sorted, edited in their row or as a whole, created, deleted."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from cloudspot.records import Artikel, ArtikelStatus, Klant, Record
from cloudspot.sandbox.answers import Answer
from cloudspot.sandbox.price_rules import KINDS
from cloudspot.sandbox.store.indexing import SEARCHED

from . import record_fields
from .formats import Formats
from .numbers import page_of, whole
from .problems import Problem
from .rendering import address
from .routing import Handler, Routes
from .visit import Blank, Visit

PER_PAGE = 50


class Collection(NamedTuple):
    """Products or clients, and how their list looks."""

    naam: str
    type: type[Record]
    columns: tuple[str, ...]
    """The fields in the list, all of which can be edited there."""
    filters: dict[str, tuple[str, ...]]
    """What to choose from, by field."""


ARTIKELS = Collection(
    "artikels",
    Artikel,
    ("naam", "SKU", "verkoopprijs_excl", "verkoopprijs_incl", "BTW", "op_voorraad", "status"),
    {"status": tuple(str(word) for word in ArtikelStatus)},
)
KLANTEN = Collection(
    "klanten",
    Klant,
    ("bedrijfsnaam", "voornaam", "achternaam", "straat", "huisnummer", "postcode", "plaats"),
    {"is_bedrijf": ("true", "false")},
)


class Row(NamedTuple):
    """A record in the list."""

    id: int
    record: Record
    values: dict[str, str]


def _list(of: Collection, visit: Visit) -> Answer:
    return listed(of, visit)


def listed(
    of: Collection,
    visit: Visit,
    *,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
    bulk_problem: Problem | None = None,
) -> Answer:
    """The list, with what was typed into a row or into the form for many where that was refused."""
    query, formats = visit.query, Formats(visit.language)
    company = company_of(visit)
    columns = {*of.columns, of.type.KEY} & {*SEARCHED[of.naam], of.type.KEY}
    search = partial(
        records_of(of, visit).search,
        sort=query["sort"] if query["sort"] in columns else None,
        descending="descending" in query,
        limit=PER_PAGE,
        **wanted(of, visit),
    )
    found = search()
    page, first = page_of(query["page"], found.total, PER_PAGE)
    if first:
        found = search(offset=first)
    edited = query["edit"]
    fields = record_fields.fields_of(of.type)
    return visit.page(
        "records.html",
        status=400 if problem or bulk_problem else 200,
        of=of,
        fields=fields,
        sortable=SEARCHED[of.naam],
        rows=[_row(of, each, formats, typed if str(_id(of, each)) == edited else None) for each in found.records],
        edited=edited,
        total=found.total,
        any=bool(len(records_of(of, visit))),
        number=page,
        size=PER_PAGE,
        company=company,
        companies=visit.sandbox.companies.list(),
        categorieen=_categorieen(visit, company) if of is ARTIKELS else [],
        problem=problem,
        bulk_problem=bulk_problem,
        bulk=Blank((name, visit.form.text(name)) for name in visit.form.fields),
        chosen=visit.form.texts("chosen"),
        prices=visit.form.texts("prices") or ["verkoop"],
        kinds=KINDS,
        section=of.naam,
    )


def wanted(of: Collection, visit: Visit) -> dict[str, Any]:
    """Which records are looked for, in the words of `Records.search`."""
    names = [*of.filters, "categorie"] if of is ARTIKELS else [*of.filters]
    return {"text": visit.query["q"]} | {name: visit.query[name] for name in names if name in visit.query}


def _categorieen(visit: Visit, company: str) -> list[tuple[int, str]]:
    """The categories of a company to choose from, each with those it is in."""
    tree = visit.sandbox.company(company).categorieen.tree()
    return [(line[-1].id or 0, " › ".join(each.naam or "?" for each in line)) for root in tree for line in root.lines()]


def _save_row(of: Collection, visit: Visit) -> Answer:
    """What was typed into a row of the list."""
    edited = whole(visit.query["edit"])
    records = records_of(of, visit)
    before = record_fields.shown(records.get(edited), Formats(visit.language))
    values, problem = record_fields.changed(of.type, visit.form, before, visit.language)
    if problem is None and values:
        problem = _refusal(partial(records.update, edited), values)
    if problem:
        return listed(of, visit, problem=problem, typed={name: visit.form.text(name) for name in of.columns})
    return visit.back(address(f"/{of.naam}", visit.query, edit=""), "records.saved", id=edited)


def _new(of: Collection, visit: Visit) -> Answer:
    return _form(of, visit, {})


def _create(of: Collection, visit: Visit) -> Answer:
    company = company_of(visit)
    made: list[Record] = []
    values, problem = record_fields.changed(of.type, visit.form, {}, visit.language)
    if problem is None:
        problem = _refusal(lambda **fields: made.append(records_of(of, visit).create(**fields)), values)
    if problem:
        return _form(of, visit, _typed(of, visit), problem=problem)
    return visit.back(_where(of, company, _id(of, made[0])), "records.created", id=_id(of, made[0]))


def _edit(of: Collection, visit: Visit, id: str) -> Answer:
    record = records_of(of, visit).get(whole(id))
    return _form(of, visit, record_fields.shown(record, Formats(visit.language)), record=record)


def _save(of: Collection, visit: Visit, id: str) -> Answer:
    company = company_of(visit)
    records = records_of(of, visit)
    record = records.get(whole(id))
    before = record_fields.shown(record, Formats(visit.language))
    values, problem = record_fields.changed(of.type, visit.form, before, visit.language)
    if problem is None and values:
        problem = _refusal(partial(records.update, int(id)), values)
    if problem:
        return _form(of, visit, before | _typed(of, visit), record=record, problem=problem)
    return visit.back(_where(of, company, int(id)), "records.saved" if values else "records.unchanged", id=id)


def _delete(of: Collection, visit: Visit, id: str) -> Answer:
    company = company_of(visit)
    if asked := visit.unsure("records.sure", id=id):
        return asked
    records_of(of, visit).delete(whole(id))
    return visit.back(address(f"/{of.naam}", company=company), "records.deleted", id=id)


def _form(
    of: Collection,
    visit: Visit,
    values: dict[str, str],
    *,
    record: Record | None = None,
    problem: Problem | None = None,
) -> Answer:
    company = company_of(visit)
    return visit.page(
        "record.html",
        status=400 if problem else 200,
        of=of,
        fields=record_fields.fields_of(of.type),
        values=values,
        record=record,
        id=None if record is None else _id(of, record),
        company=company,
        company_naam=next(each.naam for each in visit.sandbox.companies if each.id == company),
        problem=problem,
        section=of.naam,
    )


def _refusal(edit: Any, values: dict[str, Any]) -> Problem | None:
    """Why an edit was refused; None where it was done."""
    try:
        edit(**values)
    except LookupError:
        raise
    except ValueError as error:
        return Problem.of(error)
    return None


def _typed(of: Collection, visit: Visit) -> dict[str, str]:
    return {name: visit.form.fields[name][-1] for name in record_fields.fields_of(of.type) if name in visit.form.fields}


def _row(of: Collection, record: Record, formats: Formats, typed: dict[str, str] | None) -> Row:
    return Row(_id(of, record), record, record_fields.shown(record, formats) | (typed or {}))


def _id(of: Collection, record: Record) -> int:
    return int(getattr(record, of.type.KEY))


def records_of(of: Collection, visit: Visit) -> Any:
    """The records of the company that is meant."""
    data = visit.sandbox.company(company_of(visit))
    return data.artikels if of is ARTIKELS else data.klanten


def company_of(visit: Visit) -> str:
    """The id of the company that is meant, the first one's if none is named."""
    asked = visit.query.get("company") or visit.form.text("company")
    companies = visit.sandbox.companies.list()
    return next((each.id for each in companies if asked in {each.id, each.naam}), companies[0].id)


def _where(of: Collection, company: str, id: int) -> str:
    return address(f"/{of.naam}/{id}", company=company)


def _routes(of: Collection) -> Routes:
    def bound(handler: Handler) -> Handler:
        return partial(handler, of)

    return {
        of.naam: {"GET": bound(_list)},
        f"{of.naam}/+row": {"POST": bound(_save_row)},
        f"{of.naam}/+new": {"GET": bound(_new), "POST": bound(_create)},
        f"{of.naam}/*": {"GET": bound(_edit), "POST": bound(_save)},
        f"{of.naam}/*/delete": {"POST": bound(_delete)},
    }


ROUTES: Routes = {**_routes(ARTIKELS), **_routes(KLANTEN)}
