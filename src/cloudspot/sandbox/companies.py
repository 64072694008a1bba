"""The companies and tokens that every sandbox has, whatever its seed: documentation and tests name them."""

from __future__ import annotations

from typing import NamedTuple

DUTCH, FRENCH = 0, 1
"""Which text of a pair a company speaks."""


class Company(NamedTuple):
    """A company with its own products and clients; numbers of different companies never overlap."""

    key: int
    """Its number in the database."""
    id: str
    """Its id on the wire, a UUID."""
    naam: str
    language: int
    departments: frozenset[str]
    first_artikel: int
    first_klant: int
    first_categorie: int

    def first_of(self, naam: str) -> int:
        """The first id of a collection of records."""
        return self.first_artikel if naam == "artikels" else self.first_klant


class Token(NamedTuple):
    """Access to one company, with the rights the ERP can give it."""

    token: str
    company: int
    naam: str
    sees_artikels: bool
    sees_klanten: bool


KIST = Company(
    key=1,
    id="5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001",
    naam="Kist & Vijs BV",
    language=DUTCH,
    departments=frozenset({"Voeding", "Doe-het-zelf", "Verpakking", "Huis & tuin", "Verlichting", "Lezen & leren"}),
    first_artikel=125,
    first_klant=1001,
    first_categorie=1,
)
LAMPE = Company(
    key=2,
    id="5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002",
    naam="Lampe SA",
    language=FRENCH,
    departments=frozenset({"Verlichting", "Elektro", "Lezen & leren"}),
    first_artikel=50_000_125,
    first_klant=50_001_001,
    first_categorie=50_001,
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


def company_named(naam: str) -> Company:
    """A company, by its name or id.

    Raises:
        LookupError: there is no such company.
    """
    for company in COMPANIES:
        if naam in {company.naam, company.id}:
            return company
    raise LookupError(f"there is no company {naam!r}; there are {', '.join(each.naam for each in COMPANIES)}")
