"""What has to be unlike anything before: tokens of users, and the ids of requests and events."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from random import Random

TOKEN_BYTES = 32


class Ids:
    """Where tokens and ids come from: random ones, or with a seed the same ones in the same order."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = seed
        self._bytes = self._begun()

    def token(self) -> str:
        """A token of 43 letters, digits, `-` and `_`."""
        return urlsafe_b64encode(self._bytes(TOKEN_BYTES)).rstrip(b"=").decode()

    def request(self) -> str:
        """The id of a request: 32 hexadecimal digits."""
        return self._bytes(16).hex()

    def webhook(self) -> str:
        """The id of an event: `msg_` and 24 hexadecimal digits."""
        return f"msg_{self._bytes(12).hex()}"

    def start_anew(self) -> None:
        """Begin with the first one again, where there is a seed."""
        self._bytes = self._begun()

    def _begun(self) -> Callable[[int], bytes]:
        return secrets.token_bytes if self._seed is None else Random(f"ids/{self._seed}").randbytes
