"""The options that all commands share; they may stand before the command and after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

CONNECTION = "Connection"
OTHER = "Options"


@dataclass(slots=True)
class Choices:
    """What was said on the command line about the connection and the noise; None where nothing was."""

    profile: str | None = None
    base_url: str | None = None
    test_mode: bool = False
    token_file: str | None = None
    timeout: float | None = None
    total: float | None = None
    retries: int | None = None
    ca: str | None = None
    allow_http: bool = False
    verbose: bool = False
    quiet: bool = False


class SectionedOption(click.Option):
    """An option that stands under a heading of its own in the help."""

    def __init__(self, *args: Any, section: str = OTHER, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.section = section

    def get_help_extra(self, ctx: click.Context) -> Any:
        """What click adds to the help, without the range in its notation for programmers."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


class Sectioned(click.Command):
    """A command whose help has its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options; those of the connection last, since they are the same everywhere."""
        sections: dict[str, list[tuple[str, str]]] = {OTHER: []}
        for parameter in self.get_params(ctx):
            if (row := parameter.get_help_record(ctx)) is not None:
                sections.setdefault(getattr(parameter, "section", OTHER), []).append(row)
        sections[CONNECTION] = sections.pop(CONNECTION, [])
        for section, rows in sections.items():
            if rows:
                with formatter.section(section):
                    formatter.write_dl(rows)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)


class SectionedGroup(Sectioned, click.Group):
    """A group of commands whose own help has headings too."""


def _choose(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Note what was said. A command comes after the root, so what is said last counts."""
    if value is not None and parameter.name:
        setattr(ctx.ensure_object(Choices), parameter.name, value)


def _choice(*names: str, section: str = CONNECTION, **attributes: Any) -> Callable[[F], F]:
    if "flag_value" in attributes:
        attributes["is_flag"] = True
    return click.option(
        *names, cls=SectionedOption, section=section, default=None, expose_value=False, callback=_choose, **attributes
    )


def _known_profiles(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from .profiles import load_profiles

    return [name for name in load_profiles() if name.startswith(incomplete)]


_NOISE = (
    _choice("-q", "--quiet", flag_value=True, section=OTHER, help="No progress, no notes; errors only."),
    _choice("-v", "--verbose", flag_value=True, section=OTHER, help="Log each request to stderr."),
)
_ERP = (
    _choice(
        "--profile",
        metavar="NAME",
        shell_complete=_known_profiles,
        help="Which token to use, of those kept by `cloudspot login`. [env: CLOUDSPOT_PROFILE]",
    ),
    _choice(
        "--token-file",
        metavar="FILE",
        help="Read the token from a file, or from stdin with `-`, instead. [env, the token itself: CLOUDSPOT_TOKEN]",
    ),
    _choice("--base-url", metavar="URL", help="Where the ERP is. [env: CLOUDSPOT_BASE_URL]"),
)
_LICENSE = (_choice("--base-url", metavar="URL", help="Where the License server is. [env: CLOUDSPOT_LICENSE_URL]"),)
_NETWORK = (
    _choice("--test-mode", flag_value=True, help="Use the sandbox on http://localhost:8000."),
    _choice(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(0, min_open=True),
        help="Longest single wait: for a connection, and for each next byte. [default: 5 and 60]",
    ),
    _choice(
        "--total",
        metavar="SECONDS",
        type=click.FloatRange(0, min_open=True),
        help="Longest time for a whole call, with its repeats and all their waits. [default: no limit]",
    ),
    _choice(
        "--retries",
        metavar="N",
        type=click.IntRange(0),
        help="Extra attempts when an answer does not come or is cut off. [default: 2]",
    ),
    _choice("--ca", metavar="FILE", help="Trust these certificates instead of the operating system's."),
    _choice("--allow-http", flag_value=True, help="Allow plain http to other machines, which shows them the token."),
)


def connection_options(command: F) -> F:
    """Give a command the options that say where the ERP is, with which token, and how much is told."""
    for option in reversed((*_NOISE, *_ERP, *_NETWORK)):
        command = option(command)
    return command


def license_options(command: F) -> F:
    """Give a command the options that say where the License server is, and how much is told."""
    for option in reversed((*_NOISE, *_LICENSE, *_NETWORK)):
        command = option(command)
    return command
