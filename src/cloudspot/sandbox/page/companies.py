"""Companies, the ERP's tokens for them, and the categories of their products."""

from __future__ import annotations

from typing import Any

from cloudspot.sandbox.answers import Answer

from .numbers import whole
from .problems import Problem
from .rendering import address
from .routing import Routes
from .visit import Blank, Visit


def _list(visit: Visit) -> Answer:
    return _page(visit)


def _page(
    visit: Visit,
    *,
    company: dict[str, Any] | None = None,
    token: dict[str, Any] | None = None,
    problem: Problem | None = None,
) -> Answer:
    """The list, with what was typed into the form for a company or for a token where that was refused."""
    sandbox = visit.sandbox
    every = sandbox.companies.list()
    tokens = sandbox.erp_tokens.list()
    rows = [(each, sandbox.company(each.id), sum(token.company == each.id for token in tokens)) for each in every]
    return visit.page(
        "companies.html",
        status=400 if problem else 200,
        rows=rows,
        tokens=tokens,
        names={each.id: each.naam for each in every},
        edited=visit.query["edit"],
        company=Blank(company or {}),
        token=Blank(token or {"sees_artikels": True, "sees_klanten": True}),
        company_problem=problem if company is not None else None,
        token_problem=problem if token is not None else None,
    )


def _create(visit: Visit) -> Answer:
    naam, own_id = visit.form.text("naam"), visit.form.optional("id")
    try:
        made = visit.sandbox.companies.create(naam, id=own_id)
    except ValueError as error:
        return _page(visit, company={"naam": naam, "id": own_id or ""}, problem=Problem.of(error))
    return visit.back(f"/companies/{made.id}", "companies.created", naam=made.naam)


def _create_token(visit: Visit) -> Answer:
    form = visit.form
    fields: dict[str, Any] = {
        "company": form.text("company"),
        "naam": form.text("naam"),
        "sees_artikels": form.is_on("sees_artikels"),
        "sees_klanten": form.is_on("sees_klanten"),
        "token": form.optional("token"),
    }
    try:
        made = visit.sandbox.erp_tokens.create(**fields)
    except ValueError as error:
        return _page(visit, token=fields, problem=Problem.of(error))
    return visit.back("/companies", "companies.token_created", token=made.token)


def _save_token(visit: Visit, id: str) -> Answer:
    form = visit.form
    rights = {name: form.is_on(name) for name in ("sees_artikels", "sees_klanten")}
    now = visit.sandbox.erp_tokens.update(whole(id), **rights)
    return visit.back("/companies", "companies.token_saved", token=now.token)


def _revoke_token(visit: Visit, id: str) -> Answer:
    token = visit.sandbox.erp_tokens.get(whole(id))
    if asked := visit.unsure("companies.sure_token", token=token.token):
        return asked
    visit.sandbox.erp_tokens.revoke(token.id)
    return visit.back("/companies", "companies.token_revoked", token=token.token)


def _one(visit: Visit, id: str) -> Answer:
    return _company(visit, id)


def _company(visit: Visit, id: str, *, typed: dict[str, Any] | None = None, problem: Problem | None = None) -> Answer:
    company = visit.sandbox.companies.get(id)
    data = visit.sandbox.company(company.id)
    counts = data.categorieen.counts()
    lines = [line for root in data.categorieen.tree() for line in root.lines()]
    return visit.page(
        "company.html",
        status=400 if problem else 200,
        company=company,
        data=data,
        lines=[(line, counts.get(line[-1].id or 0, 0)) for line in lines],
        edited=visit.query["edit"],
        typed=Blank(typed or {}),
        problem=problem,
    )


def _save(visit: Visit, id: str) -> Answer:
    try:
        now = visit.sandbox.companies.update(id, naam=visit.form.text("naam"))
    except LookupError:
        raise
    except ValueError as error:
        return _company(visit, id, typed={"naam": visit.form.text("naam")}, problem=Problem.of(error))
    return visit.back(f"/companies/{now.id}", "companies.saved", naam=now.naam)


def _delete(visit: Visit, id: str) -> Answer:
    company = visit.sandbox.companies.get(id)
    if asked := visit.unsure("companies.sure", naam=company.naam):
        return asked
    visit.sandbox.companies.delete(id)
    return visit.back("/companies", "companies.deleted", naam=company.naam)


def _create_categorie(visit: Visit, id: str) -> Answer:
    form = visit.form
    typed = {"new_naam": form.text("new_naam"), "new_parent": form.text("new_parent")}
    parent = whole(typed["new_parent"]) if typed["new_parent"] else None
    try:
        made = visit.sandbox.company(id).categorieen.create(typed["new_naam"], parent)
    except ValueError as error:
        problem = Problem.of(error)
        return _company(visit, id, typed=typed, problem=problem._replace(field=f"new_{problem.field}"))
    return visit.back(f"/companies/{id}", "companies.categorie_created", naam=made.naam)


def _save_categorie(visit: Visit, id: str, categorie: str) -> Answer:
    form = visit.form
    parent = whole(form.text("parent")) if form.text("parent") else None
    try:
        now = visit.sandbox.company(id).categorieen.update(whole(categorie), naam=form.text("naam"), parent=parent)
    except LookupError:
        raise
    except ValueError as error:
        return _company(visit, id, problem=Problem.of(error))
    return visit.back(f"/companies/{id}", "companies.categorie_saved", naam=now.naam)


def _delete_categorie(visit: Visit, id: str, categorie: str) -> Answer:
    """Take a category away; what is in it goes to the one above it."""
    categorieen = visit.sandbox.company(id).categorieen
    row = categorieen.get(whole(categorie))
    if asked := visit.unsure("companies.sure_categorie", naam=row.naam or row.id):
        return asked
    categorieen.delete(row.id, move_to=row.parent)
    return visit.back(address(f"/companies/{id}"), "companies.categorie_deleted", naam=row.naam or row.id)


ROUTES: Routes = {
    "companies": {"GET": _list, "POST": _create},
    "companies/+token": {"POST": _create_token},
    "companies/tokens/*": {"POST": _save_token},
    "companies/tokens/*/revoke": {"POST": _revoke_token},
    "companies/*": {"GET": _one, "POST": _save},
    "companies/*/delete": {"POST": _delete},
    "companies/*/categories": {"POST": _create_categorie},
    "companies/*/categories/*": {"POST": _save_categorie},
    "companies/*/categories/*/delete": {"POST": _delete_categorie},
}
