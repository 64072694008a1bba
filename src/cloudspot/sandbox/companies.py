"""The companies and tokens that every sandbox has, whatever its seed: documentation and tests name them."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

DUTCH, FRENCH = 0, 1
"""Which text of a pair a company speaks."""


APART = {"artikels": 50_000_000, "klanten": 50_000_000, "categorieen": 50_000}
FIRST = {"artikels": 125, "klanten": 1001, "categorieen": 1}
"""The ids of a company begin here, and those of each next one so much further: they never meet."""

FIRST_ID = 0x5A0D6F2E_8C1B_4F7A_9A53_1D2C7B1E0000
"""A company's own number is added to it."""


class Company(NamedTuple):
    """A company with its own products, clients and categories."""

    key: int
    """Its number in the database."""
    id: str
    """Its id on the wire, a UUID."""
    naam: str


def company_id(key: int) -> str:
    """The id that a company gets where none is given: the same in every sandbox."""
    return str(UUID(int=FIRST_ID + key))


def first_id(key: int, naam: str) -> int:
    """The first id of a company's products, clients or categories."""
    return FIRST[naam] + (key - 1) * APART[naam]


class FixedCompany(NamedTuple):
    """A company that every sandbox begins with, and what it deals in."""

    key: int
    naam: str
    language: int
    departments: frozenset[str]

    @property
    def id(self) -> str:
        """Its id on the wire."""
        return company_id(self.key)

    @property
    def stored(self) -> Company:
        """As it is stored."""
        return Company(self.key, self.id, self.naam)

    @property
    def first_artikel(self) -> int:
        """The id of its first product."""
        return first_id(self.key, "artikels")

    @property
    def first_klant(self) -> int:
        """The number of its first client."""
        return first_id(self.key, "klanten")

    @property
    def first_categorie(self) -> int:
        """The id of its first category."""
        return first_id(self.key, "categorieen")


class Token(NamedTuple):
    """Access to one company, with the rights the ERP can give it."""

    token: str
    company: int
    naam: str
    sees_artikels: bool
    sees_klanten: bool
    id: int = 0
    """Its number in the database; 0 for the next one that is free."""


KIST = FixedCompany(
    key=1,
    naam="Kist & Vijs BV",
    language=DUTCH,
    departments=frozenset({"Voeding", "Doe-het-zelf", "Verpakking", "Huis & tuin", "Verlichting", "Lezen & leren"}),
)
LAMPE = FixedCompany(
    key=2,
    naam="Lampe SA",
    language=FRENCH,
    departments=frozenset({"Verlichting", "Elektro", "Lezen & leren"}),
)
COMPANIES = (KIST, LAMPE)

MOST_RECORDS = 10_000_000
"""More than this in one company could reach the numbers of the next."""

TOKENS = (
    Token("sandbox-token", KIST.key, "alles", sees_artikels=True, sees_klanten=True),
    Token("sandbox-artikels", KIST.key, "enkel producten", sees_artikels=True, sees_klanten=False),
    Token("sandbox-klanten", KIST.key, "enkel klanten", sees_artikels=False, sees_klanten=True),
    Token("sandbox-other", LAMPE.key, "tout", sees_artikels=True, sees_klanten=True),
)


def other_count(count: int) -> int:
    """How many records the second company has when the first has `count`: fewer, and never so many that it costs."""
    return min(max(1, count // 5), 1000) if count > 1 else 0
