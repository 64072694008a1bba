"""The options of the commands that read records: which ones are wanted, and how they are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from .filters import Sought, Test
from .options import SectionedOption

F = TypeVar("F", bound=Callable[..., Any])

FILTERS, OUTPUT = "Filters", "Output"


@dataclass(slots=True)
class Wanted:
    """What was said on the command line about records."""

    format: str = "table"
    file: str | None = None
    fields: str = ""
    where: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    limit: int | None = None
    tests: list[Test] = field(default_factory=list)
    """What the shortcuts of a command, such as --status, stand for."""
    notes: list[str] = field(default_factory=list)
    """What is to be remarked about the conditions."""
    sought: list[Sought] = field(default_factory=list)
    """What is to be remarked about once all records have passed, where none of them had it."""


def wanted_in(ctx: click.Context) -> Wanted:
    """What was said in this run."""
    wanted: Wanted = ctx.meta.setdefault("cloudspot.wanted", Wanted())
    return wanted


def _note(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value and parameter.name:
        setattr(wanted_in(ctx), parameter.name, value)


def _note_format(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    if not value:
        return
    wanted = wanted_in(ctx)
    name = (parameter.name or "").removeprefix("as_").replace("_", "-")
    if wanted.format != "table":
        raise click.UsageError(f"--{wanted.format} and --{name} exclude each other.", ctx)
    wanted.format = name


def record_option(
    *names: str,
    section: str = FILTERS,
    callback: Callable[[click.Context, click.Parameter, Any], None] = _note,
    **attributes: Any,
) -> Callable[[F], F]:
    """An option whose value goes to `Wanted`."""
    return click.option(
        *names, cls=SectionedOption, section=section, callback=callback, expose_value=False, **attributes
    )


def _format(name: str, help: str) -> Callable[[F], F]:
    as_name = f"as_{name.replace('-', '_')}"
    return record_option(f"--{name}", as_name, section=OUTPUT, callback=_note_format, is_flag=True, help=help)


def _known_field(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    from cloudspot.records import Artikel, Klant

    from .fields import known_fields

    downwards = "-" if incomplete.startswith("-") else ""
    known = known_fields(Klant if ctx.info_name == "klanten" else Artikel)
    return [f"{downwards}{name}" for name in known if name.startswith(incomplete.removeprefix("-"))]


_FORMATS = (
    _format("json", "JSON, everything that was sent."),
    _format("jsonl", "JSON, a record a line, everything that was sent."),
    _format("csv", "CSV, values as they were sent, lists as JSON."),
    _format("csv-excel", "CSV for Excel in Belgium: semicolons, decimal commas, no formulas."),
    record_option(
        "-o",
        "--output",
        "file",
        section=OUTPUT,
        metavar="FILE",
        type=click.Path(dir_okay=False, allow_dash=True),
        help="Write to a file, which is replaced only when all is well.",
    ),
)
_FIELDS = record_option(
    "--fields", section=OUTPUT, metavar="A,B,…", help="Only these fields, in this order.", shell_complete=_known_field
)
_FILTERS = (
    record_option(
        "--where",
        metavar="CONDITION",
        multiple=True,
        help="Only where FIELD=VALUE; also != > >= < <= and ~ (contains). Repeated: all must hold.",
    ),
    record_option(
        "--sort",
        metavar="[-]FIELD",
        multiple=True,
        shell_complete=_known_field,
        help="Sort by a field; with - downwards. Repeated: by the next one where equal.",
    ),
    record_option("--limit", metavar="N", type=click.IntRange(1), help="No more than so many."),
)


def format_options(command: F) -> F:
    """Give a command the options that say how and where records are written; without them, as a table on stdout."""
    return _with(command, _FORMATS)


def listing_options(command: F) -> F:
    """Give a command all options for a list of records."""
    return _with(command, (*_FILTERS, *_FORMATS, _FIELDS))


def card_options(command: F) -> F:
    """Give a command the options for a single record."""
    return _with(command, (*_FORMATS, _FIELDS))


def _with(command: F, options: tuple[Callable[[F], F], ...]) -> F:
    for option in reversed(options):
        command = option(command)
    return command
