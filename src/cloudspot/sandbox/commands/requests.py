"""`cloudspot sandbox requests …`: what a sandbox was asked, and what it answered."""

from __future__ import annotations

import json
import signal
import time
from datetime import UTC, datetime
from typing import IO, Any, get_args

import click

from cloudspot.sandbox.faults import Route

from .running import Running, at_running

LISTED = 50
LOOKED_AT_AGAIN_AFTER = 0.2
INTERRUPTED = 128 + signal.SIGINT


@click.group(invoke_without_command=True)
@click.option("--route", type=click.Choice(get_args(Route)), help="Only requests to this path.")
@click.option("--status", metavar="STATUS", help="Only answers with this status; 4xx means all of a kind.")
@click.option("--token", metavar="LABEL", help="Only requests with the token that has this label in the log.")
@click.option("--method", metavar="METHOD", help="Only requests with this method.")
@click.option("--text", metavar="TEXT", help="Only those with this in path, query or bodies.")
@click.option("--fault", metavar="ID", type=click.IntRange(0), help="Only requests that met this fault.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(0), help=f"Only the last N; {LISTED} if left out, and all for --har."
)
@click.option("--follow", is_flag=True, help="Go on listing as they come, until Ctrl-C.")
@click.option("--har", type=click.File("w", encoding="utf-8", atomic=True), help="Write an HTTP Archive to this file.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each.")
@at_running
def requests(running: Running, *, follow: bool, har: IO[str] | None, as_json: bool, **filters: Any) -> None:
    """List the last requests, the oldest first: number, time, answer, request, size, duration, token and fault."""
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is not None:
        ctx.obj = running
        return
    if follow and har is not None:
        ctx.fail("--follow and --har exclude each other.")
    wanted = {name: None if value is None else str(value) for name, value in filters.items()}
    if har is not None:
        json.dump(running.get("requests.har", **wanted), har, indent=1, ensure_ascii=False)
        return
    last = _list(running, {**wanted, "limit": wanted["limit"] or str(LISTED)}, as_json=as_json)
    try:
        while follow:
            time.sleep(LOOKED_AT_AGAIN_AFTER)
            wanted["limit"] = None
            last = _list(running, {**wanted, "after": str(last)}, as_json=as_json) or last
    except KeyboardInterrupt:
        raise click.exceptions.Exit(INTERRUPTED) from None


@requests.command()
@click.argument("id", type=click.IntRange(1))
def show(id: int) -> None:
    """Show a request and its answer, headers and bodies, without the secrets in them."""
    shown = click.get_current_context().obj.get(f"requests/{id}")
    target = f"{shown['path']}?{shown['query']}" if shown["query"] else shown["path"]
    click.echo(f"{shown['method']} {target}")
    _message(shown["headers"], shown["body"], shown["size"])
    click.echo(f"\n{shown['status'] or 'no answer'} ({shown['outcome']}) after {shown['seconds'] * 1000:.1f} ms")
    _message(shown["answer_headers"], shown["answer_body"], shown["answer_size"])


@requests.command()
@click.argument("id", type=click.IntRange(1))
def curl(id: int) -> None:
    """Print a shell command that asks the same; its secrets come from variables such as $CLOUDSPOT_TOKEN."""
    click.echo(click.get_current_context().obj.get(f"requests/{id}/curl")["curl"])


@requests.command()
def clear() -> None:
    """Forget all."""
    click.get_current_context().obj.ask("DELETE", "requests")


def _list(running: Running, wanted: dict[str, str | None], *, as_json: bool) -> int:
    """List what is wanted; the last one's id."""
    found = running.get("requests", **wanted)["requests"]
    for each in found:
        click.echo(json.dumps(each) if as_json else _line(each))
    return found[-1]["id"] if found else 0


def _line(shown: dict[str, Any]) -> str:
    moment = datetime.fromtimestamp(shown["at"], UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
    target = f"{shown['path']}?{shown['query']}" if shown["query"] else shown["path"]
    parts = [
        f"{shown['id']:>4}",
        moment,
        f"{shown['status'] or '---'}",
        f"{shown['method']} {target}",
        f"{shown['answer_size']:,} bytes",
        f"{shown['seconds'] * 1000:.1f} ms",
    ]
    if shown["token"]:
        parts.append(shown["token"])
    if shown["outcome"] != "sent":
        parts.append(shown["outcome"])
    if shown["fault_id"]:
        parts.append(f"fault {shown['fault_id']}")
    return "  ".join(parts)


def _message(headers: list[dict[str, str]], body: str, size: int) -> None:
    for header in headers:
        click.echo(f"{header['name']}: {header['value']}")
    if body:
        click.echo(f"\n{body}{' …' if size > len(body.encode()) else ''}")
