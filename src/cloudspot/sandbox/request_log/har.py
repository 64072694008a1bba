"""Requests as an HTTP Archive 1.2: what browsers' tools and HTTP proxies read."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from cloudspot import __version__

from .exchange import Exchange, Pairs

UNKNOWN = -1
"""How the format says that a size is not known."""


def har_document(exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """The archive; fields that begin with an underscore are this project's own, as the format allows."""
    creator = {"name": "cloudspot sandbox", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_entry(each) for each in exchanges]}}


def _entry(exchange: Exchange) -> dict[str, Any]:
    receive = max(0.0, exchange.seconds - exchange.waited)
    entry: dict[str, Any] = {
        "startedDateTime": datetime.fromtimestamp(exchange.at, UTC).isoformat(timespec="milliseconds"),
        "time": _ms(exchange.waited) + _ms(receive),
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": _ms(exchange.waited), "receive": _ms(receive)},
        "_id": exchange.id,
        "_outcome": exchange.outcome,
    }
    if exchange.token is not None:
        entry["_token"] = exchange.token
    if exchange.fault is not None:
        entry["_fault"] = {"id": exchange.fault_id, **msgspec.to_builtins(exchange.fault)}
    return entry


def _request(exchange: Exchange) -> dict[str, Any]:
    headers = dict(exchange.headers)
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": f"http://{headers.get('host', 'localhost')}{exchange.target}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.headers),
        "queryString": _pairs(parse_qsl(exchange.query, keep_blank_values=True)),
        "headersSize": UNKNOWN,
        "bodySize": exchange.size,
    }
    if exchange.body:
        request["postData"] = {"mimeType": headers.get("content-type", ""), "text": exchange.text}
    return request


def _response(exchange: Exchange) -> dict[str, Any]:
    headers = dict(exchange.answer_headers)
    return {
        "status": exchange.status,
        "statusText": _phrase(exchange.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(exchange.answer_headers),
        "content": _content(exchange, headers.get("content-type", "")),
        "redirectURL": headers.get("location", ""),
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN if "content-encoding" in headers else exchange.answer_size,
    }


def _content(exchange: Exchange, mime_type: str) -> dict[str, Any]:
    content: dict[str, Any] = {"size": exchange.answer_size, "mimeType": mime_type}
    if not exchange.answer_body:
        return content
    if exchange.answer_size > len(exchange.answer_body):
        # A text that was cut between two bytes of a letter is still a text.
        return content | {"text": exchange.answer_text, "comment": "only the beginning was kept"}
    try:
        return content | {"text": exchange.answer_body.decode()}
    except UnicodeDecodeError:
        return content | {"text": b64encode(exchange.answer_body).decode(), "encoding": "base64"}


def _pairs(pairs: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
