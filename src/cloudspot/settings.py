"""What a client was told, checked once, before anything is sent. Pure: the environment is passed in."""

from __future__ import annotations

import ipaddress
import math
import os
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypedDict
from urllib.parse import urlsplit

from .errors import ConfigurationError
from .secret import Secret

ERP_URL = "https://erp.cloudspot.be/api/v1"
LICENSE_URL = "https://license.cloudspot.be/api/v1"
TEST_URL = "http://localhost:8000/api/v1"
LONGEST_TIMEOUT = 1e9
"""Seconds; systems can't count much further. None waits for ever."""


OWN_HEADERS = frozenset(
    {
        "x-erp-token",
        "x-license-module",
        "x-license-token",
        "x-request-id",
        "if-none-match",
        "accept-encoding",
        "connection",
        "content-length",
        "transfer-encoding",
    }
)


class Server(NamedTuple):
    """One of Cloudspot's servers: where it is, and the variable that says otherwise."""

    url: str
    variable: str


ERP = Server(ERP_URL, "CLOUDSPOT_BASE_URL")
LICENSE = Server(LICENSE_URL, "CLOUDSPOT_LICENSE_URL")


@dataclass(frozen=True, slots=True)
class Timeout:
    """How long to wait, in seconds; None waits for ever.

    Attributes:
        connect: for a connection, TLS included.
        read: for the next bytes of an answer.
        total: for the whole call, with its repeats; looked at between bytes, and no wait for these is longer.
    """

    connect: float | None = 5.0
    read: float | None = 60.0
    total: float | None = None

    def within(self, seconds: float) -> Timeout:
        """The same, with no wait longer than the seconds that are left."""
        if seconds == math.inf:
            return self
        connect, read = (seconds if own is None else min(own, seconds) for own in (self.connect, self.read))
        return Timeout(connect, read, seconds)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a client was told, checked once."""

    base_url: str
    token: Secret = field(repr=False)
    timeout: Timeout
    retries: int
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LicenseSettings(Settings):
    """What a client of the License server was told; its token is empty where each call brings its own."""

    application: str


class Options(TypedDict, total=False):
    """What both clients can be told, besides the token; `Cloudspot` describes each."""

    base_url: str | None
    test_mode: bool
    timeout: float | Timeout | None
    retries: int
    proxy: str | None
    ca: str | os.PathLike[str] | ssl.SSLContext | None
    headers: Mapping[str, str] | None
    allow_http: bool


def make_settings(token: str | None, options: Options, environ: Mapping[str, str]) -> Settings:
    """Check what a client of the ERP was told, and fill it up from the environment.

    Raises:
        ConfigurationError: something is missing, contradictory or unusable.
    """
    base_url, timeout, retries, headers = _checked(options, environ, ERP)
    token = token if token is not None else environ.get("CLOUDSPOT_TOKEN")
    return Settings(base_url, checked_token(token), timeout, retries, headers)


def make_license_settings(
    application: str | None, token: str | None, options: Options, environ: Mapping[str, str]
) -> LicenseSettings:
    """Check what a client of the License server was told, and fill it up from the environment.

    Raises:
        ConfigurationError: something is missing, contradictory or unusable.
    """
    base_url, timeout, retries, headers = _checked(options, environ, LICENSE)
    application = checked_application(application if application is not None else environ.get("CLOUDSPOT_LICENSE_APP"))
    secret = Secret() if token is None else checked_token(token)
    return LicenseSettings(base_url, secret, timeout, retries, headers, application)


def _checked(
    options: Options, environ: Mapping[str, str], server: Server
) -> tuple[str, Timeout, int, Mapping[str, str]]:
    if unknown := options.keys() - Options.__annotations__.keys():
        raise TypeError(f"unknown option: {', '.join(sorted(unknown))}")
    base_url, test_mode, retries = options.get("base_url"), options.get("test_mode", False), options.get("retries", 2)
    if base_url is not None and not base_url:
        raise ConfigurationError("The base URL is empty.", hint="Leave it out for Cloudspot's own address.")
    if test_mode and base_url:
        raise ConfigurationError("Both test_mode and base_url are given.", hint="Leave one out.")
    chosen = base_url or (TEST_URL if test_mode else environ.get(server.variable) or server.url)
    if not _is_number(retries, int) or retries < 0:
        raise ConfigurationError(f"retries is a number of extra attempts, not {retries!r}.")
    return (
        checked_url(chosen, allow_http=options.get("allow_http", False), like=server.url),
        checked_timeout(options.get("timeout", Timeout())),
        retries,
        checked_headers(options.get("headers") or {}),
    )


def checked_application(application: str | None) -> str:
    """The application's id, which goes into a header."""
    if application is not None and not isinstance(application, str):
        raise ConfigurationError(f"An application's id is text, not {type(application).__name__}.")
    if application is None or not application.strip():
        raise ConfigurationError(
            "There is no application.", hint="Pass the id it has at the License server, or set CLOUDSPOT_LICENSE_APP."
        )
    if not re.fullmatch(r"[\x21-\x7e]+", application.strip()):
        raise ConfigurationError(f"{application[:40]!r} is no id of an application: it holds a space or the like.")
    return application.strip()


def checked_token(token: str | None) -> Secret:
    """The token, without the line break that reading it from a file leaves; refused where it can't be a header."""
    if token is not None and not isinstance(token, str):
        raise ConfigurationError(f"A token is text, not {type(token).__name__}.")
    if token is None or not token.strip():
        raise ConfigurationError("There is no token.", hint="Pass token=… or set CLOUDSPOT_TOKEN.")
    if not re.fullmatch(r"[\x21-\x7e]+", token.strip()):
        raise ConfigurationError(
            "The token holds a space, a line break or another character that no token has.",
            hint="Copy it again, on one line.",
        )
    return Secret(token.strip())


def checked_url(base_url: str, *, allow_http: bool, like: str = ERP_URL) -> str:
    """The base URL without a final slash; plain http is for loopback, unless asked for."""
    base_url = base_url.strip()
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        usable = usable and not re.search(r"[\x00-\x20\x7f]", base_url)
    except ValueError:
        parts, usable = urlsplit(""), False
    if not usable:
        raise ConfigurationError("The base URL is no http or https URL.", hint=f"It looks like {like}.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(
            "A base URL has no user name, password, query or fragment.", hint=f"It looks like {like}."
        )
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname or ""):
        raise ConfigurationError(
            f"Plain http to {parts.hostname} would show the token to the network.",
            hint="Use https, or pass allow_http=True.",
        )
    return base_url.rstrip("/")


def checked_timeout(timeout: float | Timeout | None) -> Timeout:
    """A `Timeout`; a plain number limits every wait, None waits for ever."""
    if timeout is None:
        return Timeout(None, None, None)
    if not isinstance(timeout, Timeout):
        timeout = Timeout(connect=timeout, read=timeout)
    for name in ("connect", "read", "total"):
        seconds = getattr(timeout, name)
        if seconds is not None and not (_is_number(seconds, (int, float)) and 0 < seconds < LONGEST_TIMEOUT):
            limits = f"above 0 and below {LONGEST_TIMEOUT:.0f}"
            raise ConfigurationError(f"The timeout's {name} is a number of seconds {limits}, not {seconds!r}.")
    return timeout


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Extra headers, spelled in one way; refused where one could smuggle in another, or take an own one's place."""
    for name, value in headers.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[^\t\x20-\x7e\x80-\xff]", value):
            raise ConfigurationError(f"The header {name!r} holds a character that no header has.")
        if name.lower() in OWN_HEADERS:
            raise ConfigurationError(f"The header {name!r} is the client's own.", hint="Leave it out.")
    return {name.title(): value for name, value in headers.items()}


def checked_proxy(proxy: str | None) -> str | None:
    """The URL of a proxy; None for "". A host without a scheme is spoken to in plain http, as everywhere."""
    if not (proxy := (proxy or "").strip()):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:  # not shown: it may hold a password
        raise ConfigurationError("The proxy is no http or https URL.", hint="It looks like http://proxy.example:3128.")
    return proxy


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)


def proxy_from(environ_proxies: Mapping[str, str], url: str, *, bypass: Callable[[str], Any]) -> str | None:
    """The proxy that the environment names for a URL."""
    scheme, host, port = origin(url)
    if is_loopback(host) or bypass(f"{host}:{port}"):
        return None
    return environ_proxies.get(scheme) or environ_proxies.get("all")


def _is_number(value: object, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
