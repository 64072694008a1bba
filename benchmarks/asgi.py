"""Measure the login of ASGI applications: `python -m benchmarks.asgi [--quick]`; writes asgi.md."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import re
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.routing import Route

from .asgi_application import hello, make_login
from .measuring import process
from .table import table

RESULTS = Path(__file__).with_name("asgi.md")
LOGINS = 100
MARIE, PASSWORD = "marie@sandbox.test", "sandbox-wachtwoord"
SERVERS = {
    "uvicorn": ["uvicorn", "--factory", "--log-level", "error", "--port"],
    "granian": ["granian", "--factory", "--interface", "asgi", "--no-ws", "--log-level", "error", "--port"],
}
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')

INTRODUCTION = """\
# The login of ASGI applications, measured

`{command}` wrote this on {date}, on {cores} cores (load {load:.1f} when it began), Python {python}, {system}.

## {logins} logins at the same time

One worker serves them; the License server is a sandbox on the same machine, which takes its time for each password, as
it should: that is what the logins wait for. Meanwhile somebody else asks for a page that needs no login, again and
again. The event loop is late where something keeps it from other work: it was to wake up every 5 ms.
"""

ADDED = """\
## What is added to a request

In one process, without a server: an application that answers `hello`, alone and behind the middleware. Microseconds a
request, of the fastest of {runs} runs of {requests} requests.
"""


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.asgi", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller run, which is only shown")
    quick = parser.parse_args().quick
    logins, requests, runs = (20, 500, 2) if quick else (LOGINS, 3000, 5)
    load = os.getloadavg()[0]
    command = [
        sys.executable,
        "-m",
        "cloudspot.sandbox",
        "--port",
        "0",
        "--json",
        "--artikels",
        "10",
        "--klanten",
        "10",
    ]
    with process(command) as sandbox:
        rows = [asyncio.run(_logins(name, sandbox["base_url"], logins)) for name in SERVERS]
        added = asyncio.run(_added(sandbox["base_url"], requests, runs))
    report = INTRODUCTION.format(
        command=f"python -m benchmarks.asgi{' --quick' if quick else ''}",
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        load=load,
        python=platform.python_version(),
        system=platform.system(),
        logins=logins,
    )
    head = ("", "all logins", "one login (median)", "other page (median, 95 %, slowest)", "loop late (95 %, most)")
    report += "\n" + table(head, rows) + "\n\n" + ADDED.format(runs=runs, requests=requests)
    report += "\n" + table(("", "µs"), added) + "\n"
    print(f"\n{report}")
    if not quick:
        RESULTS.write_text(report, encoding="utf-8")


@contextmanager
def _served(name: str, license_url: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "CLOUDSPOT_LICENSE_URL": license_url}
    command = [sys.executable, "-m", *SERVERS[name], str(port), "benchmarks.asgi_application:make_app"]
    with subprocess.Popen(command, env=environment) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("the application did not start")


async def _logins(name: str, license_url: str, count: int) -> tuple[str, ...]:
    with _served(name, license_url) as url:
        await _log_in(url)  # what is made once: templates, connections
        async with aiohttp.ClientSession() as other:
            await _timed(other, url)
            await (await other.get(f"{url}/late")).json()
            others: list[float] = []
            asking = asyncio.create_task(_again_and_again(other, url, others))
            began = time.perf_counter()
            took = await asyncio.gather(*(_log_in(url) for _ in range(count)))
            whole = time.perf_counter() - began
            asking.cancel()
            late = await (await other.get(f"{url}/late")).json()
    pages = f"{_ms(median(others))}, {_ms(_of_95(others))}, {_ms(max(others))}"
    return name, f"{whole:.2f} s", _ms(median(took)), pages, f"{_ms(_of_95(late))}, {_ms(max(late))}"


async def _log_in(url: str) -> float:
    # Addresses of this machine keep their cookies only with an unsafe jar.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{url}/auth/login") as page:
            found = TOKEN.search(await page.text())
        assert found
        form = {"csrf": found[1], "username": MARIE, "password": PASSWORD}
        began = time.perf_counter()
        async with browser.post(f"{url}/auth/login", data=form, allow_redirects=False) as answer:
            assert answer.status == 303, answer.status
        return time.perf_counter() - began


async def _again_and_again(browser: aiohttp.ClientSession, url: str, took: list[float]) -> None:
    while True:
        took.append(await _timed(browser, url))
        await asyncio.sleep(0.01)


async def _timed(browser: aiohttp.ClientSession, url: str) -> float:
    began = time.perf_counter()
    async with browser.get(url) as answer:
        await answer.read()
    return time.perf_counter() - began


async def _added(license_url: str, requests: int, runs: int) -> list[tuple[str, ...]]:
    login = make_login(license_url)
    routes = [Route("/", hello)]
    alone, behind = Starlette(routes=routes), Starlette(routes=routes, middleware=[login.middleware])
    session = await login.license_server.client().authenticate(MARIE, PASSWORD)
    cookie = await login.sessions.begin(session, instead_of=None)
    user = [(b"cookie", f"{login.cookies.session}={cookie}".encode())]
    forged = [(b"cookie", f"{login.cookies.session}={'x' * 43}.{'y' * 43}".encode())]
    kinds: dict[str, tuple[Starlette, list[tuple[bytes, bytes]]]] = {
        "the application alone": (alone, []),
        "a visitor": (behind, []),
        "a cookie that is none": (behind, forged),
        "a user, within the interval": (behind, user),
    }
    fastest = dict.fromkeys(kinds, float("inf"))
    for _ in range(runs):  # in turn, so that what else the machine does touches all of them
        for kind, (app, headers) in kinds.items():
            fastest[kind] = min(fastest[kind], await _each(app, headers, requests))
    await login.aclose()
    base = fastest["the application alone"]
    rows = [("the application alone", f"{base * 1e6:.0f}")]
    rows += [(f"added for {kind}", f"{(fastest[kind] - base) * 1e6:.0f}") for kind in list(kinds)[1:]]
    return rows


async def _each(app: Callable[..., Awaitable[None]], headers: list[tuple[bytes, bytes]], requests: int) -> float:
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "root_path": ""}
    scope |= {"scheme": "http", "query_string": b"", "headers": [(b"host", b"x"), *headers], "http_version": "1.1"}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        pass

    began = time.perf_counter()
    for _ in range(requests):
        await app(dict(scope), receive, send)
    return (time.perf_counter() - began) / requests


def _of_95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
