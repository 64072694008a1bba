"""Every text of the pages in Dutch and French, compiled; and what is asked of a page that people log in on."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import pytest

import cloudspot.django
from cloudspot.django.conf import Conf

from .conftest import JAN

ROOM = Path(cloudspot.django.__file__).parent
LANGUAGES = ("nl", "fr")


def catalogue(language: str) -> dict[str, list[str]]:
    """What the .po file says: the texts of each message."""
    found: dict[str, list[str]] = {}
    message = ""
    for line in (ROOM / f"locale/{language}/LC_MESSAGES/django.po").read_text(encoding="utf-8").splitlines():
        word, _, text = line.partition(" ")
        if word == "msgid":
            message = ast.literal_eval(text)
        elif word.startswith("msgstr") and message:
            found.setdefault(message, []).append(ast.literal_eval(text))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_compiled(language) -> None:
    texts = catalogue(language)
    with (ROOM / f"locale/{language}/LC_MESSAGES/django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert len(texts) > 50
    for message, translated in texts.items():
        assert all(translated), message
        assert compiled.gettext(message) in translated or compiled.ngettext(message, message, 1) == translated[0]
        for each in translated:
            assert set(re.findall(r"%\(\w+\)\w", each)) <= set(re.findall(r"%\(\w+\)\w", message)) | {"%(minutes)d"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_room_is_missing(language) -> None:
    texts = catalogue(language)
    for path in ROOM.rglob("*.html"):
        for message in re.findall(r'{% translate "(.*?)" %}', path.read_text(encoding="utf-8")):
            assert message in texts, path
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_text = isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "gettext", "ngettext"}
            if is_text and node.args and isinstance(node.args[0], ast.Constant):
                assert node.args[0].value in texts, path


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Aanmelden"), ("fr", "Se connecter"), ("en", "Log in"), ("de", "Log in")]
)
def test_the_page_speaks_the_browsers_language(client, language, words) -> None:
    page = client.get("/auth/login", headers={"accept-language": language}).content.decode()
    assert f"<h1>{words}</h1>" in page
    assert f'lang="{language if language != "de" else "en"}' in page


def test_a_refusal_is_in_the_users_language(client) -> None:
    given = {"username": JAN, "password": "wrong"}
    page = client.post("/auth/login", given, headers={"accept-language": "fr"}).content.decode()
    assert "incorrect" in page


def test_every_key_of_the_setting_is_documented() -> None:
    page = (ROOM.parents[2] / "docs/django.md").read_text(encoding="utf-8")
    for name in Conf.__struct_fields__:
        assert f"`{name.upper()}`" in page, name
