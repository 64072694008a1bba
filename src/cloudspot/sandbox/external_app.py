"""The ERP's login for external apps, retired by the ERP in 2023. Source: protocol, *External-app access*."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from cloudspot.records import Record
from cloudspot.records.auth import ExternalPermission, ExternalPermissions, ExternalSession, ExternalUser

from .accounts import Application
from .answers import Answer, Request, document, refusal
from .logins import Credentials, Login, Refused, body_of, holder, logged_in, methods, open_companies
from .store import Granted, Store

APPLICATION_HEADER = "x-erp-requestor"
TOKEN_HEADER = "x-erp-token"  # noqa: S105 - the name of a header


class Endpoint(msgspec.Struct, frozen=True):
    """A path of the login."""

    method: str
    answer: Callable[[Store, Application, Request], Record]
    body: type[msgspec.Struct] | None = None


def answer(store: Store, request: Request, route: str) -> Answer:
    """The ERP's answer to an external app."""
    endpoint = ENDPOINTS[route]
    allowed = methods(endpoint.method)
    if request.method not in allowed:
        return refusal(405, f"Method {request.method} is not allowed here.", Allow=", ".join(allowed))
    try:
        application = _application(store, request.headers.get(APPLICATION_HEADER, ""))
        return document(endpoint.answer(store, application, request).to_json())
    except Refused as refused:
        return refusal(refused.status, refused.message)


def route(path: str) -> str | None:
    """The name of the endpoint at a path below /api/v1/; with or without the closing slash."""
    naam = path.removesuffix("/")
    return naam if naam in ENDPOINTS else None


def _application(store: Store, slug: str) -> Application:
    application = store.accounts.application_of_requestor(slug) if slug else None
    if application is None:
        raise Refused(401, "The requestor is unknown." if slug else "Header X-ERP-REQUESTOR is missing.")
    return application


def _sign_in(store: Store, application: Application, request: Request) -> ExternalSession:
    login = Login(logged_in(store, body_of(request.body, Credentials)), application)
    company = _company(store, login)
    token = store.user_tokens.issue(login.user.email, application.id)
    return ExternalSession(token=token, company=company.company_id, permissions=_worded(company))


def _permissions(store: Store, application: Application, request: Request) -> ExternalPermissions:
    return ExternalPermissions(permissions=_worded(_company(store, _holder(store, application, request))))


def _user(store: Store, application: Application, request: Request) -> ExternalUser:
    login = _holder(store, application, request)
    user = login.user
    return ExternalUser(
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        company=_company(store, login).company_id,
        pin=user.pin,
    )


def _holder(store: Store, application: Application, request: Request) -> Login:
    return Login(holder(store, application, request.headers.get(TOKEN_HEADER, ""), "X-ERP-TOKEN"), application)


def _company(store: Store, login: Login) -> Granted:
    """The one company that this login knows of: the first in which the user may use the application."""
    companies = open_companies(store, login)
    if not companies:
        raise Refused(401, "This user can't use the application in any company.")
    return companies[0]


def _worded(company: Granted) -> tuple[ExternalPermission, ...]:
    return tuple(ExternalPermission(permission=slug) for slug in sorted(company.permissions))


ENDPOINTS = {
    "auth/signin-external-app": Endpoint("POST", _sign_in, Credentials),
    "auth/get-permissions": Endpoint("GET", _permissions),
    "auth/get-user": Endpoint("GET", _user),
}
