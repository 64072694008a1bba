"""One run of `cloudspot`: whatever happens becomes an exit code and at most one line on stderr."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

import click

from .app import app

NAME = "cloudspot"
COMPLETE = "_CLOUDSPOT_COMPLETE"
PIPE_CLOSED, INTERRUPTED, TERMINATED = 141, 130, 143


def run(args: Sequence[str]) -> int:
    """Run the command line `args`; the exit code."""
    try:
        _let_sigterm_clean_up()
        code = _command(args)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - nobody should see a traceback
        return _failed(error)
    return code


def _command(args: Sequence[str]) -> int:
    """What click's own `main` does, except that a closed pipe stays visible."""
    if instruction := os.environ.get(COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(app, {}, NAME, COMPLETE, instruction)
    try:
        with app.make_context(NAME, list(args)) as context:
            code = app.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return int(code or 0)


def _failed(error: Exception) -> int:
    from .failures import exit_code_of, line_of, lines_below

    if isinstance(error, click.Abort):
        return INTERRUPTED
    if os.environ.get("CLOUDSPOT_DEBUG"):
        import traceback

        traceback.print_exception(error)
    click.echo("\n".join([line_of(error), *lines_below(error)]), err=True)
    if isinstance(error, OSError):
        _forget_stdout()
    return exit_code_of(error)


def _forget_stdout() -> None:
    """Let what is still buffered go nowhere, or the interpreter would fail on it once more at its exit."""
    if sys.stdout is None:
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass


def _let_sigterm_clean_up() -> None:
    """Without this, a run that is told to stop would leave its unfinished file behind."""

    def stop(_: int, __: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
