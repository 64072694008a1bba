"""How a path of a server becomes an operation in its document.

What a status means is told by a request that gets it. The sandbox answers that request, and its answer is the example:
a document can't promise a status or an answer that the sandbox doesn't give.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any, NamedTuple, Protocol, get_type_hints

import msgspec

from cloudspot.records import Record
from cloudspot.sandbox import servers
from cloudspot.sandbox.accounts import JAN, SANDBOX_APP, fixed_accounts
from cloudspot.sandbox.answers import JSON, Request
from cloudspot.sandbox.companies import KIST
from cloudspot.sandbox.seed import seeded
from cloudspot.sandbox.store import Store

from .schemas import Schema, schema_of

USER_TOKEN, IMPERSONATION_TOKEN = "user-token", "impersonation-token"
"""Stand for random ones."""
SHOWN_RECORDS = 2


class Asked(NamedTuple):
    """A request, the status it gets, and what that means."""

    status: int
    meaning: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    """Those that differ from what the operation takes; "" leaves one out."""
    body: Any = None
    below: str = ""
    """What stands in the path for its parameter."""


class Operation(NamedTuple):
    """What people need to know of a path."""

    id: str
    summary: str
    asked: tuple[Asked, ...]
    description: str = ""
    parameters: tuple[Schema, ...] = ()


class Key(NamedTuple):
    """A header that opens something: a security scheme."""

    scheme: str
    header: str
    example: str
    description: str


class Wire(NamedTuple):
    """What a server's own table knows of a path."""

    route: str
    method: str
    answer: Schema
    error: Schema
    keys: tuple[Key, ...]
    body: type[msgspec.Struct] | None = None


class LoginEndpoint(Protocol):
    """A path of either login server, in its own table."""

    @property
    def method(self) -> str:
        """The only one that is answered."""
        ...

    @property
    def answer(self) -> Callable[..., Record]:
        """What answers; its annotation says with which record."""
        ...

    @property
    def body(self) -> type[msgspec.Struct] | None:
        """What is to be sent."""
        ...


def login_wire(route: str, endpoint: LoginEndpoint, error: Schema, application: Key, user: Key) -> Wire:
    """What is known of a path of a login server: what only reads is for users who are logged in."""
    keys = (application, user) if endpoint.method == "GET" else (application,)
    return Wire(route, endpoint.method, schema_of(answer_type(endpoint)), error, keys, endpoint.body)


def login_types(endpoints: Collection[LoginEndpoint]) -> list[type[msgspec.Struct]]:
    """The types that go to and from these paths."""
    bodies = [endpoint.body for endpoint in endpoints if endpoint.body is not None]
    return [*map(answer_type, endpoints), *bodies]


def answer_type(endpoint: LoginEndpoint) -> type[Record]:
    """The record that a path answers with."""
    answer: type[Record] = get_type_hints(endpoint.answer)["return"]
    return answer


class Examples:
    """A sandbox as it is without any options, which answers without a port."""

    def __init__(self) -> None:
        self._store = Store("sqlite://")
        self._store.fill(seeded(1, 500, 100), fixed_accounts)

    def close(self) -> None:
        """Give everything back."""
        self._store.close()

    def answer(self, wire: Wire, asked: Asked) -> Any:
        """The answer to a request, as JSON.

        Raises:
            ValueError: the sandbox answers with another status.
        """
        needed = {key.header: key.example for key in wire.keys}
        headers, body = self._with_tokens({**needed, **asked.headers}), self._with_tokens(asked.body)
        request = Request(
            method=wire.method,
            path=f"{servers.PREFIX}{wire.route}/{asked.below and asked.below + '/'}",
            query=asked.query,
            headers={name: text for name, text in headers.items() if text},
            body=b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body),
        )
        answer = servers.answer(self._store, request)
        if answer.status != asked.status:
            raise ValueError(f"{wire.method} {request.path} answers {answer.status}, not {asked.status}")
        return self._shown(msgspec.json.decode(b"".join(answer.body)))

    @cached_property
    def _tokens(self) -> dict[str, str]:
        impersonation = self._store.user_tokens.issue_impersonation(
            JAN.email, KIST.id, SANDBOX_APP.id, time.time() + 60
        )
        return {
            USER_TOKEN: self._store.user_tokens.issue(JAN.email, SANDBOX_APP.id),
            IMPERSONATION_TOKEN: impersonation,
        }

    def _with_tokens(self, part: Any) -> Any:
        if isinstance(part, Mapping):
            return {name: self._tokens.get(value, value) for name, value in part.items()}
        return part

    def _shown(self, answer: Any) -> Any:
        """An answer with nothing random in it, and not all of a long list."""
        names = {token: name for name, token in self._tokens.items()}
        for name in {"token", "auth_token"} & answer.keys():
            answer[name] = names.get(answer[name], USER_TOKEN)
        if "data" in answer:
            answer["data"] = answer["data"][:SHOWN_RECORDS]
        return answer


def operation(told: Operation, wire: Wire, examples: Examples) -> Schema:
    """An operation as OpenAPI has it."""
    made: Schema = {"operationId": told.id, "summary": told.summary}
    if told.description:
        made["description"] = told.description
    made["security"] = [{key.scheme: [] for key in wire.keys}]
    if told.parameters:
        made["parameters"] = list(told.parameters)
    if wire.body is not None:
        sent = next(asked.body for asked in told.asked if asked.status < 400)
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": schema_of(wire.body), "example": sent}}}
    responses: dict[str, Schema] = {}
    for asked in told.asked:
        answer = examples.answer(wire, asked)
        schema = wire.answer if asked.status < 400 else wire.error
        response = responses.setdefault(
            str(asked.status), {"description": asked.meaning, "content": {JSON: {"schema": schema, "examples": {}}}}
        )
        shown = response["content"][JSON]["examples"]
        shown[f"example{len(shown) + 1}"] = {"summary": asked.meaning, "value": answer}
    made["responses"] = responses
    return made


def server_urls(host: str) -> list[Schema]:
    """Where a server is, and its stand-in."""
    return [
        {"url": f"https://{host}/api/v1", "description": "Cloudspot"},
        {"url": "http://localhost:8000/api/v1", "description": "The sandbox: `cloudspot sandbox`"},
    ]


def security_schemes(*keys: Key) -> Schema:
    """The headers that open something."""
    return {
        key.scheme: {"type": "apiKey", "in": "header", "name": key.header.upper(), "description": key.description}
        for key in keys
    }
