"""The decoder against the standard library's: any JSON, any chunking, any damage."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.decoder.reading import batch_of, batches, decode, json_values, members, read_whole, rows

from cloudspot import Artikel, DocumentCutOff, InvalidDocument, InvalidRecord, ServerTrouble
from cloudspot.decoder import RowDecoder, read_record


@given(st.lists(rows | json_values, max_size=8), members, st.sampled_from([None, 0, 2]), st.data(), batches)
def test_rows_are_the_records_unread(
    rows: list[Any], before: dict[str, Any], indent: int | None, data: Any, batch: int
) -> None:
    document = json.dumps({**before, "data": rows}, indent=indent).encode()
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=12))
    with batch_of(batch):
        raw, decoder = decode(document, cuts, decoder=RowDecoder())
        assert [json.loads(bytes(row)) for row in raw] == rows
        assert decoder.seen == len(rows)
        read = [read_record(row, Artikel, number) for number, row in enumerate(raw, 1)]
        records, typed = decode(document, cuts)
        assert [record for record in read if not isinstance(record, InvalidRecord)] == records
        assert [record for record in read if isinstance(record, InvalidRecord)] == typed.invalid
        end = data.draw(st.integers(0, len(document) - 1))
        with pytest.raises((DocumentCutOff, ServerTrouble)):
            decode(document[:end], cuts, decoder=RowDecoder())


@given(st.lists(rows, max_size=8), members, members, st.sampled_from([None, 0, 2]), st.booleans(), st.data(), batches)
def test_any_document_in_any_pieces(
    rows: list[Any],
    before: dict[str, Any],
    after: dict[str, Any],
    indent: int | None,
    escaped: bool,
    data: Any,
    batch: int,
) -> None:
    whole = {**before, "data": rows, **{name: value for name, value in after.items() if name not in before}}
    document = json.dumps(whole, indent=indent, ensure_ascii=escaped).encode()
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=12))
    with batch_of(batch):
        records, decoder = decode(document, cuts)
        assert (records, decoder.invalid) == read_whole(document)
        assert decoder.seen == len(rows)
        end = data.draw(st.integers(0, len(document) - 1))
        with pytest.raises((DocumentCutOff, ServerTrouble)):
            decode(document[:end], cuts)


@given(
    st.lists(
        st.one_of(
            rows,
            json_values,
            rows.map(lambda row: {**row, "id": "x"}),
            st.just({"BTW": math.nan}),
            st.just({"nieuw": [math.inf]}),
        ),
        max_size=10,
    ),
    st.data(),
    batches,
)
def test_each_record_is_delivered_or_reported(rows: list[Any], data: Any, batch: int) -> None:
    document = json.dumps({"data": rows}).encode()
    cuts = data.draw(st.lists(st.integers(0, len(document)), max_size=12))
    with batch_of(batch):
        records, decoder = decode(document, cuts)
    assert len(records) + len(decoder.invalid) == len(rows) == decoder.seen
    good, bad = read_whole(document.replace(b"NaN", b"true").replace(b"Infinity", b"[[[]]]"))
    numbers = [invalid.number for invalid in decoder.invalid]
    assert numbers == sorted(set(numbers))
    assert {number for number, _ in bad} <= set(numbers)
    if b"NaN" not in document and b"Infinity" not in document:
        assert records == good
        assert [(invalid.number, invalid.field) for invalid in decoder.invalid] == bad
    for invalid in decoder.invalid:
        assert str(invalid)
        json_row = rows[invalid.number - 1]
        assert invalid.key == (json_row.get("id") if isinstance(json_row, dict) else None)


def _has_data_twice(document: str) -> bool:
    seen: list[list[str]] = []
    json.loads(document, object_pairs_hook=lambda pairs: seen.append([name for name, _ in pairs]))
    return seen[-1].count("data") > 1


def _outer_is_clean(whole: dict[str, Any]) -> bool:
    """Whether what stands around the rows is strict JSON in UTF-8."""
    try:
        json.dumps({**whole, "data": []}, allow_nan=False, ensure_ascii=False, default=str).encode()
    except ValueError:
        return False
    return True


def _allowed(document: bytes) -> list[Any] | None:
    """The rows of a document that must be accepted; None where it must be refused."""
    try:
        text = document.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        whole = json.loads(text, parse_float=Decimal)
    except ValueError:
        return None
    if not isinstance(whole, dict) or not isinstance(whole.get("data"), list) or _has_data_twice(text):
        return None
    return whole["data"] if _outer_is_clean(whole) else None


def _is_json_but_for_control_characters(document: bytes) -> bool:
    try:
        json.loads(document.decode("utf-8", "surrogateescape").removeprefix("\ufeff"), strict=False)
    except ValueError:
        return False
    return re.search(rb"[\x00-\x1f]", document) is not None


DAMAGED = (
    b'{"a": [1, {"b": "]"}], "data": [{"id": 1, "naam": "a\\"{,"}, {"id": 2, "BTW": 1.5e1, "x": [{}, []]}], "n": "x"}'
)


@given(st.data(), batches)
def test_any_damage(data: Any, batch: int) -> None:
    """Bytes lost, doubled or changed: the document is read as the standard library reads it, or refused."""
    document = data.draw(st.sampled_from([DAMAGED, b'{"data": []}', b'{"data":[{"id":1},{"id":2}]}']))
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(document)))
        piece = data.draw(
            st.sampled_from([b"", *[b"%c" % char for char in b'{}[],:"\\ 1ae\xff\xe9-\n'], b"null", b"NaN"])
        )
        document = document[:at] + piece + document[at + data.draw(st.integers(0, 1)) :]
    check_against_reference(document, data.draw(st.lists(st.integers(0, len(document)), max_size=4)), batch)


@pytest.mark.parametrize("batch", [1, 4096])
def test_every_single_damage(batch: int) -> None:
    for at in range(len(DAMAGED) + 1):
        for piece in (b"", b"}", b"]", b"{", b"[", b",", b'"', b":", b"\\", b"0", b"\x00", b"\xff"):
            for lost in (0, 1):
                check_against_reference(DAMAGED[:at] + piece + DAMAGED[at + lost :], [], batch)


def check_against_reference(document: bytes, cuts: list[int], batch: int) -> None:
    allowed = _allowed(document)
    if allowed is None and _is_json_but_for_control_characters(document):
        return  # among the rows they cost one record, around them the document; test_decoder.py tells these apart
    with batch_of(batch):
        try:
            records, decoder = decode(document, cuts)
        except (InvalidDocument, ServerTrouble):
            assert allowed is None, document
            return
    assert allowed is not None, document
    assert len(records) + len(decoder.invalid) == len(allowed), document


@given(
    st.binary(max_size=200) | st.text(alphabet='{}[]",:data1 \\', max_size=60).map(str.encode),
    st.lists(st.integers(0, 200), max_size=5),
    batches,
)
@example(b'{"data":[}}', [], 1)
@example(b'{"data":[{"id":1}}}', [], 4096)
def test_garbage(document: bytes, cuts: list[int], batch: int) -> None:
    check_against_reference(document, cuts, batch)
