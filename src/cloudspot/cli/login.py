"""`cloudspot login`, `logout` and `profiles`."""

from __future__ import annotations

import json
import os
import sys

import click

from cloudspot.errors import ConfigurationError
from cloudspot.secret import Secret
from cloudspot.settings import ERP_URL, checked_url

from .connection import asked_url, client_for, token_in, usable_token
from .failures import ExitCode
from .layout import Column, table
from .options import Choices, Sectioned, connection_options
from .profiles import (
    DEFAULT,
    Profile,
    checked_name,
    forget_token,
    keyring_backend,
    load_profiles,
    no_keyring,
    save_profiles,
    store_token,
    stored_token,
)
from .rights import in_words, rights_of
from .terminal import is_terminal, say, width


@click.command(cls=Sectioned)
@connection_options
@click.pass_context
def login(ctx: click.Context) -> ExitCode:
    """Check a token and keep it in the system's keyring.

    It is asked for without showing it, or read from stdin where that is no terminal; the server says which rights it
    has. An administrator of the ERP makes tokens.
    """
    choices = ctx.ensure_object(Choices)
    profiles = load_profiles()
    name = _name(choices)
    base_url = checked_url(_base_url(choices, profiles.get(name)), allow_http=choices.allow_http)
    if keyring_backend() is None:
        raise no_keyring()
    token = _ask_for_token(choices, base_url)
    with client_for(choices, base_url, token) as erp:
        rights = rights_of(erp)
    store_token(name, token)
    save_profiles({**profiles, name: Profile(base_url)})
    say(f"The token may {in_words(rights)} of its company at {base_url}. It is kept as profile {name}.")
    if os.environ.get("CLOUDSPOT_TOKEN"):
        say(f"CLOUDSPOT_TOKEN is set, and goes before it: unset that, or use --profile {name}.")
    return ExitCode.OK


@click.command(cls=Sectioned)
@connection_options
@click.pass_context
def logout(ctx: click.Context) -> ExitCode:
    """Take a token out of the keyring, and forget its profile."""
    name = _name(ctx.ensure_object(Choices))
    profiles = load_profiles()
    if not forget_token(name) and name not in profiles:
        raise ConfigurationError(f"There is no profile {name!r}.", hint="See: cloudspot profiles")
    save_profiles({other: profile for other, profile in profiles.items() if other != name})
    say(f"Profile {name} is forgotten. The token itself stays valid until an administrator of the ERP revokes it.")
    return ExitCode.OK


@click.command(cls=Sectioned)
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def profiles(*, as_json: bool) -> ExitCode:
    """List the profiles: where each leads, and whether the keyring holds its token."""
    active = os.environ.get("CLOUDSPOT_PROFILE") or DEFAULT
    rows = [
        {
            "name": name,
            "base_url": profile.base_url,
            "has_token": stored_token(name) is not None,
            "is_default": name == active,
        }
        for name, profile in sorted(load_profiles().items())
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif not rows:
        say("There are no profiles. Make one with: cloudspot login")
    else:
        click.echo("\n".join(table(rows, _COLUMNS, width())))
    return ExitCode.OK


_COLUMNS = (
    Column("profile", lambda row: str(row["name"])),
    Column("base URL", lambda row: str(row["base_url"]), shrinks=True),
    Column("token", lambda row: "in the keyring" if row["has_token"] else "missing", colours={"missing": "red"}),
    Column("", lambda row: "used by default" if row["is_default"] else ""),
)


def _name(choices: Choices) -> str:
    return checked_name(choices.profile or os.environ.get("CLOUDSPOT_PROFILE") or DEFAULT)


def _base_url(choices: Choices, known: Profile | None) -> str:
    """Where the token is for. A profile that exists keeps its address, so that logging in again renews its token."""
    if (asked := asked_url(choices)) is not None:
        return asked
    return known.base_url if known else os.environ.get("CLOUDSPOT_BASE_URL") or ERP_URL


def _ask_for_token(choices: Choices, base_url: str) -> Secret:
    if choices.token_file is not None:
        return token_in(choices.token_file)
    if not is_terminal(sys.stdin):
        return token_in("-")
    return usable_token(click.prompt(f"Token for {base_url}", hide_input=True, err=True), "What was typed")
