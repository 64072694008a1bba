"""Edits of applications, users, permissions and user tokens. What they change sends events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from . import webhooks
from .accounts import PASSWORD, SANDBOX_APP, Application, Password, User
from .clock import Clock
from .events import Events
from .passwords import hashed
from .store import Granted, IssuedToken, Meant, NoSuchRecord, Store
from .texts import Slug

APPLICATION = SANDBOX_APP.id

IMPERSONATION_SECONDS = 300


class WrittenApplication(Application, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application as it is written: with the secret that no answer shows."""

    webhook_secret: str | msgspec.UnsetType | None = msgspec.UNSET


class WrittenUser(User, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user as it is written: with the password that no answer shows."""

    password: Password | msgspec.UnsetType = msgspec.UNSET


class Applications:
    """The applications of one sandbox."""

    def __init__(self, store: Store, *, remote: bool) -> None:
        self._store, self._remote = store, remote

    def list(self) -> list[Application]:
        """All, in the order they were made."""
        return self._store.accounts.applications()

    def get(self, id: str = APPLICATION) -> Application:
        """One application.

        Raises:
            NoSuchRecord: there is none with this id.
        """
        return _present(self._store.accounts.application(id), f"there is no application {id!r}")

    def create(self, /, **fields: Any) -> Application:
        """Add an application: `id`, and any other field of `Application`, and `webhook_secret`.

        Raises:
            RecordExists: its id or its requestor slug is in use.
            ValueError: there is no such field, or a value doesn't fit it.
        """
        written = self._written(fields)
        application = _plain(written, Application)
        with self._store.turn():
            self._store.accounts.add_application(application)
            self._sign(written)
        return application

    def update(self, id: str = APPLICATION, /, **fields: Any) -> Application:
        """Change an application and give it as it is now.

        Raises:
            NoSuchRecord: there is none with this id.
            RecordExists: its new id or requestor slug is in use.
            ValueError: there is no such field, or a value doesn't fit it.
        """
        with self._store.turn():
            written = self._written(msgspec.structs.asdict(self.get(id)) | fields)
            application = _plain(written, Application)
            self._store.accounts.replace_application(id, application)
            self._sign(written)
        return application

    def delete(self, id: str) -> None:
        """Take an application away, with every permission and token for it.

        Raises:
            NoSuchRecord: there is none with this id.
        """
        self._store.accounts.remove_application(id)

    def signs_events(self, id: str = APPLICATION) -> bool:
        """Whether the application's events are signed."""
        return self._store.accounts.webhook_secret(id) is not None

    def _written(self, fields: dict[str, Any]) -> WrittenApplication:
        written = msgspec.convert(fields, WrittenApplication)
        refused = None
        if written.webhook_url is not None:
            refused = webhooks.refuse_url(written.webhook_url, remote=self._remote)
        if isinstance(written.webhook_secret, str):
            refused = refused or webhooks.refuse_secret(written.webhook_secret)
        if refused:
            raise ValueError(refused)
        return written

    def _sign(self, written: WrittenApplication) -> None:
        if not isinstance(written.webhook_secret, msgspec.UnsetType):
            self._store.accounts.set_webhook_secret(written.id, written.webhook_secret)


class Users:
    """The users of one sandbox, by e-mail address, which is their user name."""

    def __init__(self, store: Store, events: Events) -> None:
        self._store, self._events = store, events

    def list(self) -> list[User]:
        """All, in the order they were made."""
        return self._store.accounts.users()

    def get(self, email: str) -> User:
        """One user.

        Raises:
            NoSuchRecord: there is none with this name.
        """
        return _present(self._store.accounts.user(email), f"there is no user {email!r}")

    def create(self, /, **fields: Any) -> User:
        """Add a user: `email`, and any of `password`, `first_name`, `last_name`, `pin`, `is_active`.

        Without a password it is that of the fixed users. The user may do nothing yet.

        Raises:
            RecordExists: the name is in use.
            ValueError: there is no such field, or a value doesn't fit it.
        """
        written = msgspec.convert({"password": PASSWORD} | fields, WrittenUser)
        user = _plain(written, User)
        with self._store.turn():
            self._store.accounts.add_user(user, _hash(written) or "")
            self._events.user_created(user)
        return user

    def update(self, email: str, /, **fields: Any) -> User:
        """Change a user and give it as it is now.

        Raises:
            NoSuchRecord: there is none with this name.
            RecordExists: the new name is in use.
            ValueError: there is no such field, or a value doesn't fit it.
        """
        with self._store.turn():
            before = self.get(email)
            written = msgspec.convert(msgspec.structs.asdict(before) | fields, WrittenUser)
            user = _plain(written, User)
            self._store.accounts.replace_user(email, user, _hash(written))
            self._events.user_changed(before, user)
        return user

    def delete(self, email: str) -> None:
        """Take a user away, with every permission and token.

        Raises:
            NoSuchRecord: there is none with this name.
        """
        self._store.accounts.remove_user(email)


class Permissions:
    """What users may do, by user, company (its name or id) and application."""

    def __init__(self, store: Store, events: Events) -> None:
        self._store, self._events = store, events

    def get(self, user: str, company: str, application: str = APPLICATION) -> frozenset[str]:
        """The slugs that a user was given.

        Raises:
            LookupError: there is no such company.
        """
        granted = self.list(user=user, company=company, application=application)
        return granted[0].permissions if granted else frozenset()

    def set(self, user: str, company: str, slugs: Iterable[str], application: str = APPLICATION) -> None:
        """Let a user have these slugs, and no others.

        Raises:
            LookupError: one of the three isn't there.
            ValueError: a slug is none.
        """
        wanted = msgspec.convert(list(slugs), frozenset[Slug])
        with self._store.turn():
            before = self.get(user, company, application)
            company_id = self._store.companies.named(company).id
            self._store.accounts.set_permissions(user, company_id, application, wanted)
            if wanted != before:
                self._events.permissions_changed(user, company_id, application)

    def list(
        self, *, user: str | None = None, company: str | None = None, application: str | None = None
    ) -> list[Granted]:
        """What was given, where anything was.

        Raises:
            LookupError: there is no such company.
        """
        company_id = None if company is None else self._store.companies.named(company).id
        return self._store.accounts.granted(user=user, company=company_id, application=application)


class UserTokens:
    """The tokens that users got by logging in. They are kept as digests: what was issued can't be shown again."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def issue(self, user: str, application: str = APPLICATION) -> str:
        """A token as a login gives, without logging in.

        Raises:
            NoSuchRecord: there is no such user or application.
        """
        return self._store.user_tokens.issue(user, application)

    def list(self, *, user: str | None = None, application: str | None = None) -> list[IssuedToken]:
        """Those that were issued and not revoked."""
        return self._store.user_tokens.matching(Meant(user, application))

    def revoke(
        self,
        *,
        user: str | None = None,
        application: str | None = None,
        id: int | None = None,
        token: str | None = None,
    ) -> int:
        """Let tokens be unknown from now on: those that fit all that is named; how many there were."""
        return self._store.user_tokens.revoke(Meant(user, application, id, token))

    def expire(
        self,
        *,
        user: str | None = None,
        application: str | None = None,
        id: int | None = None,
        token: str | None = None,
    ) -> int:
        """Let tokens be too old from now on: those that fit all that is named; how many there are."""
        return self._store.user_tokens.expire(Meant(user, application, id, token), self._clock.time())

    def impersonate(
        self, user: str, company: str, application: str = APPLICATION, *, seconds: float = IMPERSONATION_SECONDS
    ) -> str:
        """A token for a supporter to become this user, good for one validation and a few minutes.

        Raises:
            LookupError: one of the three isn't there.
        """
        until = self._clock.time() + seconds
        return self._store.user_tokens.issue_impersonation(
            user, self._store.companies.named(company).id, application, until
        )


Found = TypeVar("Found")
Wanted = TypeVar("Wanted", bound=msgspec.Struct)


def _present(found: Found | None, complaint: str) -> Found:
    if found is None:
        raise NoSuchRecord(complaint)
    return found


def _plain(written: msgspec.Struct, type: type[Wanted]) -> Wanted:
    """What was written without its secret."""
    return type(**{name: getattr(written, name) for name in type.__struct_fields__})


def _hash(written: WrittenUser) -> str | None:
    return None if isinstance(written.password, msgspec.UnsetType) else hashed(written.password)
