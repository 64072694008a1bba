"""`cloudspot klanten`."""

from __future__ import annotations

import click

from cloudspot.records import Klant

from .failures import ExitCode
from .fields import as_text, known_fields
from .filters import text_in
from .layout import Column
from .listing import list_records
from .options import Choices, Sectioned, connection_options
from .record_options import listing_options, record_option, wanted_in

TEXTS = (
    "naam",
    "voornaam",
    "achternaam",
    "bedrijfsnaam",
    "straat",
    "postcode",
    "plaats",
    "klantennummer",
    "BTW_nummer",
    "ondernemingsnummer",
)
"""Where --text looks."""

COLUMNS = (
    Column("nummer", lambda klant: as_text(klant.klantennummer), right=True),
    Column("naam", lambda klant: klant.naam, shrinks=True),
    Column(
        "straat",
        lambda klant: " ".join(filter(None, (klant.straat, klant.huisnummer, klant.busnummer))),
        False,
        110,
        True,
    ),
    Column("postcode", lambda klant: klant.postcode or ""),
    Column("plaats", lambda klant: klant.plaats or "", shrinks=True),
    Column("land", lambda klant: klant.land or ""),
    Column("BTW-nummer", lambda klant: klant.BTW_nummer or ""),
)


def _all_texts(ctx: click.Context, _: click.Parameter, values: tuple[str, ...]) -> None:
    fields = [known_fields(Klant)[name] for name in TEXTS]
    wanted_in(ctx).tests += [text_in(value, fields) for value in values]


@click.command(cls=Sectioned)
@record_option(
    "--text",
    metavar="TEXT",
    multiple=True,
    callback=_all_texts,
    help="Only with this text in the name, address or numbers; case and accents don't matter.",
)
@listing_options
@connection_options
@click.pass_context
def klanten(ctx: click.Context) -> ExitCode:
    """List the company's clients: persons and companies."""
    return list_records(
        ctx.ensure_object(Choices),
        Klant,
        lambda erp: erp.klanten,
        wanted_in(ctx),
        COLUMNS,
    )
