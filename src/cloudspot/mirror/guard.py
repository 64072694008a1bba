"""Whether what an answer would do to the mirror is believable. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What a sync may do without being asked again. A limit on rows and one on a share both have to be passed.

    Attributes:
        deleted_rows, deleted_share: how many records may disappear at once.
        invalid_rows, invalid_share: how many records of an answer may be unreadable.
        without_key: how many records may have no key, or one that another has too.
    """

    deleted_rows: int = 20
    deleted_share: float = 0.2
    invalid_rows: int = 20
    invalid_share: float = 0.1
    without_key: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a sync of one resource would do.

    Attributes:
        known: records in the mirror before.
        seen: records of the answer.
        found: records of the mirror that are in the answer, changed or not.
        created, deleted: records that would come and go.
        invalid: records that can't be read, those without a key included.
        without_key: records that have no key, or one that another has too.
    """

    known: int
    seen: int
    found: int
    created: int
    deleted: int
    invalid: int
    without_key: int


def objections(guard: Guard, plan: Plan, *, confirm_deletes: bool = False) -> list[str]:
    """Why a plan should not be carried out; empty where nothing speaks against it."""
    return [*_about_keys(guard, plan), *(() if confirm_deletes else _about_deletes(guard, plan))]


def _about_keys(guard: Guard, plan: Plan) -> Iterator[str]:
    if plan.without_key > guard.without_key:
        yield (
            f"{plan.without_key} of the {plan.seen} records have no key, or one that another has too, so that it is "
            f"unknown which they are"
        )
    if plan.invalid > guard.invalid_rows and plan.invalid > guard.invalid_share * plan.seen:
        yield f"{plan.invalid} of the {plan.seen} records can't be read"


def _about_deletes(guard: Guard, plan: Plan) -> Iterator[str]:
    if plan.known and not plan.seen:
        yield f"the answer is empty, and the mirror holds {plan.known} records"
    elif plan.deleted and not plan.found and plan.seen:
        yield (
            f"none of the {plan.known} records of the mirror is among the {plan.seen} of the answer, "
            f"which looks like another company's"
        )
    elif plan.deleted > guard.deleted_rows and plan.deleted > guard.deleted_share * plan.known:
        yield f"{plan.deleted} of the {plan.known} records of the mirror would be deleted"
