"""What a call of the documented API does: ask through the client, and make an object of whatever comes of it."""

from __future__ import annotations

import json
import operator
import random
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, SupportsIndex, TypeVar
from urllib.parse import urlencode
from uuid import uuid4

from .. import endpoints, policy
from ..calls import Plain, Steps, Wait
from ..client import Cloudspot
from ..downloads import Context, Remembered
from ..errors import (
    CloudspotError,
    CloudspotWarning,
    ConfigurationError,
    DocumentCutOff,
    InvalidDocument,
    InvalidRecord,
    InvalidRecords,
    ServerTrouble,
    Unreachable,
)
from ..exchanges import exchange
from ..license_policy import Headers
from ..secret import Secret, SecretBytes
from ..settings import (
    Options,
    Settings,
    checked_application,
    checked_headers,
    checked_token,
    checked_url,
    make_license_settings,
    make_settings,
)
from . import as_sent
from .artikels import Artikel, ArtikelCategorie, ArtikelCategorieen, Artikels
from .base import BaseModel, ObjectListModel
from .klanten import Klanten
from .model import Error

L = TypeVar("L", bound=ObjectListModel[Any])
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class ArtikelsAsSent(endpoints.Artikels[Plain]):
    """The products, with their amounts as floats."""

    _all = endpoints.Artikels._all._replace(record_type=as_sent.Artikel)  # noqa: SLF001


class KlantenAsSent(endpoints.Klanten[Plain]):
    """The clients, with their dates as text."""

    _all = endpoints.Klanten._all._replace(record_type=as_sent.Klant)  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class Told:
    """What an API object is told at the moment of a call: all of it can be changed between calls."""

    base_url: Any
    token: Secret | None
    headers: Mapping[Any, Any]
    names: Headers
    application: str | None = None

    def checked(self) -> Told:
        """The same, with token and application apart from the headers; those in the headers count, as they always did.

        Raises:
            ConfigurationError: it can't be sent.
        """
        if not isinstance(self.base_url, str) or not self.base_url:
            raise ConfigurationError(f"The base URL is text, not {self.base_url!r}.")
        token, application, headers = self.token, self.application, {}
        for name, value in self.headers.items():
            if value is None:
                continue
            if not isinstance(name, str) or not isinstance(value, str):
                raise ConfigurationError(f"The header {name!r} and its value are to be text.")
            if name.upper() == self.names.token:
                token = Secret(value)
            elif name.upper() == self.names.application:
                application = value
            else:
                headers[name] = value
        return Told(self.base_url, token, headers, self.names, application)


@dataclass(frozen=True, slots=True)
class Session:
    """Runs calls over the kept connections, with what the API object is told now."""

    client: Cloudspot
    context: Context
    token: Secret

    def run(self, steps: Steps[T]) -> T:
        """Run the steps of a call."""
        return self.client.run(steps)

    def stream(self, steps: Steps[Any]) -> Any:
        """Run the steps of a call as somebody iterates."""
        return self.client.stream(steps)


class Connection:
    """The kept connections of one API object."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._clients: dict[str, Cloudspot] = {}
        self._latest: tuple[Told, Session] | None = None

    def client(self, base_url: str) -> Cloudspot:
        """The client whose connections lead there. Its own token is never sent: each call brings what it is told."""
        if (client := self._clients.get(base_url)) is None:
            options: Options = {**self._options, "base_url": base_url}
            client = self._clients.setdefault(base_url, Cloudspot("unused", **options))
        return client

    def session(self, told: Told) -> Session:
        """What runs calls with this token and these headers.

        Raises:
            ConfigurationError: they can't be sent.
        """
        told = told.checked()
        if self._latest is not None and self._latest[0] == told:
            return self._latest[1]
        client = self.client(told.base_url)
        options: Options = {**self._options, "base_url": told.base_url, "headers": told.headers}
        settings: Settings
        if told.application is None:
            settings = make_settings(told.token or "", options, {})
        else:
            settings = make_license_settings(told.application, None, options, {})
        context = replace(client.context, settings=settings, remembered=Remembered())
        session = Session(client, context, told.token or Secret())
        self._latest = told, session
        return session

    def exchange(
        self, told: Told, method: str, target: str, query: Mapping[str, Any] | None, body: SecretBytes | None
    ) -> tuple[int, Mapping[str, str], Any]:
        """Send a request of the caller's own; status, headers and JSON of the answer, whatever its status.

        Raises:
            CloudspotError: no answer came, or it is not JSON.
        """
        told = told.checked()
        base_url = checked_url(told.base_url, allow_http=self._options.get("allow_http", False))
        given = {name: value for name, value in (query or {}).items() if value is not None}
        path = f"/{target}/{f'?{urlencode(given, doseq=True)}' if given else ''}"
        headers = {
            "Accept": "application/json",
            "User-Agent": policy.USER_AGENT,
            "Accept-Encoding": policy.ACCEPT_ENCODING,
            **checked_headers(told.headers),
            "X-Request-ID": uuid4().hex,
        }
        if told.token:
            headers[told.names.token] = checked_token(told.token)
        if told.application is not None and told.names.application:
            headers[told.names.application] = checked_application(told.application)
        client = self.client(told.base_url)
        request = policy.Request(method, f"{base_url}{path}", headers, path, body)
        reply, content = client.run(_exchange(request, client.settings.retries))
        return reply.status, _any_case(reply.headers), _parsed(content, request, reply)


def _any_case(headers: Mapping[str, str]) -> Mapping[str, str]:
    from urllib3 import HTTPHeaderDict  # noqa: PLC0415 - loaded by the first request

    return HTTPHeaderDict(headers)


def _exchange(request: policy.Request, retries: int) -> Steps[tuple[policy.Reply, bytes]]:
    """One answer as it is. A GET that broke off is sent again; anything else only where nothing was sent."""
    for attempt in count(1):
        try:
            return (yield from exchange(request))
        except (Unreachable, DocumentCutOff) as error:
            error.where = policy.where(request)
            repeatable = request.method == "GET" or (isinstance(error, Unreachable) and not error.was_sent)
            seconds = policy.pause(error, attempt, retries, random.random())  # noqa: S311 - jitter
            if not repeatable or seconds is None:
                raise
        yield Wait(seconds)
    raise AssertionError("count() ended")


def _parsed(content: bytes, request: policy.Request, reply: policy.Reply) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        place = policy.where(request, reply)
    if not content.strip():
        raise ServerTrouble("The answer is empty.", where=place)
    if content.lstrip()[:1] == b"<":
        raise ServerTrouble("The answer is a web page, not data.", where=place)
    raise InvalidDocument("The answer is not JSON.", where=place)


# Typed loosely, since no type says that a key's records are the value's.
_ENDPOINTS: dict[type[BaseModel], Any] = {
    Artikels: ArtikelsAsSent,
    Artikel: ArtikelsAsSent,
    ArtikelCategorieen: endpoints.Categorieen,
    ArtikelCategorie: endpoints.Categorieen,
    Klanten: KlantenAsSent,
}


def listed(kind: type[L], session: Callable[[], Session], fields: Iterable[str] | None) -> L:
    """All records as a collection; a failed one where the call fails.

    Raises:
        TypeError, ValueError: `fields` are no names of attributes.
    """
    kept = checked_fields(kind.listObject, fields)
    try:
        records = _ENDPOINTS[kind](session()).list(on_invalid="collect")
    except CloudspotError as error:
        return kind().fail(Error.of_exception(error))
    _warn_of(records.invalid)
    return kind.over(records, kept, records.invalid)


def got(kind: type[M], session: Callable[[], Session], id: SupportsIndex | str, fields: Iterable[str] | None) -> M:
    """The one record with that id; a failed one where there is none or the call fails.

    Raises:
        TypeError, ValueError: `fields` are no names of attributes, or `id` is neither a number nor text.
    """
    kept = checked_fields(kind, fields)
    key = id if isinstance(id, str) else operator.index(id)
    try:
        return kind.of_records([_ENDPOINTS[kind](session()).get(key)], kept)[0]
    except CloudspotError as error:
        rows = error.invalid if isinstance(error, InvalidRecords) else ()
        meant = next((row for row in rows if str(row.key) == str(key)), None)
        if meant is None:
            return kind().fail(Error.of_exception(error))
    _warn_of([meant])
    return kind.of_plain(meant.raw, kept)


def checked_fields(kind: type[BaseModel], fields: Iterable[str] | None) -> frozenset[str] | None:
    """The attributes to keep; None for all, which an empty list has always meant."""
    if fields is None:
        return None
    if isinstance(fields, str):
        raise TypeError(f"fields is a list of names, not the text {fields!r}")
    names = frozenset(fields)
    if unknown := names - kind.READERS.keys():
        said = ", ".join(sorted(map(repr, unknown)))
        raise ValueError(f"{kind.__name__} has no field {said}; it has {', '.join(kind.READERS)}")
    return names or None


def _warn_of(invalid: Sequence[InvalidRecord]) -> None:
    if not invalid:
        return
    places = [f"record {row.number} ({row.key}), field {row.field or '(all)'}" for row in invalid[:3]]
    more = [f"and {len(invalid) - 3} more"] if len(invalid) > 3 else []
    warnings.warn(
        CloudspotWarning(f"Values that fit no accepted form are left as they were sent: {'; '.join(places + more)}."),
        stacklevel=4,
    )
