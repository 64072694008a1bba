"""The category trees: every line of the assortment becomes a leaf, ids are given parent before child."""

from __future__ import annotations

from typing import NamedTuple

from cloudspot.sandbox.companies import FixedCompany

from .assortment import LINES, Line, Pair


class Node(NamedTuple):
    """A category as it is stored."""

    id: int
    parent: int | None
    naam: str


class Shelf(NamedTuple):
    """A line with the categories that lead to it, the outermost first."""

    line: Line
    nodes: tuple[Node, ...]


def shelves_of(company: FixedCompany) -> tuple[list[Node], list[Shelf]]:
    """All categories of a company, and where each of its lines stands."""
    by_path: dict[tuple[Pair, ...], Node] = {}
    shelves = []
    for line in LINES:
        if line.path[0][0] not in company.departments:
            continue
        for depth in range(1, len(line.path) + 1):
            path = line.path[:depth]
            if path not in by_path:
                parent = by_path[path[:-1]].id if depth > 1 else None
                by_path[path] = Node(company.first_categorie + len(by_path), parent, path[-1][company.language])
        shelves.append(Shelf(line, tuple(by_path[line.path[:depth]] for depth in range(1, len(line.path) + 1))))
    return list(by_path.values()), shelves
