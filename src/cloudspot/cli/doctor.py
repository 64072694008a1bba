"""`cloudspot doctor`: what is configured, where from, and whether it works."""

from __future__ import annotations

import json
import os
import platform
import ssl
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal
from urllib.parse import urlsplit

import click

from cloudspot import __version__
from cloudspot.errors import CloudspotError, ConfigurationError
from cloudspot.settings import checked_url, origin

from .connection import Token, client_for, find_address, find_token
from .failures import ExitCode
from .options import Choices, Sectioned, connection_options
from .probe import Probe, probe, proxy_for
from .profiles import config_file, keyring_backend, load_profiles, stored_token
from .rights import COLLECTIONS, RIGHTS, has_right
from .terminal import clean

State = Literal["ok", "note", "failed"]

MOST_SECONDS_OFF = 60
"""A clock that is off by more makes certificates and logs misleading."""
LONGEST_WAIT = 10.0
"""Seconds, where no other limit was set."""
DAYS_BEFORE_EXPIRY = 14
EXTRAS = {
    "async": ("aiohttp",),
    "compression": ("brotli", "backports.zstd"),
    "cli": ("click", "rich", "keyring", "platformdirs"),
    "sandbox": ("sqlalchemy", "uvicorn"),
    "postgresql": ("psycopg",),
}


PUBLISHED_LOGIN = "cloudspot-license-api"
"""The package whose import paths come along here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. A note is worth knowing, and no reason to fail."""

    name: str
    state: State
    text: str
    hint: str = ""


@click.command(cls=Sectioned)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: `ok`, and `findings` with a state for each.")
@connection_options
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> ExitCode:
    """Find out what is configured and whether it works.

    Looks at the address, the token and its rights, where these come from, the proxy, TLS, the clock and what is
    installed. It never shows the token. The exit code is 0 if all is well, else 1.
    """
    findings: list[Finding] = []
    for finding in look(ctx.ensure_object(Choices)):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    is_well = all(finding.state != "failed" for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": is_well, "findings": [asdict(each) for each in findings]}, indent=2))
    return ExitCode.OK if is_well else ExitCode.FAILED


_MARKS = {"ok": ("✓", "green"), "note": ("·", "yellow"), "failed": ("✗", "red")}


def _line(finding: Finding) -> str:
    mark, colour = _MARKS[finding.state]
    hint = f"\n  {'':15}{finding.hint}" if finding.hint else ""
    return f"{click.style(mark, fg=colour)} {finding.name:15}{finding.text}{hint}"


def look(choices: Choices) -> Iterator[Finding]:
    """Look at everything, from what is nearest to what is farthest; what depends on a failure is left out."""
    yield from _installed()
    yield from _keyring()
    try:
        profiles = load_profiles()
        address = find_address(choices, os.environ, profiles)
        base_url = checked_url(address.base_url, allow_http=choices.allow_http)
    except ConfigurationError as error:
        yield _failed("address", error)
        return
    yield Finding("address", "ok", f"{base_url} (from: {address.source})")
    token: Token | None = None
    try:
        token = find_token(choices, address, os.environ, profiles, stored_token)
        yield Finding("token", "ok", f"there is one (from: {token.source})")
    except ConfigurationError as error:
        yield _failed("token", error)
    try:
        yield _proxy(base_url)
    except ConfigurationError as error:
        yield _failed("proxy", error)
        return
    yield from _server(choices, base_url)
    if token is not None:
        yield from _rights(choices, base_url, token)


def _failed(name: str, error: CloudspotError) -> Finding:
    return Finding(name, "failed", clean(error.message), clean(error.hint))


def _installed() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Finding("package", "ok", f"cloudspot-erp-api {__version__}")
    if number := _version(PUBLISHED_LOGIN):
        yield Finding(
            "cloudspotlicense",
            "note",
            f"{PUBLISHED_LOGIN} {number} is installed too, and brings files of the same names",
            f"pip uninstall {PUBLISHED_LOGIN}, then install cloudspot-erp-api again.",
        )
    for extra, packages in EXTRAS.items():
        found = {package: _version(package) for package in packages}
        texts = [f"{package} {number}" for package, number in found.items() if number]
        missing = [package for package, number in found.items() if not number]
        state: State = "note" if missing else "ok"
        yield Finding(f"[{extra}]", state, ", ".join([*texts, *(f"no {package}" for package in missing)]))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _keyring() -> Iterator[Finding]:
    path = config_file()
    is_there = path.exists()
    yield Finding("profiles", "ok" if is_there else "note", str(path) if is_there else f"none; they would be in {path}")
    backend = keyring_backend()
    if backend is None:
        yield Finding("keyring", "note", "none that keeps a secret; set CLOUDSPOT_TOKEN instead of logging in")
    else:
        yield Finding("keyring", "ok", str(backend.name))


def _proxy(base_url: str) -> Finding:
    proxy = proxy_for(base_url)
    if proxy is None:
        return Finding("proxy", "ok", "none")
    parts = urlsplit(proxy)
    hidden = "[redacted]@" if "@" in parts.netloc else ""
    return Finding("proxy", "ok", f"{parts.scheme}://{hidden}{_host_of(proxy)} (from: the environment)")


def _server(choices: Choices, base_url: str) -> Iterator[Finding]:
    from urllib3.exceptions import HTTPError

    limits = [seconds for seconds in (choices.timeout, choices.total) if seconds is not None]
    longest = min(limits, default=LONGEST_WAIT)
    try:
        found = probe(base_url, ca=choices.ca, timeout=longest)
    except (HTTPError, OSError) as error:
        text = no_answer(error, base_url, proxy_for(base_url), longest)
        yield Finding("server", "failed", clean(text), "Look at the address, the proxy and --ca.")
        return
    yield _answered(found)
    yield _tls(found)
    yield _clock(found)


def _answered(found: Probe) -> Finding:
    text = f"answers {found.status} in {found.seconds * 1000:.0f} ms, asked without the token"
    if found.status >= 500:
        return Finding("server", "failed", text, "Try again later; what stands before the server may be at fault.")
    if found.kind in {"text/html", "application/xhtml+xml"} and found.status < 400:
        return Finding("server", "failed", f"{text}, with a web page", "Look at the base URL: this is not the API.")
    if 300 <= found.status < 400:
        return Finding("server", "note", f"{text}, which leads elsewhere", "Look at the base URL.")
    if found.status == 404:
        return Finding("server", "note", f"{text}: no such address", "Look at the base URL.")
    return Finding("server", "ok", text)


def no_answer(error: Exception, base_url: str, proxy: str | None, longest: float) -> str:
    """What went wrong before an answer came, in a sentence without a library's own names or a password."""
    from urllib3 import exceptions

    _, host, port = origin(base_url)
    at = f"{host}:{port}"
    match error:
        case exceptions.ProxyError():
            return f"the proxy {_host_of(proxy)}, which the environment names, gives no way to {at}: {_reason(error)}"
        case exceptions.ReadTimeoutError():
            return f"{at} accepted the connection, and did not answer within {longest:g} s"
        case exceptions.SSLError():
            return f"no trusted TLS connection to {at}: {_reason(error)}"
        case exceptions.NameResolutionError():
            return f"the name {host} is not known"
        case exceptions.NewConnectionError():
            return f"{at} can't be reached: {_reason(error)}"
        case exceptions.ConnectTimeoutError():
            return f"{_host_of(proxy) if proxy else at} did not accept a connection within {longest:g} s"
        case exceptions.HTTPError():
            return f"{at} broke the connection before it answered: {_reason(error)}"
    return f"no answer of {at}: {_reason(error)}"


def _host_of(proxy: str | None) -> str:
    """A proxy's host and port, without a user name or password."""
    return urlsplit(proxy or "").netloc.rpartition("@")[2]


def _reason(error: BaseException) -> str:
    """The innermost cause, in the system's own words where it is the system's."""
    for cause in (getattr(error, "original_error", None), getattr(error, "reason", None)):
        if isinstance(cause, BaseException):
            return _reason(cause)
    if (cause := error.__cause__ or error.__context__) is not None:
        return _reason(cause)
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message or "the certificate is not trusted"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return error.strerror or str(error) or "the connection failed"
    return "it broke off"


def _tls(found: Probe) -> Finding:
    if found.tls is None:
        return Finding("TLS", "note", "none: plain http")
    text = f"{found.tls.version}, certificate of {found.tls.issuer or 'an issuer that is not shown'}"
    if found.tls.expires is None:
        return Finding("TLS", "ok", text)
    days = (found.tls.expires - datetime.now(UTC)).days
    text = f"{text}, until {found.tls.expires:%Y-%m-%d}"
    return Finding("TLS", "note" if days < DAYS_BEFORE_EXPIRY else "ok", text)


def _clock(found: Probe) -> Finding:
    if found.clock is None:
        return Finding("clock", "note", "the server does not tell its time")
    if abs(found.clock) <= MOST_SECONDS_OFF:
        return Finding("clock", "ok", f"within {max(1, round(abs(found.clock)))} s of the server's")
    direction = "behind" if found.clock > 0 else "ahead of"
    return Finding(
        "clock", "failed", f"{abs(found.clock):,.0f} s {direction} the server's", "Let the system set its clock (NTP)."
    )


def _rights(choices: Choices, base_url: str, token: Token) -> Iterator[Finding]:
    with client_for(choices, base_url, token.text) as erp:
        has_any = False
        for what in COLLECTIONS:
            try:
                may = has_right(erp, what)
            except CloudspotError as error:
                yield _failed(what, error)
                return
            has_any = has_any or may
            yield Finding(what, "ok" if may else "note", f"the token {'may' if may else 'may not'} {RIGHTS[what]}")
    if not has_any:
        yield Finding("rights", "failed", "the token is unknown there, or has no right at all", "Copy it again.")
