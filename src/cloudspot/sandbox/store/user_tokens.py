"""Tokens of users and of impersonations in the database: only their digests, so that nobody can read them back."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, update

from cloudspot.sandbox.accounts import User
from cloudspot.sandbox.clock import Clock
from cloudspot.sandbox.ids import Ids

from .keys import Opening, application_key, company_key, next_key, user_key
from .schema import applications, companies, impersonations, user_tokens, users


class Holder(NamedTuple):
    """Whose a user token is."""

    user: User
    is_expired: bool


class IssuedToken(NamedTuple):
    """A user token, without the token itself."""

    id: int
    user: str
    application: str
    issued_at: float
    expires_at: float | None


class Meant(NamedTuple):
    """Which user tokens: those that fit all that is named."""

    user: str | None = None
    application: str | None = None
    id: int | None = None
    token: str | None = None


_USER = [users.c[name] for name in User.__struct_fields__]


class UserTokenStore:
    """One sandbox's user tokens. As with `Store`, any thread may call and calls take turns."""

    def __init__(self, reading: Opening, editing: Opening, clock: Clock, ids: Ids) -> None:
        self._reading, self._editing = reading, editing
        self._clock, self._ids = clock, ids

    def issue(self, user: str, application: str, expires_at: float | None = None) -> str:
        """A new token of a user for an application.

        Raises:
            NoSuchRecord: one of the two isn't there.
        """
        token = self._ids.token()
        with self._editing() as connection:
            row = {
                "user": user_key(connection, user),
                "application": application_key(connection, application),
                "id": next_key(connection, user_tokens.c.id),
                "digest": _digest(token),
                "issued_at": self._clock.time(),
                "expires_at": expires_at,
            }
            connection.execute(insert(user_tokens), row)
        return token

    def holder(self, token: str, application: str) -> Holder | None:
        """Whose token this is; None where it is nobody's, or for another application."""
        query = (
            select(user_tokens.c.expires_at, *_USER)
            .join_from(user_tokens, users)
            .join(applications, user_tokens.c.application == applications.c.key)
            .where(user_tokens.c.digest == _digest(token), applications.c.id == application)
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        expires_at, *fields = row
        user = User(**dict(zip(User.__struct_fields__, fields, strict=True)))
        return Holder(user, expires_at is not None and expires_at <= self._clock.time())

    def matching(self, meant: Meant = Meant()) -> list[IssuedToken]:  # noqa: B008 - immutable
        """The user tokens that were issued and not revoked."""
        columns = user_tokens.c
        query = (
            select(columns.id, users.c.email, applications.c.id, columns.issued_at, columns.expires_at)
            .join_from(user_tokens, users)
            .join(applications, columns.application == applications.c.key)
            .where(*_where(meant))
            .order_by(columns.id)
        )
        with self._reading() as connection:
            return [IssuedToken(*row) for row in connection.execute(query)]

    def revoke(self, meant: Meant) -> int:
        """Forget user tokens; how many there were."""
        with self._editing() as connection:
            return connection.execute(delete(user_tokens).where(*_where(meant))).rowcount

    def expire(self, meant: Meant, at: float) -> int:
        """Let user tokens be good until then; how many there are."""
        with self._editing() as connection:
            return connection.execute(update(user_tokens).where(*_where(meant)).values(expires_at=at)).rowcount

    def issue_impersonation(self, user: str, company: str, application: str, expires_at: float) -> str:
        """A token for a supporter to become a user, good for one validation.

        Raises:
            NoSuchRecord: one of the three isn't there.
        """
        token = self._ids.token()
        with self._editing() as connection:
            row = {
                "user": user_key(connection, user),
                "application": application_key(connection, application),
                "company": company_key(connection, company),
                "digest": _digest(token),
                "expires_at": expires_at,
            }
            connection.execute(insert(impersonations), row)
        return token

    def take_impersonation(self, token: str, application: str) -> tuple[User, str] | None:
        """Who is impersonated in which company, once; None where the token is unknown, used or expired."""
        columns = impersonations.c
        query = (
            select(companies.c.id, *_USER)
            .join_from(impersonations, users)
            .join(applications, columns.application == applications.c.key)
            .join(companies, columns.company == companies.c.key)
            .where(columns.digest == _digest(token), applications.c.id == application)
            .where(columns.expires_at > self._clock.time())
        )
        with self._editing() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            connection.execute(delete(impersonations).where(columns.digest == _digest(token)))
        company, *fields = row
        return User(**dict(zip(User.__struct_fields__, fields, strict=True))), company


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _where(meant: Meant) -> list[ColumnElement[bool]]:
    columns = user_tokens.c
    where: list[ColumnElement[bool]] = []
    if meant.user is not None:
        of_user = select(users.c.key).where(users.c.email == meant.user)
        where.append(columns.user == of_user.scalar_subquery())
    if meant.application is not None:
        of_application = select(applications.c.key).where(applications.c.id == meant.application)
        where.append(columns.application == of_application.scalar_subquery())
    if meant.id is not None:
        where.append(columns.id == meant.id)
    if meant.token is not None:
        where.append(columns.digest == _digest(meant.token))
    return where
