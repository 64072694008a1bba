"""What a login of the documented API does: ask, and make an object of whatever comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .. import logins
from ..calls import Steps
from ..constants.errors import BadCredentials, CredentialsNotChecked, NoValidToken, RequestFailed, TokenNotChecked
from ..errors import CloudspotError, InvalidToken, NotAuthorised, WrongCredentials, without_frames
from ..license_policy import EXTERNAL_APP, Question, checked_user_token
from ..records import Record
from ..records.auth import (
    ExternalPermission,
    ExternalPermissions,
    ExternalSession,
    ExternalUser,
    LicenseSession,
)
from ..secret import SecretText
from ..session import Permissions
from . import license_auth, model
from .answers import Session
from .auth import AuthResponse, PermissionsResponse, User
from .base import BaseModel

M = TypeVar("M", bound=BaseModel)

Open = Callable[[], Session]
"""What gives the session of a call, by what the API object is told at that moment."""


def _answered(kind: type[M], error: type[model.Error], open: Open, steps: Callable[[Session], Steps[Any]]) -> M:
    """The answer as an object; a failed one where there is none."""
    try:
        session = open()
        record: Record = session.run(steps(session))
    except CloudspotError as failure:
        without_frames(failure)
        return kind().fail(error.of_exception(failure))
    return kind.of_records([record])[0]


# --- The License server, as published code for it reads it --------------------------------------------------------


def authenticated(open: Open, username: str, password: SecretText) -> license_auth.AuthResponse:
    """A login at the License server."""
    return _answered(
        license_auth.AuthResponse,
        license_auth.Error,
        open,
        lambda session: logins.ask(session.context, logins.signing_in(username, password)),
    )


def permissions(open: Open) -> license_auth.AuthResponse:
    """What the user may do, in every company."""
    return _answered(
        license_auth.AuthResponse,
        license_auth.Error,
        open,
        lambda session: logins.ask(session.context, logins.permissions_of(checked_user_token(session.token))),
    )


def user(open: Open) -> license_auth.User:
    """Who the user is."""
    return _answered(
        license_auth.User,
        license_auth.Error,
        open,
        lambda session: logins.ask(session.context, logins.profile_of(checked_user_token(session.token))),
    )


def company_permissions(open: Open, company_id: Any) -> license_auth.CompanyPermissionsResponse:
    """What the user may do in one company."""
    return _answered(
        license_auth.CompanyPermissionsResponse,
        license_auth.Error,
        open,
        lambda session: logins.ask(
            session.context, logins.permissions_in(company_id, checked_user_token(session.token))
        ),
    )


def validated_impersonation(open: Open, token: str) -> license_auth.ImpersonateResponse:
    """What an impersonation's token stands for."""
    return _answered(
        license_auth.ImpersonateResponse,
        license_auth.Error,
        open,
        lambda session: logins.ask(session.context, logins.impersonation_by(checked_user_token(token))),
    )


# --- The ERP's login for external apps, at the License server or, in the old way, at the ERP -----------------------


def signed_in(open: Open, username: str, password: SecretText, *, legacy: bool) -> AuthResponse:
    """A login as an external app, in the first company that is open to the user."""

    def steps(session: Session) -> Steps[ExternalSession]:
        if legacy:
            return (yield from logins.ask(session.context, _external_signing_in(username, password)))
        answer = yield from logins.ask(session.context, logins.signing_in(username, password))
        company, slugs = _first_company(answer, WrongCredentials)
        return ExternalSession(token=answer.token, company=company, permissions=slugs)

    return _answered(AuthResponse, model.Error, open, steps)


def external_permissions(open: Open, *, legacy: bool) -> PermissionsResponse:
    """What the user may do, in the first company that is open to the user."""

    def steps(session: Session) -> Steps[ExternalPermissions]:
        token = checked_user_token(session.token)
        if legacy:
            question = Question(
                "GET",
                "/auth/get-permissions/",
                ExternalPermissions,
                ("permissions",),
                token=token,
                headers=EXTERNAL_APP,
            )
            return (yield from logins.ask(session.context, question))
        answer = yield from logins.ask(session.context, logins.permissions_of(token))
        return ExternalPermissions(permissions=_first_company(answer, InvalidToken)[1])

    return _answered(PermissionsResponse, model.Error, open, steps)


def external_user(open: Open, *, legacy: bool) -> User:
    """Who the user is, and the first company that is open to the user."""

    def steps(session: Session) -> Steps[ExternalUser]:
        token = checked_user_token(session.token)
        if legacy:
            question = Question("GET", "/auth/get-user/", ExternalUser, ("email",), token=token, headers=EXTERNAL_APP)
            return (yield from logins.ask(session.context, question))
        profile = yield from logins.ask(session.context, logins.profile_of(token))
        answer = yield from logins.ask(session.context, logins.permissions_of(token))
        return ExternalUser(
            first_name=profile.first_name,
            last_name=profile.last_name,
            email=profile.email,
            pin=profile.pin,
            company=_first_company(answer, InvalidToken)[0],
        )

    return _answered(User, model.Error, open, steps)


def _external_signing_in(username: str, password: SecretText) -> Question[ExternalSession]:
    at_license_server = logins.signing_in(username, password)
    return Question(
        "POST",
        "/auth/signin-external-app/",
        ExternalSession,
        at_license_server.needs,
        refused=at_license_server.refused,
        body=at_license_server.body,
        secrets=at_license_server.secrets,
        headers=EXTERNAL_APP,
    )


def _first_company(answer: LicenseSession, refused: type[NotAuthorised]) -> tuple[str, tuple[ExternalPermission, ...]]:
    for company in Permissions(answer.permissions).companies:
        return company.company_id or "", tuple(ExternalPermission(permission=slug) for slug in company.permissions)
    raise refused("This user can't use the application in any company.", hint="An administrator can allow it.")


# --- What a failed object is raised as ----------------------------------------------------------------------------


def bad_credentials(error: model.Error) -> BadCredentials:
    """What published code was promised where a login fails."""
    kind = BadCredentials if isinstance(error.exception, WrongCredentials) else CredentialsNotChecked
    raised = kind(error.message)
    raised.of(error.exception)
    return raised


def no_valid_token(error: model.Error) -> NoValidToken:
    """What published code was promised where a token is of no use."""
    kind = NoValidToken if isinstance(error.exception, InvalidToken) else TokenNotChecked
    raised = kind(error.message)
    raised.of(error.exception)
    return raised


def request_failed(error: model.Error) -> RequestFailed:
    """What published code was promised where permissions in a company can't be had."""
    raised = RequestFailed(error.message)
    raised.of(error.exception)
    return raised
