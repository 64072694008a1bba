"""Writes the generated parts of docs/cli.md: what each command's --help says, and the exit codes.

    python -m cloudspot.cli.reference docs/cli.md            bring the page up to date
    python -m cloudspot.cli.reference --check docs/cli.md    fail where it is not

The rest of the page is written by hand, and stays as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from .app import app
from .failures import MEANINGS
from .run import NAME

WIDTH = 80


def help_of(path: Sequence[str] = ()) -> str:
    """What `cloudspot … --help` says."""
    context = click.Context(app, info_name=NAME, terminal_width=WIDTH, max_content_width=WIDTH)
    command: click.Command = app
    for name in path:
        found = command.get_command(context, name) if isinstance(command, click.Group) else None
        if found is None:
            raise LookupError(f"there is no command {name}")
        command = found
        context = click.Context(command, info_name=name, parent=context, terminal_width=WIDTH, max_content_width=WIDTH)
    context.help_option_names = command.context_settings.get("help_option_names", ["-h", "--help"])
    return click.unstyle(command.get_help(context))


def commands() -> str:
    """Every command with its help."""
    return "\n".join(_section(f"`{' '.join([NAME, *path])}`", help_of(path)) for path in _paths(app))


def _paths(command: click.Command, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """A command and all below it, by what is typed after `cloudspot`."""
    yield above
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            if (below := command.get_command(context, name)) is not None:
                yield from _paths(below, (*above, name))


def _section(title: str, text: str) -> str:
    return f"### {title}\n\n```text\n{text}\n```\n"


def exit_codes() -> str:
    """The table of exit codes."""
    rows = [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["| code | meaning |", "|---:|---|", *rows, ""])


PARTS: dict[str, Callable[[], str]] = {"commands": commands, "exit codes": exit_codes}


def brought_up_to_date(page: str) -> str:
    """The page with its generated parts written anew.

    Raises:
        ValueError: the page has no place for one of them.
    """
    for name, write in PARTS.items():
        begin, end = f"<!-- begin: {name} (generated) -->\n", f"<!-- end: {name} -->"
        before, opened, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not opened or not closed:
            raise ValueError(f"the page has no lines {begin.strip()} and {end}")
        page = f"{before}{begin}\n{write()}\n{end}{after}"
    return page


def main(args: Sequence[str]) -> int:
    """Write the page, or with --check only compare it."""
    path = Path(args[-1])
    page = path.read_text(encoding="utf-8")
    wanted = brought_up_to_date(page)
    if "--check" in args:
        return int(page != wanted)
    path.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
