"""Pure: what a tree of categories may look like, and what a product says of the categories that it is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from cloudspot.records import Artikel, ArtikelCategorie

from .store import CategorieRow

DEEPEST = 50
"""Levels of a tree: more than any shop has, and few enough for every reader of nested JSON."""


def tree_of(rows: Iterable[CategorieRow]) -> tuple[ArtikelCategorie, ...]:
    """The categories without a parent, each with all below it."""
    below: defaultdict[int | None, list[CategorieRow]] = defaultdict(list)
    for row in rows:
        below[row.parent].append(row)

    def children_of(parent: int | None) -> tuple[ArtikelCategorie, ...]:
        return tuple(ArtikelCategorie(id=row.id, naam=row.naam, children=children_of(row.id)) for row in below[parent])

    return children_of(None)


def refuse_misplaced(rows: Iterable[CategorieRow], placed: CategorieRow) -> None:
    """See that a category can be where it is to be.

    Raises:
        ValueError: its parent isn't there, is below it, or is too deep.
    """
    parents = {row.id: row.parent for row in rows} | {placed.id: placed.parent}
    children: defaultdict[int | None, list[int]] = defaultdict(list)
    for key, parent in parents.items():
        children[parent].append(key)
    above, depth = placed.parent, 1
    while above is not None:
        if above not in parents:
            raise ValueError(f"there is no category {above} to put {placed.id} below")
        if above == placed.id:
            raise ValueError(f"category {placed.id} can't be below itself, as it would be below {placed.parent}")
        above, depth = parents[above], depth + 1
    level, levels = [placed.id], 0
    while level:
        level, levels = [child for each in level for child in children[each]], levels + 1
    if depth + levels - 1 > DEEPEST:
        raise ValueError(f"categories are {DEEPEST} levels deep at most")


def refuse_broken(rows: Iterable[CategorieRow]) -> None:
    """See that categories are trees.

    Raises:
        ValueError: a parent isn't there, or a category is below itself or too deep.
    """
    parents = {row.id: row.parent for row in rows}
    depths: dict[int | None, int] = {None: 0}
    for key in parents:
        line: list[int] = []
        above: int | None = key
        while above is not None and above not in depths:
            if above not in parents:
                raise ValueError(f"there is no category {above}, which {line[-1]} is below")
            line.append(above)
            if len(line) > DEEPEST:
                raise ValueError(f"category {key} is below itself, or more than {DEEPEST} levels deep")
            above = parents[above]
        for each in reversed(line):
            depths[each] = depths[parents[each]] + 1
            if depths[each] > DEEPEST:
                raise ValueError(f"category {each} is more than {DEEPEST} levels deep")


def with_categorie(artikel: Artikel, old: int, new: ArtikelCategorie) -> Artikel:
    """A product that says `new` wherever it said the category with the id `old`, and says nothing twice."""
    categorieen = tuple(
        {each.id: each for each in (_replaced(each, old, new) for each in artikel.categorieen)}.values()
    )
    changes: dict[str, object] = {"categorieen": categorieen}
    if artikel.categorie_id == old:
        changes |= {"categorie": new.naam, "categorie_id": new.id}
    return msgspec.structs.replace(artikel, **changes)


def _replaced(categorie: ArtikelCategorie, old: int, new: ArtikelCategorie) -> ArtikelCategorie:
    children = tuple(_replaced(child, old, new) for child in categorie.children)
    if categorie.id == old:
        return msgspec.structs.replace(categorie, id=new.id, naam=new.naam, children=children)
    return msgspec.structs.replace(categorie, children=children) if children else categorie
