"""`cloudspot sync`: bring a mirror up to date, and tell others of it."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cloudspot.errors import CloudspotError, ConfigurationError

from .connection import open_client, token_in
from .failures import ExitCode, line_of
from .mirror import RESOURCES, encode, mirror_options, needing_mirror, opened
from .options import Choices, Sectioned, connection_options
from .terminal import clean, is_terminal, say

if TYPE_CHECKING:
    from cloudspot.client import Cloudspot
    from cloudspot.mirror import Hook, Mirror, Progress, SyncReport


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
    on_change: str | None
    notify: str | None
    notify_secret_file: str | None
    hook_limit: float | None
    as_json: bool


@click.command(cls=Sectioned)
@mirror_options
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
@click.option(
    "--on-change",
    metavar="COMMAND",
    help="Run this in a shell when something has changed; what, is JSON on its standard input.",
)
@click.option(
    "--notify",
    metavar="URL",
    envvar="CLOUDSPOT_NOTIFY_URL",
    help="Post the same JSON to this webhook when something has changed. [env: CLOUDSPOT_NOTIFY_URL]",
)
@click.option(
    "--notify-secret-file",
    metavar="FILE",
    help="Sign it by Standard Webhooks with the secret, whsec_…, in this file. [env, the secret itself: "
    "CLOUDSPOT_NOTIFY_SECRET]",
)
@click.option(
    "--hook-limit",
    metavar="TIME",
    callback=_duration,
    help="How long the command, and the webhook, may take: 90s, 15m. [default: 60s]",
)
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object, on one line.")
@connection_options
@click.pass_context
def sync(ctx: click.Context, /, *, watch: float | None, **asked: Any) -> ExitCode:
    """Bring a copy of the company's records in a database up to date.

    Each resource is one transaction: all of it or nothing. An answer that would delete suspiciously much is refused,
    with exit code 10, and the mirror is as it was. The report is written whatever happens.

    What --on-change and --notify are told of is everything since they last took notice. One that fails is told again
    after the next sync, and the exit code is 12.
    """
    choices, wanted = ctx.ensure_object(Choices), _Asked(**asked)
    if watch is not None and wanted.confirm_deletes:
        raise click.UsageError("--confirm-deletes is for one run that somebody has looked at, not for --watch.")
    hooks = list(_hooks(wanted, os.environ))
    with open_client(choices) as erp:  # once: a token from stdin can't be read again
        while True:
            try:
                _sync(erp, choices, wanted, hooks)
            except CloudspotError as error:
                if watch is None or isinstance(error, ConfigurationError):
                    raise
                say(line_of(error))
            if watch is None:
                return ExitCode.OK
            time.sleep(watch)


def _sync(erp: Cloudspot, choices: Choices, asked: _Asked, hooks: Sequence[Hook]) -> None:
    """Sync once, and tell of it.

    Raises:
        CloudspotError: what failed first.
    """
    keep = None if asked.keep_history is None else timedelta(seconds=asked.keep_history)
    with opened(asked.url, asked.schema, keep) as mirror:
        report = _synced(mirror, erp, choices, asked)
        _show(report, choices, as_json=asked.as_json)
        errors = [*report.errors, *_told(mirror, hooks, report)]
    for error in errors[1:]:
        say(line_of(error))
    if errors:
        raise errors[0]


def _synced(mirror: Mirror, erp: Cloudspot, choices: Choices, asked: _Asked) -> SyncReport:
    with _watched(choices) as on_progress:
        return mirror.sync(
            erp,
            company=asked.company,
            resources=asked.resources or RESOURCES,
            confirm_deletes=asked.confirm_deletes,
            on_error="report",
            on_progress=on_progress,
        )


def _show(report: SyncReport, choices: Choices, *, as_json: bool) -> None:
    click.echo(encode(report.to_dict()).decode() if as_json else clean_lines(report))
    sys.stdout.flush()
    for _, found in report:
        for problem in () if choices.quiet else found.problems[:10]:
            say(clean(f"cloudspot: {problem}"))
        for drift in () if choices.quiet else found.drift:
            say(clean(f"cloudspot: new to this release: {drift}"))


def _hooks(asked: _Asked, environ: Mapping[str, str]) -> Iterator[Hook]:
    """Who is to be told.

    Raises:
        ConfigurationError: one can't be.
    """
    with needing_mirror():
        from cloudspot.mirror import Command, Webhook
    limit: dict[str, Any] = {} if asked.hook_limit is None else {"limit": asked.hook_limit}
    if asked.on_change is not None:
        yield Command(asked.on_change, **limit)
    if asked.notify is not None:
        secret: str | None = environ.get("CLOUDSPOT_NOTIFY_SECRET") or None
        if asked.notify_secret_file is not None:
            secret = token_in(asked.notify_secret_file)
        yield Webhook(asked.notify, secret=secret, **limit)
    elif asked.notify_secret_file is not None:
        raise click.UsageError("--notify-secret-file signs what --notify posts, which is not given.")


def _told(mirror: Mirror, hooks: Sequence[Hook], report: SyncReport) -> Iterator[CloudspotError]:
    """Tell everybody; what went wrong with any."""
    for hook in hooks:
        try:
            mirror.notify(hook, report)
        except CloudspotError as error:
            yield error


def clean_lines(report: SyncReport) -> str:
    """The report, without what a terminal would obey."""
    return "\n".join(clean(line) for line in str(report).splitlines())


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
