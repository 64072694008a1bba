"""`cloudspot artikels` and `cloudspot artikel`."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import click

from cloudspot.records import Artikel, ArtikelStatus, Record, VoorraadBijhouden

from .connection import open_client
from .failures import ExitCode
from .fields import COMPUTED, amount, as_text, known_fields, leaves, sent_fields
from .filters import Sought, in_categorie, parse_where, strange_word, text_in
from .formats import WRITERS, write_one
from .layout import Column, card
from .listing import destination_of, emit, list_records, understood
from .options import Choices, Sectioned, connection_options
from .record_options import card_options, listing_options, record_option, wanted_in
from .terminal import width

TEXTS = ("naam", "beschrijving", "SKU", "EAN")
"""Where --text looks."""


def _price(value: Decimal | None) -> str:
    return "" if value is None else amount(value, 2)


def _stock(artikel: Artikel) -> str:
    if artikel.voorraad_bijhouden != VoorraadBijhouden.FYSIEK or artikel.op_voorraad is None:
        return ""
    return amount(artikel.op_voorraad.normalize())


COLUMNS = (
    Column("id", lambda artikel: as_text(artikel.id), right=True),
    Column("SKU", lambda artikel: artikel.SKU or "", shrinks=True),
    Column("naam", lambda artikel: artikel.naam or "", shrinks=True),
    Column("merk", lambda artikel: artikel.merk or "", from_width=130, shrinks=True),
    Column("categorie", lambda artikel: artikel.categorie or "", from_width=100, shrinks=True),
    Column("excl.", lambda artikel: _price(artikel.verkoopprijs_excl), right=True, from_width=130),
    Column("incl.", lambda artikel: _price(artikel.verkoopprijs_incl), right=True),
    Column("BTW", lambda artikel: "" if artikel.BTW is None else amount(artikel.BTW.normalize()), True, 110),
    Column("voorraad", _stock, right=True),
    Column(
        "status",
        lambda artikel: as_text(artikel.status),
        colours={ArtikelStatus.ZICHTBAAR: "green", ArtikelStatus.GEDEACTIVEERD: "red"},
    ),
)


def _any_status(ctx: click.Context, _: click.Parameter, values: tuple[str, ...]) -> None:
    known = known_fields(Artikel)
    tests = [parse_where(f"status={value}", known) for value in values]
    wanted = wanted_in(ctx)
    wanted.notes += [note for value in values if (note := strange_word(f"status={value}", known))]
    if tests:
        wanted.tests.append(lambda artikel: any(test(artikel) for test in tests))


_SEE = "see: cloudspot categorieen"


def _any_categorie(ctx: click.Context, _: click.Parameter, values: tuple[str, ...]) -> None:
    sought = [Sought(in_categorie(value), f"no product is in a category {value!r}; {_SEE}") for value in values]
    if sought:
        wanted = wanted_in(ctx)
        wanted.sought += sought
        # All are looked for in every product, whatever another test says of it.
        wanted.tests.insert(0, lambda artikel: True in [each(artikel) for each in sought])


def _all_texts(ctx: click.Context, _: click.Parameter, values: tuple[str, ...]) -> None:
    fields = [known_fields(Artikel)[name] for name in TEXTS]
    wanted_in(ctx).tests += [text_in(value, fields) for value in values]


@click.command(cls=Sectioned)
@record_option(
    "--status",
    metavar="WORD",
    multiple=True,
    callback=_any_status,
    help=f"Only with this status: {', '.join(ArtikelStatus)}. Repeated: any of them.",
)
@record_option(
    "--categorie",
    metavar="NAME|ID",
    multiple=True,
    callback=_any_categorie,
    help="Only in this category, or with it among the product's categories. Repeated: any of them.",
)
@record_option(
    "--text",
    metavar="TEXT",
    multiple=True,
    callback=_all_texts,
    help="Only with this text in naam, beschrijving, SKU or EAN; case and accents don't matter.",
)
@listing_options
@connection_options
@click.pass_context
def artikels(ctx: click.Context) -> ExitCode:
    """List the company's products.

    They are written as they arrive, except where they must be sorted or laid out as a table first.
    """
    return list_records(
        ctx.ensure_object(Choices),
        Artikel,
        lambda erp: erp.artikels,
        wanted_in(ctx),
        COLUMNS,
    )


@click.command(cls=Sectioned)
@click.argument("id", type=int)
@card_options
@connection_options
@click.pass_context
def artikel(ctx: click.Context, id: int) -> ExitCode:
    """Show one product, by its id.

    With --json it is one object. What the product has no value for is left out of the card.
    """
    wanted = wanted_in(ctx)
    _, fields = understood(wanted, Artikel)
    with destination_of(wanted) as out, open_client(ctx.ensure_object(Choices)) as erp:
        found = erp.artikels.get(id)
        if out is None or wanted.format == "table":
            named = fields or [*sent_fields(Artikel), *COMPUTED[Artikel]]
            facts = ((field.name, _shown(field.read(found))) for field in named)
            emit(list(card(facts, None if out else width())), out)
        elif wanted.format == "json":
            write_one(found, out, fields)
        else:
            WRITERS[wanted.format]([found], out, fields or sent_fields(Artikel))
    return ExitCode.OK


_BREAK = re.compile(r"<(?:br|/?p|/?li|/?h\d|/?ul|/?div)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^>]*>", re.IGNORECASE)


def _shown(value: Any) -> list[str]:
    """The lines of a value for people: HTML as text, a list as a line for each of its rows."""
    if isinstance(value, tuple):
        return [_row(each) if isinstance(each, Record) else as_text(each) for each in value]
    return [unescape(_TAG.sub("", _BREAK.sub(" ", as_text(value))))]


def _row(record: Record) -> str:
    texts = ((name, ", ".join(leaves(value))) for name, value in record.to_dict().items())
    return ", ".join(f"{name} {text}" for name, text in texts if text)
