"""`examples/shop_pusher`, run as its README says and killed on the way: the shop ends equal to the mirror."""

from __future__ import annotations

import importlib.util
import os
import random
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import cloudspot
from cloudspot import Cloudspot
from cloudspot.mirror import Mirror
from cloudspot.sandbox import Sandbox

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop_pusher"
KILLS = int(os.environ.get("CLOUDSPOT_TEST_KILLS", "6"))


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"shop_pusher_{name}", EXAMPLE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def shop() -> Iterator[Any]:
    with module("shop").WebShop(pause=0.003) as opened:
        yield opened


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=80, klanten=3) as running:
        yield running


@pytest.fixture
def environment(shop: Any, sandbox: Sandbox) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(Path(cloudspot.__file__).parents[1]),
        "PYTHONWARNINGS": "error",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CLOUDSPOT_TOKEN": "sandbox-token",
        "CLOUDSPOT_BASE_URL": sandbox.base_url,
        "SHOP_URL": shop.url,
    }


def in_shop(shop: Any) -> list[dict[str, Any]]:
    plain = [{name: value for name, value in each.items() if name != "id"} for each in shop.products.values()]
    return sorted(plain, key=lambda product: product["sku"])


def in_mirror(mirror: Mirror) -> list[dict[str, Any]]:
    product_of = module("products").product_of
    return sorted((product_of(artikel) for artikel in mirror.artikels), key=lambda product: product["sku"])


def change(sandbox: Sandbox, chance: random.Random, numbers: list[int]) -> None:
    """Some prices, some products that go, some that come."""
    for number in chance.sample(numbers, 20):
        sandbox.artikels.update(number, verkoopprijs_incl=chance.randint(1, 9999), naam=f"nieuw {chance.random()}")
    for number in chance.sample(numbers, 3):
        sandbox.artikels.delete(number)
        numbers.remove(number)
    for _ in range(3):
        created = sandbox.artikels.create(naam="erbij", verkoopprijs_incl=5)
        numbers.append(created.id)


def test_it_is_killed_at_any_moment(shop: Any, sandbox: Sandbox, environment: dict[str, str], tmp_path: Path) -> None:
    chance = random.Random(6)
    command = [sys.executable, str(EXAMPLE / "push.py"), str(tmp_path / "erp.db")]
    numbers = list(range(125, 205))
    killed = 0
    with Mirror(tmp_path / "erp.db") as mirror, Cloudspot("sandbox-token", base_url=sandbox.base_url) as erp:
        mirror.sync(erp)
        for _ in range(KILLS):
            until = shop.asked + chance.randint(1, 60)
            with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as pushing:
                while shop.asked < until and pushing.poll() is None:
                    time.sleep(0.0005)
                time.sleep(chance.uniform(0, 0.004))
                killed += pushing.poll() is None
                pushing.kill()
            change(sandbox, chance, numbers)
            mirror.sync(erp)
        assert killed > KILLS / 2
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert in_shop(shop) == in_mirror(mirror)
        assert [artikel.id for artikel in mirror.artikels] == sorted(numbers)
    again = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert again.stdout == "0 products pushed\n"


def test_as_the_readme_says(shop: Any, sandbox: Sandbox, environment: dict[str, str], tmp_path: Path) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```$", (EXAMPLE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (line,) = (line.removeprefix("$ ") for line in "".join(blocks).splitlines() if line.startswith("$ cloudspot sync"))
    line = line.replace("--test-mode ", "").replace(
        "python push.py", shlex.join([sys.executable, str(EXAMPLE / "push.py")])
    )
    command = [sys.executable, "-m", "cloudspot.cli", *shlex.split(line)[1:]]

    def run(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=environment | more, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    wrong = run(SHOP_SECRET="wrong")
    assert wrong.returncode == 12
    assert "The shop answered 401" in wrong.stderr
    assert shop.products == {}
    first = run()
    assert (first.returncode, "80 products pushed" in first.stderr) == (0, True)
    sandbox.artikels.update(130, verkoopprijs_incl=1)
    assert "1 products pushed" in run().stderr
    with Mirror(tmp_path / "erp.db") as mirror:
        assert in_shop(shop) == in_mirror(mirror)
