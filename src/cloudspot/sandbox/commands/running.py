"""The way from a command to a sandbox that runs: its control API, over HTTP."""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import click

if TYPE_CHECKING:
    import urllib3

DEFAULT_URL = "http://127.0.0.1:8000"
VARIABLE = "CLOUDSPOT_SANDBOX_URL"
TOLD_BEFORE = "cloudspot.sandbox.url"
"""Under which name a context knows the address that --host and --port before the command give."""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to be asked, not to be listened on

CONNECT_SECONDS, READ_SECONDS = 5, 600
"""Filling a large database anew takes minutes, and nothing is sent meanwhile."""
POLL_SECONDS = 0.05
PROBLEMS_SHOWN = 20


def url_of(host: str, port: int) -> str:
    """Where a sandbox is that listens there; one that listens everywhere is on this machine too."""
    host = EVERYWHERE.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class Running:
    """A sandbox in another process."""

    def __init__(self, url: str) -> None:
        """Say where it is; nothing is asked yet. What follows the host, such as `/api/v1`, is left away.

        Raises:
            ValueError: that is no URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is not the URL of a sandbox: it looks like {DEFAULT_URL}")
        self.url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def get(self, path: str, **parameters: str | None) -> Any:
        """What is at a path below /_sandbox/; parameters that are None are left out.

        Raises:
            click.ClickException: no sandbox answers, or it refuses.
        """
        told = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items() if value is not None)
        return self.ask("GET", f"{path}?{told}" if told else path)

    def ask(self, method: str, path: str, fields: Mapping[str, Any] | None = None) -> Any:
        """Ask with fields as JSON, and read JSON.

        Raises:
            click.ClickException: no sandbox answers, or it refuses.
        """
        body = None if fields is None else json.dumps(fields).encode()
        answer = self.answer(method, path, body, {"Content-Type": "application/json"} if body else {})
        try:
            return answer.json()
        except ValueError:
            raise click.ClickException(f"What answers at {self.url} is not a sandbox.") from None

    def answer(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """The bare answer; with `stream` its body is yet to be read. `body` is bytes or a file.

        Raises:
            click.ClickException: no sandbox answers, or it refuses.
        """
        import urllib3  # noqa: PLC0415 - a help page needs none of it

        try:
            answer = urllib3.request(
                method,
                f"{self.url}/_sandbox/{path}",
                body=body,
                headers=headers,
                retries=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                preload_content=not stream,
            )
        except urllib3.exceptions.HTTPError:
            raise click.ClickException(
                f"No sandbox answers at {self.url}. Start one with `cloudspot sandbox`, "
                f"or say where it is with --url or {VARIABLE}."
            ) from None
        if answer.status >= 400:
            raise click.ClickException(_complaint(answer.data, answer.status, self.url))
        return answer

    def wait(self, seconds: float) -> None:
        """Return when it answers.

        Raises:
            TimeoutError: it doesn't within that time.
        """
        import urllib3  # noqa: PLC0415

        until = time.monotonic() + seconds
        with urllib3.PoolManager(retries=False) as pool:
            while True:
                left = max(until - time.monotonic(), POLL_SECONDS)
                try:
                    answer = pool.request("GET", f"{self.url}/_sandbox/ready", timeout=min(left, CONNECT_SECONDS))
                    if answer.status == 200 and answer.json().get("ready") is True:
                        return
                except (urllib3.exceptions.HTTPError, ValueError, AttributeError):
                    pass
                if time.monotonic() + POLL_SECONDS > until:
                    raise TimeoutError(f"no sandbox answered at {self.url} within {seconds:g} s")
                time.sleep(POLL_SECONDS)


def _complaint(body: bytes, status: int, url: str) -> str:
    try:
        told = json.loads(body)
        lines = [str(told["message"]), *map(_problem, told.get("problems", ())[:PROBLEMS_SHOWN])]
        more = told.get("count", 0) - PROBLEMS_SHOWN
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"What answers at {url} is not a sandbox: it said {status}."
    return "\n".join([*lines, f"and {more:,} more"] if more > 0 else lines)


def _problem(told: Mapping[str, Any]) -> str:
    """What is wrong with a row of a file."""
    field = f"{told['field']}: " if told["field"] else ""
    value = f", not {told['value']!r}" if told["value"] else ""
    return f"  row {told['row']}, {field}{told['reason']}{value}"


def at_running(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --url, and as its first argument the `Running` sandbox that is meant.

    Meant is what --url says, else what --host and --port say before the command, else CLOUDSPOT_SANDBOX_URL.
    """

    @click.option("--url", metavar="URL", help=f"Where the sandbox is; else {VARIABLE}, else {DEFAULT_URL}.")
    @functools.wraps(command)
    def with_running(*args: Any, url: str | None, **options: Any) -> Any:
        wanted = url or click.get_current_context().meta.get(TOLD_BEFORE) or os.environ.get(VARIABLE) or DEFAULT_URL
        try:
            running = Running(wanted)
        except ValueError as error:
            raise click.ClickException(f"{error}.") from None
        return command(running, *args, **options)

    return with_running
