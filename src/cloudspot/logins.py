"""How the License server is asked, as steps: written once for the plain and the async client."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TypeVar
from uuid import UUID

from . import license_policy, policy
from .calls import Steps, Wait
from .downloads import Context, Response
from .errors import (
    NOWHERE,
    CloudspotError,
    ConfigurationError,
    InvalidDocument,
    InvalidInput,
    InvalidToken,
    TimedOut,
    WrongCredentials,
)
from .exchanges import exchange
from .license_policy import LONGEST_ANSWER, Question, checked_user_token, encoded
from .policy import Reply, Request
from .records import Record
from .records.auth import CompanyPermissions, CompanySlugs, LicenseSession, Profile
from .records.auth import Impersonation as Validated
from .secret import Secret, SecretText
from .session import Impersonation, Permissions, Session
from .settings import LicenseSettings

R = TypeVar("R", bound=Record)


def ask(context: Context, question: Question[R]) -> Steps[R]:
    """Ask until there is an answer, or no hope of one that asking again would be right.

    Raises:
        CloudspotError: there is none; it holds no secret.
    """
    settings = context.settings
    if not isinstance(settings, LicenseSettings):
        raise TypeError("these are settings for another server")
    secrets: list[str | SecretText] = [question.token, *question.secrets]
    started = context.clock()
    for attempt in count(1):
        request = license_policy.make_request(settings, question, context.new_request_id())
        reply: Reply | None = None
        try:
            reply, body = yield from exchange(request, most=LONGEST_ANSWER, forgiving=True)
            if not 200 <= reply.status < 300:
                refused = license_policy.refusal(question, request, reply, body, now=context.now())
                refused.said, refused.code = policy.stated_in(body), policy.code_in(body)
                raise refused
            answer = license_policy.read(question, body)
            place = policy.where(request, reply)
            elapsed = context.clock() - started
            context.note(Response(reply.status, reply.headers, place.request_id, attempt, len(body), elapsed))
            return answer
        except CloudspotError as error:
            _complete(error, request, reply, secrets)
            seconds = license_policy.pause(question, error, attempt, settings.retries, context.jitter())
            if seconds is None:
                raise
            failure = error
        try:
            yield Wait(seconds)
        except TimedOut as late:
            late.message += f" The last attempt: {failure.message}"
            _complete(late, request, reply, secrets)
            raise late from failure
    raise AssertionError("count() ended")


def authenticate(context: Context, username: str, password: SecretText) -> Steps[Session]:
    """Log a user in: check the password, then ask who the user is.

    Raises:
        WrongCredentials: they are nobody's.
        CloudspotError: the call failed; whether the password is right is not known.
    """
    answer = yield from ask(context, signing_in(username, password))
    token = _token_in(answer.token)
    user = yield from ask(context, profile_of(token))
    return Session(user, SecretText(token), Permissions(answer.permissions))


def signing_in(username: str, password: SecretText) -> Question[LicenseSession]:
    """The question whether a password is right.

    Raises:
        WrongCredentials: one of them is empty.
        InvalidInput: they can't be sent.
    """
    if not isinstance(username, str):
        raise TypeError(f"a user name is text, not {type(username).__name__}")
    if not username or not password:
        raise WrongCredentials("There is no user name, or no password. Nothing was sent.")
    return Question(
        "POST",
        "/auth/authenticate/",
        LicenseSession,
        needs=("token", "permissions"),
        refused=WrongCredentials,
        body=encoded(username=username, password=password),
        secrets=(password,),
    )


def permissions_of(token: Secret) -> Question[LicenseSession]:
    """The question what a token's user may do."""
    return Question("GET", "/auth/get-permissions/", LicenseSession, needs=("permissions",), token=token)


def profile_of(token: Secret) -> Question[Profile]:
    """The question who a token's user is."""
    return Question("GET", "/auth/users/profile/", Profile, needs=("email",), token=token)


def session(context: Context, token: Secret) -> Steps[Session]:
    """The session of a token, with everything as it is now."""
    answer = yield from ask(context, permissions_of(token))
    user = yield from ask(context, profile_of(token))
    return Session(user, SecretText(token), Permissions(answer.permissions))


def permissions(context: Context, token: Secret) -> Steps[Permissions]:
    """What a token's user may do, in every company."""
    answer = yield from ask(context, permissions_of(token))
    return Permissions(answer.permissions)


def company_permissions(context: Context, company_id: str | UUID, token: Secret) -> Steps[CompanyPermissions]:
    """What a token's user may do in one company.

    Raises:
        InvalidInput: this is no company's id; nothing was sent.
        NotFound: there is no such company.
    """
    answer = yield from ask(context, permissions_in(company_id, token))
    return CompanyPermissions(company_id=checked_company_id(company_id), permissions=answer.permissions)


def permissions_in(company_id: str | UUID, token: Secret) -> Question[CompanySlugs]:
    """The question what a token's user may do in one company.

    Raises:
        InvalidInput: this is no company's id.
    """
    company = checked_company_id(company_id)
    return Question(
        "GET",
        f"/auth/get-company-permissions/{company}/",
        CompanySlugs,
        needs=("permissions",),
        token=token,
        missing=f"There is no company {company}.",
    )


def profile(context: Context, token: Secret) -> Steps[Profile]:
    """Who a token's user is."""
    return ask(context, profile_of(token))


def validate_impersonation(context: Context, token: Secret) -> Steps[Impersonation]:
    """What an impersonation's token stands for; the server takes each one once.

    Raises:
        InvalidToken: it is unknown, used, expired, or for another application.
    """
    answer = yield from ask(context, impersonation_by(token))
    if answer.token not in {None, str.__str__(token)}:
        raise InvalidDocument("The answer is about another impersonation than the one that was asked about.")
    return Impersonation(
        user=answer.user or "", company=answer.company or "", auth_token=SecretText(_token_in(answer.auth_token))
    )


def impersonation_by(token: Secret) -> Question[Validated]:
    """The question what an impersonation's token stands for."""
    body = encoded(token=SecretText(token))
    secrets = (SecretText(token),)
    return Question(
        "POST",
        "/auth/impersonation-validation/",
        Validated,
        needs=("auth_token", "user", "company"),
        body=body,
        secrets=secrets,
        hint="Open the application from the License server again: each token is for one time.",
    )


def checked_company_id(company_id: str | UUID) -> str:
    """A company's id as it goes into a path: a UUID, so that it can't be the path of anything else.

    Raises:
        InvalidInput: it is none.
    """
    if isinstance(company_id, UUID):
        return str(company_id)
    try:
        return str(UUID(company_id))
    except (ValueError, TypeError, AttributeError):
        pass
    raise InvalidInput(f"{str(company_id)[:60]!r} is not the id of a company: that is a UUID. Nothing was sent.")


def token_for(settings: LicenseSettings, token: str | SecretText | None) -> Secret:
    """The token for a call: the one that is passed, or the client's own.

    Raises:
        ConfigurationError: there is none.
        InvalidToken: it can't be one.
    """
    if token is not None:
        return checked_user_token(token)
    if not settings.token:
        raise ConfigurationError(
            "There is no user token.", hint="Pass the token of a session, or make the client with token=…."
        )
    return settings.token


def _token_in(token: str | None) -> Secret:
    try:
        return checked_user_token(token or "")
    except InvalidToken:
        pass
    raise InvalidDocument("The token in the answer is empty or holds a character that no token has.")


def _complete(
    error: CloudspotError, request: Request, reply: Reply | None, secrets: Sequence[str | SecretText]
) -> None:
    """Say in an error which request it is about, and see to it that no secret is in it."""
    if error.where == NOWHERE:
        error.where = policy.where(request, reply)
    for name in ("message", "said", "code"):
        setattr(error, name, license_policy.redacted(getattr(error, name), secrets))
    error.args = (error.message,)
