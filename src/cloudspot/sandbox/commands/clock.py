"""`cloudspot sandbox clock …`: what time it is in a sandbox."""

from __future__ import annotations

import re
from typing import Any

import click

from .running import Running, at_running

UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)([wdhms])")
_WHOLE = re.compile(r"-?(?:\d+(?:\.\d+)?[wdhms])+")


def _duration(text: str) -> float:
    """Seconds, or a text such as `1h30m`."""
    if _WHOLE.fullmatch(text):
        total = sum(float(number) * UNITS[unit] for number, unit in _PART.findall(text))
        return -total if text.startswith("-") else total
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no duration: write seconds, or 1h30m, or 2d.") from None


@click.group(invoke_without_command=True)
@at_running
def clock(running: Running) -> None:
    """Show the sandbox's clock, by which tokens expire and events and answers are dated; or set it."""
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is None:
        _show(running.get("clock"))
    else:
        ctx.obj = running


@clock.command(name="set")
@click.argument("moment")
def set_clock(moment: str) -> None:
    """Put it to a moment, such as 2026-01-31T23:59:00+01:00; it runs or stands as before."""
    _change(now=moment)


# `-1h` is an hour back, not a request for help.
@clock.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("by", type=_duration)
def advance(by: float) -> None:
    """Move it on by seconds or a time such as 1h30m, or back if that is negative."""
    _change(advance=by)


@clock.command()
@click.argument("moment", required=False)
def freeze(moment: str | None) -> None:
    """Let it stand still, at a moment or now."""
    _change(frozen=True, **({} if moment is None else {"now": moment}))


@clock.command()
def run() -> None:
    """Let it go on from where it stands."""
    _change(frozen=False)


@clock.command()
def reset() -> None:
    """Put it back to how it was when the sandbox was started."""
    _show(click.get_current_context().obj.ask("DELETE", "clock"))


def _change(**fields: Any) -> None:
    _show(click.get_current_context().obj.ask("PUT", "clock", fields))


def _show(clock: dict[str, Any]) -> None:
    state = "stands still" if clock["frozen"] else "this machine's time" if clock["real"] else "runs"
    click.echo(f"{clock['now']}  ({state})")
