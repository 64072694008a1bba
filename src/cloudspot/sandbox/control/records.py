"""The control API: the products, clients and categories of a company."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec

from cloudspot.records import Record
from cloudspot.sandbox.answers import Answer, Request, document, json_document
from cloudspot.sandbox.category_edits import WrittenCategorie
from cloudspot.sandbox.edits import Changed, Records
from cloudspot.sandbox.file_formats import FORMATS
from cloudspot.sandbox.imports import InvalidImport, Mode
from cloudspot.sandbox.imports.rows import known_format
from cloudspot.sandbox.price_rules import Kind
from cloudspot.sandbox.store import CategorieRow, NoSuchRecord

from .asked import Controlled, Handler, fields_of, filters_of

COLLECTIONS = ("artikels", "klanten")

_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


def _found(naam: str, sandbox: Controlled, request: Request, company: str) -> Answer:
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in parse_qsl(request.raw_query, keep_blank_values=True):
        asked[name].append(value)
    text, sort = _last(asked, "text", ""), _last(asked, "sort", "")
    descending = _last(asked, "descending", "false")
    if descending not in {"true", "false"}:
        raise ValueError(f"descending is true or false, not {descending!r}")
    offset, limit = _whole(asked, "offset", "0"), _whole(asked, "limit", "50")
    found = _records(naam, sandbox, company).search(
        text, sort=sort or None, descending=descending == "true", offset=offset, limit=limit, **asked
    )
    return json_document(
        {
            naam: [msgspec.Raw(each.to_json()) for each in found.records],
            "total": found.total,
            "offset": offset,
            "limit": limit,
        }
    )


def _last(asked: dict[str, list[str]], name: str, otherwise: str) -> str:
    return asked.pop(name, [otherwise])[-1]


def _whole(asked: dict[str, list[str]], name: str, otherwise: str) -> int:
    text = _last(asked, name, otherwise)
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ValueError(f"{name} is a whole number, not {text!r}")
    return int(text)


def _add(naam: str, sandbox: Controlled, request: Request, company: str) -> Answer:
    made = _records(naam, sandbox, company).create(**_decode(request.body))
    return document(made.to_json(), status=201)


def _one(naam: str, sandbox: Controlled, _: Request, company: str, id: str) -> Answer:
    return document(_records(naam, sandbox, company).get(_key(id)).to_json())


def _change(naam: str, sandbox: Controlled, request: Request, company: str, id: str) -> Answer:
    return document(_records(naam, sandbox, company).update(_key(id), **_decode(request.body)).to_json())


def _delete(naam: str, sandbox: Controlled, _: Request, company: str, id: str) -> Answer:
    _records(naam, sandbox, company).delete(_key(id))
    return json_document({"deleted": int(id)})


class ToChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which clients are to change, and how; without any selection, all."""

    ids: list[int] | None = None
    """Only these."""
    text: str = ""
    """Only those that hold all of these words."""
    filters: dict[str, Any] = {}
    """Only those with these values, by field; of several values in a list any will do."""
    set: dict[str, Any] = {}
    """New values by field, the same for all."""


class ToChangeArtikels(ToChange, kw_only=True, forbid_unknown_fields=True):
    """Which products are to change, and how; without any selection, all."""

    percentage: Decimal | None = None
    """How many % the prices rise; negative, how many they fall."""
    prices: tuple[Kind, ...] = ("verkoop",)
    """Which prices change by the percentage."""


_decode_artikels = msgspec.json.Decoder(ToChangeArtikels, float_hook=Decimal).decode
_decode_klanten = msgspec.json.Decoder(ToChange, float_hook=Decimal).decode


def _change_artikels(sandbox: Controlled, request: Request, company: str) -> Answer:
    asked = _decode_artikels(request.body)
    artikels, which = sandbox.company(company).artikels, _selection(asked)
    if asked.percentage is None:
        return _changed(lambda: artikels.update_many(asked.set, **which))
    percentage = asked.percentage
    return _changed(lambda: artikels.change_prices(percentage, asked.set, prices=asked.prices, **which))


def _change_klanten(sandbox: Controlled, request: Request, company: str) -> Answer:
    asked = _decode_klanten(request.body)
    klanten, which = sandbox.company(company).klanten, _selection(asked)
    return _changed(lambda: klanten.update_many(asked.set, **which))


def _changed(change: Callable[[], Changed]) -> Answer:
    try:
        return json_document(change()._asdict())
    except NoSuchRecord as error:  # a 404 would say that the path leads nowhere
        raise ValueError(str(error)) from None


def _load(naam: str, sandbox: Controlled, request: Request, company: str) -> Answer:
    asked = filters_of(request, "format", "mode")
    if "format" not in asked:
        raise ValueError(f"say which format the file has: ?format={' or '.join(FORMATS)}")
    file = request.file or io.BytesIO()
    mode = cast("Mode", asked.get("mode", "merge"))
    try:
        done = _records(naam, sandbox, company).load(file, format=known_format(asked["format"]), mode=mode)
    except InvalidImport as error:
        problems = [problem._asdict() for problem in error.problems]
        told = {"message": f"{error.text[:1].upper()}{error.text[1:]}.", "problems": problems, "count": error.count}
        return json_document(told, status=422)
    return json_document(done._asdict())


def _selection(asked: ToChange) -> dict[str, Any]:
    for name in asked.filters:
        if name in {"ids", "text", "prices", "fields"}:
            raise ValueError(f"{name} is no field to filter by")
    return {"ids": asked.ids, "text": asked.text, **asked.filters}


def _records(naam: str, sandbox: Controlled, company: str) -> Records[Any]:
    records: Records[Record] = getattr(sandbox.company(company), naam)
    return records


def _key(text: str) -> int:
    """A number in a path.

    Raises:
        LookupError: it is none, or larger than any id.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise LookupError(f"there is no {text}")
    return int(text)


def _list_categorieen(sandbox: Controlled, _: Request, company: str) -> Answer:
    categorieen = sandbox.company(company).categorieen
    counts = categorieen.counts()
    return json_document({"categorieen": [_shown(row, counts) for row in categorieen.list()]})


def _add_categorie(sandbox: Controlled, request: Request, company: str) -> Answer:
    asked = fields_of(request, WrittenCategorie)
    categorieen = sandbox.company(company).categorieen
    made = categorieen.create(asked.naam, asked.parent, id=asked.id)
    return json_document(_shown(made, categorieen.counts()), status=201)


def _one_categorie(sandbox: Controlled, _: Request, company: str, id: str) -> Answer:
    categorieen = sandbox.company(company).categorieen
    return json_document(_shown(categorieen.get(_key(id)), categorieen.counts()))


def _change_categorie(sandbox: Controlled, request: Request, company: str, id: str) -> Answer:
    categorieen = sandbox.company(company).categorieen
    changed = categorieen.update(_key(id), **_decode(request.body))
    return json_document(_shown(changed, categorieen.counts()))


def _delete_categorie(sandbox: Controlled, request: Request, company: str, id: str) -> Answer:
    target = filters_of(request, "move_to").get("move_to")
    sandbox.company(company).categorieen.delete(_key(id), move_to=None if target is None else _key(target))
    return json_document({"deleted": int(id)})


def _shown(row: CategorieRow, counts: dict[int, int]) -> dict[str, object]:
    return {**row._asdict(), "artikels": counts.get(row.id, 0)}


def _of(naam: str) -> dict[str, dict[str, Handler]]:
    def handler(answer: Callable[..., Answer]) -> Handler:
        return partial(answer, naam)

    return {
        f"companies/{{company}}/{naam}": {"GET": handler(_found), "POST": handler(_add)},
        f"companies/{{company}}/{naam}/{{id}}": {
            "GET": handler(_one),
            "PATCH": handler(_change),
            "DELETE": handler(_delete),
        },
    }


ROUTES: dict[str, dict[str, Handler]] = {
    "companies/{company}/artikels/change": {"POST": _change_artikels},
    "companies/{company}/klanten/change": {"POST": _change_klanten},
    "companies/{company}/artikels/load": {"POST": partial(_load, "artikels")},
    "companies/{company}/klanten/load": {"POST": partial(_load, "klanten")},
    **_of("artikels"),
    **_of("klanten"),
    "companies/{company}/categorieen": {"GET": _list_categorieen, "POST": _add_categorie},
    "companies/{company}/categorieen/{id}": {
        "GET": _one_categorie,
        "PATCH": _change_categorie,
        "DELETE": _delete_categorie,
    },
}

SLOW = frozenset(f"companies/{{company}}/{naam}{what}" for naam in COLLECTIONS for what in ("", "/change", "/load"))
TAKE_FILES = frozenset(("POST", f"companies/{{company}}/{naam}/load") for naam in COLLECTIONS)
