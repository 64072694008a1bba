"""`cloudspot sandbox` and `python -m cloudspot.sandbox`: run the servers until they are told to stop."""

from __future__ import annotations

import errno
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .sandbox import Sandbox

STOPS = (signal.SIGINT, signal.SIGTERM)
INTERRUPTED = 128 + signal.SIGINT


@click.command(name="sandbox")
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
@click.option("--compress", is_flag=True, help="Compress answers for clients that ask for it.")
@click.option("--remote-webhooks", is_flag=True, help="Let events go to other machines than this one.")
@click.option("--json", "as_json", is_flag=True, help="When ready, print one line of JSON with base_url and tokens.")
def sandbox(*, host: str, port: int, as_json: bool, **options: Any) -> None:
    """Run a stand-in for Cloudspot's servers on this machine, full of realistic products and clients.

    Ends with Ctrl-C.
    """
    try:
        with _signals_raised(), _running(host, port, options) as running:
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

    from .sandbox import Sandbox  # noqa: PLC0415 - likewise the server

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


def _description(sandbox: Sandbox) -> dict[str, Any]:
    """What a program that starts a sandbox needs to know of it."""
    from .accounts import effective  # noqa: PLC0415 - a help page needs none of it

    companies: dict[str, list[str]] = {}
    for row in sandbox.permissions.list():
        if effective(row.permissions):
            companies.setdefault(row.user, []).append(row.company_id)
    return {
        "base_url": sandbox.base_url,
        "tokens": sandbox.tokens,
        "companies": [{"id": each.id, "name": each.naam} for each in sandbox.companies],
        "applications": [
            {"id": each.id, "name": each.name, "requestor": each.requestor} for each in sandbox.applications.list()
        ],
        "users": [
            {"email": each.email, "companies": sorted(set(companies.get(each.email, [])))}
            for each in sandbox.users.list()
        ],
    }


def _announce(sandbox: Sandbox, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_description(sandbox)))
        return
    tokens = sandbox.tokens
    click.echo(
        f"The sandbox serves {len(sandbox.artikels):,} products and {len(sandbox.klanten):,} clients.\n"
        f"  base URL  {sandbox.base_url}\n"
        f"  tokens    {', '.join(tokens)}\n"
        f"  users     {', '.join(user.email for user in sandbox.users.list())}\n"
        f"  try       curl -H 'X-ERP-TOKEN: {tokens[0]}' '{sandbox.base_url}/artikels/?id=125'\n"
        "Ctrl-C ends it.",
        err=True,
    )
