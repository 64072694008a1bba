"""`cloudspot sync`, `changes`, `history`, `sql`, `forget` and `readmit`: the mirror on the command line."""

from __future__ import annotations

import csv
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
import msgspec

from cloudspot.errors import CloudspotError, ConfigurationError

from .connection import open_client
from .failures import ExitCode, line_of
from .layout import Column, table
from .options import Choices, Sectioned, connection_options
from .terminal import clean, is_terminal, say, width

if TYPE_CHECKING:
    from cloudspot.mirror import Change, Consumer, Mirror, Progress, SyncReport

F = TypeVar("F", bound=Callable[..., Any])

RESOURCES = ("artikels", "categorieen", "klanten")
KINDS = ("created", "updated", "deleted", "reappeared")
RESOURCE_OF = {"artikel": "artikels", "categorie": "categorieen", "klant": "klanten"}
DATABASE = "erp.db"
AT_ONCE = 500
"""Lines of a table that are laid out together."""
MOST_SHOWN = 40
"""Characters of a value in a table."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


def _mirror_options(command: F) -> F:
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


def _duration(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Seconds, from `90s`, `15m`, `2h` or `400d`."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", value.strip())
    if found is None or not int(found[1]):
        raise click.BadParameter(f"{value!r} is no time such as 90s, 15m, 2h or 400d.")
    return int(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}[found[2]]


class _Asked(NamedTuple):
    """What a sync is told."""

    url: str
    schema: str | None
    company: str | None
    resources: Sequence[str]
    confirm_deletes: bool
    keep_history: float | None
    as_json: bool


@click.command(cls=Sectioned)
@_mirror_options
@click.option(
    "--resource",
    "resources",
    multiple=True,
    type=click.Choice(RESOURCES),
    help="Only this; may be given more than once. [default: all]",
)
@click.option("--confirm-deletes", is_flag=True, help="Go on where the guard asks whether so many are really gone.")
@click.option(
    "--watch",
    metavar="TIME",
    callback=_duration,
    help="Again and again until it is stopped, with so much time between: 90s, 15m, 2h. Failures are told.",
)
@click.option(
    "--keep-history",
    metavar="TIME",
    callback=_duration,
    help="Let go of history that is older: 400d. What a consumer has not acknowledged is kept. [default: keep all]",
)
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object, on one line.")
@connection_options
@click.pass_context
def sync(ctx: click.Context, /, *, watch: float | None, **asked: Any) -> ExitCode:
    """Bring a copy of the company's records in a database up to date.

    Each resource is one transaction: all of it or nothing. An answer that would delete suspiciously much is refused,
    with exit code 10, and the mirror is as it was. The report is written whatever happens.
    """
    choices, wanted = ctx.ensure_object(Choices), _Asked(**asked)
    if watch is None:
        return _sync(choices, wanted)
    if wanted.confirm_deletes:
        raise click.UsageError("--confirm-deletes is for one run that somebody has looked at, not for --watch.")
    while True:
        try:
            _sync(choices, wanted)
        except ConfigurationError:
            raise
        except CloudspotError as error:
            say(line_of(error))
        time.sleep(watch)


def _sync(choices: Choices, asked: _Asked) -> ExitCode:
    """Sync once, and tell of it.

    Raises:
        CloudspotError: what failed first.
    """
    keep = None if asked.keep_history is None else timedelta(seconds=asked.keep_history)
    with (
        _opened(asked.url, asked.schema, keep) as mirror,
        open_client(choices) as erp,
        _watched(choices) as on_progress,
    ):
        report = mirror.sync(
            erp,
            company=asked.company,
            resources=asked.resources or RESOURCES,
            confirm_deletes=asked.confirm_deletes,
            on_error="report",
            on_progress=on_progress,
        )
    click.echo(_encode(report.to_dict()).decode() if asked.as_json else clean_lines(report))
    for _, found in report:
        for problem in () if choices.quiet else found.problems[:10]:
            say(clean(f"cloudspot: {problem}"))
        for drift in () if choices.quiet else found.drift:
            say(clean(f"cloudspot: new to this release: {drift}"))
    if errors := report.errors:
        raise errors[0]
    return ExitCode.OK


def clean_lines(report: SyncReport) -> str:
    """The report, without what a terminal would obey."""
    return "\n".join(clean(line) for line in str(report).splitlines())


@click.command(cls=Sectioned)
@_mirror_options
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
@_mirror_options
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
        click.echo(_encode(rows))
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
@_mirror_options
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
@_mirror_options
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
def _opened(url: str, schema: str | None, keep_history: timedelta | None = None) -> Iterator[Mirror]:
    try:
        from cloudspot.mirror import Mirror
    except ImportError as error:
        raise ConfigurationError(
            f"The mirror needs {error.name}.", hint='Run: pip install "cloudspot-erp-api[mirror]"'
        ) from error
    with Mirror(url, schema=schema, keep_history=keep_history) as mirror:
        yield mirror


@contextmanager
def _existing(url: str, schema: str | None) -> Iterator[Mirror]:
    """A mirror that is there already: looking at one must not make an empty one."""
    if "://" not in url and not os.path.exists(url):  # noqa: PTH110 - a path as it was typed
        raise ConfigurationError(f"There is no mirror {url}.", hint="Make it with: cloudspot sync")
    with _opened(url, schema) as mirror:
        yield mirror


@contextmanager
def _watched(choices: Choices) -> Iterator[Callable[[Progress], object] | None]:
    """What shows how far a download is, to whoever looks on."""
    if choices.quiet or not is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TextColumn("{task.speed:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bars:
        tasks: dict[str, Any] = {}

        def show(progress: Any) -> None:
            task = tasks.get(progress.resource)
            if task is None:
                task = tasks[progress.resource] = bars.add_task(progress.resource, total=progress.known or None)
            bars.update(task, completed=progress.seen)

        yield show


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
            click.echo(_encode(change.to_dict()))
            yield change
        return
    rest = iter(found)
    while batch := list(islice(rest, AT_ONCE)):
        for line in table(batch, COLUMNS, width()):
            click.echo(line)
        yield from batch
