"""Pure: a snapshot as lines of text, one thing a line, in an order that is always the same.

{"snapshot":{"of":"cloudspot sandbox","version":1}}
{"application":{…}}        in the order they were made
{"user":{…}}
{"company":{…}}            and for each company:
{"permissions":{…}}        by user and application
{"erp_token":{…}}
{"categorie":{…}}          by id
{"artikel":{…}}            by id
{"klant":{…}}              by klantennummer
{"end":true}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from cloudspot.records import Artikel, Klant, Record

from .account_edits import WrittenApplication
from .accounts import Accounts, Application, Grant, User
from .amounts import refuse_endless
from .category_rules import refuse_broken
from .companies import Company, Token
from .store import CategorieRow
from .store.filling import Contents
from .texts import CompanyId, Email, Label, Naam, Slug, TokenText

VERSION = 1
OF = "cloudspot sandbox"


class InvalidSnapshot(ValueError):
    """A file is no snapshot that can be restored; the text says where and why."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What the first line says."""

    of: str
    version: int


class SavedUser(User, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user with the hash of the password."""

    password_hash: Annotated[str, Meta(pattern=r"^[1-9]\d{0,6}\$([0-9a-f]{2})+\$[0-9a-f]{64}$")]


class SavedCompany(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A company; what follows is of it."""

    key: Annotated[int, Meta(ge=1, le=100_000)]
    """Its number: the ids of new records follow from it."""
    id: CompanyId
    naam: Naam


class SavedPermissions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user may do in the company with an application."""

    user: Email
    application: Slug
    permissions: Annotated[list[Slug], Meta(min_length=1)]


class SavedToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token of the ERP for the company."""

    id: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    token: TokenText
    naam: Label
    sees_artikels: bool
    sees_klanten: bool


Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class SavedCategorie(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category of the company."""

    id: Id
    parent: Id | None
    naam: Naam | None


class SavedApplication(WrittenApplication, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application with what its events are signed with."""

    webhook_secret: str | None = None


_encode = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode

S = TypeVar("S")


def line(kind: str, value: Any) -> bytes:
    """One thing as a line."""
    return b'{"%s":%s}\n' % (kind.encode(), value if isinstance(value, bytes) else _encode(value))


HEAD = line("snapshot", {"of": OF, "version": VERSION})
END = line("end", value=True)


class Snapshot:
    """A snapshot that is read once, from its first line to its last: nothing is kept but what is small."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        """Read the first line.

        Raises:
            InvalidSnapshot: this is no snapshot, or one of a newer release.
        """
        self._lines, self._number = iter(lines), 0
        self._kind, self._value = "", msgspec.Raw()
        self._users: dict[str, tuple[User, str]] = {}
        self._applications: dict[str, SavedApplication] = {}
        self._grants: list[Grant] = []
        self._seen: set[tuple[str, object]] = set()
        self._next()
        try:
            head = self._typed(Head) if self._kind == "snapshot" else None
        except InvalidSnapshot:
            head = None
        if head is None or head.of != OF:
            raise InvalidSnapshot("this is no snapshot of a sandbox: its first line says something else")
        if head.version != VERSION:
            raise InvalidSnapshot(
                f"the snapshot was made by a newer release (version {head.version}, this one reads {VERSION})"
            )
        self._next()

    def contents(self) -> Iterator[Contents]:
        """The companies. Each is to be taken in whole before the next.

        Raises:
            InvalidSnapshot: a line is not as it should be, or the last one is missing.
        """
        while self._kind == "application":
            application = self._typed(SavedApplication)
            self._once("application", application.id)
            if application.requestor is not None:
                self._once("requestor", application.requestor)
            self._applications[application.id] = application
            self._next()
        while self._kind == "user":
            user = self._typed(SavedUser)
            self._once("user", user.email)
            plain = User(**{name: getattr(user, name) for name in User.__struct_fields__})
            self._users[user.email] = (plain, user.password_hash)
            self._next()
        if self._kind != "company":
            raise self._wrong("a company is expected")
        key = 0
        while self._kind == "company":
            company = self._typed(SavedCompany)
            if company.key <= key:
                raise self._wrong(f"the keys of companies ascend, and {company.key} comes after {key}")
            key = company.key
            for word in {company.id, company.naam}:
                self._once("company", word)
            self._next()
            yield self._company(Company(company.key, company.id, company.naam))
        if self._kind != "end":
            raise self._wrong(f"{self._kind} is not expected here")
        self._next(is_last=True)

    def accounts(self) -> Accounts:
        """Applications, users and what they may do; known when all contents are taken in."""
        applications = tuple(
            Application(**{name: getattr(each, name) for name in Application.__struct_fields__})
            for each in self._applications.values()
        )
        secrets = {each.id: each.webhook_secret for each in self._applications.values() if each.webhook_secret}
        return Accounts(applications, tuple(self._users.values()), tuple(self._grants), secrets)

    def _company(self, company: Company) -> Contents:
        while self._kind == "permissions":
            granted = self._typed(SavedPermissions)
            for what, name, known in (
                ("user", granted.user, granted.user in self._users),
                ("application", granted.application, granted.application in self._applications),
            ):
                if not known:
                    raise self._wrong(f"there is no {what} {name}")
            self._once("permissions", (company.key, granted.user, granted.application))
            slugs = frozenset(granted.permissions)
            self._grants.append(Grant(granted.user, company.key, granted.application, slugs))
            self._next()
        tokens = []
        while self._kind == "erp_token":
            token = self._typed(SavedToken)
            self._once("token", token.token)
            self._once("id of a token", token.id)
            tokens.append(
                Token(token.token, company.key, token.naam, token.sees_artikels, token.sees_klanten, token.id)
            )
            self._next()
        categorieen, last = [], -1
        while self._kind == "categorie":
            row = self._typed(SavedCategorie)
            last = self._ascending(last, row.id)
            categorieen.append(CategorieRow(row.id, row.parent, row.naam))
            self._next()
        try:
            refuse_broken(categorieen)
        except ValueError as error:
            raise InvalidSnapshot(f"{company.naam}: {error}") from None
        return Contents(
            company,
            tuple(tokens),
            [(row.id, row.parent, row.naam) for row in categorieen],
            self._records("artikel", Artikel),
            self._records("klant", Klant),
        )

    def _records(self, kind: str, type: type[Record]) -> Iterator[tuple[int, bytes]]:
        last = -1
        while self._kind == kind:
            try:
                record = type.from_json(bytes(self._value))
                refuse_endless(record)
            except ArithmeticError:
                raise self._wrong("it holds a number with an exponent that no amount has") from None
            except (ValueError, RecursionError) as error:
                raise self._wrong(str(error)) from None
            for name in record.extra:
                raise self._wrong(f"{type.__name__} has no field {name}")
            number = getattr(record, type.KEY)
            if number is None:
                raise self._wrong(f"{type.KEY} is missing")
            last = self._ascending(last, number)
            yield number, record.to_json()
            self._next()

    def _next(self, *, is_last: bool = False) -> None:
        """Read on to the next line; there must be one, unless it was the last."""
        text = next(self._lines, None)
        if is_last:
            if text is not None and text.strip():
                raise InvalidSnapshot(f"line {self._number + 1}: the snapshot ended before it")
            return
        if text is None or not text.endswith(b"\n"):
            if self._number == 0:
                raise InvalidSnapshot("this is no snapshot of a sandbox: its first line says something else")
            raise InvalidSnapshot(f"the snapshot is cut off after line {self._number}")
        self._number += 1
        try:
            ((self._kind, self._value),) = _decode_line(text).items()
        except (ValueError, RecursionError):
            if self._number == 1:
                raise InvalidSnapshot("this is no snapshot of a sandbox: its first line says something else") from None
            raise self._wrong("it is no JSON object with one name") from None

    def _typed(self, type: type[S]) -> S:
        try:
            return msgspec.json.decode(self._value, type=type)
        except (ValueError, RecursionError) as error:
            raise self._wrong(f"{self._kind}: {error}") from None

    def _once(self, what: str, value: object) -> None:
        if (what, value) in self._seen:
            raise self._wrong(f"{what} {value} is there already" if what != "token" else "the token is there already")
        self._seen.add((what, value))

    def _ascending(self, last: int, number: int) -> int:
        if not last < number < 2**63:
            raise self._wrong(f"ids ascend, and {number} comes after {last}" if last >= 0 else f"{number} is no id")
        return number

    def _wrong(self, why: str) -> InvalidSnapshot:
        return InvalidSnapshot(f"line {self._number}: {why}")
