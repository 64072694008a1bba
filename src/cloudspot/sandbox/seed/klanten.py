"""Clients."""

from __future__ import annotations

from collections.abc import Iterator

from cloudspot.records import Klant

from ..companies import Company


def first_klanten(company: Company, seed: int, count: int) -> Iterator[Klant]:
    """The first `count` clients of a company."""
    return (Klant(klantennummer=company.first_klant + n) for n in range(count))
