"""Applications, users and permissions in the database. They go by their names here, not by their numbers."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from cloudspot.sandbox.accounts import Accounts, Application, User

from .keys import Opening, application_key, company_key, next_key, user_key
from .refusals import RecordExists
from .schema import applications, companies, impersonations, permissions, user_tokens, users


class Granted(NamedTuple):
    """What a user was given in one company for one application."""

    user: str
    application: str
    company_id: str
    company_name: str
    permissions: frozenset[str]


_USER = [users.c[name] for name in User.__struct_fields__]
_APPLICATION = [applications.c[name] for name in Application.__struct_fields__]


class AccountStore:
    """One sandbox's accounts. As with `Store`, any thread may call and calls take turns."""

    def __init__(self, reading: Opening, editing: Opening) -> None:
        self._reading, self._editing = reading, editing

    def all(self) -> Accounts:
        """Everything but what users may do, in the order it was made."""
        secret = select(applications.c.id, applications.c.webhook_secret).where(
            applications.c.webhook_secret.is_not(None)
        )
        with self._reading() as connection:
            hashes = dict(connection.execute(select(users.c.email, users.c.password)).all())
            secrets = dict(connection.execute(secret).all())
        every = tuple((user, hashes[user.email]) for user in self.users())
        return Accounts(tuple(self.applications()), every, (), secrets)

    def applications(self) -> list[Application]:
        """All applications, in the order they were made."""
        with self._reading() as connection:
            rows = connection.execute(select(*_APPLICATION).order_by(applications.c.key)).mappings()
            return [Application(**row) for row in rows]

    def application(self, id: str) -> Application | None:
        """The application with this id."""
        return self._application(applications.c.id == id)

    def application_of_requestor(self, slug: str) -> Application | None:
        """The application that is known to the ERP by this slug."""
        return self._application(applications.c.requestor == slug)

    def webhook_secret(self, application: str) -> str | None:
        """What the application's events are signed with; None where they aren't."""
        with self._reading() as connection:
            return connection.execute(
                select(applications.c.webhook_secret).where(applications.c.id == application)
            ).scalar()

    def add_application(self, application: Application) -> None:
        """Write a new application.

        Raises:
            RecordExists: its id or its requestor slug is in use.
        """
        with self._editing() as connection:
            self._refuse_taken(connection, application, None)
            row = msgspec.structs.asdict(application) | {"key": next_key(connection, applications.c.key)}
            connection.execute(insert(applications), row)

    def replace_application(self, id: str, application: Application) -> None:
        """Write an application over the one with this id.

        Raises:
            NoSuchRecord: there is none.
            RecordExists: its new id or requestor slug is in use.
        """
        with self._editing() as connection:
            key = application_key(connection, id)
            self._refuse_taken(connection, application, key)
            row = msgspec.structs.asdict(application)
            connection.execute(update(applications).where(applications.c.key == key).values(**row))

    def set_webhook_secret(self, application: str, secret: str | None) -> None:
        """Sign the application's events with this, or no longer."""
        with self._editing() as connection:
            where = applications.c.id == application
            connection.execute(update(applications).where(where).values(webhook_secret=secret))

    def remove_application(self, id: str) -> None:
        """Delete an application, and with it every permission and token for it.

        Raises:
            NoSuchRecord: it isn't there.
        """
        with self._editing() as connection:
            key = application_key(connection, id)
            for table in (impersonations, user_tokens, permissions):
                connection.execute(delete(table).where(table.c.application == key))
            connection.execute(delete(applications).where(applications.c.key == key))

    def users(self) -> list[User]:
        """All users, in the order they were made."""
        with self._reading() as connection:
            rows = connection.execute(select(*_USER).order_by(users.c.key)).mappings()
            return [User(**row) for row in rows]

    def user(self, email: str) -> User | None:
        """The user with this name."""
        with self._reading() as connection:
            row = connection.execute(select(*_USER).where(users.c.email == email)).mappings().first()
        return None if row is None else User(**row)

    def password(self, email: str) -> str | None:
        """The hash of a user's password; None where there is no such user."""
        with self._reading() as connection:
            return connection.execute(select(users.c.password).where(users.c.email == email)).scalar()

    def add_user(self, user: User, password: str) -> None:
        """Write a new user, with the hash of the password.

        Raises:
            RecordExists: the name is in use.
        """
        with self._editing() as connection:
            self._refuse_known(connection, user.email)
            row = msgspec.structs.asdict(user) | {"key": next_key(connection, users.c.key), "password": password}
            connection.execute(insert(users), row)

    def replace_user(self, email: str, user: User, password: str | None) -> None:
        """Write a user over the one with this name; None leaves the password.

        Raises:
            NoSuchRecord: there is none.
            RecordExists: the new name is in use.
        """
        row = msgspec.structs.asdict(user) | ({} if password is None else {"password": password})
        with self._editing() as connection:
            key = user_key(connection, email)
            if user.email != email:
                self._refuse_known(connection, user.email)
            connection.execute(update(users).where(users.c.key == key).values(**row))

    def remove_user(self, email: str) -> None:
        """Delete a user, and with it every permission and token.

        Raises:
            NoSuchRecord: it isn't there.
        """
        with self._editing() as connection:
            key = user_key(connection, email)
            for table in (impersonations, user_tokens, permissions):
                connection.execute(delete(table).where(table.c.user == key))
            connection.execute(delete(users).where(users.c.key == key))

    def granted(
        self, *, user: str | None = None, application: str | None = None, company: str | None = None
    ) -> list[Granted]:
        """What was given, where anything was: by user, application and company."""
        names = (users.c.email, applications.c.id, companies.c.id, companies.c.naam)
        query = (
            select(*names, permissions.c.slug)
            .join_from(permissions, users)
            .join(applications, permissions.c.application == applications.c.key)
            .join(companies, permissions.c.company == companies.c.key)
            .order_by(permissions.c.user, permissions.c.application, permissions.c.company)
        )
        given = ((users.c.email, user), (applications.c.id, application), (companies.c.id, company))
        query = query.where(*(column == value for column, value in given if value is not None))
        found: dict[tuple[str, str, str, str], set[str]] = {}
        with self._reading() as connection:
            for *key, slug in connection.execute(query):
                found.setdefault(tuple(key), set()).add(slug)
        return [Granted(*key, frozenset(slugs)) for key, slugs in found.items()]

    def set_permissions(self, user: str, company: str, application: str, slugs: frozenset[str]) -> None:
        """Let a user have these permissions, and no others, in one company with one application.

        Raises:
            NoSuchRecord: one of the three isn't there.
        """
        with self._editing() as connection:
            row = {
                "application": application_key(connection, application),
                "user": user_key(connection, user),
                "company": company_key(connection, company),
            }
            connection.execute(delete(permissions).where(*(permissions.c[name] == key for name, key in row.items())))
            if slugs:
                connection.execute(insert(permissions), [{**row, "slug": slug} for slug in sorted(slugs)])

    def _application(self, where: ColumnElement[bool]) -> Application | None:
        with self._reading() as connection:
            row = connection.execute(select(*_APPLICATION).where(where)).mappings().first()
        return None if row is None else Application(**row)

    def _refuse_taken(self, connection: Connection, application: Application, own: int | None) -> None:
        columns = applications.c
        for column, value in ((columns.id, application.id), (columns.requestor, application.requestor)):
            taken = select(columns.key).where(column == value, columns.key != (own or 0))
            if value is not None and connection.execute(taken).first() is not None:
                raise RecordExists(f"there is an application with {column.name} {value!r} already")

    def _refuse_known(self, connection: Connection, email: str) -> None:
        if connection.execute(select(users.c.key).where(users.c.email == email)).first() is not None:
            raise RecordExists(f"there is a user {email!r} already")
