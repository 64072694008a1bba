"""`cloudspot demo`: the toolkit at work on a sandbox, with what goes wrong in real life."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from cloudspot.errors import DocumentCutOff, GuardRefused
from cloudspot.records import Artikel

from .artikels import COLUMNS
from .destinations import replaced
from .fields import amount, sent_fields
from .formats import WRITERS
from .layout import card, table, tree
from .mirror import COLUMNS as CHANGES
from .options import Sectioned
from .terminal import is_terminal

if TYPE_CHECKING:
    from cloudspot.client import Cloudspot
    from cloudspot.mirror import Mirror
    from cloudspot.sandbox import Sandbox

WIDTH = 80
TOKEN = "sandbox-token"  # noqa: S105 - opens nothing but a sandbox
FIRST = 125
"""The id of every sandbox's first product."""
MIRROR = "demo-mirror.db"
FEED = tuple(column for column in CHANGES if column.title not in {"sequence", "company"})


@click.command(cls=Sectioned)
@click.option("--artikels", default=10_000, show_default=True, type=click.IntRange(50), help="How many products.")
@click.option("--klanten", default=2_000, show_default=True, type=click.IntRange(1), help="How many clients.")
@click.option(
    "--output",
    default="demo-output",
    show_default=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the files go.",
)
def demo(*, artikels: int, klanten: int, output: Path) -> None:
    """See the toolkit at work on a sandbox.

    Starts a sandbox in this process and reads it over HTTP: everything, one product, the categories; through a failing
    server and a cut-off answer; into files, which are read back and counted; and into a mirror, which tells what
    changed. Needs the extras `sandbox` and `mirror`.
    """
    from cloudspot.sandbox import Sandbox

    started = time.perf_counter()
    click.secho("The Cloudspot toolkit, at work on a sandbox", bold=True)
    with step("Starting a sandbox") as tell:
        sandbox = Sandbox(artikels=artikels, klanten=klanten).start()
        tell(f"{artikels:,} products and {klanten:,} clients on {sandbox.base_url}")
    try:
        with _client(sandbox) as erp:
            products = read_everything(erp, artikels, klanten)
            show_some(erp, products)
            survive(sandbox, artikels)
            files = write_files(erp, output, artikels)
            files.append(keep_a_mirror(sandbox, output, artikels))
    finally:
        sandbox.stop()
    click.secho(f"\nAll of it held, in {time.perf_counter() - started:.1f} s.", fg="green", bold=True)
    click.echo("\nThe files")
    for path in files:
        click.echo(f"  {path}  {path.stat().st_size / 1e6:.1f} MB")
    click.echo(f"\n{_NEXT}")


_NEXT = """What to try next
  cloudspot sandbox                         one terminal: a sandbox that stays
  export CLOUDSPOT_TOKEN=sandbox-token      another: its token
  cloudspot artikels --test-mode --limit 5  and its products
  cloudspot sync --test-mode                a mirror of them: erp.db
  cloudspot login                           your own company, with its token"""


class DidNotHold(click.ClickException):
    """A step of the demo came out otherwise than it should."""


def check(holds: bool, what: str) -> None:
    """Stop the demo where something doesn't hold."""
    if not holds:
        raise DidNotHold(f"the demo failed: {what}")


class _Told(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)


@contextmanager
def step(title: str) -> Iterator[_Told]:
    """A step of the demo: announced while it works, told when it is done, with the time it took."""
    told = _Told()
    again = ""
    if is_terminal(sys.stdout):
        click.echo(f"… {title}", nl=False)
        again = "\r"
    started = time.perf_counter()
    try:
        yield told
    except BaseException:
        click.echo(f"{again}{click.style('✗', fg='red')} {title}")
        raise
    took = f"{time.perf_counter() - started:.2f} s"
    click.echo(f"{again}{click.style('✓', fg='green')} {title:{WIDTH - 3 - len(took)}} {took}")
    for line in told:
        click.echo(f"  {line}")


def read_everything(erp: Cloudspot, artikels: int, klanten: int) -> Sequence[Artikel]:
    """All products and all clients."""
    with step("Reading all products") as tell:
        products = erp.artikels.list()
        check(len(products) == artikels, f"{len(products):,} of {artikels:,} products came")
        answer = products.response
        tell(f"{len(products):,} products, {answer.bytes / 1e6:.1f} MB, {len(products) / answer.elapsed:,.0f} a second")
    with step("Reading all clients") as tell:
        clients = erp.klanten.list()
        check(len(clients) == klanten, f"{len(clients):,} of {klanten:,} clients came")
        firms = sum(bool(klant.is_bedrijf) for klant in clients)
        tell(f"{len(clients):,} clients, of which {firms:,} companies")
    return products


def show_some(erp: Cloudspot, products: Sequence[Artikel]) -> None:
    """One product, a tree of categories, a table."""
    with step(f"Asking for one product: {FIRST}") as tell:
        artikel = erp.artikels.get(FIRST)
        check(artikel == products[0], "the product differs from the one in the list")
        for line in card(_facts(artikel), WIDTH - 2):
            tell(line)
    with step("Asking for the categories") as tell:
        trees = erp.categorieen.list()
        check(bool(trees), "there are no categories")
        shown = max(trees, key=lambda root: sum(1 for _ in root.walk()))
        for line in tree([shown]):
            tell(line)
        tell(f"… and {len(trees) - 1} more trees")
    click.echo("  A few of the products")
    for line in table(islice(_spread(products), 5), COLUMNS, WIDTH - 2):
        click.echo(f"  {line}")


def _spread(products: Sequence[Artikel]) -> Iterator[Artikel]:
    return islice(products, 0, None, max(1, len(products) // 5))


def _facts(artikel: Artikel) -> Iterator[tuple[str, list[str]]]:
    yield "naam", [artikel.naam or ""]
    yield "merk", [artikel.merk or ""]
    yield "categorie", [artikel.categorie or ""]
    if artikel.verkoopprijs_incl is not None and artikel.BTW is not None:
        yield "prijs", [f"{amount(artikel.verkoopprijs_incl, 2)} EUR, with {amount(artikel.BTW.normalize())} % VAT"]
    yield "foto", [artikel.hoofdfoto.url or "" if artikel.hoofdfoto else ""]


def survive(sandbox: Sandbox, artikels: int) -> None:
    """A failing server, a cut-off answer, and the same without a second attempt."""
    with step("The server answers 502, with a proxy's HTML page") as tell:
        sandbox.faults.add(route="artikels", status=502, body="html")
        tell(_asked_twice(sandbox, artikels))
    with step("The answer is cut off at 60 %") as tell:
        sandbox.faults.add(route="artikels", cut_off=0.6)
        tell(_asked_twice(sandbox, artikels))
    with step("Cut off once more, with retries=0") as tell, _client(sandbox, retries=0) as erp:
        sandbox.faults.add(route="artikels", cut_off=0.6, ends_cleanly=True)
        try:
            short = erp.artikels.list()
        except DocumentCutOff as error:
            for line in wrap(f"{type(error).__name__}: {error.message}", WIDTH - 2):
                tell(line)
            tell("an error, never a short list")
        else:
            check(holds=False, what=f"a cut-off answer became a list of {len(short):,} products")


def _asked_twice(sandbox: Sandbox, artikels: int) -> str:
    with _client(sandbox) as erp:  # a new one: the other would ask whether the list it keeps has changed
        products = erp.artikels.list()
    attempts = products.response.attempts
    check(len(products) == artikels, f"{len(products):,} of {artikels:,} products came")
    check(attempts == 2, f"it took {attempts} attempts instead of 2")
    return f"asked again by itself: all {len(products):,} products at attempt {attempts}"


def _client(sandbox: Sandbox, retries: int = 2) -> Cloudspot:
    from cloudspot.client import Cloudspot

    return Cloudspot(TOKEN, base_url=sandbox.base_url, retries=retries)


def keep_a_mirror(sandbox: Sandbox, directory: Path, artikels: int) -> Path:
    """A mirror of the products: synced, synced again after some changes, and told lies."""
    from cloudspot.mirror import Mirror

    for old in directory.glob(f"{MIRROR}*"):
        old.unlink()
    with Mirror(directory / MIRROR) as mirror, _client(sandbox) as erp:
        with step("Copying the company into a database: the first sync") as tell:
            report = mirror.sync(erp)
            check(report["artikels"].created == artikels, f"{report['artikels'].created:,} products were copied")
            tell(f"{report.changed:,} records into {MIRROR}, each with its history from now on")
        cheaper = sandbox.artikels.get(FIRST)
        sandbox.artikels.update(FIRST, verkoopprijs_incl=(cheaper.verkoopprijs_incl or 0) + 1)
        sandbox.artikels.delete(FIRST + 1)
        with step("A price goes up, a product is deleted: the second sync") as tell:
            since = mirror.sequence
            mirror.sync(erp)
            found = list(mirror.changes(since))
            kinds = sorted(change.kind for change in found)
            check(kinds == ["deleted", "updated"], f"the feed tells of {', '.join(kinds) or 'nothing'}")
            for line in table(found, FEED, WIDTH - 2):
                tell(line)
        refuse_what_went_wrong(sandbox, mirror)
    return directory / MIRROR


def refuse_what_went_wrong(sandbox: Sandbox, mirror: Mirror) -> None:
    """Answers that would empty the copy: one that is cut off, and one that is half the list."""
    before = mirror.sequence, len(mirror.artikels)
    for title, fault in (
        ("The answer is cut off, and HTTP says that it is whole", {"cut_off": 0.5, "ends_cleanly": True}),
        ("Half of the list comes, as JSON that is whole", {"alter": "half_list"}),
    ):
        with step(title) as tell, _client(sandbox, retries=0) as erp:
            sandbox.faults.add(route="artikels", **fault)
            try:
                mirror.sync(erp, resources=["artikels"])
            except (DocumentCutOff, GuardRefused) as error:
                for line in wrap(f"{type(error).__name__}: {error.message}", WIDTH - 2):
                    tell(line)
            else:
                check(holds=False, what="an answer that went wrong went into the mirror")
            check((mirror.sequence, len(mirror.artikels)) == before, "a refused answer changed the mirror")
            tell(f"the mirror still has all its {before[1]:,} products")


def write_files(erp: Cloudspot, directory: Path, artikels: int) -> list[Path]:
    """The products as JSON lines and as CSV, streamed from the server to the disk, and read back."""
    directory.mkdir(parents=True, exist_ok=True)
    lines, rows = directory / "artikels.jsonl", directory / "artikels.csv"
    for path, kind in ((lines, "jsonl"), (rows, "csv")):
        with step(f"Streaming the products into {path.name}"), replaced(path) as file:
            WRITERS[kind](erp.artikels, file, sent_fields(Artikel) if kind == "csv" else ())
    with step("Reading the files back") as tell:
        with lines.open("rb") as file:
            in_lines = sum(bool(Artikel.from_json(line)) for line in file)
        with rows.open(encoding="utf-8", newline="") as text:
            in_rows = sum(1 for _ in csv.DictReader(text))
        check(in_lines == in_rows == artikels, f"{in_lines:,} products are in {lines}, {in_rows:,} in {rows}")
        tell(f"{in_lines:,} products in each")
    return [lines, rows]
