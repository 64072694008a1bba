"""Runs clients in processes of their own, in turn, and keeps what each took."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

CLIENTS = Path(__file__).parent / "clients"
TOGETHER = 32


class Figures(NamedTuple):
    """What one thing took, over its repetitions."""

    seconds: list[float]
    cpu: list[float]
    peak: list[float]
    first: list[float]

    @property
    def best(self) -> float:
        """The fastest run's seconds: what else a machine does only ever adds to them."""
        return min(self.seconds)


class Contestant(NamedTuple):
    """A task of a client script."""

    client: str
    task: str
    count: int


@dataclass(frozen=True)
class Bench:
    """Where everything is, and how much of it to do."""

    published: Path
    """The Python that has the published package."""
    base: Path
    """The Python that has this package without extras."""
    server: Mapping[str, Any]
    ca: Path
    quick: bool

    def much(self, full: int, quick: int) -> int:
        """How many, in a full run or a quick one."""
        return quick if self.quick else full

    def in_turn(self, scheme: str, times: int, *contestants: Contestant, base_url: str | None = None) -> list[Figures]:
        """What each contestant took: every one runs once, then every one again, so that noise meets all alike."""
        taken: list[list[dict[str, float]]] = [[] for _ in contestants]
        for _ in range(times):
            for contestant, results in zip(contestants, taken, strict=True):
                results.append(self._run(contestant, base_url or f"{self.server[scheme]}/{contestant.count}/api/v1"))
        return [
            Figures(*([result[key] for result in results if key in result] for key in Figures._fields))
            for results in taken
        ]

    def _run(self, contestant: Contestant, base_url: str) -> dict[str, float]:
        task = {
            "task": contestant.task,
            "base_url": base_url,
            "count": contestant.count,
            "first": self.server["first"],
            "together": TOGETHER,
            "ca": str(self.ca),
        }
        python = self.published if contestant.client == "published" else sys.executable
        command = [python, str(CLIENTS / f"{contestant.client}.py"), json.dumps(task)]
        print(
            f"  {contestant.client}: {contestant.task} {contestant.count:,} {base_url.partition(':')[0]}",
            end=" ",
            flush=True,
        )
        answer = subprocess.run(command, capture_output=True, text=True, env=self.environment(), check=False)
        if answer.returncode:
            raise RuntimeError(f"{contestant} failed:\n{answer.stderr}")
        result: dict[str, float] = json.loads(answer.stdout)
        print(f"{result['seconds']:.2f} s")
        return result

    def environment(self) -> dict[str, str]:
        """The environment of the clients: no proxies, the throw-away CA trusted by both packages."""
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return kept | {"REQUESTS_CA_BUNDLE": str(self.ca), "SSL_CERT_FILE": str(self.ca)}

    def fresh(self, times: int, *commands: list[str]) -> list[list[float]]:
        """The seconds that each command prints, or takes where it prints none, each in a fresh process, in turn."""
        taken: list[list[float]] = [[] for _ in commands]
        for _ in range(times):
            for command, results in zip(commands, taken, strict=True):
                answer = subprocess.run(
                    [sys.executable, str(CLIENTS / "timed.py"), *command],
                    capture_output=True,
                    text=True,
                    env=self.environment(),
                    check=True,
                )
                results.append(float(answer.stdout))
        return taken


@contextlib.contextmanager
def process(command: list[str], read: Callable[[str], Any] = json.loads) -> Iterator[Any]:
    """A server in a process of its own, which prints one line when it is ready; the line as it was read."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            if not line:
                raise RuntimeError(f"{' '.join(command)} did not start")
            yield read(line)
        finally:
            server.terminate()


@contextlib.contextmanager
def serving(published: Path, base: Path, *, quick: bool) -> Iterator[Bench]:
    """A bench whose server runs."""
    products = 10_000 if quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        ca = Path(folder) / "ca.pem"
        command = [sys.executable, "-m", "benchmarks.server", str(products), str(ca)]
        with process(command) as server:
            yield Bench(published, base, server, ca, quick)
