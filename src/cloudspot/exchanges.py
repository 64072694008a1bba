"""One request and its whole answer, as steps: for what is small enough to be taken in at once."""

from __future__ import annotations

from . import policy
from .calls import READ, Send, Steps
from .errors import CloudspotError, InvalidDocument, RequestRefused
from .policy import Reply, Request
from .secret import SecretBytes


class Received:
    """The bytes of an answer that have arrived; a crash report that shows it shows none of them."""

    __slots__ = ("_body", "_most")

    def __init__(self, most: int | None) -> None:
        self._body = bytearray()
        self._most = most

    def add(self, chunk: bytes) -> bool:
        """Take the next bytes; whether there may be more.

        Raises:
            InvalidDocument: there are more than were expected.
        """
        self._body += chunk
        if self._most is not None and len(self._body) > self._most:
            raise InvalidDocument(f"The answer goes on after {self._most} bytes, which no answer of this kind does.")
        return bool(chunk)

    def whole(self) -> SecretBytes:
        """All of it."""
        return SecretBytes(self._body)


def exchange(request: Request, *, most: int | None = None, forgiving: bool = False) -> Steps[tuple[Reply, SecretBytes]]:
    """One answer as it is, whatever its status. A GET follows redirects within its server.

    Args:
        most: bytes that the answer may have; None for any number.
        forgiving: whether an error's body may break off; then what arrived of it is given.

    Raises:
        CloudspotError: there is no whole answer.
    """
    for _ in range(policy.MOST_REDIRECTS):
        reply: Reply = yield Send(request)
        further = policy.redirected(request, reply)
        if further is not None and request.method == "GET":
            request = further
            continue
        policy.check_encoding(reply, policy.where(request, reply))
        received = Received(most)
        try:
            while received.add((yield READ)):
                pass
        except CloudspotError:
            if not forgiving or reply.status < 400:
                raise
        return reply, received.whole()
    raise RequestRefused("The server keeps redirecting.", where=policy.where(request))
