"""`cloudspot sandbox` and `python -m cloudspot.sandbox`: run the servers, or do something to those that run."""

from __future__ import annotations

import os
from typing import Any

import click
from click.core import ParameterSource

from .commands import SandboxGroup
from .commands.running import TOLD_BEFORE, VARIABLE, Running, url_of

WHERE = frozenset({"host", "port"})
WHILE_WAITING = WHERE | {"wait", "timeout", "as_json"}


@click.group(
    name="sandbox",
    cls=SandboxGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--artikels", default=500, show_default=True, type=click.IntRange(0), help="How many products.")
@click.option("--klanten", default=100, show_default=True, type=click.IntRange(0), help="How many clients.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same data.")
@click.option(
    "--database",
    default="sqlite://",
    show_default=True,
    metavar="URL",
    help="Where the data lives: sqlite:// (memory), sqlite:///file.db or postgresql://…; data that is there is used.",
)
@click.option(
    "--restore", metavar="FILE", help="Begin from this snapshot instead of the seed, and go back to it with a reset."
)
@click.option("--compress", is_flag=True, help="Compress answers for clients that ask for it.")
@click.option("--remote-webhooks", is_flag=True, help="Let events go to other machines than this one.")
@click.option(
    "--clock", metavar="MOMENT", help="Let the clock stand still at this moment, such as 2026-01-31T23:59:00+01:00."
)
@click.option("--seeded-ids", is_flag=True, help="Tokens and ids are the same ones in the same order; in memory only.")
@click.option(
    "--requests", default=1000, show_default=True, type=click.IntRange(0), help="How many requests the log keeps."
)
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="NAME",
    help="A further name by which browsers may ask for it; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="When ready, print one line of JSON with all that programs need.")
@click.option("--wait", is_flag=True, help="Start none: wait until the one at --host and --port answers.")
@click.option(
    "--timeout",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="With --wait: how long, before it fails with exit code 1.",
)
def sandbox(*, wait: bool, timeout: float, **options: Any) -> None:
    """Run a stand-in for Cloudspot's servers on this machine, full of realistic products and clients.

    Ends with Ctrl-C. With a command, or --wait, it starts none but talks to one that runs.
    """
    ctx = click.get_current_context()
    given = {name for name in ctx.params if ctx.get_parameter_source(name) != ParameterSource.DEFAULT}
    url = url_of(options["host"], options["port"]) if given & WHERE else None
    if ctx.invoked_subcommand is not None:
        _refuse(ctx, given - WHERE, f"the command {ctx.invoked_subcommand} starts no sandbox")
        if url is not None:
            ctx.meta[TOLD_BEFORE] = url
    elif wait:
        _refuse(ctx, given - WHILE_WAITING, "--wait starts no sandbox")
        url = url or os.environ.get(VARIABLE) or url_of(options["host"], options["port"])
        _wait(url, timeout, as_json=options["as_json"])
    else:
        _refuse(ctx, given & {"timeout"}, "it goes with --wait")
        from .commands.serve import serve  # noqa: PLC0415 - who only talks to one needs no server

        serve(**options)


def _refuse(ctx: click.Context, given: set[str], reason: str) -> None:
    for parameter in ctx.command.params:
        if parameter.name in given:
            ctx.fail(f"{parameter.opts[0]} has no meaning here: {reason}.")


def _wait(url: str, seconds: float, *, as_json: bool) -> None:
    try:
        running = Running(url)
        running.wait(seconds)
    except (TimeoutError, ValueError) as error:
        text = str(error)
        raise click.ClickException(f"{text[:1].upper()}{text[1:]}.") from None
    if as_json:
        click.echo(running.answer("GET", "about").data)
