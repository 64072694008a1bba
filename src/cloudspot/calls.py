"""A call of the API, written once as steps, and what runs the steps: plainly or in an event loop.

A call is a generator. It yields what it needs done (`Send` a request, `READ` on, `Wait`, `Deliver` records) and gets
back what came of it: a `Reply`, the next bytes. A failure is thrown into it. So repeats, redirects and decoding are
ordinary code without I/O, tested without clock, loop or mock, and the two drivers in `client.py` only move bytes.

`call` makes a method of such a generator function: on the plain client it returns the result, on the async client an
awaitable of it, and type checkers see both. This is the one clever file.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, Concatenate, Final, Generic, NamedTuple, ParamSpec, Protocol, TypeVar, overload

from .policy import Request

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Send(NamedTuple):
    """Send this; answered with the `Reply`. Whatever is unread of an earlier answer is dropped."""

    request: Request


class Read(NamedTuple):
    """Read on; answered with the next bytes of the body, b"" at its end.

    Attributes:
        at_once: as soon as there are any; else rather many of them, since nobody waits for the first.
    """

    at_once: bool = True


class Wait(NamedTuple):
    """Do nothing for this long."""

    seconds: float


class Deliver(NamedTuple):
    """Hand these to whoever iterates."""

    records: Sequence[Any]


READ: Final = Read()
READ_MANY: Final = Read(at_once=False)

Step = Send | Read | Wait | Deliver
Steps = Generator[Step, Any, T]


class Plain:
    """Marks what belongs to a plain client."""


class Async:
    """Marks what belongs to an async client."""


Mode = TypeVar("Mode", Plain, Async)


class Driver(Protocol):
    """What runs steps: returns their result, or an awaitable of it."""

    @property
    def context(self) -> Any:
        """What the steps need to know of the client."""

    def run(self, steps: Steps[Any]) -> Any:
        """Run the steps to their end."""

    def stream(self, steps: Steps[Any]) -> Any:
        """Run the steps as somebody iterates."""


class Endpoint(Generic[Mode]):
    """A part of the API, bound to a client."""

    def __init__(self, client: Driver) -> None:
        self.client = client


E = TypeVar("E", bound=Endpoint[Any])


class call(Generic[P, T]):  # noqa: N801 - a decorator
    """Make a method of a generator function: plain on a plain client's endpoint, awaitable on an async one's."""

    def __init__(self, steps: Callable[Concatenate[Any, P], Steps[T]]) -> None:
        self._steps = steps
        self.__doc__ = steps.__doc__

    @overload
    def __get__(self, endpoint: None, owner: type) -> call[P, T]: ...
    @overload
    def __get__(self, endpoint: Endpoint[Plain], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, endpoint: Endpoint[Async], owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, endpoint: Endpoint[Any] | None, owner: type) -> Any:
        if endpoint is None:
            return self
        return _Bound(self._steps, endpoint)


class _Bound:
    """A call bound to its endpoint; looks like a method to `help` and to editors."""

    def __init__(self, steps: Callable[..., Steps[Any]], endpoint: Endpoint[Any]) -> None:
        self.__wrapped__ = steps.__get__(endpoint)
        self.__self__ = endpoint
        self.__doc__ = steps.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            steps = self.__wrapped__(*args, **kwargs)
        finally:
            del args, kwargs  # a crash report shows what frames hold, and among these may be a password
        return self.__self__.client.run(steps)

    def __repr__(self) -> str:
        return f"<call {self.__wrapped__.__qualname__}>"
