"""The License server: logins, permissions per company and application, impersonation. Source: its protocol."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec

from cloudspot.records import Record
from cloudspot.records.auth import CompanyPermissions, CompanySlugs, Impersonation, LicenseSession, Profile

from .accounts import Application
from .answers import Answer, Request, document, license_refusal
from .logins import Credentials, Login, Refused, Text, body_of, holder, logged_in, methods, open_companies
from .store import Store

APPLICATION_HEADER = "x-license-module"
TOKEN_HEADER = "x-license-token"  # noqa: S105 - the name of a header


class Endpoint(msgspec.Struct, frozen=True):
    """A path of the License server."""

    method: str
    answer: Callable[[Store, Application, Request], Record]
    body: type[msgspec.Struct] | None = None


def answer(store: Store, request: Request, route: str) -> Answer:
    """The License server's answer."""
    endpoint = ENDPOINTS[route]
    allowed = methods(endpoint.method)
    if request.method not in allowed:
        return license_refusal(405, f"Method {request.method} is not allowed here.", Allow=", ".join(allowed))
    try:
        application = _application(store, request.headers.get(APPLICATION_HEADER, ""))
        return document(endpoint.answer(store, application, request).to_json())
    except Refused as refused:
        return license_refusal(refused.status, refused.message, refused.word)


def route(path: str) -> str | None:
    """The name of the endpoint at a path below /api/v1/; with or without the closing slash."""
    naam = path.removesuffix("/")
    above, _, company = naam.rpartition("/")
    if above == OF_COMPANY and company:
        return OF_COMPANY
    return naam if naam in ENDPOINTS and naam != OF_COMPANY else None


def _application(store: Store, id: str) -> Application:
    application = store.accounts.application(id) if id else None
    if application is None:
        raise Refused(401, "The application is unknown." if id else "Header X-LICENSE-MODULE is missing.")
    return application


def _holder(store: Store, application: Application, request: Request) -> Login:
    token = request.headers.get(TOKEN_HEADER, "")
    return Login(holder(store, application, token, "X-LICENSE-TOKEN"), application)


def _authenticate(store: Store, application: Application, request: Request) -> LicenseSession:
    login = Login(logged_in(store, body_of(request.body, Credentials)), application)
    return _session(store, login, store.user_tokens.issue(login.user.email, application.id))


def _permissions(store: Store, application: Application, request: Request) -> LicenseSession:
    login = _holder(store, application, request)
    return _session(store, login, request.headers[TOKEN_HEADER])


def _session(store: Store, login: Login, token: str) -> LicenseSession:
    companies = tuple(
        CompanyPermissions(
            company_id=row.company_id, company_name=row.company_name, permissions=tuple(sorted(row.permissions))
        )
        for row in open_companies(store, login)
    )
    return LicenseSession(token=token, permissions=companies)


def _company_permissions(store: Store, application: Application, request: Request) -> CompanySlugs:
    login = _holder(store, application, request)
    asked = _company_id(request.path.rstrip("/").rpartition("/")[2])
    if asked not in {company.id for company in store.companies.all()}:
        raise Refused(404, f"There is no company {asked}.")
    slugs = (row.permissions for row in open_companies(store, login) if row.company_id == asked)
    return CompanySlugs(permissions=tuple(sorted(next(slugs, ()))))


def _company_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Refused(400, f"'{text}' is not the id of a company: that is a UUID.", "UNEXPECTED_VALUE") from None


def _profile(store: Store, application: Application, request: Request) -> Profile:
    user = _holder(store, application, request).user
    return Profile(first_name=user.first_name, last_name=user.last_name, email=user.email, pin=user.pin)


class ToValidate(msgspec.Struct):
    """What an application wants to know of an impersonation."""

    token: Text
    """The token that the supporter's browser brought."""


def _impersonation(store: Store, application: Application, request: Request) -> Impersonation:
    token = body_of(request.body, ToValidate).token
    found = store.user_tokens.take_impersonation(token, application.id)
    if found is None:
        raise Refused(401, "The impersonation token is unknown, used or expired.")
    user, company = found
    companies = {each.company_id for each in open_companies(store, Login(user, application))}
    if not user.is_active or company not in companies:
        raise Refused(401, "This user can't use the application in that company.")
    auth_token = store.user_tokens.issue(user.email, application.id)
    return Impersonation(token=token, auth_token=auth_token, user=user.email, company=company)


OF_COMPANY = "auth/get-company-permissions"

ENDPOINTS = {
    "auth/authenticate": Endpoint("POST", _authenticate, Credentials),
    "auth/get-permissions": Endpoint("GET", _permissions),
    OF_COMPANY: Endpoint("GET", _company_permissions),
    "auth/users/profile": Endpoint("GET", _profile),
    "auth/impersonation-validation": Endpoint("POST", _impersonation, ToValidate),
}
