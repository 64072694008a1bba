"""The root command. What each command needs is loaded when it is called, so that `cloudspot --help` is quick."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, NamedTuple

import click

from .options import Choices, Sectioned, connection_options


class Lazy(NamedTuple):
    """Where a command lives, and its line in the overview, which must not cost its import."""

    module: str
    summary: str
    section: str


READ, MIRROR, SET_UP, TRY = "Read the ERP", "Keep a copy", "Set up", "Try it out"

COMMANDS = {
    "artikels": Lazy("artikels", "List the company's products.", READ),
    "artikel": Lazy("artikels", "Show one product, by its id.", READ),
    "klanten": Lazy("klanten", "List the company's clients.", READ),
    "categorieen": Lazy("categorieen", "Show the trees of categories.", READ),
    "sync": Lazy("sync", "Bring a copy of the company's records in a database up to date.", MIRROR),
    "changes": Lazy("mirror", "Show what changed in the mirror.", MIRROR),
    "history": Lazy("mirror", "Show what happened to one record.", MIRROR),
    "sql": Lazy("mirror", "Ask the mirror's views with SQL.", MIRROR),
    "forget": Lazy("mirror", "Erase clients from the mirror.", MIRROR),
    "readmit": Lazy("mirror", "Let clients who were forgotten come back.", MIRROR),
    "login": Lazy("login", "Check a token and keep it in the system's keyring.", SET_UP),
    "logout": Lazy("login", "Take a token out of the keyring.", SET_UP),
    "profiles": Lazy("login", "List the profiles.", SET_UP),
    "license": Lazy("license", "Look at the logins of an application's users.", SET_UP),
    "doctor": Lazy("doctor", "Find out what is configured and whether it works.", SET_UP),
    "demo": Lazy("demo", "See the toolkit at work on a sandbox.", TRY),
    "sandbox": Lazy("sandbox", "Run a stand-in for Cloudspot's servers on this machine.", TRY),
}


class LazyGroup(Sectioned, click.Group):
    """A group whose commands are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands, in the order of the overview."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f".{COMMANDS[cmd_name].module}", __package__), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a mistyped one is told what is near."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            ctx.fail(f"There is no command {name!r}.{f' Did you mean {near[0]}?' if near else ''}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The overview, without loading a command."""
        for section in (READ, MIRROR, SET_UP, TRY):
            rows = [(name, lazy.summary) for name, lazy in COMMANDS.items() if lazy.section == section]
            with formatter.section(section):
                formatter.write_dl(rows, col_spacing=3)


def _version(ctx: click.Context, _: click.Parameter, value: Any) -> None:
    if not value or ctx.resilient_parsing:
        return
    from cloudspot import __version__

    click.echo(f"cloudspot {__version__}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes, recipes and shell completion: docs/cli.md",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@connection_options
@click.pass_context
def app(ctx: click.Context) -> None:
    """Read the Cloudspot ERP from the command line.

    The token comes from `cloudspot login`, from CLOUDSPOT_TOKEN, or from --token-file; never from the command line
    itself, which every user of the machine can see.
    """
    ctx.ensure_object(Choices)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        ctx.color = False
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
