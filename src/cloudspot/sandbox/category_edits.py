"""Edits of one company's categories; products say the names of theirs, so they follow."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cloudspot.records import Artikel, ArtikelCategorie

from .category_rules import refuse_misplaced, tree_of, with_categorie
from .companies import Company, first_id
from .store import CategorieRow, NoSuchRecord, RecordExists, Store
from .texts import Naam

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class WrittenCategorie(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category as it is written."""

    naam: Naam
    parent: Id | None = None
    """The category it is right below; null for one at the top."""
    id: Id | None = None
    """Left out, it is the one after the highest in use."""


class CategorieChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may change of a category; its id stays."""

    naam: Naam
    parent: Id | None


Rows = list[CategorieRow]


class Categorieen:
    """The categories of one company, by id."""

    def __init__(self, store: Store, company: Company) -> None:
        self._store, self._company = store, company

    def __len__(self) -> int:
        return len(self.list())

    def list(self) -> list[CategorieRow]:
        """All, by id: `id`, `parent` and `naam`."""
        return self._store.categorieen.all(self._company.key)

    def tree(self) -> tuple[ArtikelCategorie, ...]:
        """Those at the top, each with all below it, as the ERP gives them."""
        return tree_of(self.list())

    def counts(self) -> dict[int, int]:
        """How many products are in each category itself, not below it; categories without any are left out."""
        return self._store.categorieen.counts(self._company.key)

    def get(self, id: int) -> CategorieRow:
        """One category.

        Raises:
            NoSuchRecord: the company has none with that id.
        """
        found = next((row for row in self.list() if row.id == id), None)
        if found is None:
            raise NoSuchRecord(f"{self._company.naam} has no category {id}")
        return found

    def create(self, naam: str, parent: int | None = None, *, id: int | None = None) -> CategorieRow:
        """Add a category below `parent`, or at the top; without an id it gets the one after the highest.

        Raises:
            RecordExists: the id is in use.
            ValueError: the parent isn't there, or a value doesn't fit.
        """
        written = msgspec.convert({"naam": naam, "parent": parent, "id": id}, WrittenCategorie)
        with self._store.turn():
            rows = self.list()
            highest = max((row.id for row in rows), default=first_id(self._company.key, "categorieen") - 1)
            row = CategorieRow(highest + 1 if written.id is None else written.id, written.parent, written.naam)
            if any(each.id == row.id for each in rows):
                raise RecordExists(f"there is a category {row.id} already")
            msgspec.convert(row.id, Id)
            refuse_misplaced(rows, row)
            self._store.categorieen.put(self._company.key, row)
        return row

    def update(self, id: int, /, **fields: Any) -> CategorieRow:
        """Change `naam` or `parent` and give the category as it is now; its products say its new name too.

        Raises:
            NoSuchRecord: the company has none with that id.
            ValueError: there is no such field, the parent isn't there or is below it, or a value doesn't fit.
        """
        with self._store.turn():
            before = self.get(id)
            known = {"naam": before.naam, "parent": before.parent}
            changes = msgspec.convert(known | fields, CategorieChanges)
            row = CategorieRow(id, changes.parent, changes.naam)
            if row == before:
                return row
            refuse_misplaced(self.list(), row)
            with self._store.together():
                if row.naam != before.naam:
                    self._tell_artikels(id, row)
                self._store.categorieen.put(self._company.key, row)
        return row

    def delete(self, id: int, *, move_to: int | None = None) -> None:
        """Take a category away.

        Args:
            id: which.
            move_to: the category that its products and the categories below it go to. Left out, one that has any is
                refused.

        Raises:
            NoSuchRecord: the company has none with that id.
            ValueError: something is in it or below it, or what is there can't go to `move_to`.
        """
        with self._store.turn():
            self.get(id)
            below = [row for row in self.list() if row.parent == id]
            if move_to is None:
                self._refuse_filled(id, below)
            with self._store.together():
                if move_to is not None:
                    self._move(id, below, self.get(move_to))
                self._store.categorieen.remove(self._company.key, id)

    def _refuse_filled(self, id: int, below: Rows) -> None:
        artikels = len(self._store.categorieen.artikels_in(self._company.key, id))
        if below or artikels:
            raise ValueError(
                f"category {id} has {len(below)} categories below it and {artikels} products in it: "
                "say with move_to where they go"
            )

    def _move(self, id: int, below: Rows, target: CategorieRow) -> None:
        if target.id == id:
            raise ValueError(f"category {id} is to go: what is in it can't move to itself")
        for row in below:
            moved = row._replace(parent=target.id)
            refuse_misplaced(self.list(), moved)
            self._store.categorieen.put(self._company.key, moved)
        self._tell_artikels(id, target)

    def _tell_artikels(self, id: int, now: CategorieRow) -> None:
        new = ArtikelCategorie(id=now.id, naam=now.naam)

        def rule(body: bytes) -> bytes:
            return with_categorie(Artikel.from_json(body), id, new).to_json()

        artikels = self._store.categorieen.artikels_in(self._company.key, id)
        self._store.records.change(self._company.key, "artikels", artikels, rule)
