"""Whatever an answer holds, each of its rows is counted once, and nothing that may still be there is taken for gone."""

from __future__ import annotations

import json
from contextlib import closing
from hashlib import blake2b
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.mirror import staging as staging_module
from cloudspot.mirror.resources import KLANTEN
from cloudspot.mirror.staging import DIGEST_SIZE, Known, Staging
from cloudspot.mirror.store.bulk import row_maker

keys = st.integers(1, 6)
good = st.builds(lambda key, word: {"klantennummer": key, "voornaam": word}, keys, st.sampled_from("ab"))
unreadable = st.builds(lambda key: {"klantennummer": key, "is_bedrijf": "x"}, keys)
without_key = st.sampled_from([{"voornaam": "a"}, {"klantennummer": None}, {"klantennummer": "1"}, 7, None, []])
answers = st.lists(st.one_of(good, good, good, unreadable, without_key), max_size=10)
knowns = st.dictionaries(keys, st.sampled_from("ab"))


def raw(row: Any) -> bytes:
    return json.dumps(row).encode()


def known_of(held: dict[int, str]) -> Known:
    rows = [(key, raw({"klantennummer": key, "voornaam": held[key]})) for key in sorted(held)]
    return Known([(key, blake2b(row, digest_size=DIGEST_SIZE).digest()) for key, row in rows])


def staged(held: dict[int, str], rows: list[Any], cut: int = 3, forgotten: frozenset[int] = frozenset()) -> Staging:
    staging = Staging(KLANTEN, known_of(held), row_maker(KLANTEN), forgotten.__contains__)
    for at in range(0, len(rows), cut):
        staging.take([msgspec.Raw(raw(row)) for row in rows[at : at + cut]])
    return staging


@given(knowns, answers, st.integers(1, 10), st.frozensets(keys, max_size=2))
def test_each_row_is_counted_once(held: dict[int, str], rows: list[Any], cut: int, forgotten: frozenset[int]) -> None:
    held = {key: word for key, word in held.items() if key not in forgotten}
    with closing(staged(held, rows, cut, forgotten)) as staging:
        check(staging, held, rows, forgotten)


def check(staging: Staging, held: dict[int, str], rows: list[Any], forgotten: frozenset[int]) -> None:
    plan = staging.settle()
    laid_aside = list(staging.rows())
    assert plan.seen == len(rows)
    assert plan.seen == staging.unchanged + len(laid_aside) + plan.invalid + staging.kept_out
    assert len(staging.problems) <= plan.invalid
    numbers = [row.key for row in laid_aside]
    assert len(numbers) == len(set(numbers))
    assert plan.created == len(set(numbers) - set(held))
    assert not forgotten & set(numbers)

    named = [row["klantennummer"] for row in rows if isinstance(row, dict) and type(row.get("klantennummer")) is int]
    missing = set(staging.missing())
    assert len(missing) == plan.deleted
    assert missing <= set(held) - set(named)
    if plan.without_key:
        assert not missing
    else:
        assert missing == set(held) - set(named)
    for number in numbers:
        assert named.count(number) == 1
    for row in laid_aside:
        assert json.loads(row.document) == next(
            each for each in rows if isinstance(each, dict) and each.get("klantennummer") == row.key
        )


@given(knowns, answers, answers)
def test_an_attempt_leaves_nothing_behind(held: dict[int, str], broken: list[Any], rows: list[Any]) -> None:
    with closing(staged(held, broken)) as again, closing(staged(held, rows, cut=100)) as fresh:
        again.begin()
        again.take([msgspec.Raw(raw(row)) for row in rows])
        assert again.settle() == fresh.settle()
        assert list(again.rows()) == list(fresh.rows())
        assert list(again.missing()) == list(fresh.missing())
        assert (again.drift, again.problems) == (fresh.drift, fresh.problems)


def test_many_rows_go_through_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging_module, "MOST_IN_MEMORY", 1000)
    rows = [{"klantennummer": number, "voornaam": "x" * 100} for number in range(100)]
    with closing(staged({}, rows)) as staging:
        assert staging.settle().created == 100
        assert [row.number for row in staging.rows()] == list(range(1, 101))
        assert [json.loads(row.document) for row in staging.rows()] == rows
