"""What both login servers have in common: credentials, user tokens, and what a user may do with an application."""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypeVar

import msgspec

from .accounts import Application, User, effective
from .passwords import fits
from .store import Granted, Store

WRONG = "The user name or the password is not correct."
INACTIVE = "This user is not active."

Text = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^[^\x00]*$")]


class Credentials(msgspec.Struct):
    """What a user logs in with."""

    username: Text
    """The user's e-mail address."""
    password: Text
    """The user's password."""


class Refused(Exception):
    """A request is refused: with a status, for people, and in one word."""

    def __init__(self, status: int, message: str, word: str = "") -> None:
        super().__init__(status, message, word)
        self.status, self.message, self.word = status, message, word


class Login(NamedTuple):
    """A user and the application that asks."""

    user: User
    application: Application


def methods(method: str) -> tuple[str, ...]:
    """What may be asked where this is what is asked for."""
    return (method, "HEAD") if method == "GET" else (method,)


Body = TypeVar("Body")


def body_of(document: bytes, type: type[Body]) -> Body:
    """The body of a request; other fields than those it needs mean nothing.

    Raises:
        Refused: it is not JSON, or a field is missing or of another kind.
    """
    try:
        return msgspec.json.decode(document, type=type)
    except msgspec.ValidationError as error:
        word = "EXPECTED_VALUE" if "missing required field" in str(error) else "UNEXPECTED_VALUE"
        raise Refused(400, f"{error}.", word) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Refused(400, f"The body is not JSON: {error}.", "INVALID_FORMAT") from None


def logged_in(store: Store, credentials: Credentials) -> User:
    """The user whom these credentials are of.

    Raises:
        Refused: they are nobody's, or the user isn't active.
    """
    # The hash is computed for unknown users too: neither words nor time tell who exists.
    is_right = fits(credentials.password, store.accounts.password(credentials.username))
    user = store.accounts.user(credentials.username)
    if not is_right or user is None:
        raise Refused(401, WRONG)
    if not user.is_active:
        raise Refused(401, INACTIVE)
    return user


def holder(store: Store, application: Application, token: str, header: str) -> User:
    """The user whose token this is.

    Raises:
        Refused: it is missing, nobody's, for another application or expired, or the user isn't active.
    """
    found = store.user_tokens.holder(token, application.id) if token else None
    if found is None:
        raise Refused(401, "The token is unknown." if token else f"Header {header} is missing.")
    if found.is_expired:
        raise Refused(401, "The token has expired.")
    if not found.user.is_active:
        raise Refused(401, INACTIVE)
    return found.user


def open_companies(store: Store, login: Login) -> list[Granted]:
    """The companies in which a user may use an application, and what may be done there."""
    granted = store.accounts.granted(user=login.user.email, application=login.application.id)
    return [row._replace(permissions=frozenset(slugs)) for row in granted if (slugs := effective(row.permissions))]
