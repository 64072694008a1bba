"""The guard before the real servers: whoever asks, and however it hides, the test fails and says what to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cloudspot.testing.guard import real_host

from .conftest import Run

ADVICE = "The test tried to reach erp.cloudspot.be, a real Cloudspot server.*@pytest.mark.cloudspot_allow_real_hosts."
SECRET = "a-real-token"

ATTEMPTS = {
    "client": "cloudspot.Cloudspot(TOKEN).artikels.list()",
    "client_caught": "with suppress(Exception): cloudspot.Cloudspot(TOKEN).artikels.list()",
    "async_client": "asyncio.run(with_client())",
    "documented": "CloudspotERP_CompanyAPI(TOKEN).artikels.list()",
    "urllib3": "urllib3.request('GET', 'https://ERP.cloudspot.be./', headers=HEADERS)",
    "urllib": "urllib.request.urlopen(urllib.request.Request('https://erp.cloudspot.be/', headers=HEADERS))",
    "http_client": "http.client.HTTPSConnection('erp.cloudspot.be').request('GET', '/', headers=HEADERS)",
    "aiohttp": "asyncio.run(with_aiohttp())",
    "asyncio": "asyncio.run(asyncio.open_connection('erp.cloudspot.be', 443))",
    "socket": "socket.create_connection(('erp.cloudspot.be', 443))",
    "bare_connect": "with socket.socket() as s: s.connect(('erp.cloudspot.be', 443))",
    "connect_ex": "with socket.socket() as s: s.connect_ex(('erp.cloudspot.be', 443))",
    "lookup": "socket.getaddrinfo(host=b'erp.cloudspot.be', port=443)",
    "lookup_of_old": "socket.gethostbyname('erp.cloudspot.be')",
    "tls": "TLS.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname='erp.cloudspot.be')",
    "tls_of_a_socket": "with socket.socket() as s: TLS.wrap_socket(s, server_hostname='erp.cloudspot.be')",
    "caught": """
        try: cloudspot.Cloudspot(TOKEN).artikels.list()
        except BaseException: pass""",
    "caught_and_skipped": """
        try: cloudspot.Cloudspot(TOKEN).artikels.list()
        except BaseException: pytest.skip("no network")""",
    "caught_and_failed": """
        try: cloudspot.Cloudspot(TOKEN).artikels.list()
        except BaseException: pass
        assert False, "nothing came" """,
    "thread": """
        def work():
            with suppress(BaseException): cloudspot.Cloudspot(TOKEN).artikels.list()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()""",
}

MODULE = f"""
import asyncio, http.client, socket, ssl, threading, urllib.request
from contextlib import suppress
import aiohttp, urllib3, pytest
import cloudspot
from cloudspot.api import CloudspotERP_CompanyAPI

TOKEN = {SECRET!r}
HEADERS = {{"X-ERP-TOKEN": TOKEN}}
TLS = ssl.create_default_context()

async def with_client():
    async with cloudspot.AsyncCloudspot(TOKEN) as erp:
        await erp.artikels.list()

async def with_aiohttp():
    async with aiohttp.ClientSession(headers=HEADERS) as session:
        await session.get("https://erp.cloudspot.be/")
"""


def test_every_way_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tests = "".join(
        f"\ndef test_{name}():\n    {how.strip()}\n".replace("\n        ", "\n    ") for name, how in ATTEMPTS.items()
    )
    monkeypatch.delenv("CI", raising=False)  # there the summary repeats what was said
    done = run(MODULE + tests, "--showlocals", "--tb=long")
    done.assert_outcomes(failed=len(ATTEMPTS))
    said = done.stdout.str()
    assert said.count("The test tried to reach erp.cloudspot.be, a real Cloudspot server. Let it use a sandbox") == len(
        ATTEMPTS
    )
    assert SECRET not in said
    done.stdout.re_match_lines([ADVICE])


def test_fixtures_and_modules_are_guarded_too(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_import="import socket\nsocket.gethostbyname('www.cloudspot.be')")
    done = run(
        """
        import socket
        from contextlib import suppress
        import pytest

        @pytest.fixture
        def before():
            socket.gethostbyname("license.cloudspot.be")

        @pytest.fixture
        def before_and_silent():
            with suppress(BaseException):
                socket.gethostbyname("license.cloudspot.be")

        @pytest.fixture
        def after():
            yield
            socket.gethostbyname("license.cloudspot.be")

        def test_before(before): pass
        def test_before_and_silent(before_and_silent): pass
        def test_after(after): pass
        def test_harmless(): pass
        """,
        "--continue-on-collection-errors",
    )
    done.assert_outcomes(errors=4, passed=2)
    assert "www.cloudspot.be, a real" in done.stdout.str()


def test_letting_through(run: Run, pytester: pytest.Pytester) -> None:
    module = """
        import socket
        import pytest

        @pytest.mark.cloudspot_allow_real_hosts
        def test_marked():
            assert socket.gethostbyname("erp.cloudspot.be") == "192.0.2.1"

        def test_not_marked():
            assert socket.gethostbyname("erp.cloudspot.be") == "192.0.2.1"
    """
    # Loaded before the plugin: what the guard stands before.
    pytester.makepyfile(nowhere="import socket\nsocket.gethostbyname = lambda host: '192.0.2.1'\n")
    pytester.syspathinsert()
    run(module, "-p", "nowhere").assert_outcomes(passed=1, failed=1)
    run(module, "-p", "nowhere", ini="cloudspot_allow_real_hosts = true").assert_outcomes(passed=2)


@pytest.mark.parametrize("host", ["erp.cloudspot.be", "cloudspot.be", "LICENSE.Cloudspot.BE.", b"erp.cloudspot.be"])
def test_real_hosts(host: object) -> None:
    assert real_host(host)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "notcloudspot.be", "cloudspot.be.example.com", "", None, 5, b"\xff", "::1"]
)
def test_other_hosts(host: object) -> None:
    assert real_host(host) is None


def test_loading_the_plugin_costs_next_to_nothing() -> None:
    heavy = ("urllib3", "sqlalchemy", "msgspec", "aiohttp", "uvicorn", "asyncio", "ssl", "cloudspot.client")
    program = (
        "import sys, pytest; before = set(sys.modules); import cloudspot.testing\n"
        f"print(*(name for name in {heavy!r} if name in sys.modules), len(set(sys.modules) - before))"
    )
    said = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert said.split() == ["4"]


def test_nothing_stays_patched(pytester: pytest.Pytester) -> None:
    program = """
import socket, ssl, pytest
places = [(socket, "getaddrinfo"), (socket, "gethostbyname"), (socket.socket, "connect"), (ssl.SSLContext, "wrap_bio")]
before = [vars(owner).get(name) for owner, name in places]

class Asks:
    def pytest_sessionstart(self):
        assert before != [vars(owner).get(name) for owner, name in places]

pytest.main(["-p", "no:cacheprovider", "-p", "no:asyncio"], plugins=[Asks()])
assert before == [vars(owner).get(name) for owner, name in places]
"""
    pytester.makepyfile("def test(): pass")
    done = pytester.run(sys.executable, "-W", "error", "-c", program)
    assert done.ret == 0
    done.assert_outcomes(passed=1)
