"""A request as a shell command that can be run."""

from __future__ import annotations

import shlex
from typing import Any

import msgspec

from .exchange import Exchange
from .redaction import HIDDEN, is_secret, is_token

VARIABLES = {"x-erp-token": "CLOUDSPOT_TOKEN", "x-license-token": "CLOUDSPOT_LICENSE_TOKEN"}
"""Which variable of the environment the token of a header comes from."""
PASSWORD, TOKEN = "CLOUDSPOT_PASSWORD", "CLOUDSPOT_SENT_TOKEN"
LEFT_TO_CURL = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect"})
PLACE = "\ue000"
"""Stands around the name of a variable: a private character, which no text of a client means."""


def curl_command(exchange: Exchange) -> str:
    """The command; what is secret comes from variables of the environment.

    Raises:
        ValueError: the body was not kept whole, so it can't be sent again.
    """
    if not exchange.is_whole:
        raise ValueError(f"the body of request {exchange.id} was not kept whole, so it can't be sent again")
    headers = dict(exchange.headers)
    parts = ["curl"]
    if exchange.method == "HEAD":
        parts.append("--head")
    elif exchange.method != ("POST" if exchange.body else "GET"):
        parts.append(f"--request {shlex.quote(exchange.method)}")
    if headers.get("accept-encoding", "identity") != "identity":
        parts.append("--compressed")
    parts += [_header(name, value) for name, value in headers.items() if name not in LEFT_TO_CURL and value != HIDDEN]
    if exchange.body:
        parts.append(f"--data-raw {_body(exchange)}")
    parts.append(shlex.quote(f"http://{headers.get('host', 'localhost')}{exchange.target}"))
    return " \\\n  ".join(parts)


def _header(name: str, value: str) -> str:
    if (variable := VARIABLES.get(name)) is not None:
        return f'--header "{name}: ${variable}"'
    # curl takes `name:` for a header that is to be left out, and `name;` for one without a value.
    return f"--header {shlex.quote(f'{name}: {value}' if value else f'{name};')}"


def _body(exchange: Exchange) -> str:
    try:
        plain = _with_places(exchange.json())
    except ValueError:
        return shlex.quote(exchange.text)
    quoted = shlex.quote(msgspec.json.encode(plain).decode())
    for variable in (PASSWORD, TOKEN):
        quoted = quoted.replace(f"{PLACE}{variable}{PLACE}", f"'\"${variable}\"'")
    return quoted


def _with_places(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_with_places(each) for each in plain]
    if not isinstance(plain, dict):
        return plain
    return {
        name: f"{PLACE}{TOKEN if is_token(name) else PASSWORD}{PLACE}"
        if is_secret(name) and isinstance(value, str) and value
        else _with_places(value)
        for name, value in plain.items()
    }
