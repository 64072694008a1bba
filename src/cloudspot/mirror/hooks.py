"""Telling others that something changed: a command on this machine, or a webhook anywhere.

A hook is told of everything since it last took notice, and the mirror remembers how far that was, as for every
consumer. So a hook that fails loses nothing: it is told again after the next sync, even where that changes nothing.
"""

from __future__ import annotations

import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
from sqlalchemy import func, select

from cloudspot.errors import CloudspotError, ConfigurationError, NotTold, Unreachable
from cloudspot.plain_http import PlainExchange, PlainHTTP
from cloudspot.policy import USER_AGENT, Request
from cloudspot.secret import SecretText
from cloudspot.settings import Timeout, checked_proxy, is_loopback, proxy_from
from cloudspot.webhooks import signed_headers

from .feed import Consumer, Wanted, known_company
from .report import SyncReport
from .store.schema import changes
from .store.store import Store

EVENT = "mirror.changed"
LIMIT = 60.0
"""Seconds that a hook may take."""
ATTEMPTS, PAUSE = 3, 1.0
LONGEST_LIMIT = 86_400.0

SECRETS = re.compile(r"CLOUDSPOT_\w*(TOKEN|PASSWORD|SECRET|NOTIFY_URL)")
"""Names of variables that a command is not given."""
MIRROR_URL = "CLOUDSPOT_MIRROR"
"""It is given this one where no password is in it."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Notice(NamedTuple):
    """What a hook is told.

    Attributes:
        id: the same whenever the same is told again.
        since, until: the sequences that it is about: after the first, up to the second.
        body: `{"event": "mirror.changed", "data": {…}}` as JSON: the numbers of the changes, and no record.
    """

    id: str
    since: int
    until: int
    body: bytes


class Hook(Protocol):
    """Somebody who is told."""

    @property
    def naam(self) -> str:
        """Under which the mirror remembers how far it was told."""
        ...

    def tell(self, notice: Notice) -> None:
        """Tell it.

        Raises:
            NotTold: it did not take notice.
        """


def notify(store: Store, hook: Hook, report: SyncReport) -> bool:
    """Tell a hook what changed in a company since it was last told; False where there was nothing to tell.

    Raises:
        NotTold: it did not take notice, and will be told again.
    """
    if report.company not in store.companies():
        return False
    consumer = Consumer(store, f"{hook.naam}: {report.company}", Wanted(report.company), 0)
    since, until = consumer.position, store.latest()
    counts = _counts(store, report.company, since, until)
    if counts:
        data = {"company": report.company, "since": since, "until": until, "counts": counts, "report": _told(report)}
        at = datetime.now(UTC).isoformat(timespec="seconds")
        body = _encode({"event": EVENT, "timestamp": at, "data": data})
        id = f"msg_{store.digest('notice', hook.naam, report.company, since, until).hex()}"  # noqa: A001
        hook.tell(Notice(id, since, until, body))
    if until != since:
        consumer.ack(until)
    return bool(counts)


def _counts(store: Store, company: str, since: int, until: int) -> dict[str, dict[str, int]]:
    with store.reading() as connection:
        query = (
            select(changes.c.resource, changes.c.kind, func.count())
            .where(changes.c.company == known_company(connection, company))
            .where(changes.c.sequence > since, changes.c.sequence <= until)
            .group_by(changes.c.resource, changes.c.kind)
            .order_by(changes.c.resource, changes.c.kind)
        )
        found: dict[str, dict[str, int]] = {}
        for resource, kind, count in connection.execute(query):
            found.setdefault(resource, {})[kind] = count
        return found


def _told(report: SyncReport) -> dict[str, Any]:
    """The report, without the records that can't be read: they may be people's."""
    plain = report.to_dict()
    for naam, _ in report:
        del plain[naam]["problems"]
    return plain


class Command:
    """A command line of the system's shell, with the notice on its standard input.

    Its output goes to stderr. It gets the environment without Cloudspot's secrets.

    Args:
        line: what the shell is told to do.
        limit: seconds that it may take; then it is killed, with all that it started.
        naam: under which the mirror remembers how far it was told.
    """

    def __init__(self, line: str, *, limit: float = LIMIT, naam: str = "on-change") -> None:
        if not line.strip() or "\0" in line:
            raise ConfigurationError("The command to call after changes is empty.")
        self.naam = naam
        self._line, self._limit = line, checked_limit(limit)

    def tell(self, notice: Notice) -> None:
        """Run it.

        Raises:
            NotTold: it ended with another code than 0, or not in time.
        """
        sys.stderr.flush()
        with subprocess.Popen(  # noqa: S602 - the user's own line, as in a crontab
            self._line,
            shell=True,
            stdin=subprocess.PIPE,
            stdout=_stderr(),
            env=without_secrets(os.environ),
            start_new_session=True,
        ) as process:
            try:
                process.communicate(notice.body, timeout=self._limit)
            except subprocess.TimeoutExpired:
                raise NotTold(f"The command did not end within {self._limit:g} seconds, and was killed.") from None
            finally:
                _end(process)
        if process.returncode:
            how = f"with {process.returncode}" if process.returncode > 0 else f"by signal {-process.returncode}"
            raise NotTold(f"The command ended {how}.")

    def __repr__(self) -> str:
        return f"<Command {self.naam}>"


def _stderr() -> int | None:
    """Where a command's output goes, so that it doesn't mix with a report on stdout."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return subprocess.DEVNULL


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what still runs, with all that it started."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, without the variables that hold a secret of Cloudspot's."""
    kept = {name: value for name, value in environ.items() if not SECRETS.fullmatch(name)}
    if _has_password(kept.get(MIRROR_URL, "")):
        del kept[MIRROR_URL]
    return kept


def _has_password(url: str) -> bool:
    try:
        return urlsplit(url).password is not None or "password=" in url
    except ValueError:
        return True


class Webhook:
    """A URL that the notice is posted to; signed by Standard Webhooks where there is a secret.

    `cloudspot.webhooks.Receiver` reads and checks it at the other end. An answer other than 2xx is a failure; 408, 425,
    429 and 5xx, and no answer, are tried three times. Redirects are not followed, and the answer's body is not read.

    Args:
        url: plain http goes to this machine only. The path may hold a secret: no error shows it.
        secret: `whsec_…`, to sign with.
        limit: seconds for all attempts.
        naam: under which the mirror remembers how far it was told.

    Raises:
        ConfigurationError: the URL or the secret is none.
    """

    def __init__(
        self, url: str, *, secret: str | SecretText | None = None, limit: float = LIMIT, naam: str = "notify"
    ) -> None:
        self.naam = naam
        self._url, self._limit = SecretText(checked_url(url)), checked_limit(limit)
        self._secret = None if secret is None else SecretText(secret)
        if self._secret is not None:
            signed_headers(self._secret, "msg", 0, b"")  # a secret that can't sign is told of now

    def tell(self, notice: Notice) -> None:
        """Post it.

        Raises:
            NotTold: it was not taken.
        """
        http = PlainHTTP(self._url.reveal(), proxy=_proxy(self._url.reveal()), tls=_trusted, pool=None)
        end = time.monotonic() + self._limit
        try:
            for attempt in range(1, ATTEMPTS + 1):
                failure = self._post(http, notice, end - time.monotonic())
                if failure is None:
                    return
                left = end - time.monotonic()
                if attempt == ATTEMPTS or not failure.again or left <= PAUSE:
                    raise NotTold(f"The webhook at {self._host} {failure.what}, at attempt {attempt}.")
                time.sleep(PAUSE * attempt if left > PAUSE * attempt else PAUSE)
        finally:
            http.close()

    @property
    def _host(self) -> str:
        return urlsplit(self._url.reveal()).hostname or ""

    def _post(self, http: PlainHTTP, notice: Notice, within: float) -> _Failure | None:
        headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
        if self._secret is not None:
            headers |= signed_headers(self._secret, notice.id, int(time.time()), notice.body)
        else:
            headers["webhook-id"] = notice.id
        exchange = PlainExchange(http, Timeout())
        try:
            reply = exchange.send(Request("POST", self._url.reveal(), headers, "", notice.body), within)
        except Unreachable as error:
            return _Failure(f"did not answer: {error.message}", again=True)
        except CloudspotError as error:
            return _Failure(error.message, again=False)
        finally:
            exchange.close()
        if 200 <= reply.status <= 299:
            return None
        return _Failure(f"answered {reply.status}", again=reply.status >= 500 or reply.status in {408, 425, 429})

    def __repr__(self) -> str:
        return f"<Webhook {self.naam} at {self._host}>"


class _Failure(NamedTuple):
    what: str
    again: bool


def checked_url(url: str) -> str:
    """The URL of a webhook.

    Raises:
        ConfigurationError: it is none; it is not shown, since it may hold a secret.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or not (url.isascii() and url.isprintable()) or " " in url:
        raise ConfigurationError("The webhook's URL is no http or https URL.")
    if parts.username is not None or parts.fragment:
        raise ConfigurationError("The webhook's URL has no user name and no fragment.")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            f"Plain http to {host} would show the network what changed.", hint="Use https, or a host on this machine."
        )
    return url


def checked_limit(limit: float) -> float:
    """Seconds that a hook may take.

    Raises:
        ConfigurationError: it is no number of seconds.
    """
    if not 0 < limit <= LONGEST_LIMIT:
        raise ConfigurationError(f"The limit is a number of seconds up to {LONGEST_LIMIT:.0f}, not {limit!r}.")
    return limit


def _proxy(url: str) -> str | None:
    return checked_proxy(proxy_from(getproxies(), url, bypass=proxy_bypass))


def _trusted() -> ssl.SSLContext:
    import truststore  # noqa: PLC0415 - only where TLS is spoken

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
