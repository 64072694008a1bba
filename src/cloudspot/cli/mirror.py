"""`cloudspot changes`, `history`, `sql`, `forget` and `readmit`: the mirror on the command line."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec

from cloudspot.errors import ConfigurationError

from .failures import ExitCode
from .layout import Column, table
from .options import Sectioned
from .terminal import say, width

if TYPE_CHECKING:
    from cloudspot.mirror import Change, Consumer, Mirror

F = TypeVar("F", bound=Callable[..., Any])

RESOURCES = ("artikels", "categorieen", "klanten")
KINDS = ("created", "updated", "deleted", "reappeared")
RESOURCE_OF = {"artikel": "artikels", "categorie": "categorieen", "klant": "klanten"}
DATABASE = "erp.db"
AT_ONCE = 500
"""Lines of a table that are laid out together."""
MOST_SHOWN = 40
"""Characters of a value in a table."""

encode = msgspec.json.Encoder(decimal_format="number").encode


def mirror_options(command: F) -> F:
    """Give a command the options that say which mirror, and which company of it."""
    return _place_options(
        click.option("--company", metavar="NAME", help="Its name in the mirror, where there are several.")(command)
    )


def _place_options(command: F) -> F:
    to = click.option(
        "--mirror",
        "--to",
        "url",
        metavar="URL",
        envvar="CLOUDSPOT_MIRROR",
        default=DATABASE,
        show_default=True,
        help="Where the mirror is: a file, or postgresql://user@host/database. [env: CLOUDSPOT_MIRROR]",
    )
    schema = click.option("--schema", metavar="NAME", help="The schema of PostgreSQL that the mirror is in.")
    return to(schema(command))


@click.command(cls=Sectioned)
@mirror_options
@click.option("--since", metavar="N", type=click.IntRange(0), help="Only changes after the one with this sequence.")
@click.option("--consumer", metavar="NAME", help="What this consumer has not been shown yet; then it counts as shown.")
@click.option("--resource", type=click.Choice(RESOURCES), help="Only changes of these.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only changes of this kind.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="At most so many.")
@click.option("--jsonl", is_flag=True, help="A JSON object a line: `fields` is name → [old, new].")
def changes(
    *,
    url: str,
    schema: str | None,
    company: str | None,
    since: int | None,
    consumer: str | None,
    resource: str | None,
    kinds: Sequence[str],
    limit: int | None,
    jsonl: bool,
) -> ExitCode:
    """Show what changed in the mirror, in the order it was committed.

    With --consumer the mirror remembers how far it was shown, so that a script which runs every night gets each change
    at least once: what was not written in full is shown again.
    """
    if consumer is not None and since is not None:
        raise click.UsageError("--consumer and --since exclude each other: a consumer goes on where it was.")
    wanted: dict[str, Any] = {"company": company, "resource": resource, "kinds": kinds or None}
    with _existing(url, schema) as mirror:
        follower: Consumer | None = mirror.consumer(consumer, **wanted) if consumer is not None else None
        found = iter(follower) if follower is not None else mirror.changes(since or 0, **wanted)
        last = None
        for last in _shown(islice(found, limit), jsonl=jsonl):  # noqa: B007 - the last one is what counts
            pass
        sys.stdout.flush()
        if follower is not None:
            follower.ack(last if limit is not None and last is not None else None)
    return ExitCode.OK


@click.command(cls=Sectioned)
@click.argument("what", type=click.Choice(tuple(RESOURCE_OF)))
@click.argument("id", type=int)
@mirror_options
@click.option("--jsonl", is_flag=True, help="A JSON object a line: `fields` is name → [old, new].")
def history(
    *,
    what: str,
    id: int,
    url: str,
    schema: str | None,
    company: str | None,
    jsonl: bool,
) -> ExitCode:
    """Show what happened to one record, from its beginning: `cloudspot history artikel 125`."""
    with _existing(url, schema) as mirror:
        records = getattr(mirror.company(company), RESOURCE_OF[what])
        found = records.history(id)
        for _ in _shown(iter(found), jsonl=jsonl):
            pass
    if not found:
        say(f"cloudspot: the mirror has never held {what} {id}.")
        return ExitCode.NOT_FOUND
    return ExitCode.OK


@click.command(cls=Sectioned)
@click.argument("query")
@_place_options
@click.option("--json", "as_json", is_flag=True, help="One JSON array with an object for each row.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header.")
def sql(*, query: str, url: str, schema: str | None, as_json: bool, as_csv: bool) -> ExitCode:
    """Ask the mirror's views with SQL: artikels, klanten, categorieen, feed, prijzen and others.

    Nothing can be written this way. docs/mirror.md describes the views.
    """
    with _existing(url, schema) as mirror:
        rows = mirror.sql(query)
    if as_json:
        click.echo(encode(rows))
    elif rows and as_csv:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    elif rows:
        columns = [Column(name, _cell(name), shrinks=True) for name in rows[0]]
        for line in table(rows, columns, width()):
            click.echo(line)
    return ExitCode.OK


def _cell(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda row: "" if row[name] is None else str(row[name])


@click.command(cls=Sectioned)
@click.argument("klantennummers", type=int, nargs=-1, required=True)
@mirror_options
@click.option("--yes", is_flag=True, help="Don't ask.")
def forget(*, klantennummers: Sequence[int], url: str, schema: str | None, company: str | None, yes: bool) -> ExitCode:
    """Erase clients from the mirror, its history and its feed, and keep them out of every later sync.

    It can't be undone. Backups, and what consumers of the feed made of it, are not reached.
    """
    with _existing(url, schema) as mirror:
        whose = mirror.company(company).naam
        numbers = ", ".join(map(str, klantennummers))
        if not yes:
            click.confirm(f"Erase {numbers} of {whose} for good?", abort=True, err=True)
        gone = mirror.forget(*klantennummers, company=whose)
    clients = "1 client" if gone.records == 1 else f"{gone.records:,} clients"
    events = "1 event" if gone.changes == 1 else f"{gone.changes:,} events"
    click.echo(f"Erased: {clients}, {events}.")
    return ExitCode.OK


@click.command(cls=Sectioned)
@click.argument("klantennummers", type=int, nargs=-1, required=True)
@mirror_options
def readmit(*, klantennummers: Sequence[int], url: str, schema: str | None, company: str | None) -> ExitCode:
    """Let clients who were forgotten come back with the next sync, when they agree to it.

    What was erased stays erased.
    """
    with _existing(url, schema) as mirror:
        came = mirror.readmit(*klantennummers, company=company)
    clients = "1 client" if came == 1 else f"{came:,} clients"
    click.echo(f"Readmitted: {clients}.")
    return ExitCode.OK if came else ExitCode.NOT_FOUND


@contextmanager
def needing_mirror() -> Iterator[None]:
    """Where the extra is not installed, say so."""
    try:
        yield
    except ImportError as error:
        raise ConfigurationError(
            f"The mirror needs {error.name}.", hint='Run: pip install "cloudspot-erp-api[mirror]"'
        ) from error


@contextmanager
def opened(url: str, schema: str | None, keep_history: timedelta | None = None) -> Iterator[Mirror]:
    """The mirror at a URL, which is made where it isn't there."""
    with needing_mirror():
        from cloudspot.mirror import Mirror
    with Mirror(url, schema=schema, keep_history=keep_history) as mirror:
        yield mirror


@contextmanager
def _existing(url: str, schema: str | None) -> Iterator[Mirror]:
    """A mirror that is there already: looking at one must not make an empty one."""
    if "://" not in url and not os.path.exists(url):  # noqa: PTH110 - a path as it was typed
        raise ConfigurationError(f"There is no mirror {url}.", hint="Make it with: cloudspot sync")
    with opened(url, schema) as mirror:
        yield mirror


def _what(change: Change) -> str:
    """What changed, in short: the name of what came or went, the fields that are different."""
    if change.kind != "updated":
        fields = change.fields
        named = next((fields[name] for name in ("naam", "bedrijfsnaam", "achternaam") if name in fields), None)
        return "" if named is None else str(named.old if change.kind == "deleted" else named.new)
    return ", ".join(f"{name}: {_short(old)} → {_short(new)}" for name, (old, new) in change.fields.items())


def _short(value: object) -> str:
    text = "∅" if value is None else str(list(value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


COLUMNS = (
    Column("sequence", lambda change: str(change.sequence), right=True),
    Column("at", lambda change: f"{change.at:%Y-%m-%d %H:%M:%S}"),
    Column("company", lambda change: change.company, shrinks=True, from_width=100),
    Column("resource", lambda change: change.resource),
    Column("key", lambda change: str(change.key), right=True),
    Column("kind", lambda change: change.kind),
    Column("what", _what, shrinks=True),
)


def _shown(found: Iterable[Change], *, jsonl: bool) -> Iterator[Change]:
    """Write changes, and hand on those that are written."""
    if jsonl:
        for change in found:
            click.echo(encode(change.to_dict()))
            yield change
        return
    rest = iter(found)
    while batch := list(islice(rest, AT_ONCE)):
        for line in table(batch, COLUMNS, width()):
            click.echo(line)
        yield from batch
