"""The control API: companies, applications, users, what they may do, and their tokens. Secrets go in, never out."""

from __future__ import annotations

import msgspec

from cloudspot.sandbox.account_edits import APPLICATION, IMPERSONATION_SECONDS
from cloudspot.sandbox.accounts import Application, User
from cloudspot.sandbox.answers import Answer, Request, json_document
from cloudspot.sandbox.store import Granted

from .asked import Controlled, Handler, any_fields, fields_of, filters_of, number


def _list_applications(sandbox: Controlled, _: Request) -> Answer:
    every = sandbox.applications.list()
    return json_document({"applications": [_shown_application(sandbox, each) for each in every]})


def _add_application(sandbox: Controlled, request: Request) -> Answer:
    made = sandbox.applications.create(**any_fields(request))
    return json_document(_shown_application(sandbox, made), status=201)


def _one_application(sandbox: Controlled, _: Request, id: str) -> Answer:
    return json_document(_shown_application(sandbox, sandbox.applications.get(id)))


def _change_application(sandbox: Controlled, request: Request, id: str) -> Answer:
    return json_document(_shown_application(sandbox, sandbox.applications.update(id, **any_fields(request))))


def _delete_application(sandbox: Controlled, _: Request, id: str) -> Answer:
    sandbox.applications.delete(id)
    return json_document({"deleted": id})


def _shown_application(sandbox: Controlled, application: Application) -> dict[str, object]:
    plain = msgspec.structs.asdict(application)
    return {**plain, "signs_events": sandbox.applications.signs_events(application.id)}


def _list_users(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"users": sandbox.users.list()})


def _add_user(sandbox: Controlled, request: Request) -> Answer:
    made: User = sandbox.users.create(**any_fields(request))
    return json_document(made, status=201)


def _one_user(sandbox: Controlled, _: Request, email: str) -> Answer:
    return json_document(sandbox.users.get(email))


def _change_user(sandbox: Controlled, request: Request, email: str) -> Answer:
    return json_document(sandbox.users.update(email, **any_fields(request)))


def _delete_user(sandbox: Controlled, _: Request, email: str) -> Answer:
    sandbox.users.delete(email)
    return json_document({"deleted": email})


class WhoWhere(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A user in a company, with an application."""

    user: str
    company: str
    application: str = APPLICATION


class ToPermit(WhoWhere, kw_only=True, forbid_unknown_fields=True):
    """What a user may do there, and nothing else."""

    permissions: list[str]


class ToImpersonate(WhoWhere, kw_only=True, forbid_unknown_fields=True):
    """Whom a supporter is to become, and for how long the token is good."""

    seconds: float = IMPERSONATION_SECONDS


def _list_permissions(sandbox: Controlled, request: Request) -> Answer:
    granted = sandbox.permissions.list(**filters_of(request, "user", "company", "application"))
    return json_document({"permissions": [_shown_grant(row) for row in granted]})


def _set_permissions(sandbox: Controlled, request: Request) -> Answer:
    asked = fields_of(request, ToPermit)
    sandbox.permissions.set(asked.user, asked.company, asked.permissions, asked.application)
    company = sandbox.companies.get(asked.company)
    now = sandbox.permissions.get(asked.user, company.id, asked.application)
    return json_document(_shown_grant(Granted(asked.user, asked.application, company.id, company.naam, now)))


def _shown_grant(row: Granted) -> dict[str, object]:
    return {**row._asdict(), "permissions": sorted(row.permissions)}


def _list_tokens(sandbox: Controlled, request: Request) -> Answer:
    tokens = sandbox.user_tokens.list(**filters_of(request, "user", "application"))
    return json_document({"user_tokens": [token._asdict() for token in tokens]})


def _revoke_tokens(sandbox: Controlled, request: Request) -> Answer:
    whose = filters_of(request, "user", "application")
    revoked = sandbox.user_tokens.revoke(user=whose.get("user"), application=whose.get("application"))
    return json_document({"revoked": revoked})


def _revoke_token(sandbox: Controlled, _: Request, id: str) -> Answer:
    if not sandbox.user_tokens.revoke(id=number(id, "user token")):
        raise LookupError(f"there is no user token {id}")
    return json_document({"revoked": 1})


class Whose(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose tokens are meant: those that fit all that is named."""

    user: str | None = None
    application: str | None = None
    id: int | None = None


def _expire_tokens(sandbox: Controlled, request: Request) -> Answer:
    whose = fields_of(request, Whose)
    return json_document({"expired": sandbox.user_tokens.expire(**msgspec.structs.asdict(whose))})


def _impersonate(sandbox: Controlled, request: Request) -> Answer:
    asked = fields_of(request, ToImpersonate)
    token = sandbox.user_tokens.impersonate(asked.user, asked.company, asked.application, seconds=asked.seconds)
    return json_document({"token": token}, status=201)


ROUTES: dict[str, dict[str, Handler]] = {
    "applications": {"GET": _list_applications, "POST": _add_application},
    "applications/{application}": {
        "GET": _one_application,
        "PATCH": _change_application,
        "DELETE": _delete_application,
    },
    "users": {"GET": _list_users, "POST": _add_user},
    "users/{email}": {"GET": _one_user, "PATCH": _change_user, "DELETE": _delete_user},
    "permissions": {"GET": _list_permissions, "PUT": _set_permissions},
    "user-tokens": {"GET": _list_tokens, "DELETE": _revoke_tokens},
    "user-tokens/expire": {"POST": _expire_tokens},
    "user-tokens/{id}": {"DELETE": _revoke_token},
    "impersonations": {"POST": _impersonate},
}
