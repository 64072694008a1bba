"""For the tests of code that talks to Cloudspot: pytest fixtures over the sandbox, and a guard before the real servers.

pytest loads this module wherever the package is installed, whether or not a test uses it. So it imports nothing that
isn't loaded anyway, and what a fixture needs is looked for when the fixture is used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest

from .faults import add_faults, refuse_faults_in_vain
from .guard import Guard

if TYPE_CHECKING:
    from datetime import datetime

    from cloudspot import AsyncCloudspot, Cloudspot
    from cloudspot.sandbox import Sandbox

__all__ = ["LicenseServer"]

T = TypeVar("T")

TOKEN = "sandbox-token"  # noqa: S105 - opens nothing but a sandbox


class Contents(NamedTuple):
    """What a sandbox is, where nobody says otherwise."""

    artikels: int = 500
    klanten: int = 100
    seed: int = 1
    clock: datetime | str | float | None = None
    """The moment at which its clock stands still."""
    seeded_ids: bool = False


MEANINGS = {"artikels": "products", "klanten": "clients", "seed": "the seed"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a sandbox holds where no marker says so, and whether all tests may reach the real servers."""
    group = parser.getgroup("cloudspot")
    for name, what in MEANINGS.items():
        value = getattr(Contents(), name)
        meaning = f"{what} of the sandbox in the fixture cloudspot_sandbox ({value})"
        group.addoption(f"--cloudspot-{name}", type=int, default=None, metavar="N", help=meaning)
        parser.addini(f"cloudspot_{name}", meaning, default=str(value))
    parser.addini("cloudspot_allow_real_hosts", "let all tests reach the real Cloudspot", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers, and put the guard up: modules that are imported for their tests are guarded too."""
    config.addinivalue_line(
        "markers",
        "cloudspot_sandbox(artikels=500, klanten=100, seed=1, clock=None, seeded_ids=False): what the fixture "
        "cloudspot_sandbox holds.",
    )
    config.addinivalue_line(
        "markers",
        "cloudspot_fault(route=None, status=None, times=1, …): a fault of the fixture cloudspot_sandbox, or a preset's "
        "name; may be repeated, and the upper one is met first.",
    )
    config.addinivalue_line("markers", "cloudspot_allow_real_hosts: the test may reach the real Cloudspot.")
    guard = config.stash[_GUARD] = Guard(is_open=config.getini("cloudspot_allow_real_hosts"))
    guard.put_up()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing patched behind."""
    if (guard := config.stash.get(_GUARD, None)) is not None:
        guard.take_down()


# The guard

_GUARD = pytest.StashKey[Guard]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, T, T]:
    """Open the guard for a test that may reach the real servers, its fixtures included."""
    guard = item.config.stash[_GUARD]
    guard.put_up_for_tls()
    if item.get_closest_marker("cloudspot_allow_real_hosts") is None:
        return (yield)
    with guard.opened():
        return (yield)


def _failing(item: pytest.Item) -> Generator[None, T, T]:
    """Fail what was refused and went on as if nothing were: another thread, or code that catches everything."""
    refused = item.config.stash[_GUARD].refused
    refused.clear()
    try:
        result = yield
    except pytest.skip.Exception:
        if not refused:
            raise
    except Exception as error:
        if refused:
            error.add_note(refused[0])
        raise
    else:
        if not refused:
            return result
    pytest.fail(refused[0], pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, T, T]:
    """Fail a fixture that tried to reach the real servers, and a test whose faults nobody would meet."""
    refuse_faults_in_vain(item)
    return (yield from _failing(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, T, T]:
    """Fail a test that tried to reach the real servers."""
    return (yield from _failing(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, T, T]:
    """Fail a fixture that tried to reach the real servers as it ended."""
    return (yield from _failing(item))


# The sandbox


@pytest.fixture
def cloudspot_sandbox(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox of this test's own, which all code under test finds in the place of Cloudspot.

    `Cloudspot()` without arguments and anything with `test_mode=True` talk to it.
    """
    try:
        from cloudspot.sandbox import Sandbox  # noqa: PLC0415
    except ImportError as error:
        raise _missing("cloudspot_sandbox", "sandbox", error) from None
    try:
        prepared = Sandbox(**_contents(request)._asdict())
    except ValueError as error:
        pytest.fail(f"The marker cloudspot_sandbox: {error}.", pytrace=False)
    with prepared as sandbox:
        add_faults(sandbox, request.node)
        monkeypatch.setenv("CLOUDSPOT_TOKEN", TOKEN)
        monkeypatch.setenv("CLOUDSPOT_BASE_URL", sandbox.base_url)
        # Else test mode would find whatever the developer has running on port 8000, or nothing. The documented API
        # knows no other way to a sandbox.
        monkeypatch.setattr("cloudspot.settings.TEST_URL", sandbox.base_url)
        yield sandbox


def _contents(request: pytest.FixtureRequest) -> Contents:
    """What the test asks for: its own marker before its class's and its module's, then the command line, then ini."""
    given: dict[str, Any] = {name: _default(request.config, name) for name in MEANINGS}
    contents = Contents(**given)
    for marker in reversed(list(request.node.iter_markers("cloudspot_sandbox"))):
        if marker.args or marker.kwargs.keys() - set(Contents._fields):
            known = ", ".join(f"{name}=…" for name in Contents._fields)
            pytest.fail(f"The marker cloudspot_sandbox takes {known}.", pytrace=False)
        contents = contents._replace(**marker.kwargs)
    return contents


def _default(config: pytest.Config, name: str) -> int:
    given = config.getoption(f"cloudspot_{name}")
    if given is None:
        given = config.getini(f"cloudspot_{name}")
    try:
        return int(given)
    except ValueError:
        raise pytest.UsageError(f"cloudspot_{name} is a number, not {given!r}") from None


class LicenseServer:
    """The License server of a test's sandbox, with what is needed to log in."""

    application = "sandbox-app"
    """The application to log in to: the header X-LICENSE-MODULE."""
    password = "sandbox-wachtwoord"  # noqa: S105 - of every user, and opens nothing but a sandbox

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        """To change users and what they may do, and to send events."""
        self.url = sandbox.license_url
        """Where its paths begin; `/auth/authenticate/` follows."""

    @property
    def users(self) -> list[str]:
        """The e-mail addresses to log in with."""
        return [user.email for user in self.sandbox.users.list()]

    def __repr__(self) -> str:
        return f"<LicenseServer {self.url}>"


@pytest.fixture
def license_server(cloudspot_sandbox: Sandbox) -> LicenseServer:
    """The License server of this test's sandbox."""
    return LicenseServer(cloudspot_sandbox)


# The clients


@pytest.fixture
def erp(cloudspot_sandbox: Sandbox) -> Iterator[Cloudspot]:
    """A client of this test's sandbox."""
    from cloudspot import Cloudspot  # noqa: PLC0415

    with Cloudspot(TOKEN, base_url=cloudspot_sandbox.base_url) as client:
        yield client


@pytest.fixture
def async_erp(cloudspot_sandbox: Sandbox) -> Iterator[AsyncCloudspot]:
    """A client of this test's sandbox for asyncio, for the event loop that first uses it; closed in that loop.

    A plain fixture, so that it needs no plugin, and serves tests of any: pytest-asyncio, anyio, `asyncio.run`.
    """
    try:
        import aiohttp  # noqa: F401, PLC0415
    except ImportError as error:
        raise _missing("async_erp", "async", error) from None
    from .loop_client import LoopClient  # noqa: PLC0415

    client = LoopClient(TOKEN, base_url=cloudspot_sandbox.base_url)
    yield client
    client.close_in_its_loop()


def _missing(fixture: str, extra: str, error: ImportError) -> BaseException:
    message = f"The fixture {fixture} needs pip install 'cloudspot-erp-api[{extra}]' ({error})."
    return pytest.fail.Exception(message, pytrace=False)
