"""What the decoder is compared with: the whole document, read by the standard library."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st

from cloudspot import decoder as decoder_module
from cloudspot.decoder import RecordDecoder
from cloudspot.records import Artikel, InvalidField

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(alphabet='{}[],:"\\ \né', max_size=8)
)
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
amounts = st.none() | st.integers(-(10**9), 10**9) | st.decimals(allow_nan=False, allow_infinity=False).map(str)
rows = st.fixed_dictionaries(
    {},
    optional={
        "id": st.none() | st.integers(),
        "naam": st.none() | st.text(),
        "beschrijving": st.text(alphabet='{}[],:"\\é<a'),
        "BTW": amounts,
        "status": st.sampled_from(["ZICHTBAAR", "NIEUW", "", None]),
        "EAN": st.none() | st.lists(st.text(max_size=13), max_size=3),
        "fotos": st.none()
        | st.lists(st.fixed_dictionaries({"url": st.text()}, optional={"x": json_values}), max_size=3),
        "nieuw": json_values,
    },
)
members = st.dictionaries(st.text().filter(lambda name: name != "data"), json_values, max_size=3)
batches = st.sampled_from([1, 64, 4096])


@contextmanager
def batch_of(size: int) -> Iterator[None]:
    """With small batches, small documents go through all of the machinery."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoder_module, "FIRST_BATCH", size)
        patch.setattr(decoder_module, "BATCH", max(size, 64))
        yield


def decode(
    document: bytes,
    cuts: Iterable[int] = (),
    record_type: type[Any] = Artikel,
    decoder: RecordDecoder[Any] | None = None,
) -> tuple[list[Any], RecordDecoder[Any]]:
    """The records of a document that arrives in pieces."""
    decoder = decoder or RecordDecoder(record_type)
    records: list[Any] = []
    start = 0
    for stop in [*sorted(set(cuts)), len(document)]:
        if start < stop <= len(document):
            records += decoder.feed(document[start:stop])
            start = stop
    records += decoder.finish()
    return records, decoder


def read_whole(document: bytes) -> tuple[list[Any], list[tuple[int, str]]]:
    """The records, and number and field of those that can't be read, of a document that is valid JSON."""
    good: list[Any] = []
    bad: list[tuple[int, str]] = []
    for number, row in enumerate(json.loads(document, parse_float=Decimal)["data"], 1):
        try:
            good.append(Artikel.from_dict(row))
        except InvalidField as error:
            bad.append((number, error.field))
    return good, bad
