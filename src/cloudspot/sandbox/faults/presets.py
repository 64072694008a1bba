"""Faults with names, for those who want one without its fields: switches on the page, words on the command line."""

from __future__ import annotations

from typing import NamedTuple

from .fault import Fault


class Preset(NamedTuple):
    """Faults that are switched on and off together, until they are switched off."""

    title: str
    """For people."""
    titel: str
    """The same in Dutch."""
    meaning: str
    """What a client meets."""
    uitleg: str
    """The same in Dutch."""
    faults: tuple[Fault, ...]


def _preset(title: str, titel: str, meaning: str, uitleg: str, *faults: Fault) -> Preset:
    return Preset(title, titel, meaning, uitleg, faults)


PRESETS: dict[str, Preset] = {
    "proxy-page": _preset(
        "Proxy page",
        "Proxypagina",
        "502 with a proxy's HTML page",
        "502 met de HTML-pagina van een proxy",
        Fault(status=502, body="html", times=None),
    ),
    "login-page": _preset(
        "Page instead of data",
        "Pagina in plaats van gegevens",
        "200 with an HTML page",
        "200 met een HTML-pagina",
        Fault(status=200, body="html", times=None),
    ),
    "nothing": _preset(
        "Empty answer",
        "Leeg antwoord",
        "200 with an empty body",
        "200 met een lege inhoud",
        Fault(status=200, body="empty", times=None),
    ),
    "server-error": _preset(
        "Server error",
        "Serverfout",
        "500 with the server's own error",
        "500 met de eigen fout van de server",
        Fault(status=500, times=None),
    ),
    "maintenance": _preset(
        "Maintenance",
        "Onderhoud",
        "503, come back in 30 seconds",
        "503, kom over 30 seconden terug",
        Fault(status=503, retry_after=30, times=None),
    ),
    "too-many-requests": _preset(
        "Too many requests",
        "Te veel verzoeken",
        "429, come back in 5 seconds",
        "429, kom over 5 seconden terug",
        Fault(retry_after=5, times=None),
    ),
    "every-other": _preset(
        "Every other time",
        "Om de andere keer",
        "half of the requests get a 503",
        "de helft van de verzoeken krijgt een 503",
        Fault(status=503, probability=0.5, times=None),
    ),
    "expired-token": _preset(
        "Expired token",
        "Vervallen token",
        "401, the token has expired",
        "401, de token is vervallen",
        Fault(expired=True, times=None),
    ),
    "elsewhere": _preset(
        "Redirect to another host",
        "Doorverwijzing naar een andere host",
        "302 to a host that must not get the token",
        "302 naar een host die de token niet mag krijgen",
        Fault(redirect="http://elsewhere.invalid/api/v1/", times=None),
    ),
    "slow": _preset(
        "Slow server",
        "Trage server",
        "2 to 4 seconds before each answer",
        "2 tot 4 seconden voor elk antwoord",
        Fault(delay=2, jitter=2, times=None),
    ),
    "slow-line": _preset(
        "Slow line",
        "Trage lijn",
        "20,000 bytes a second",
        "20.000 bytes per seconde",
        Fault(bytes_per_second=20_000, times=None),
    ),
    "silent": _preset(
        "Silent server",
        "Zwijgende server",
        "the connection stands, nothing comes",
        "de verbinding staat, er komt niets",
        Fault(stalls=True, times=None),
    ),
    "broken-connection": _preset(
        "Broken connection",
        "Verbroken verbinding",
        "a reset instead of an answer",
        "een reset in plaats van een antwoord",
        Fault(reset=True, times=None),
    ),
    "cut-off-list": _preset(
        "Cut-off list",
        "Afgebroken lijst",
        "half of the document, then the connection closes",
        "de helft van het document, dan sluit de verbinding",
        Fault(cut_off=0.5, times=None),
    ),
    "cut-off-unnoticed": _preset(
        "Cut off unnoticed",
        "Ongemerkt afgebroken",
        "half of the document, and HTTP calls it complete",
        "de helft van het document, en HTTP noemt het volledig",
        Fault(cut_off=0.5, ends_cleanly=True, times=None),
    ),
    "wrong-length": _preset(
        "Wrong length",
        "Foute lengte",
        "Content-Length promises 100 bytes more",
        "Content-Length belooft 100 bytes meer",
        Fault(wrong_length=100, times=None),
    ),
    "empty-shop": _preset(
        "Empty shop",
        "Lege winkel",
        "lists are empty, with a 200",
        "lijsten zijn leeg, met een 200",
        Fault(alter="empty_list", times=None),
    ),
    "half-a-shop": _preset(
        "Half a shop",
        "Halve winkel",
        "lists hold half of their records, with a 200",
        "lijsten bevatten de helft van hun records, met een 200",
        Fault(alter="half_list", times=None),
    ),
    "broken-json": _preset(
        "Broken JSON",
        "Kapotte JSON",
        "a colon is missing in the middle",
        "in het midden ontbreekt een dubbelpunt",
        Fault(alter="corrupt", times=None),
    ),
    "wrong-types": _preset(
        "Wrong types",
        "Verkeerde types",
        "one field in the middle has a value of another kind",
        "één veld in het midden heeft een waarde van een andere soort",
        Fault(alter="wrong_types", times=None),
    ),
    "new-fields": _preset(
        "New fields",
        "Nieuwe velden",
        "fields that nobody knows, which must do no harm",
        "velden die niemand kent, en die niet mogen schaden",
        Fault(alter="unknown_fields", times=None),
    ),
}
"""By name. Each hits every request it is meant for, until it is switched off."""


def preset_named(name: str) -> Preset:
    """A preset.

    Raises:
        LookupError: there is none of this name.
    """
    if name not in PRESETS:
        raise LookupError(f"there is no preset {name}; there are {', '.join(PRESETS)}")
    return PRESETS[name]
