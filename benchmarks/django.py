"""Measure logins in a Django project: `python -m benchmarks.django [--quick]`; writes django.md."""

# ruff: noqa: PLC0415 - Django wants its settings before its models are imported

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import aiohttp

from .measuring import process
from .table import table

RESULTS = Path(__file__).with_name("django.md")
MARIE, PASSWORD = "marie@sandbox.test", "sandbox-wachtwoord"
SERVERS = {
    "uvicorn": ["uvicorn", "--lifespan", "off", "--log-level", "error", "--port"],
    "granian": ["granian", "--interface", "asginl", "--no-ws", "--log-level", "error", "--port"],
}

REPORT = """\
# Logins in a Django project, measured

`{command}` wrote this on {date}, on {cores} cores (load {load:.1f} when it began),
Python {python}, Django {django}, {system}, SQLite.

## What the middleware adds to a request

A logged-in user asks for a page that knows who asks, in one process and without a server, with the middleware and
without it, in turn: the fastest of {runs} runs of {requests} requests.

{added}

## {logins} logins at the same time

One worker serves them; the License server is a sandbox on the same machine, which takes its time for each password:
that is what the logins wait for. Meanwhile somebody else asks for a page that needs no login, again and again.

{served}
"""


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.django", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smaller run, which is only shown")
    quick = parser.parse_args().quick
    logins, requests, runs = (20, 200, 2) if quick else (100, 1000, 5)
    load = os.getloadavg()[0]
    sandbox_of = [
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
    with tempfile.TemporaryDirectory() as folder, process(sandbox_of) as sandbox:
        database = str(Path(folder) / "project.db")
        added = _added(database, sandbox["base_url"], requests, runs)
        served = [asyncio.run(_logins(name, database, sandbox["base_url"], logins)) for name in SERVERS]
    import django

    report = REPORT.format(
        command=f"python -m benchmarks.django{' --quick' if quick else ''}",
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        load=load,
        python=platform.python_version(),
        django=django.get_version(),
        system=platform.system(),
        runs=runs,
        requests=requests,
        logins=logins,
        added=table(("", "queries", "a request", "added"), added),
        served=table(("", "all logins", "one login (median)", "other page (median, 95 %, slowest)"), served),
    )
    print(f"\n{report}")
    if not quick:
        RESULTS.write_text(report, encoding="utf-8")


def _added(database: str, license_url: str, requests: int, runs: int) -> list[tuple[str, ...]]:
    os.environ |= {"BENCHMARK_DATABASE": database, "BENCHMARK_LICENSE_URL": license_url}
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import AsyncClient, Client, override_settings
    from django.test.utils import CaptureQueriesContext

    from . import django_application as project

    call_command("migrate", verbosity=0)
    browser = Client(headers={"host": "localhost"})
    answer = browser.post("/auth/login", {"username": MARIE, "password": PASSWORD})
    assert answer.status_code == 302, answer.content

    own = list(settings.MIDDLEWARE)
    variants = {"without": [each for each in own if each != project.MIDDLEWARE], "with": own}
    queries: dict[str, int] = {}

    def ready(client: type[Any], middleware: list[str]) -> Any:
        made = client(headers={"host": "localhost"})
        made.cookies = browser.cookies
        with override_settings(MIDDLEWARE=middleware):
            made.handler.load_middleware(is_async=client is AsyncClient)
        return made

    plain = {name: ready(Client, middleware) for name, middleware in variants.items()}
    for name, asking in plain.items():
        with CaptureQueriesContext(connection) as made:
            assert asking.get("/hello").content == b"hello True"
        queries[name] = len(made)
    took = {name: min(times) for name, times in _in_turn(plain, requests, runs).items()}
    in_loop = asyncio.run(
        _in_turn_async({name: ready(AsyncClient, each) for name, each in variants.items()}, requests, runs)
    )
    atook = {name: min(times) for name, times in in_loop.items()}
    more = queries["with"] - queries["without"]
    return [
        (
            f"{name}, {kind}",
            str(queries[name]),
            _ms(times[name]),
            "" if name == "without" else f"{more} query, {_ms(times['with'] - times['without'])}",
        )
        for kind, times in (("WSGI", took), ("ASGI", atook))
        for name in variants
    ]


def _in_turn(clients: dict[str, Any], requests: int, runs: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in clients}
    for _ in range(runs):
        for name, asking in clients.items():
            began = time.perf_counter()
            for _ in range(requests):
                asking.get("/hello")
            took[name].append((time.perf_counter() - began) / requests)
    return took


async def _in_turn_async(clients: dict[str, Any], requests: int, runs: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in clients}
    for _ in range(runs):
        for name, asking in clients.items():
            began = time.perf_counter()
            for _ in range(requests):
                assert (await asking.get("/ahello")).content == b"hello True"
            took[name].append((time.perf_counter() - began) / requests)
    return took


@contextmanager
def _served(name: str, database: str, license_url: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "BENCHMARK_DATABASE": database, "BENCHMARK_LICENSE_URL": license_url}
    command = [sys.executable, "-m", *SERVERS[name], str(port), "benchmarks.django_application:application"]
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
    raise RuntimeError("the project did not start")


async def _logins(name: str, database: str, license_url: str, count: int) -> tuple[str, ...]:
    with _served(name, database, license_url) as url:
        await _log_in(url)  # what is made once: templates, connections
        async with aiohttp.ClientSession() as other:
            others: list[float] = []
            asking = asyncio.create_task(_again_and_again(other, url, others))
            began = time.perf_counter()
            took = await asyncio.gather(*(_log_in(url) for _ in range(count)))
            whole = time.perf_counter() - began
            asking.cancel()
    pages = f"{_ms(median(others))}, {_ms(quantiles(others, n=20)[-1])}, {_ms(max(others))}"
    return name, f"{whole:.2f} s", _ms(median(took)), pages


async def _log_in(url: str) -> float:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(f"{url}/auth/login") as page:
            assert page.status == 200
            token = page.cookies["csrftoken"].value
        form = {"csrfmiddlewaretoken": token, "username": MARIE, "password": PASSWORD}
        began = time.perf_counter()
        async with browser.post(f"{url}/auth/login", data=form, allow_redirects=False) as answer:
            assert answer.status == 302, answer.status
        return time.perf_counter() - began


async def _again_and_again(browser: aiohttp.ClientSession, url: str, took: list[float]) -> None:
    while True:
        began = time.perf_counter()
        async with browser.get(f"{url}/public") as answer:
            assert answer.status == 200
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


if __name__ == "__main__":
    main()
