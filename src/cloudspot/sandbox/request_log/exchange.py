"""One request and its answer, as they are kept."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cloudspot.sandbox.faults import Fault

Outcome = Literal["sent", "dropped", "reset", "stalled", "gone"]
"""How it ended: with an answer, or a connection that was closed, broken or left silent, or that the client left."""

Pairs = list[tuple[str, str]]


class Exchange(msgspec.Struct, kw_only=True):
    """A request and its answer. Tokens, passwords and PINs were never in it."""

    id: int
    at: float
    """When it came, by the sandbox's clock, in seconds since 1970."""
    arrived: float = 0
    """The same by a clock of which only differences mean something."""
    waited: float = 0
    """Seconds until the answer began."""
    seconds: float = 0
    """Seconds until the last of it was handed to the system."""
    method: str
    path: str
    query: str = ""
    """As it stood behind the question mark."""
    route: str | None = None
    """The path's name, such as `artikels`; None where the servers have no such path."""
    token: str | None = None
    """What stands for the token it came with: the same for the same token."""
    headers: Pairs = []
    """By lower-case name."""
    body: bytes = b""
    """The beginning of the body."""
    size: int = 0
    """Bytes of the whole body."""
    is_whole: bool = True
    """Whether all of the body is here, but for the secrets."""
    status: int = 0
    """The answer's; 0 where there was none."""
    outcome: Outcome = "sent"
    answer_headers: Pairs = []
    answer_body: bytes = b""
    """The beginning of the answer's body, before it was compressed."""
    answer_size: int = 0
    """Bytes of the answer's body, before it was compressed, as far as it was sent."""
    fault_id: int | None = None
    """The fault that it met."""
    fault: Fault | None = None
    """What that says."""

    @property
    def target(self) -> str:
        """The path and what follows it."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def text(self) -> str:
        """The body, or its beginning, as a text."""
        return self.body.decode("utf-8", "replace")

    @property
    def answer_text(self) -> str:
        """The answer's body, or its beginning, as a text."""
        return self.answer_body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The request's body.

        Raises:
            ValueError: it is not JSON, or too large to have been kept whole.
        """
        return msgspec.json.decode(self.body)

    def answer_json(self) -> Any:
        """The answer's body.

        Raises:
            ValueError: it is not JSON, or too large to have been kept whole.
        """
        return msgspec.json.decode(self.answer_body)
