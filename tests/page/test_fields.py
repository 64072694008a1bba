"""What forms show and read, without a browser: amounts as people type them, and records that nobody touched."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.records import Artikel, Klant, Record
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.page.cookie import Cookie, read
from cloudspot.sandbox.page.formats import Formats
from cloudspot.sandbox.page.forms import Form
from cloudspot.sandbox.page.numbers import amount, page_of
from cloudspot.sandbox.page.record_fields import changed, shown

LANGUAGES = ("nl", "en")
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12,50", "12.50"),
        ("12.50", "12.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("€ 3", "3"),
        ("-0,5", "-0.5"),
        ("lots", "lots"),
        ("1e5", "1e5"),
        ("", ""),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, meant: str) -> None:
    for language in LANGUAGES:
        assert amount(typed, language) == meant


@pytest.mark.parametrize(
    ("typed", "dutch", "english"),
    [
        ("1.234", "1234", "1.234"),
        ("1,234", "1.234", "1234"),
        ("-12.345", "-12345", "-12.345"),
        ("1.234.567", "1234567", "1.234.567"),
        ("0.123", "0.123", "0.123"),
        ("1234,567", "1234.567", "1234,567"),
    ],
)
def test_what_can_be_read_in_two_ways_is_read_as_the_page_shows_it(typed: str, dutch: str, english: str) -> None:
    assert (amount(typed, "nl"), amount(typed, "en")) == (dutch, english)


@given(AMOUNTS, st.sampled_from(LANGUAGES))
def test_an_amount_that_is_shown_is_read_as_itself(value: Decimal, language) -> None:
    formats = Formats(language)
    assert Decimal(amount(formats.amount(value), language)) == value
    assert Decimal(amount(formats.plain(value), language)) == value


@given(st.text(max_size=8), st.integers(0, 10_000), st.integers(1, 100))
def test_a_page_is_always_one_that_there_is(asked: str, total: int, size: int) -> None:
    page, first = page_of(asked, total, size)
    assert page >= 1
    assert first >= 0
    assert first < total or (page == 1 and first == 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_record_of_the_seed_changes_by_being_saved(sandbox: Sandbox, language) -> None:
    records: list[Record] = [
        *sandbox.artikels.search(limit=1000).records,
        *sandbox.klanten.search(limit=1000).records,
        *sandbox.company("Lampe SA").artikels.search(limit=1000).records,
    ]
    for record in records:
        values = shown(record, Formats(language))
        form = Form({name: [text.replace("\n", "\r\n")] for name, text in values.items()})
        assert changed(type(record), form, values, language) == ({}, None)


@pytest.mark.parametrize("type", [Artikel, Klant])
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_is_shown_can_be_typed_into_a_new_record(sandbox: Sandbox, type, language) -> None:
    records = sandbox.artikels if type is Artikel else sandbox.klanten
    for record in records.search(limit=200).records:
        form = Form({name: [text] for name, text in shown(record, Formats(language)).items()})
        values, problem = changed(type, form, {}, language)
        assert problem is None
        again = type.from_dict(values)
        assert shown(again, Formats(language)) == shown(record, Formats(language))


@given(st.text(max_size=50), st.dictionaries(st.text(max_size=5), st.text(max_size=50), max_size=3))
def test_a_cookie_says_what_it_was_told(key: str, values: dict[str, str]) -> None:
    cookie = Cookie(language="nl", theme="dark")
    cookie.say(key, **values)
    again = read(cookie.header().split(";")[0])
    assert (again.id, again.language, again.theme) == (cookie.id, "nl", "dark")
    assert (again.said_key, again.said_values) == ((key, values) if key else ("", {}))


@given(st.text(max_size=300))
def test_any_cookie_is_read(text: str) -> None:
    read(text)
    read(f"cloudspot_sandbox={text}")
