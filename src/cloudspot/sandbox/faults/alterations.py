"""Documents that arrive whole and are wrong. Long lists are altered a page at a time, and never held."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from random import Random
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec

from cloudspot.sandbox.answers import Answer

from .fault import Alteration, Fault

LISTS = ("data", "permissions")
"""What lists are called in answers."""
KEYS = frozenset({"id", "klantennummer", "company_id", "token"})
"""What keeps its value where all others are null."""
NEW_FIELDS = b'"nieuw_veld":{"sinds":2027,"waarden":[1,"twee",null]}'
OTHER_NAME = "results"

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"(\s*:)?')
_encode = msgspec.json.Encoder().encode
_objects = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_lists = msgspec.json.Decoder(list[msgspec.Raw]).decode
_with_texts = msgspec.json.Decoder(float_hook=str).decode


@runtime_checkable
class Paged(Protocol):
    """A body that knows its records."""

    @property
    def records(self) -> int:
        """How many there are."""
        ...

    def pages(self) -> Iterator[list[bytes]]:
        """The records, a page at a time."""
        ...


class Parts(NamedTuple):
    """A document with one list in it: what stands before the list, its records, and what stands after it."""

    before: bytes
    """Up to the opening bracket and with it."""
    pages: Iterable[list[bytes]]
    size: int
    """How many records there are."""
    after: bytes
    """From the closing bracket on."""


Change = Callable[[bytes], bytes]
"""What becomes of one record."""


def altered(answer: Answer, fault: Fault, chance: Random) -> None:
    """Let an answer be wrong in the way that a fault says; one that is no success stays as it is."""
    if fault.alter is None or answer.status != 200:
        return
    answer.etag = ""
    if isinstance(answer.body, Paged):
        parts = Parts(b'{"data":[', answer.body.pages(), answer.body.records, b"]}")
        answer.body, answer.length = _stream(_altered(parts, fault, fault.alter, chance)), None
        return
    document = b"".join(answer.body)
    parts = _taken_apart(document)
    body = b"".join(_stream(_altered(parts, fault, fault.alter, chance)))
    answer.body, answer.length = (body,), len(body)


def _taken_apart(document: bytes) -> Parts:
    """A document by its list; one without a list is a single record with nothing around it."""
    fields = _objects(document)
    name = next((name for name in LISTS if bytes(fields.get(name, b""))[:1] == b"["), None)
    if name is None:
        return Parts(b"", [[document]], 1, b"")
    names = list(fields)
    at = names.index(name)
    records = [bytes(each) for each in _lists(fields[name])]
    before = b"".join(_member(each, fields) + b"," for each in names[:at])
    after = b"".join(b"," + _member(each, fields) for each in names[at + 1 :])
    return Parts(b"{" + before + _encode(name) + b":[", [records] if records else [], len(records), b"]" + after + b"}")


def _member(name: str, fields: Mapping[str, msgspec.Raw]) -> bytes:
    return _encode(name) + b":" + bytes(fields[name])


def _stream(parts: Parts) -> Iterator[bytes]:
    opening = parts.before
    for page in parts.pages:
        if page:
            yield opening + b",".join(page)
            opening = b"," if parts.before else b""
    yield parts.after if opening != parts.before else parts.before + parts.after


def _altered(parts: Parts, fault: Fault, alter: Alteration, chance: Random) -> Parts:
    middle = parts.size // 2
    if alter in OF_WHOLE:
        return OF_WHOLE[alter](parts)
    if alter in OF_MIDDLE:
        spoil = OF_MIDDLE[alter]
        if not parts.size:
            return parts._replace(before=spoil(parts.before))
        return parts._replace(pages=_at(parts.pages, middle, spoil))
    if alter == "wrong_types" and fault.field is None:
        return parts._replace(pages=_at(parts.pages, middle, partial(_with_a_wrong_type, chance=chance)))
    if alter == "wrong_types":
        return parts._replace(pages=_each(parts.pages, partial(_with_wrong_type, field=fault.field)))
    return parts._replace(pages=_each(parts.pages, OF_EACH[alter]))


def _with_new_fields_everywhere(parts: Parts) -> Parts:
    after = parts.after[:-1] + b"," + NEW_FIELDS + b"}" if parts.after else b""
    return parts._replace(pages=_each(parts.pages, _with_new_fields), after=after)


def _each(pages: Iterable[list[bytes]], change: Change) -> Iterator[list[bytes]]:
    for page in pages:
        yield [change(record) for record in page]


def _at(pages: Iterable[list[bytes]], index: int, change: Change) -> Iterator[list[bytes]]:
    for page in pages:
        if 0 <= index < len(page):
            page[index] = change(page[index])
        index -= len(page)
        yield page


def _first(pages: Iterable[list[bytes]], count: int) -> Iterator[list[bytes]]:
    for page in pages:
        if count <= 0:
            return
        yield page[:count]
        count -= len(page)


def without_colon(text: bytes) -> bytes:
    """JSON that is none any more: the colon after a key in its middle is missing, or else a quote at its end."""
    keys = [match for match in _STRING.finditer(text) if match[1]]
    if not keys:
        return text[:-1]
    key = keys[len(keys) // 2]
    return text[: key.start(1)] + text[key.end(1) :]


def with_latin1(text: bytes) -> bytes:
    """JSON with a byte that is an é in Latin-1 and nothing in UTF-8, in a text in its middle."""
    strings = list(_STRING.finditer(text))
    values = [match for match in strings if not match[1]] or strings
    if not values:
        return text[:-1] + b"\xe9" + text[-1:]
    value = values[len(values) // 2]
    at = value.start(1) if value[1] else value.end()
    return text[: at - 1] + b"\xe9" + text[at - 1 :]


def _with_new_fields(record: bytes) -> bytes:
    if not record.startswith(b"{"):
        return record
    return record[:-1] + (b"," if len(record) > 2 else b"") + NEW_FIELDS + b"}"


def _with_a_wrong_type(record: bytes, chance: Random) -> bytes:
    if not record.startswith(b"{"):
        return _encode(of_another_kind(msgspec.json.decode(record)))
    return _with_wrong_type(record, chance.choice(list(_objects(record)) or [""]))


def _with_wrong_type(record: bytes, field: str | None) -> bytes:
    if not record.startswith(b"{"):
        return record
    fields: dict[str, Any] = dict(_objects(record))
    if field in fields:
        fields[field] = of_another_kind(msgspec.json.decode(fields[field]))
    return _encode(fields)


def of_another_kind(value: Any) -> Any:
    """A value that no reader can take for one of the kind that this one is of."""
    if isinstance(value, bool):
        return "misschien"
    if isinstance(value, int | float):
        return "veel"
    if isinstance(value, list):
        return {str(at): each for at, each in enumerate(value)}
    if isinstance(value, dict):
        return [value]
    return {"waarde": value}


def _as_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_texts(each) for each in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _with_nulls(record: bytes) -> bytes:
    if not record.startswith(b"{"):
        return b"null"
    return _encode({name: value if name in KEYS else None for name, value in _objects(record).items()})


OF_WHOLE: dict[str, Callable[[Parts], Parts]] = {
    "empty_list": lambda parts: parts._replace(pages=()),
    "half_list": lambda parts: parts._replace(pages=_first(parts.pages, parts.size // 2)),
    "double_record": lambda parts: parts._replace(
        pages=_at(parts.pages, parts.size // 2, lambda record: record + b"," + record)
    ),
    "no_data": lambda parts: parts._replace(before=parts.before.replace(b'"data"', _encode(OTHER_NAME), 1)),
    "double_data": lambda parts: parts._replace(after=parts.after[:-1] + b',"data":[]}'),
    "unknown_fields": _with_new_fields_everywhere,
}
OF_MIDDLE: dict[str, Change] = {"corrupt": without_colon, "not_utf8": with_latin1}
OF_EACH: dict[str, Change] = {
    "numbers_as_texts": lambda record: _encode(_as_texts(_with_texts(record))),
    "nulls": _with_nulls,
}
"""What becomes of the whole document, of the record in its middle, of each record."""
