from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot import InvalidEvent, Permissions
from cloudspot.records.auth import CompanyPermissions
from cloudspot.webhooks import Event, Proof, read_event
from cloudspot.weblogin.choice import chosen_company
from cloudspot.weblogin.doorbell import HoldEmail, LookUp, NewUser, Ring, actions, is_address, may_take
from cloudspot.weblogin.identity import account_name

JAN, NEW = "jan@sandbox.test", "jan@new.test"
KIST, LAMPE = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001", "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002"

EVENTS = {
    "permissions.updated": {"username": "Jan@sandbox.test", "company_id": KIST, "permissions": ["is_superuser"]},
    "user.email.updated": {"current_email": JAN, "change_to_email": NEW},
    "user.pin.updated": {"user_username": JAN, "pin": "1"},
    "user.created": {"user_email": JAN, "user_pwd": "x", "license_token": "t", "user_first_name": "Jan"},
    "something.new": {"username": JAN},
}


def event(name: str, proof: Proof, **data: object) -> Event:
    read = read_event(json.dumps({"event": name, "data": EVENTS[name] | data}).encode())
    return Event(read.name, read.data, proof)


@pytest.mark.parametrize("proof", [Proof.SIGNATURE, Proof.URL])
def test_the_truth_about_a_proven_event_is_looked_up_at_once(proof) -> None:
    assert actions(event("permissions.updated", proof)) == (LookUp(JAN),)
    assert actions(event("user.pin.updated", proof)) == (LookUp(JAN),)
    assert actions(event("user.email.updated", proof)) == (LookUp(JAN), HoldEmail(JAN, NEW, is_proven=True))
    (created,) = actions(event("user.created", proof))
    assert isinstance(created, NewUser)
    assert created.token == "t"
    assert repr(created.token) == "[redacted]"


def test_a_doorbell_only_makes_the_users_next_request_ask() -> None:
    assert actions(event("permissions.updated", Proof.NONE)) == (Ring(JAN),)
    assert actions(event("user.email.updated", Proof.NONE)) == (Ring(JAN), HoldEmail(JAN, NEW, is_proven=False))
    assert actions(event("user.created", Proof.NONE)) == ()


@pytest.mark.parametrize("proof", Proof)
def test_an_unknown_event_and_one_about_nobody_mean_nothing(proof) -> None:
    assert actions(event("something.new", proof)) == ()
    assert actions(event("permissions.updated", proof, username="nobody")) == ()
    assert actions(event("user.email.updated", proof, change_to_email=JAN.upper())) == (), "no change"
    assert actions(event("user.email.updated", proof, change_to_email="no address")) == ()


@given(st.sampled_from(sorted(EVENTS)), st.dictionaries(st.sampled_from(["username", "user_email", "current_email",
    "change_to_email", "user_username", "license_token"]), st.none() | st.text(max_size=300)))  # fmt: skip
def test_a_doorbell_never_looks_up_or_creates_whatever_it_says(name, data) -> None:
    try:
        found = actions(event(name, Proof.NONE, **data))
    except InvalidEvent:
        return
    assert all(isinstance(each, Ring | HoldEmail) for each in found)
    assert all(is_address(each.account) for each in found)


def test_an_address_of_somebody_else_is_not_taken() -> None:
    assert may_take(NEW, None, 1)
    assert may_take(NEW, 1, 1)
    assert not may_take(NEW, 2, 1)
    assert not may_take("", None, 1)


@given(st.emails() | st.text())
def test_only_ascii_is_folded_so_that_two_addresses_are_never_one_account(email) -> None:
    name = account_name(email)
    assert account_name(name) == name
    assert [c for c in name if not c.isascii()] == [c for c in email.strip() if not c.isascii()]
    assert account_name("\u212aate@x.test") != account_name("kate@x.test")


def rows(*ids: str, slugs: tuple[str, ...] = ("use_app",)) -> Permissions:
    return Permissions(tuple(CompanyPermissions(company_id=each, company_name="A", permissions=slugs) for each in ids))


def test_the_company_is_the_first_candidate_that_is_open_or_the_only_one() -> None:
    assert chosen_company(rows(KIST, LAMPE), ["x", None, LAMPE, KIST]).company_id == LAMPE
    assert chosen_company(rows(KIST, LAMPE)) is None
    assert chosen_company(rows(KIST, LAMPE), ["A"]) is None, "a name is no id"
    assert chosen_company(rows(KIST), [LAMPE]).company_id == KIST
    assert chosen_company(rows(KIST, slugs=("view_artikels",)), [KIST]) is None, "it is not open"
