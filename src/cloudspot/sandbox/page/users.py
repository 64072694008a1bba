"""Users, and the matrix of what they may do."""

from __future__ import annotations

from typing import Any, NamedTuple

from cloudspot.sandbox.accounts import IS_SUPERUSER, USE_APP, User, effective
from cloudspot.sandbox.answers import Answer

from .numbers import page_of
from .problems import Problem
from .rendering import address, segment
from .routing import Routes
from .visit import Blank, Visit

PER_PAGE = 50


class Row(NamedTuple):
    """A user in the matrix."""

    user: User
    slugs: frozenset[str]
    opens: bool
    """Whether the application opens for the user in this company."""


def _matrix(visit: Visit) -> Answer:
    sandbox, query = visit.sandbox, visit.query
    companies, applications = sandbox.companies.list(), sandbox.applications.list()
    company = query.get("company") or companies[0].id
    application = query.get("application") or (applications[0].id if applications else "")
    granted = sandbox.permissions.list(application=application)
    given = {row.user: row.permissions for row in granted if company in {row.company_id, row.company_name}}
    known = {slug for row in granted for slug in row.permissions} | set(query.get("slugs", "").split())
    search = query.get("q", "").casefold()
    found = [
        user for user in sandbox.users.list() if search in f"{user.email} {user.first_name} {user.last_name}".casefold()
    ]
    page, first = page_of(query["page"], len(found), PER_PAGE)
    rows = [
        Row(user, slugs := given.get(user.email, frozenset()), bool(effective(slugs)))
        for user in found[first : first + PER_PAGE]
    ]
    return visit.page(
        "users.html",
        rows=rows,
        slugs=[USE_APP, IS_SUPERUSER, *sorted(known - {USE_APP, IS_SUPERUSER})],
        company=company,
        application=application,
        companies=companies,
        applications=applications,
        total=len(found),
        number=page,
        size=PER_PAGE,
    )


def _permit(visit: Visit) -> Answer:
    """What is ticked of what was shown; slugs that weren't shown stay as they are."""
    form, permissions = visit.form, visit.sandbox.permissions
    user, company, application = form.text("user"), form.text("company"), form.text("application")
    before = permissions.get(user, company, application)
    wanted = (before - set(form.texts("shown"))) | set(form.texts("slug"))
    permissions.set(user, company, wanted, application)
    return visit.back(visit.where_from("/users"), "users.permitted", user=user)


def _add_slug(visit: Visit) -> Answer:
    """A column for a permission that nobody has yet."""
    form = visit.form
    every = {*form.text("slugs").split(), form.text("new")}
    kept = {name: form.text(name) for name in ("company", "application", "q")}
    return visit.back(address("/users", kept, slugs=" ".join(sorted(every))))


def _new(visit: Visit) -> Answer:
    return _form(visit, {"is_active": True})


def _create(visit: Visit) -> Answer:
    fields = _fields(visit)
    try:
        user = visit.sandbox.users.create(**fields)
    except ValueError as error:
        return _form(visit, fields, problem=Problem.of(error))
    return visit.back("/users", "users.created", user=user.email)


def _edit(visit: Visit, email: str) -> Answer:
    user = visit.sandbox.users.get(email)
    return _form(visit, {name: getattr(user, name) for name in user.__struct_fields__}, email=email)


def _save(visit: Visit, email: str) -> Answer:
    fields = _fields(visit)
    try:
        user = visit.sandbox.users.update(email, **fields)
    except ValueError as error:
        return _form(visit, fields, email=email, problem=Problem.of(error))
    return visit.back(f"/users/{segment(user.email)}", "users.saved", user=user.email)


def _delete(visit: Visit, email: str) -> Answer:
    if asked := visit.unsure("users.sure", user=email):
        return asked
    visit.sandbox.users.delete(email)
    return visit.back("/users", "users.deleted", user=email)


def _fields(visit: Visit) -> dict[str, Any]:
    form = visit.form
    fields: dict[str, Any] = {
        "email": form.text("email"),
        "first_name": form.text("first_name"),
        "last_name": form.text("last_name"),
        "pin": form.optional("pin"),
        "is_active": form.is_on("is_active"),
    }
    if form.text("password"):
        fields["password"] = form.fields["password"][-1]
    return fields


def _form(
    visit: Visit, fields: dict[str, Any], *, email: str = "", problem: Problem | None = None, token: str = ""
) -> Answer:
    sandbox = visit.sandbox
    return visit.page(
        "user.html",
        status=400 if problem else 200,
        fields=Blank(fields),
        email=email,
        problem=problem,
        token=token,
        granted=sandbox.permissions.list(user=email) if email else [],
        tokens=sandbox.user_tokens.list(user=email) if email else [],
        applications=sandbox.applications.list(),
        companies=sandbox.companies.list(),
    )


def _issue(visit: Visit, email: str) -> Answer:
    """A token is shown in the answer itself, since it can never be shown again."""
    application = visit.form.text("application")
    if company := visit.form.text("company"):
        token = visit.sandbox.user_tokens.impersonate(email, company, application)
    else:
        token = visit.sandbox.user_tokens.issue(email, application)
    user = visit.sandbox.users.get(email)
    fields = {name: getattr(user, name) for name in user.__struct_fields__}
    return _form(visit, fields, email=email, token=token)


def _revoke(visit: Visit, email: str) -> Answer:
    visit.sandbox.user_tokens.revoke(user=email, id=_token(visit))
    return visit.back(f"/users/{segment(email)}", "users.revoked")


def _expire(visit: Visit, email: str) -> Answer:
    visit.sandbox.user_tokens.expire(user=email, id=_token(visit))
    return visit.back(f"/users/{segment(email)}", "users.expired")


def _token(visit: Visit) -> int | None:
    """The token that is meant; None for all of the user."""
    text = visit.form.text("token")
    return int(text) if text else None


ROUTES: Routes = {
    "users": {"GET": _matrix},
    "users/+permit": {"POST": _permit},
    "users/+slug": {"POST": _add_slug},
    "users/+new": {"GET": _new, "POST": _create},
    "users/*": {"GET": _edit, "POST": _save},
    "users/*/delete": {"POST": _delete},
    "users/*/issue": {"POST": _issue},
    "users/*/revoke": {"POST": _revoke},
    "users/*/expire": {"POST": _expire},
}
