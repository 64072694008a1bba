"""All that the page says is there in both languages, and nothing is there that it doesn't say."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import msgspec
import pytest

from cloudspot.records import Artikel, Klant
from cloudspot.sandbox import page
from cloudspot.sandbox.deliveries import Status
from cloudspot.sandbox.faults import Fault
from cloudspot.sandbox.imports.loading import MODES
from cloudspot.sandbox.page import texts
from cloudspot.sandbox.page.faults import GROUPS
from cloudspot.sandbox.page.menu import MENU
from cloudspot.sandbox.page.record_fields import fields_of
from cloudspot.sandbox.page.state import STEPS
from cloudspot.sandbox.price_rules import KINDS
from cloudspot.sandbox.request_log.exchange import Outcome

ROOM = Path(page.__file__).parent
TEMPLATES = {file.name: file.read_text() for file in (ROOM / "templates").glob("*.html")}
CODE = {file.name: file.read_text() for file in ROOM.glob("*.py")}
TEXTS = texts.every_text()
SECTIONS = {key.split(".")[0] for key in TEXTS}

RECORD_FIELDS = {**fields_of(Artikel), **fields_of(Klant)}
FAMILIES = {
    "menu.": {entry.name for entry in MENU},
    "fields.": set(RECORD_FIELDS),
    "words.": {word for field in RECORD_FIELDS.values() for word in field.words} | {"true", "false"},
    "faults.fields.": {field.name for field in msgspec.structs.fields(Fault)},
    "faults.groups.": set(GROUPS),
    "events.statuses.": set(get_args(Status)),
    "requests.outcomes.": set(get_args(Outcome)) - {"sent"},
    "state.steps.": set(STEPS),
    "layout.themes.": {"auto", "light", "dark"},
    "records.": {"none_chosen", "nothing_to_do"},
    "records.price_kinds.": set(KINDS),
    "records.modes.": set(MODES),
    "records.import_": {"artikels", "klanten"},
    "records.new_": {"artikels", "klanten"},
    "records.one_": {"artikels", "klanten"},
    "records.search_": {"artikels", "klanten"},
}
"""Keys that end in a word of the program, by how they begin: all of these words, and no others, have a text."""


def keys_said() -> set[str]:
    """The keys that stand whole in a template or the code."""
    found: set[str] = set()
    for text in TEMPLATES.values():
        found |= set(re.findall(r"""\bt\(["']([\w.]+)["'](?!\s*~)""", text))
    for text in CODE.values():
        candidates = re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', text)
        found |= {key for key in candidates if key.split(".")[0] in SECTIONS and not key.endswith((".html", ".py"))}
    return found


def test_no_text_is_missing() -> None:
    families = {prefix + word for prefix, words in FAMILIES.items() for word in words}
    events = {"user.created", "user.email.updated", "user.pin.updated", "permissions.updated"}
    assert (keys_said() | families) - set(TEXTS) - events == set()


def test_no_text_is_unused() -> None:
    families = {prefix + word for prefix, words in FAMILIES.items() for word in words}
    assert set(TEXTS) - keys_said() - families == set()


def test_every_family_is_known_here() -> None:
    prefixes = {found for text in TEMPLATES.values() for found in re.findall(r"""["']([a-z]+\.[\w.]*)["']\s*~""", text)}
    assert prefixes == set(FAMILIES)


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_say_the_same_things(key: str) -> None:
    dutch, english = (
        sorted(name for _, name, _, _ in Formatter().parse(TEXTS[key][language]) if name) for language in ("nl", "en")
    )
    assert dutch == english
    assert all(text.strip() == text and text for text in TEXTS[key].values())


def test_every_field_of_a_fault_is_in_its_form() -> None:
    shown = [name for names in GROUPS.values() for name in names]
    assert sorted(shown) == sorted(field.name for field in msgspec.structs.fields(Fault))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("", "en"),
        ("nl", "nl"),
        ("nl-BE,nl;q=0.9,en;q=0.8", "nl"),
        ("en-GB,nl;q=0.9", "en"),
        ("fr-BE,fr;q=0.9,nl;q=0.5,en;q=0.4", "nl"),
        ("fr", "en"),
        ("NL-be;q=1", "nl"),
        ("nl;q=0", "en"),
        ("nl;q=x,;;,*", "en"),
        ("nl;q=..5", "en"),
    ],
)
def test_the_browsers_language_is_followed(asked: str, given: str) -> None:
    assert texts.preferred(asked) == given
