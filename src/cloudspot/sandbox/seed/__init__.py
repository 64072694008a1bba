"""The seed: companies full of realistic products and clients. The same seed makes the same bytes in any process."""

from __future__ import annotations

from collections.abc import Iterator

from cloudspot.sandbox.companies import COMPANIES, KIST, MOST_RECORDS, TOKENS, FixedCompany, other_count
from cloudspot.sandbox.store.filling import Contents

from .artikels import first_artikels
from .categorieen import shelves_of
from .klanten import first_klanten


def seeded(seed: int, artikels: int, klanten: int) -> Iterator[Contents]:
    """The contents of every company: so many products and clients in the first, fewer in the other.

    Raises:
        ValueError: a number is negative, or so large that the companies' ids would meet.
    """
    for naam, count in (("artikels", artikels), ("klanten", klanten)):
        if not 0 <= count <= MOST_RECORDS:
            raise ValueError(f"{naam} is from 0 to {MOST_RECORDS:,}")
    return (_contents(company, seed, artikels, klanten) for company in COMPANIES)


def _contents(company: FixedCompany, seed: int, artikels: int, klanten: int) -> Contents:
    if company is not KIST:
        artikels, klanten = other_count(artikels), other_count(klanten)
    nodes, _ = shelves_of(company)
    return Contents(
        company.stored,
        tuple(token for token in TOKENS if token.company == company.key),
        [(node.id, node.parent, node.naam) for node in nodes],
        ((artikel.id or 0, artikel.to_json()) for artikel in first_artikels(company, seed, artikels)),
        ((klant.klantennummer or 0, klant.to_json()) for klant in first_klanten(company, seed, klanten)),
    )
