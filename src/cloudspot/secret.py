"""Texts that must not be shown: tokens, passwords, PINs. Pure.

A crash report shows the locals of every frame by their `repr`, and a log line whatever it is given. So what a secret
goes through has a `repr` that says nothing, whatever framework makes the report.
"""

from __future__ import annotations

import hmac
from typing import Any, NoReturn, Self

SHOWN = "[redacted]"


class Secret(str):
    """A token on its way into a header: usable as text, but its repr, in locals or a dict of headers, shows nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return SHOWN


class SecretBytes(bytes):
    """A body that holds a secret: usable as bytes, but its repr shows nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__


class SecretText:
    """A secret to keep and hand on: `reveal()` gives its text, and nothing else does.

    `str`, `repr`, formatting and logging show `[redacted]`; pickling it raises TypeError, so that no cache or session
    store keeps it unless somebody wrote `reveal()`. Compares with texts and other secrets in constant time.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | SecretText) -> None:
        text = text.reveal() if isinstance(text, SecretText) else text
        if not isinstance(text, str):
            raise TypeError(f"a secret is text, not {type(text).__name__}")
        self._text = str.__str__(text)

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return SHOWN

    def __format__(self, spec: str) -> str:
        return format(SHOWN, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretText | str):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._text), _bytes(revealed(other)))

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "a secret is not pickled: it would be stored in plain text; store what reveal() gives, encrypted"
        )


def revealed(secret: str | SecretText) -> str:
    """The text of a secret that may be given plainly."""
    return secret.reveal() if isinstance(secret, SecretText) else secret


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
