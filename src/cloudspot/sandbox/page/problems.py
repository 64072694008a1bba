"""What the sandbox refused, and at which field of a form to say so."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from cloudspot.records import InvalidField
from cloudspot.sandbox.texts import in_words

_AT_FIELD = re.compile(r"(?s)(?P<reason>.*?) - at `\$\.(?P<field>\w+).*`")


class Problem(NamedTuple):
    """Why something was refused, in the words of the rule that refused it, which are English."""

    text: str
    field: str = ""
    """The field it is about; "" where it is about no single one."""

    @classmethod
    def of(cls, error: Exception) -> Problem:
        """What an error tells."""
        if isinstance(error, InvalidField):
            return cls(_sentence(error.reason), error.field)
        if isinstance(error, msgspec.ValidationError) and (match := _AT_FIELD.fullmatch(str(error))):
            return cls(_sentence(match["reason"]), match["field"])
        return cls(_sentence(str(error)), _first_word(str(error)))


def _sentence(text: str) -> str:
    text = in_words(text).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _first_word(text: str) -> str:
    """Rules over several fields name the one they are about first: `webhook_url has no fragment`."""
    return text.split(" ", 1)[0]
