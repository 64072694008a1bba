"""Which ERP, and with which token: from the command line, the environment and the profiles."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from cloudspot.errors import ConfigurationError
from cloudspot.secret import Secret
from cloudspot.settings import ERP_URL, TEST_URL, Timeout, checked_token, origin

from .options import Choices
from .profiles import DEFAULT, Profile, load_profiles, stored_token
from .terminal import clean

if TYPE_CHECKING:
    from cloudspot.client import Cloudspot
    from cloudspot.settings import Options


_BYTE_ORDER_MARK = "\ufeff"
"""What editors on Windows put before a text."""


class Address(NamedTuple):
    """Where the ERP is."""

    base_url: str
    source: str
    """What said so, for people."""
    profile: str | None
    """The profile whose token may be used; None where there is none to use."""


class Token(NamedTuple):
    """What opens it."""

    text: Secret
    source: str


def find_address(choices: Choices, environ: Mapping[str, str], profiles: Mapping[str, Profile]) -> Address:
    """What is said on the command line goes first, then the environment, then the default profile.

    Raises:
        ConfigurationError: there is no profile of the name that was given.
    """
    asked = choices.profile or environ.get("CLOUDSPOT_PROFILE")
    if asked and asked not in profiles:
        known = f"There are: {', '.join(sorted(profiles))}." if profiles else ""
        raise ConfigurationError(
            f"There is no profile {asked!r}. {known}".strip(), hint=f"Make it with: cloudspot login --profile {asked}"
        )
    name = asked or (DEFAULT if DEFAULT in profiles else None)
    profile = profiles[name] if name else None
    if (base_url := asked_url(choices)) is not None:
        return Address(base_url, "--test-mode" if choices.test_mode else "--base-url", name)
    if choices.profile and profile:
        return Address(profile.base_url, f"profile {name}", name)
    if from_environment := environ.get("CLOUDSPOT_BASE_URL"):
        return Address(from_environment, "CLOUDSPOT_BASE_URL", name)
    if profile:
        return Address(profile.base_url, f"profile {name}", name)
    return Address(ERP_URL, "default", None)


def asked_url(choices: Choices) -> str | None:
    """The address that the command line names; None where it names none.

    Raises:
        ConfigurationError: it is empty, as of a variable that isn't set: that doesn't mean Cloudspot's own servers.
    """
    if choices.base_url is None:
        return TEST_URL if choices.test_mode else None
    if choices.test_mode:
        raise click.UsageError("--test-mode and --base-url exclude each other.")
    if not choices.base_url.strip():
        raise ConfigurationError("--base-url is empty.", hint=f"It looks like {ERP_URL}; or leave it out.")
    return choices.base_url


def find_token(
    choices: Choices,
    address: Address,
    environ: Mapping[str, str],
    profiles: Mapping[str, Profile],
    stored: Callable[[str], str | None],
) -> Token:
    """The token from --token-file, from the profile that was asked for, from the environment, from the default profile.

    Raises:
        ConfigurationError: there is none; or it was kept for another server, which is not to see it.
    """
    if choices.token_file is not None:
        return Token(token_in(choices.token_file), "--token-file")
    if environ.get("CLOUDSPOT_TOKEN") and not choices.profile:
        return Token(usable_token(environ["CLOUDSPOT_TOKEN"], "CLOUDSPOT_TOKEN"), "CLOUDSPOT_TOKEN")
    if address.profile is None:
        raise ConfigurationError("There is no token.", hint="Run `cloudspot login`, or set CLOUDSPOT_TOKEN.")
    meant_for = profiles[address.profile].base_url
    if origin(meant_for) != origin(address.base_url):
        raise ConfigurationError(
            f"The token of profile {address.profile} is for {meant_for}, so it is not sent to {address.base_url}.",
            hint="Set CLOUDSPOT_TOKEN, or log in there under another profile.",
        )
    if (token := stored(address.profile)) is None:
        raise ConfigurationError(
            f"The keyring has no token for profile {address.profile}.",
            hint=f"Run `cloudspot login --profile {address.profile}`, or set CLOUDSPOT_TOKEN.",
        )
    source = f"keyring, profile {address.profile}"
    return Token(usable_token(token, f"The token in the {source},"), source)


def token_in(file: str) -> Secret:
    """The token in a file, or on the first line of stdin.

    Raises:
        ConfigurationError: it can't be read, is empty, or is no token.
    """
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigurationError(f"No token can be read from {file or 'a file without a name'}: {reason}.") from None
    return usable_token(text.removeprefix(_BYTE_ORDER_MARK), "stdin" if file == "-" else file)


def usable_token(text: str, source: str) -> Secret:
    """A token; where there is nothing but blanks, `source` is told to be empty.

    Raises:
        ConfigurationError: it is empty, or is no token.
    """
    if not text.strip():
        raise ConfigurationError(f"{source} is empty.", hint="It should hold the token, on one line.")
    return checked_token(text)


def open_client(choices: Choices) -> Cloudspot:
    """A client for the ERP that was chosen.

    Raises:
        ConfigurationError: something is missing or unusable.
    """
    profiles = load_profiles()
    address = find_address(choices, os.environ, profiles)
    token = find_token(choices, address, os.environ, profiles, stored_token)
    return client_for(choices, address.base_url, token.text)


def client_for(choices: Choices, base_url: str, token: str) -> Cloudspot:
    """A client for this server and token, with the other choices of the command line."""
    from cloudspot.client import Cloudspot

    return Cloudspot(token, **options_of(choices, base_url))


def options_of(choices: Choices, base_url: str | None) -> Options:
    """What a client is told of the choices of the command line; without an address, the client looks for one."""
    if choices.verbose:
        log_to_stderr()
    options: Options = {"base_url": base_url, "allow_http": choices.allow_http, "ca": choices.ca}
    if choices.timeout is not None or choices.total is not None:
        options["timeout"] = timeout_of(choices)
    if choices.retries is not None:
        options["retries"] = choices.retries
    return options


def timeout_of(choices: Choices) -> Timeout:
    """How long to wait; `--timeout` is for each single wait."""
    usual = Timeout()
    return Timeout(choices.timeout or usual.connect, choices.timeout or usual.read, choices.total)


class _ToStderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(clean(f"cloudspot: {record.getMessage()}"), err=True)


def log_to_stderr() -> None:
    """Show the toolkit's log."""
    log = logging.getLogger("cloudspot")
    log.setLevel(logging.DEBUG)
    if not any(isinstance(handler, _ToStderr) for handler in log.handlers):
        log.addHandler(_ToStderr())
