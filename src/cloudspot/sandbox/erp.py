"""The ERP server: what it answers to a company's token. Source: protocol, *ERP*."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import blake2b

import msgspec

from cloudspot.records import Artikel, ArtikelCategorie, Klant, Record

from .answers import Answer, Request, document, refusal
from .category_rules import tree_of
from .store import Access, Store
from .store.listing import HEAD, TAIL

TOKEN_HEADER = "x-erp-token"  # noqa: S105 - the name of a header

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}")
_encode = msgspec.json.Encoder().encode


class Endpoint(msgspec.Struct, frozen=True):
    """A path of the ERP, the records behind it, and the right it takes."""

    record: type[Record]
    may: Callable[[Access], bool]
    right: str
    answer: Callable[[Store, int, str | None], Answer]


def answer(store: Store, request: Request, route: str) -> Answer:
    """The ERP's answer."""
    endpoint = ENDPOINTS[route]
    if request.method not in {"GET", "HEAD"}:
        return refusal(405, f"Method {request.method} is not allowed here.", Allow="GET, HEAD")
    token = request.headers.get(TOKEN_HEADER, "")
    access = store.access(token) if token else None
    if access is None:
        return refusal(401, "The token is unknown." if token else "Header X-ERP-TOKEN is missing.")
    if not endpoint.may(access):
        return refusal(401, f"The token lacks the right '{endpoint.right}'.")
    return endpoint.answer(store, access.company, request.query.get("id"))


def route(path: str) -> str | None:
    """The name of the endpoint at a path below /api/v1/; with or without the closing slash."""
    naam = path.removesuffix("/")
    return naam if naam in ENDPOINTS else None


def _artikels(store: Store, company: int, id: str | None) -> Answer:
    if id is None:
        return _whole_list(store, company, "artikels")
    if (number := _number(id)) is None:
        return refusal(400, f"'{id}' is not a number.")
    body = store.record(company, "artikels", number)
    if body is None:
        return refusal(404, f"There is no artikel {number}.")
    return _one(body)


def _klanten(store: Store, company: int, _: str | None) -> Answer:
    return _whole_list(store, company, "klanten")


def _categories(store: Store, company: int, id: str | None) -> Answer:
    tree = tree_of(store.categorieen.all(company))
    if id is None:
        return _one(_encode(tree)[1:-1])
    if (number := _number(id)) is None:
        return refusal(400, f"'{id}' is not a number.")
    found = (categorie for root in tree for categorie in root.walk() if categorie.id == number)
    categorie = next(found, None)
    if categorie is None:
        return refusal(404, f"There is no category {number}.")
    return _one(_encode(categorie))


def _whole_list(store: Store, company: int, naam: str) -> Answer:
    listing = store.listing(company, naam)
    return Answer(
        headers={"Content-Type": "application/json"},
        body=listing,
        length=listing.length,
        etag=listing.collection.state,
    )


def _one(records: bytes) -> Answer:
    body = HEAD + records + TAIL
    return document(body, etag=blake2b(body, digest_size=16).hexdigest())


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


ENDPOINTS = {
    "artikels": Endpoint(Artikel, lambda a: a.sees_artikels, "see all products", _artikels),
    "categories": Endpoint(ArtikelCategorie, lambda a: a.sees_artikels, "see all products", _categories),
    "klanten": Endpoint(Klant, lambda a: a.sees_klanten, "see all clients", _klanten),
}
