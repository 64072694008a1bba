"""`cloudspot sandbox snapshot`, `restore`, `reset` and `import`: the data of a sandbox that runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import click
import msgspec

from cloudspot.sandbox.file_formats import FORMATS, format_told_by

from .running import Running, at_running

PIECE = 1 << 16


@click.command
@click.argument("file", required=False)
@click.option("--name", metavar="NAME", help="Keep it in the sandbox itself, under this name.")
@at_running
def snapshot(running: Running, file: str | None, name: str | None) -> None:
    """Save all that the sandbox holds to FILE, to commit and to restore later; - is standard output.

    With --name it stays in the sandbox, for its page and for `restore --name`.
    """
    _refuse_both(file, name)
    if name is not None:
        kept = running.ask("POST", "snapshots", {"name": name})
        click.echo(f"Kept as {kept['name']}: {kept['artikels']:,} products, {kept['klanten']:,} clients.", err=True)
        return
    with _replaced(str(file)) as out:
        answer = running.answer("GET", "snapshot", stream=True)
        expected, size = int(answer.headers["Content-Length"]), 0
        for piece in answer.stream(PIECE):
            size += out.write(piece)
        if size != expected:
            raise click.ClickException(f"The snapshot broke off after {size:,} of {expected:,} bytes.")


@click.command
@click.argument("file", required=False)
@click.option("--name", metavar="NAME", help="One that the sandbox keeps itself.")
@at_running
def restore(running: Running, file: str | None, name: str | None) -> None:
    """Make the sandbox what FILE says, a snapshot; - is standard input. All or nothing; users are logged out."""
    _refuse_both(file, name)
    if name is not None:
        running.ask("POST", f"snapshots/{quote(name, safe='')}/restore")
        return
    with _opened(str(file)) as text:
        running.answer("POST", "restore", text, {"Content-Type": "application/octet-stream"})


@click.command
@at_running
def reset(running: Running) -> None:
    """Make the data anew as the sandbox began, and clear the faults and events."""
    running.ask("POST", "reset")


@click.command(name="import")
@click.argument("collection", type=click.Choice(["artikels", "klanten"]))
@click.argument("file")
@click.option("--company", metavar="NAME", help="Its name or id; the first one if left out.")
@click.option("--replace", is_flag=True, help="Leave none but those of the file.")
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    help="What the file is, where its name doesn't tell.",
)
@click.option("--json", "as_json", is_flag=True, help="Print how many were added and so on as JSON.")
@at_running
def import_(
    running: Running,
    collection: str,
    file: str,
    company: str | None,
    format: str | None,
    *,
    replace: bool,
    as_json: bool,
) -> None:
    """Take in products (artikels) or clients (klanten) from FILE: CSV, Excel, JSON or JSON lines; - is standard input.

    Columns are named as the API names fields. Rows go over the records with the same ids; a row without one gets one.
    Where any row is bad, nothing is taken in and every bad row is told.
    """
    known = format or format_told_by(file)
    if known is None:
        raise click.UsageError(f"{file} doesn't tell its format; say it with --format.")
    path = f"companies/{_company(running, company)}/{collection}/load?format={known}"
    with _opened(file) as rows:
        headers = {"Content-Type": "application/octet-stream"}
        done = running.answer("POST", f"{path}&mode={'replace' if replace else 'merge'}", rows, headers).json()
    if as_json:
        click.echo(msgspec.json.encode(done))
    else:
        click.echo(", ".join(f"{count:,} {word}" for word, count in done.items() if count) or "No rows.", err=True)


def _company(running: Running, naam: str | None) -> str:
    every: list[dict[str, Any]] = running.ask("GET", "companies")["companies"]
    for company in every:
        if naam in {None, company["id"], company["naam"]}:
            return str(company["id"])
    raise click.ClickException(f"There is no company {naam!r}; there are {', '.join(each['naam'] for each in every)}.")


def _refuse_both(file: str | None, name: str | None) -> None:
    if (file is None) == (name is None):
        raise click.UsageError("Say either a file or a --name.")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115 - the error is told in a sentence
    except OSError as error:
        raise click.ClickException(f"Can't read {file}: {error.strerror or error}.") from None
    with opened:
        yield opened


@contextmanager
def _replaced(file: str) -> Iterator[BinaryIO]:
    """A file that is replaced only when all is well."""
    if file == "-":
        yield sys.stdout.buffer
        return
    target = Path(file)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("xb") as out:
            yield out
        beside.replace(target)
    except OSError as error:
        raise click.ClickException(f"Can't write {file}: {error.strerror or error}.") from None
    finally:
        beside.unlink(missing_ok=True)
