"""`cloudspot sandbox` without a command: the servers run until they are told to stop."""

from __future__ import annotations

import errno
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from cloudspot.sandbox.sandbox import Sandbox

STOPS = (signal.SIGINT, signal.SIGTERM)
EXPOSED = (
    "Warning: the sandbox listens on {host}. Whoever reaches this machine can read and change what is in it; "
    "there is no password."
)
INTERRUPTED = 128 + signal.SIGINT


def serve(*, host: str, port: int, as_json: bool, **options: Any) -> None:
    """Run a sandbox until Ctrl-C or SIGTERM.

    Raises:
        click.ClickException: it can't start.
        click.exceptions.Exit: it was told to stop.
    """
    try:
        with _signals_raised(), _running(host, port, options) as running:
            if running.is_exposed:
                click.echo(EXPOSED.format(host=host), err=True)
            _announce(running, as_json=as_json)
            while True:
                time.sleep(3600)
    except _ToldToStop as told:
        raise click.exceptions.Exit(INTERRUPTED if told.signal == signal.SIGINT else 0) from None


class _ToldToStop(BaseException):
    """Ctrl-C or SIGTERM came. Not an `Exception`, so that it ends the filling of a database too."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


@contextmanager
def _signals_raised() -> Iterator[None]:
    """Let the first signal raise, and no second one disturb the stopping."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def tell(number: int, _: FrameType | None) -> None:
        for each in STOPS:
            signal.signal(each, signal.SIG_IGN)
        raise _ToldToStop(number)

    before = {each: signal.signal(each, tell) for each in STOPS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def _running(host: str, port: int, options: dict[str, Any]) -> Iterator[Sandbox]:
    """A sandbox that serves; what keeps it from starting is told in a sentence."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415 - only a sandbox that runs needs the database library

    from cloudspot.sandbox.sandbox import Sandbox  # noqa: PLC0415 - likewise the server

    try:
        sandbox = Sandbox(host=host, port=port, **options).start()
    except OSError as error:
        hint = " Choose another with --port, or --port 0 for a free one." if error.errno == errno.EADDRINUSE else ""
        raise click.ClickException(f"can't listen on {host}:{port}: {error.strerror or error}.{hint}") from None
    except SQLAlchemyError as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise click.ClickException(f"can't use the database: {reason}") from None
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    try:
        yield sandbox
    finally:
        sandbox.stop()


def _announce(sandbox: Sandbox, *, as_json: bool) -> None:
    if as_json:
        from cloudspot.sandbox.description import about  # noqa: PLC0415 - only those who ask need it

        click.echo(msgspec.json.encode(about(sandbox)))
        return
    tokens = sandbox.tokens
    click.echo(
        f"The sandbox serves {len(sandbox.artikels):,} products and {len(sandbox.klanten):,} clients.\n"
        f"  page      {sandbox.page_url}\n"
        f"  base URL  {sandbox.base_url}\n"
        f"  tokens    {', '.join(tokens)}\n"
        f"  users     {', '.join(user.email for user in sandbox.users.list())}\n"
        f"  try       curl -H 'X-ERP-TOKEN: {next(iter(tokens), '')}' '{sandbox.base_url}/artikels/?id=125'\n"
        "Ctrl-C ends it.",
        err=True,
    )
