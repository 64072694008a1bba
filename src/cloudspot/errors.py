"""Every error of the toolkit.

    CloudspotError
    ├── ConfigurationError       a setting is missing, contradictory or unusable; nothing was sent
    ├── InvalidInput             a value that was passed can't be right, such as a company's id; nothing was sent
    ├── Unreachable              no answer: refused, reset, name unknown
    │   ├── TimedOut             no answer, or no next byte, within the time allowed
    │   └── NotTrusted           the server's certificate is not trusted
    ├── RequestRefused           the server answered that it will not do this (4xx, a redirect not followed)
    │   ├── NotAuthorised        the token is unknown, or lacks the right the call needs
    │   │   ├── WrongCredentials   the user name or the password is not right, or the user is not active
    │   │   ├── InvalidToken       the user's token is unknown, expired, or for another application
    │   │   └── UnknownApplication the License server does not know the application that asks
    │   ├── NotFound             no such record in the token's company
    │   └── RateLimited          too many requests; `retry_after` says for how long
    ├── ServerTrouble            5xx, or an answer that is not the API's: an error page, an empty body
    ├── InvalidDocument          the answer is JSON that breaks the protocol, or no JSON at all
    │   └── DocumentCutOff       the answer ended, or the connection broke, before it was complete
    ├── InvalidRecords           some records hold values that fit no accepted form; the others are kept
    ├── InvalidEvent             the body of a webhook is no event of the License server
    ├── NotAuthentic             a webhook does not prove that the License server sent it
    ├── NotTold                  a command or webhook was not told what changed in the mirror, and will be told again
    └── MirrorError              the mirror did not do this, and is as it was
        ├── GuardRefused         a sync would do to the mirror what an answer that went wrong would do
        ├── MirrorBusy           another sync of the same company runs
        ├── HistoryGone          what is asked for is older than the history that is kept
        └── StoreFailed          the database failed: it is full, gone, locked or damaged

    CloudspotWarning             a failed answer of the documented API is read as if it were a list, and the like

`str(error)` starts with the request id and the call, then says what happened and what to do next. No error, and no
repr of one, holds a token, password or PIN. All can be pickled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any, ClassVar, NamedTuple


class Where(NamedTuple):
    """The request an error is about."""

    method: str = ""
    path: str = ""
    status: int | None = None
    request_id: str = ""

    def __str__(self) -> str:
        words = [self.request_id, self.method, self.path]
        if self.status is not None:
            words.append(f"→ {self.status}")
        return " ".join(filter(None, words))


NOWHERE = Where()


class CloudspotError(Exception):
    """The root of all errors of the toolkit.

    Attributes:
        message: what happened.
        hint: what to do next; "" where nothing useful can be said.
        said: the server's own words, as they are; "" where it said nothing.
        code: the server's own word for it, such as NOT_AUTHORIZED; "" where it gave none.
        method, path, status, request_id: the request it is about; empty or None where none was made.
    """

    HINT: ClassVar[str] = ""
    """What to do next where nothing more fitting is known."""

    def __init__(self, message: str, *, where: Where = NOWHERE, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.HINT
        self.said = ""
        self.code = ""
        self.where = where

    @property
    def method(self) -> str:
        """The request's method; "" where none was made."""
        return self.where.method

    @property
    def path(self) -> str:
        """The request's path, without host; "" where none was made."""
        return self.where.path

    @property
    def status(self) -> int | None:
        """The answer's HTTP status; None where there was no answer."""
        return self.where.status

    @property
    def request_id(self) -> str:
        """The id both sides log the request under; "" where none was made."""
        return self.where.request_id

    def __str__(self) -> str:
        place = str(self.where)
        return f"{f'[{place}] ' if place else ''}{self.message}{f' {self.hint}' if self.hint else ''}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.args, self.__dict__)


def _revive(cls: type[CloudspotError], args: tuple[Any, ...], state: dict[str, Any]) -> CloudspotError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(CloudspotError, ValueError):
    """A setting is missing, contradictory or unusable; nothing was sent."""


class InvalidInput(CloudspotError, ValueError):
    """A value that was passed can't be right; nothing was sent."""


class Unreachable(CloudspotError):
    """No answer came: the connection was refused, reset or not trusted.

    Attributes:
        was_sent: whether the request may have reached the server.
    """

    HINT = "Check the network, the base URL and the proxy."

    def __init__(self, message: str, *, where: Where = NOWHERE, hint: str = "", was_sent: bool = True) -> None:
        super().__init__(message, where=where, hint=hint)
        self.was_sent = was_sent


class TimedOut(Unreachable, TimeoutError):
    """No answer, or no next byte, came within the time allowed."""

    HINT = "Try again later, or allow more time."


class _MayAskToWait(CloudspotError):
    """Holds how long the server asked to wait.

    Attributes:
        retry_after: seconds; None where it did not say.
    """

    def __init__(
        self, message: str, *, where: Where = NOWHERE, hint: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.retry_after = retry_after


class NotTrusted(Unreachable):
    """The server's certificate is not trusted, so nothing was sent."""


class RequestRefused(CloudspotError):
    """The server answered that it will not do this; repeating the same request will not help."""


class NotAuthorised(RequestRefused):
    """The token is unknown or revoked, or lacks the right the call needs."""


class WrongCredentials(NotAuthorised):
    """The user name or the password is not right, or the user is not active."""


class InvalidToken(NotAuthorised):
    """The user's token, or that of an impersonation, is unknown, expired, or for another application."""

    HINT = "Let the user log in again."


class UnknownApplication(NotAuthorised):
    """The License server does not know the application that asks."""

    HINT = "Give the id that it has at the License server: License(…) or CLOUDSPOT_LICENSE_APP."


class NotFound(RequestRefused, LookupError):
    """There is no such record in the token's company."""


class RateLimited(_MayAskToWait, RequestRefused):
    """Too many requests; `retry_after` says how many seconds to wait, where the server said so."""


class ServerTrouble(_MayAskToWait):
    """The server, or a proxy before it, failed: a 5xx status, an error page, an empty body."""

    HINT = "Try again later; if it goes on, tell Cloudspot the request id."


class InvalidDocument(CloudspotError):
    """The answer is not the document that the protocol describes, so none of it can be trusted further."""

    HINT = "Use none of it; if it goes on, check the base URL and tell Cloudspot the request id."


class DocumentCutOff(InvalidDocument):
    """The answer ended, or the connection broke, before the document was complete."""

    HINT = "What arrived is not the whole, so delete nothing because of it; ask again."


def without_frames(error: BaseException) -> BaseException:
    """The error without its tracebacks, those of its causes included: in their frames stands the request as bytes."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        if (cause := waiting.pop()) is not None and id(cause) not in seen:
            seen.add(id(cause))
            cause.__traceback__ = None
            waiting += cause.__cause__, cause.__context__
    return error


@dataclass(frozen=True, slots=True)
class InvalidRecord:
    """One record that could not be read.

    Attributes:
        number: its place in the answer, from 1.
        key: its `id` or `klantennummer` as it was sent; None where it has none.
        field: the field at fault, e.g. `BTW` or `fotos[0].url`; "" for the record itself.
        value: that field's value as it was sent.
        reason: what was expected.
        raw: the whole record as it was sent: plain JSON values, or its bytes where even those can't be made out.
    """

    number: int
    key: object
    field: str
    value: object
    reason: str
    raw: Any = dataclass_field(repr=False)

    def __str__(self) -> str:
        name = f"record {self.number}" + (f" ({_short(str(self.key))})" if self.key is not None else "")
        place = f", field {_short(self.field)}" if self.field else ""
        return f"{name}{place}: {_short(repr(self.value))}: {self.reason}"


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


class InvalidRecords(CloudspotError):
    """Some records hold values that fit no accepted form.

    Attributes:
        invalid: an `InvalidRecord` for each, in the order of the answer.
        records: the good records, where a list was asked for; empty for a stream, which has delivered them already.
    """

    def __init__(
        self, invalid: Sequence[InvalidRecord], records: Sequence[Any] = (), *, where: Where = NOWHERE
    ) -> None:
        count = len(invalid)
        first = "; ".join(str(record) for record in invalid[:3])
        more = f"; and {count - 3} more" if count > 3 else ""
        super().__init__(
            f"{count} record{'s' if count != 1 else ''} could not be read: {first}{more}.",
            where=where,
            hint="The good records are in `.records` of a list; on_invalid='collect' returns them instead.",
        )
        self.invalid = tuple(invalid)
        self.records = records


class InvalidEvent(CloudspotError, ValueError):
    """The body of a webhook is no event of the License server, or too large for one; answer it with 400."""


class NotAuthentic(CloudspotError):
    """A webhook does not prove that the License server sent it: no signature, a wrong one, or an old one.

    Answer it with 401, and tell the sender no more than that.
    """


class NotTold(CloudspotError):
    """A command or a webhook was not told what changed in the mirror. What changed is kept, and told again."""

    HINT = "What changed is not lost: it is told again after the next sync."


class MirrorError(CloudspotError):
    """The mirror did not do what was asked, and is as it was."""


class GuardRefused(MirrorError):
    """A sync would do to the mirror what an answer that went wrong would do; nothing was changed.

    Attributes:
        company, resource: what would have been changed.
        objections: why it was refused.
        would: how many records would have been `created`, `updated`, `deleted` and so on.
    """

    def __init__(
        self,
        message: str,
        *,
        where: Where = NOWHERE,
        hint: str = "",
        company: str = "",
        resource: str = "",
        objections: Sequence[str] = (),
        would: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.company, self.resource = company, resource
        self.objections = tuple(objections)
        self.would = dict(would or {})


class MirrorBusy(MirrorError):
    """Another sync of the same company runs."""

    HINT = "Let it end; it holds the mirror for as long as it runs, and no longer."


class HistoryGone(MirrorError, LookupError):
    """What is asked for is older than the history that is kept."""


class StoreFailed(MirrorError):
    """The database failed: it is full, gone, locked or damaged. What was not committed is undone."""


class CloudspotWarning(UserWarning):
    """Something that is allowed for old code, but that new code should not rely on."""
