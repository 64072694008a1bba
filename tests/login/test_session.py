"""What a session says a user may do, and how it is kept."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.login.conftest import JAN, KIST, LAMPE, PIN, TOKEN

from cloudspot import CompanyPermissions, InvalidInput, Permissions, Profile, SecretText, Session


def row(company_id: str | None, company_name: str | None, *permissions: str) -> CompanyPermissions:
    return CompanyPermissions(company_id=company_id, company_name=company_name, permissions=permissions)


def session(*rows: CompanyPermissions) -> Session:
    user = Profile(first_name="Jan", last_name="Janssens", email=JAN, pin=PIN)
    return Session(user, SecretText(TOKEN), Permissions(rows))


JANS = session(row(KIST, "Kist & Vijs BV", "use_app", "edit"), row(LAMPE, "Lampe SA", "use_app"))


@pytest.mark.parametrize(
    "company", [KIST, KIST.upper(), KIST.replace("-", ""), UUID(KIST), "Kist & Vijs BV", JANS.companies[0]]
)
def test_a_company_by_any_of_its_names(company: Any) -> None:
    assert JANS.has("edit", company=company)
    assert JANS.has("use_app", company=company)
    assert not JANS.has("delete", company=company)
    assert JANS.permissions.of(company) == {"use_app", "edit"}
    assert JANS.permissions.company(company) == JANS.companies[0]


@pytest.mark.parametrize(
    "company", ["Lampe SA", LAMPE, None, "", "Unknown", str(UUID(int=7)), "kist & vijs bv", "Kist"]
)
def test_no_right_elsewhere(company: Any) -> None:
    assert not JANS.has("edit", company=company)


def test_without_use_app_nothing_is_open() -> None:
    piets = session(row(KIST, "Kist & Vijs BV", "edit"))
    assert not piets.has("edit", company=KIST)
    assert not piets.has("use_app", company=KIST)
    assert piets.companies == ()
    assert piets.permissions.of(KIST) == frozenset()
    assert piets.permissions.company(KIST) is None
    assert len(piets.permissions.rows) == 1


def test_a_superuser_may_everything_in_that_company_alone() -> None:
    maries = session(row(KIST, "Kist & Vijs BV", "is_superuser"), row(LAMPE, "Lampe SA", "use_app"))
    assert maries.has("use_app", company=KIST)
    assert maries.has("whatever", company=KIST)
    assert not maries.has("whatever", company=LAMPE)
    assert [company.company_id for company in maries.companies] == [KIST, LAMPE]


def test_a_company_called_like_the_id_of_another_is_not_taken_for_it() -> None:
    attackers = session(row(LAMPE, KIST, "use_app", "is_superuser"))
    assert not attackers.has("edit", company=KIST)
    assert not attackers.has("edit", company=UUID(KIST))
    assert attackers.has("edit", company=LAMPE)


def test_two_companies_of_one_name() -> None:
    both = session(row(KIST, "Janssens", "use_app"), row(LAMPE, "Janssens", "use_app", "edit"))
    with pytest.raises(InvalidInput, match="Several companies are called 'Janssens'"):
        both.has("edit", company="Janssens")
    assert both.has("edit", company=LAMPE)
    assert not both.has("edit", company=KIST)


def test_rows_without_an_id_open_nothing() -> None:
    odd = session(row(None, "Kist", "use_app"), row("", "Vijs", "use_app"), row(None, None, "use_app"))
    assert odd.companies == ()
    for company in ("Kist", "Vijs", "", None, *odd.permissions.rows):
        assert not odd.has("use_app", company=company)


names = st.text(max_size=5)
slugs = st.sampled_from(["use_app", "is_superuser", "a", "b"])
rows = st.builds(
    lambda key, name, own: row(key, name, *own),
    st.sampled_from([KIST, LAMPE, None]),
    st.sampled_from(["Kist", "Lampe", KIST, LAMPE]),
    st.lists(slugs, max_size=4),
)


@given(st.lists(rows, max_size=5), slugs, st.sampled_from([KIST, LAMPE]))
def test_a_right_is_never_more_than_was_given(given_rows: list[CompanyPermissions], slug: str, company: str) -> None:
    expected = any(
        each.company_id == company
        and {"use_app", "is_superuser"} & set(each.permissions)
        and ({slug, "is_superuser"} & set(each.permissions) or slug == "use_app")
        for each in given_rows
    )
    assert session(*given_rows).has(slug, company=company) is bool(expected)


# --- Keeping it ---------------------------------------------------------------------------------------------------


def test_it_is_kept_in_plain_text_only_where_somebody_says_so() -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="a secret is not pickled"):
            pickle.dumps(JANS, protocol)
    with pytest.raises(TypeError):
        json.dumps(JANS.token)
    for text in (
        repr(JANS),
        str(JANS),
        f"{JANS}",
        f"{JANS.token:>20}",
        str(JANS.token),
        f"{JANS.token!s}",
        " ".join(map(str, [JANS.token])),
    ):
        assert TOKEN not in text
        assert PIN not in text
    assert copy.deepcopy(JANS) == copy.copy(JANS) == JANS
    assert hash(JANS) == hash(copy.deepcopy(JANS))


def test_what_is_revealed_comes_back() -> None:
    revealed = json.loads(json.dumps(JANS.reveal()))
    assert revealed["token"] == TOKEN
    assert PIN not in json.dumps(revealed)
    again = Session.restore(revealed)
    assert (again.token, again.permissions, again.user.email) == (JANS.token, JANS.permissions, JAN)
    assert again.user.pin is None
    assert Session.restore(JANS.reveal(pin=True)) == JANS


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"user": {}},
        {"user": {}, "token": 5, "permissions": []},
        {"user": 3, "token": "x", "permissions": []},
        {"user": {"pin": 12345}, "token": "x", "permissions": []},
        {"user": {}, "token": "x", "permissions": None},
        None,
    ],
)
def test_what_is_no_session(kept: Any) -> None:
    with pytest.raises(InvalidInput, match="not the values of a session") as caught:
        Session.restore(kept)
    assert "12345" not in f"{caught.value}{caught.value.__context__!r}"


def test_a_secret_text() -> None:
    secret = SecretText("geheim")
    assert secret == "geheim"
    assert secret == SecretText("geheim")
    assert secret != SecretText("Geheim")
    assert secret != 5
    assert SecretText(secret).reveal() == "geheim"
    assert type(SecretText(secret).reveal()) is str
    assert hash(secret) == hash(SecretText("geheim"))
    assert not SecretText("")
    assert SecretText("é\ud800") == "é\ud800"
    with pytest.raises(TypeError):
        SecretText(b"bytes")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        len(secret)  # type: ignore[arg-type]
