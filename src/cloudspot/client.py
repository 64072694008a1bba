"""The plain client, and the driver that runs the steps of a call for it; `async_client.py` has the other pair."""

from __future__ import annotations

import logging
import math
import os
import ssl
import time
from collections.abc import Callable, Generator, Sequence
from contextvars import ContextVar
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, cast
from weakref import ref

from .calls import Deliver, Plain, Read, Send, Step, Steps, Wait
from .downloads import Answer, Context, Remembered, Response
from .endpoints import Artikels, Categorieen, Klanten
from .errors import CloudspotError, ConfigurationError, TimedOut
from .plain_http import PlainExchange, PlainHTTP
from .policy import Reply, Request
from .settings import Options, Settings, checked_proxy, is_loopback, make_settings, origin, proxy_from
from .streams import RecordStream

if TYPE_CHECKING:
    import urllib3

T = TypeVar("T")

log = logging.getLogger("cloudspot")
log.addHandler(logging.NullHandler())

# One for all clients, since a context never forgets a variable; a client that is gone drops out at the next answer.
_last_responses: ContextVar[tuple[tuple[ref[Client], Response], ...]] = ContextVar(
    "cloudspot_last_responses", default=()
)


class Client:
    """What the plain and the async client have in common: what they were told."""

    def __init__(self, settings: Settings, options: Options) -> None:
        self.settings = settings
        self._ref: ref[Client] = ref(self)
        self.context = Context(settings=self.settings, remembered=Remembered(), note=self._note)
        self._ca = options.get("ca")
        proxy = options.get("proxy")
        self._proxy = checked_proxy(_proxy_of_environment(self.settings.base_url) if proxy is None else proxy)

    @property
    def last_response(self) -> Response | None:
        """Status, headers, id, size and timing of the latest complete answer to this client in this thread or task."""
        return next((response for client, response in _last_responses.get() if client is self._ref), None)

    def _note(self, response: Response) -> None:
        noted = _last_responses.get()
        if len(noted) > 1 or (noted and noted[0][0] is not self._ref):
            others = [(client, kept) for client, kept in noted if client is not self._ref and client() is not None]
            _last_responses.set((*others, (self._ref, response)))
        else:
            _last_responses.set(((self._ref, response),))

    @cached_property
    def _tls_context(self) -> ssl.SSLContext:
        if isinstance(self._ca, ssl.SSLContext):
            return self._ca
        if self._ca is not None:
            try:
                return ssl.create_default_context(cafile=os.fspath(self._ca))
            except OSError as error:
                raise ConfigurationError(f"No certificates can be read from {os.fspath(self._ca)}.") from error
        import truststore  # noqa: PLC0415 - only where TLS is spoken

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def _tls(self) -> ssl.SSLContext:
        return self._tls_context

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.settings.base_url}>"


class PlainClient(Client):
    """A client whose calls return when they are done."""

    def __init__(self, settings: Settings, options: Options, pool: urllib3.PoolManager | None) -> None:
        super().__init__(settings, options)
        self._http = PlainHTTP(settings.base_url, proxy=self._proxy, tls=self._tls, pool=pool)

    def run(self, steps: Steps[T]) -> T:
        """Run the steps of a call; for parts of the toolkit, not for its users."""
        batches = self._deliver(steps)
        try:
            next(batches)
        except StopIteration as end:
            return cast("T", end.value)
        raise AssertionError("a call delivered records to nobody")

    def stream(self, steps: Steps[Answer]) -> RecordStream[Any]:
        """Run the steps of a call as somebody iterates; for parts of the toolkit."""
        return RecordStream(self._deliver(steps))

    def _deliver(self, steps: Steps[T]) -> Generator[Sequence[Any], None, T]:
        exchange = PlainExchange(self._http, self.settings.timeout)
        remaining = countdown(self.settings.timeout.total)
        try:
            step = next(steps)
            while True:
                try:
                    came: object
                    if isinstance(step, Read):  # not in `_perform`: a call for each piece of a long answer is felt
                        remaining()
                        came = exchange.read(at_once=step.at_once)
                    else:
                        came = _perform(step, exchange, remaining)
                except CloudspotError as error:
                    step = steps.throw(error)
                else:
                    if isinstance(step, Deliver):
                        yield step.records
                    step = steps.send(came)
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            steps.close()
            exchange.close()

    def close(self) -> None:
        """Close the connections; a closed client can't be used again."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class Cloudspot(PlainClient):
    """The ERP, for one company: its products, categories and clients.

        with Cloudspot("sandbox-token", test_mode=True) as erp:
            for artikel in erp.artikels:
                print(artikel.naam, artikel.verkoopprijs_incl)

    Threads may share one client; a forked child makes its own connections.

    Args:
        token: the company's token; else CLOUDSPOT_TOKEN.
        base_url: where the ERP is; else CLOUDSPOT_BASE_URL, else Cloudspot's own address.
        test_mode: talk to a sandbox on http://localhost:8000.
        timeout: seconds for each wait, or a `Timeout` for connecting, reading and the whole call; None waits for ever.
        retries: extra attempts after a broken connection, 429, 502, 503 or 504.
        proxy: URL of a proxy; "" for none. Without it the environment decides (HTTPS_PROXY, NO_PROXY).
        ca: file of trusted certificates, or an `ssl.SSLContext`. Without it the operating system decides.
        headers: sent with every request.
        allow_http: allow plain http to other machines, which shows the token to the network.
        pool: a `urllib3.PoolManager` to use; proxy and ca are then its own, and it is not closed.

    Raises:
        ConfigurationError: something is missing, contradictory or unusable.
    """

    artikels: Artikels[Plain]
    categorieen: Categorieen[Plain]
    klanten: Klanten[Plain]

    def __init__(
        self, token: str | None = None, *, pool: urllib3.PoolManager | None = None, **options: Unpack[Options]
    ) -> None:
        super().__init__(make_settings(token, options, os.environ), options, pool)
        self.artikels = Artikels(self)
        self.categorieen = Categorieen(self)
        self.klanten = Klanten(self)


def _perform(step: Step, exchange: PlainExchange, remaining: Callable[[], float]) -> Reply | None:
    """Do what a step asks for, in the time that is left; what came of it."""
    match step:
        case Send(request):
            reply = exchange.send(request, remaining())
            log_reply(request, reply)
            return reply
        case Wait(seconds):
            begin_wait(seconds, remaining())
            time.sleep(seconds)
    return None


def countdown(total: float | None) -> Callable[[], float]:
    """A function that tells the seconds left, and raises TimedOut when there are none."""
    if total is None:
        return lambda: math.inf
    end = time.monotonic() + total

    def remaining() -> float:
        if (seconds := end - time.monotonic()) <= 0:
            raise TimedOut(f"The call took longer than the {total:g} s it was given.")
        return seconds

    return remaining


def log_reply(request: Request, reply: Reply) -> None:
    """Each answer, at DEBUG; never a header, which may hold the token."""
    if log.isEnabledFor(logging.DEBUG):
        log.debug("%s %s → %s (%s)", request.method, request.path, reply.status, request.headers["X-Request-ID"])


def begin_wait(seconds: float, left: float) -> None:
    """Log a repeat, at INFO; raise TimedOut at once where there is no time for it, rather than after a wait in vain."""
    if seconds >= left:
        raise TimedOut("There is no time left for another attempt.")
    log.info("no usable answer; asking again in %.1f s", seconds)


def _proxy_of_environment(base_url: str) -> str | None:
    if is_loopback(origin(base_url)[1]):
        return None
    import urllib.request  # noqa: PLC0415 - takes longer than the rest of a client

    return proxy_from(urllib.request.getproxies(), base_url, bypass=urllib.request.proxy_bypass)
