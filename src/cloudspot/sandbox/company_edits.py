"""Edits of companies and of the ERP's tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from .companies import Company, company_id
from .events import Events
from .store import ErpToken, Store
from .texts import CompanyId, Label, Naam, TokenText


class WrittenCompany(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A company as it is written."""

    naam: Naam
    id: CompanyId | None = None
    """A UUID; left out, it is the next of the sandbox's own."""


class CompanyChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a company; its id stays."""

    naam: Naam


class Companies:
    """The companies of one sandbox, by name or id."""

    def __init__(self, store: Store, events: Events) -> None:
        self._store, self._events = store, events

    def __len__(self) -> int:
        return self._store.companies.count()

    def __iter__(self) -> Iterator[Company]:
        return iter(self.list())

    def list(self) -> list[Company]:
        """All, in the order they were made."""
        return self._store.companies.all()

    def get(self, company: str) -> Company:
        """One company.

        Raises:
            NoSuchRecord: there is none with this name or id.
        """
        return self._store.companies.named(company)

    def create(self, naam: str, *, id: str | None = None) -> Company:
        """Add a company with nothing in it, and ids of its own for what will be.

        Raises:
            RecordExists: the name or id is in use.
            ValueError: one of the two can't be one.
        """
        written = msgspec.convert({"naam": naam, "id": id}, WrittenCompany)
        with self._store.turn():
            key = self._store.companies.next_key()
            company = Company(key, written.id or company_id(key), written.naam)
            self._store.companies.add(company)
        return company

    def update(self, company: str, /, **fields: Any) -> Company:
        """Change a company's `naam` and give it as it is now.

        Raises:
            NoSuchRecord: there is none with this name or id.
            RecordExists: the new name is in use.
            ValueError: there is no such field, or a value doesn't fit it.
        """
        with self._store.turn():
            now = self.get(company)
            changes = msgspec.convert({"naam": now.naam} | fields, CompanyChanges)
            changed = now._replace(naam=changes.naam)
            self._store.companies.replace(changed)
        return changed

    def delete(self, company: str) -> None:
        """Take a company away with all that is in it: records, categories, tokens and what users may do there.

        Raises:
            NoSuchRecord: there is none with this name or id.
            ValueError: it is the only one.
        """
        with self._store.turn():
            found = self.get(company)
            if len(self) == 1:
                raise ValueError(f"{found.naam} is the only company, and a sandbox has one at least")
            granted = self._store.accounts.granted(company=found.id)
            self._store.companies.remove(found)
            for row in granted:
                self._events.permissions_changed(row.user, found.id, row.application)


class WrittenToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token of the ERP as it is written."""

    company: str
    """The company's name or id."""
    naam: Label = ""
    sees_artikels: bool = True
    """Whether it has the right *see all products*."""
    sees_klanten: bool = True
    """Whether it has the right *see all clients*."""
    token: TokenText | None = None
    """Left out, it is made from the name: `sandbox-webshop`."""


class TokenChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a token of the ERP; its company stays."""

    naam: Label
    sees_artikels: bool
    sees_klanten: bool
    token: TokenText


class ErpTokens:
    """The ERP's tokens of one sandbox, by id or by the token itself."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, company: str | None = None) -> list[ErpToken]:
        """All, those of the first company first; or those of one company, by its name or id.

        Raises:
            NoSuchRecord: there is no such company.
        """
        return self._store.erp_tokens.all(None if company is None else self._store.companies.named(company).id)

    def get(self, token: int | str) -> ErpToken:
        """One token.

        Raises:
            NoSuchRecord: there is none.
        """
        return self._store.erp_tokens.find(token)

    def create(
        self,
        company: str,
        naam: str = "",
        *,
        sees_artikels: bool = True,
        sees_klanten: bool = True,
        token: str | None = None,
    ) -> ErpToken:
        """Add a token for a company, by its name or id, with these rights.

        Args:
            company: the company's name or id.
            naam: what it is for.
            sees_artikels: whether it has the right *see all products*.
            sees_klanten: whether it has the right *see all clients*.
            token: the token itself; left out, it is made from the name, and is the same in every sandbox.

        Raises:
            NoSuchRecord: there is no such company.
            RecordExists: the token is in use.
            ValueError: a value doesn't fit.
        """
        fields = {
            "company": company, "naam": naam, "sees_artikels": sees_artikels, "sees_klanten": sees_klanten,
            "token": token,
        }  # fmt: skip
        written = msgspec.convert(fields, WrittenToken)
        with self._store.turn():
            company_id = self._store.companies.named(written.company).id
            text = written.token or self._free(written.naam)
            made = ErpToken(0, text, company_id, written.naam, written.sees_artikels, written.sees_klanten)
            return self._store.erp_tokens.add(made)

    def update(self, token: int | str, /, **fields: Any) -> ErpToken:
        """Change `naam`, `sees_artikels`, `sees_klanten` or the `token` itself, and give it as it is now.

        Raises:
            NoSuchRecord: there is none.
            RecordExists: the new token is in use.
            ValueError: there is no such field, or a value doesn't fit it.
        """
        with self._store.turn():
            now = self.get(token)
            before = {name: getattr(now, name) for name in TokenChanges.__struct_fields__}
            changes = msgspec.convert(before | fields, TokenChanges)
            changed = now._replace(**msgspec.structs.asdict(changes))
            self._store.erp_tokens.replace(changed)
        return changed

    def revoke(self, token: int | str) -> None:
        """Let a token open nothing from now on.

        Raises:
            NoSuchRecord: there is none.
        """
        with self._store.turn():
            self._store.erp_tokens.remove(self.get(token).id)

    def _free(self, naam: str) -> str:
        """A token that is not in use, made from a name."""
        words = re.findall(r"[a-z0-9]+", naam.lower()) or ["token"]
        stem = f"sandbox-{'-'.join(words)}"[:100]
        taken, number, free = {each.token for each in self._store.erp_tokens.all()}, 1, stem
        while free in taken:
            number += 1
            free = f"{stem}-{number}"
        return free
