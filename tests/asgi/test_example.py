"""`examples/fastapi_portal`, run as its README says: what its users see, and what they may not."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from tests.asgi.conftest import HTML, JAN, KIST, LAMPE, MARIE, PIET, Browser

import cloudspot
from cloudspot import AsyncCloudspot
from cloudspot.sandbox import Sandbox

PORTAL = Path(__file__).parents[2] / "examples" / "fastapi_portal"


def commands() -> list[str]:
    """What the README tells to type."""
    blocks = re.findall(r"^```console\n(.*?)^```$", (PORTAL / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ").partition("  #")[0].strip() for line in lines if line.startswith("$ ")]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(artikels=120, klanten=4) as running:
        yield running


@pytest.fixture
def portal(sandbox: Sandbox) -> Iterator[str]:
    (command,) = (each for each in commands() if each.startswith("uvicorn"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(cloudspot.__file__).parents[1]),
        "CLOUDSPOT_LICENSE_URL": sandbox.license_url,
        "CLOUDSPOT_BASE_URL": sandbox.base_url,
    }
    words = shlex.split(command.replace("8080", str(port)))
    process = subprocess.Popen([sys.executable, "-W", "error", "-m", *words], cwd=PORTAL, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            assert process.poll() is None
            try:
                urlopen(f"{url}/auth/style.css").close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        assert process.wait(20) in {0, -15}


async def test_each_company_sees_its_own_prices(portal: str, sandbox: Sandbox) -> None:
    async with Browser(base_url=portal, follow_redirects=True) as browser:
        page = await browser.get("/", headers=HTML)
        assert page.url.path == "/auth/login"
        assert (await browser.log_in(next="/prices")).url.path == "/auth/company"
        page = await browser.choose(KIST, next="/prices")
        async with AsyncCloudspot("sandbox-token", base_url=sandbox.base_url) as erp:
            visible = [each for each in await erp.artikels.list() if each.status == "ZICHTBAAR"]
        assert "Kist &amp; Vijs BV" in page.text
        assert f"{len(visible)} products" in page.text
        assert "Purchase" in page.text
        whole = list(csv.DictReader(io.StringIO((await browser.get("/prices.csv")).text.removeprefix("\ufeff"))))
        assert {row["SKU"]: row["inkoopprijs_excl"] for row in whole} == {
            each.SKU: str(each.inkoopprijs_excl) for each in visible
        }
        second = await browser.get("/prices?number=2")
        assert "Page 2 of" in second.text
        assert whole[25]["SKU"] in second.text
        found = await browser.get("/prices", params={"q": whole[0]["SKU"]})
        assert "1 products" in found.text

        page = await browser.choose(LAMPE, next="/prices")
        assert "Lampe SA" in page.text
        assert "Purchase" not in page.text
        answer = await browser.get("/api/prices")
        assert answer.json()
        assert "inkoop" not in answer.text
        assert not {row["SKU"] for row in whole} & {row["SKU"] for row in answer.json()}
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert token
        assert (await browser.post("/auth/logout", data={"csrf": token[1]})).url.path == "/auth/login"
        assert (await browser.get("/api/prices")).status_code == 401


async def test_who_may_not_use_it_is_told_so(portal: str, sandbox: Sandbox) -> None:
    async with Browser(base_url=portal) as browser:
        assert (await browser.log_in(PIET)).status_code == 403
        sandbox.permissions.set(MARIE, KIST, ["use_app"])
        await browser.log_in(MARIE)
        assert (await browser.get("/prices", headers=HTML)).status_code == 403


async def test_the_erp_is_down(portal: str, sandbox: Sandbox) -> None:
    async with Browser(base_url=portal) as browser:
        await browser.log_in(MARIE)
        sandbox.faults.add(route="artikels", status=400, times=None)
        refused = await browser.get("/prices")
        assert refused.status_code == 503
        assert "no prices at the moment" in refused.text


async def test_a_right_that_is_taken_away_is_gone_within_seconds(portal: str, sandbox: Sandbox) -> None:
    curl, _ = (each for each in commands() if each.startswith("curl"))
    place = sandbox.base_url.removesuffix("/api/v1")
    words = shlex.split(curl.replace("http://localhost:8000", place).replace("http://localhost:8080", portal))
    told = await asyncio.to_thread(subprocess.run, [*words, "--fail-with-body"], capture_output=True, check=True)
    assert b"auth/webhook" in told.stdout
    async with Browser(base_url=portal) as browser:
        await browser.log_in()
        await browser.choose(KIST)
        assert (await browser.get("/api/prices")).status_code == 200
        sandbox.permissions.set(JAN, KIST, ["use_app"])
        began = time.monotonic()
        while (await browser.get("/api/prices")).status_code == 200:
            assert time.monotonic() - began < 30
            await asyncio.sleep(0.05)


async def test_a_supporter_is_shown(portal: str, sandbox: Sandbox) -> None:
    _, curl = (each for each in commands() if each.startswith("curl"))
    words = shlex.split(curl.replace("http://localhost:8000", sandbox.base_url.removesuffix("/api/v1")))
    told = await asyncio.to_thread(subprocess.run, [*words, "--fail-with-body"], capture_output=True, check=True)
    token = json.loads(told.stdout)["token"]
    async with Browser(base_url=portal, follow_redirects=True) as browser:
        csrf = await browser.token(f"/auth/impersonation/{token}")
        form = {"csrf": csrf, "token": token, "supporter": "Sofie", "reason": "ticket 12"}
        page = await browser.post("/auth/impersonation", data=form)
        assert page.url.path == "/prices"
        assert "Sofie acts as Jan Janssens: ticket 12" in page.text
        assert "Lampe SA" in page.text
