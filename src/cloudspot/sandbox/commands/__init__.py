"""What `cloudspot sandbox` can do besides serving: the commands that talk to a sandbox which runs already.

Each has a line in `COMMANDS` and is loaded when it is called. They know the running sandbox only by its control API.
"""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import NamedTuple

import click


class Lazy(NamedTuple):
    """Where a command lives, and its line in the overview, which must not cost its import."""

    module: str
    summary: str


COMMANDS: dict[str, Lazy] = {
    "fault": Lazy("fault", "Let requests go wrong."),
    "requests": Lazy("requests", "See what it was asked, and what it answered."),
    "snapshot": Lazy("data", "Save all that it holds to a file."),
    "restore": Lazy("data", "Make it what a file says."),
    "reset": Lazy("data", "Make its data anew."),
    "import": Lazy("data", "Take in products or clients from a file of your own."),
    "clock": Lazy("clock", "See what time it is in it, and set that."),
}


class SandboxGroup(click.Group):
    """A group that serves when no command is named; its commands are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands, in the order of the overview."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".{COMMANDS[cmd_name].module}", __package__)
        command: click.Command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a mistyped one is told what there is."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}; there are {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The overview, without loading a command."""
        if COMMANDS:
            with formatter.section("Commands for a sandbox that runs"):
                formatter.write_dl([(name, lazy.summary) for name, lazy in COMMANDS.items()], col_spacing=3)
