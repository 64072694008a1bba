"""`cloudspot sandbox fault …`: let requests go wrong. The options of `add` are the fields of `Fault`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click
import msgspec

from cloudspot.records.described import described_fields
from cloudspot.sandbox.faults import PRESETS, Fault
from cloudspot.sandbox.faults.fault import Route

from .running import Running, at_running

ALWAYS = "always"
ROUTE = click.Choice(get_args(Route))


def _count(text: str) -> int | str:
    """A number, or `always`."""
    if text != ALWAYS and not text.isdecimal():
        raise click.BadParameter(f"{text!r} is neither a number nor `{ALWAYS}`.", param_hint="--times")
    return text if text == ALWAYS else int(text)


def _amount(text: str) -> int | float:
    """So many bytes, or a fraction."""
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither a number of bytes nor a fraction.") from None


def _value(name: str, hint: Any) -> dict[str, Any]:
    """How a field's values are read from a command line."""
    if name == "times":
        return {"type": _count, "metavar": f"NUMBER|{ALWAYS}"}
    if hint == int | float | None:
        return {"type": _amount, "metavar": "BYTES|FRACTION"}
    kind = next((each for each in get_args(hint) if each is not type(None)), hint)
    if get_origin(hint) is Literal or get_origin(kind) is Literal:
        words = get_args(hint if get_origin(hint) is Literal else kind)
        return {"type": click.Choice(words), "metavar": "WORD"}
    return {"type": kind}


def _fields_of_a_fault(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each field, told in the field's own words."""
    hints = get_type_hints(Fault)
    for field in reversed(described_fields(Fault)):
        option, hint = f"--{field.name.replace('_', '-')}", hints[field.name]
        meaning = f"{field.meaning.partition('; None')[0].removesuffix('.').replace('`', '')}."
        if hint is bool:
            command = click.option(option, field.name, is_flag=True, default=None, help=meaning)(command)
            continue
        value = _value(field.name, hint)
        if isinstance(value["type"], click.Choice):
            meaning += f" One of {', '.join(value['type'].choices)}."
        command = click.option(option, field.name, **value, help=meaning)(command)
    return command


@click.group()
def fault() -> None:
    """Let requests go wrong, one way at a time or by a preset's name."""


@fault.command()
@_fields_of_a_fault
@at_running
def add(running: Running, **fields: Any) -> None:
    """Let requests go wrong: by default the next one that it is meant for.

    A request meets the first fault that is meant for it, so faults added one after another are a sequence.
    """
    said = {name: value for name, value in fields.items() if value is not None}
    if said.get("times") == ALWAYS:
        said["times"] = None
    click.echo(_line(running.ask("POST", "faults", said)))


@fault.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@at_running
def list_faults(running: Running, *, as_json: bool) -> None:
    """List the faults that wait, and how often each has hit."""
    faults = running.get("faults")["faults"]
    if as_json:
        click.echo(json.dumps(faults))
        return
    for each in faults:
        click.echo(_line(each))
    if not faults:
        click.echo("No fault waits.", err=True)


@fault.command()
@click.argument("id", type=int, required=False)
@at_running
def clear(running: Running, id: int | None) -> None:
    """Take the fault ID away, or all."""
    running.ask("DELETE", "faults" if id is None else f"faults/{id}")


@fault.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@at_running
def presets(running: Running, *, as_json: bool) -> None:
    """List the presets; those that are on have a star."""
    found = running.get("faults/presets")["presets"]
    if as_json:
        click.echo(json.dumps(found))
        return
    width = max(len(each["name"]) for each in found)
    for each in found:
        click.echo(f"{'*' if each['is_on'] else ' '} {each['name']:{width}}  {each['meaning']}")


@fault.command()
@click.argument("name", type=click.Choice(list(PRESETS)), metavar="NAME")
@click.option("--route", type=ROUTE, help="Only for requests to this path.")
@at_running
def on(running: Running, name: str, route: str | None) -> None:
    """Switch a preset on; `presets` lists their names."""
    running.ask("PUT", f"faults/presets/{name}", {} if route is None else {"route": route})


@fault.command()
@click.argument("name", type=click.Choice(list(PRESETS)), metavar="NAME")
@at_running
def off(running: Running, name: str) -> None:
    """Switch a preset off."""
    running.ask("DELETE", f"faults/presets/{name}")


def _line(shown: dict[str, Any]) -> str:
    state = {name: shown.pop(name) for name in ("id", "hits", "passed", "preset")}
    preset = f"  ({state['preset']})" if state["preset"] else ""
    return f"{state['id']}  {msgspec.convert(shown, Fault).summary}  hits: {state['hits']}{preset}"
