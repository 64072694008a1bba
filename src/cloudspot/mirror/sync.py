"""How a company is synced: written once, as steps, for the plain and the async client.

A step either downloads (`Download`, run by the client) or works on the database (`Work`, run here or in a thread). So
the flow is one ordinary function, and the two drivers below only carry the steps out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from cloudspot.calls import Steps
from cloudspot.downloads import NOT_MODIFIED, Response, fetch_rows
from cloudspot.errors import (
    CloudspotError,
    ConfigurationError,
    GuardRefused,
    MirrorBusy,
    NotAuthorised,
    StoreFailed,
    Unreachable,
)

from .guard import Guard, Plan, objections
from .privacy import prune
from .report import ResourceReport, SyncReport
from .resources import Resource
from .staging import Progress, Staging
from .store.bulk import row_maker
from .store.store import Baseline, Outcome, Source, Store

T = TypeVar("T")

OnError = Literal["raise", "report"]
"""What happens when a resource fails: raise when the others are done, or only say so in the report."""

DEFAULT_COMPANY = "default"


class Download(NamedTuple):
    """Run these steps of a call; answered with what they return."""

    steps: Steps[Any]


class Work(NamedTuple):
    """Do this, which may take its time; answered with what it returns."""

    function: Callable[[], Any]


SyncSteps = Generator[Download | Work, Any, T]


class Erp(Protocol):
    """What a sync needs of a client, plain or async."""

    @property
    def context(self) -> Any:
        """What the steps of a call need to know of the client."""

    def run(self, steps: Steps[Any]) -> Any:
        """Run the steps of a call."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sync was told.

    Attributes:
        company: its name in the mirror; None for the one that the token has been used for.
        on_progress: gets how far a download is.
        keep_history: how long; None for ever.
    """

    company: str | None
    resources: Sequence[Resource[Any]]
    guard: Guard
    confirm_deletes: bool
    on_error: OnError
    on_progress: Callable[[Progress], object] | None = None
    keep_history: timedelta | None = None


def run_plainly(steps: SyncSteps[T], erp: Any) -> T:
    """Carry out the steps of a sync with a plain client."""
    try:
        step = next(steps)
        while True:
            try:
                came = erp.run(step.steps) if isinstance(step, Download) else step.function()
            except Exception as error:  # noqa: BLE001 - the steps decide
                step = steps.throw(error)
            else:
                step = steps.send(came)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        steps.close()


async def run_async(steps: SyncSteps[T], erp: Any) -> T:
    """Carry out the steps of a sync with an async client; the database is worked on in a thread."""
    try:
        step = next(steps)
        while True:
            try:
                came = await (erp.run(step.steps) if isinstance(step, Download) else asyncio.to_thread(step.function))
            except Exception as error:  # noqa: BLE001 - the steps decide
                step = steps.throw(error)
            else:
                step = steps.send(came)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        steps.close()


def sync(store: Store, erp: Erp, asked: Asked) -> SyncSteps[SyncReport]:
    """Sync a company's resources, each in a transaction of its own.

    Raises:
        ConfigurationError: the token belongs to another company.
        MirrorBusy: another sync of this company runs.
        CloudspotError: a resource failed; the others were synced, unless the server can't be reached.
    """
    settings = erp.context.settings
    source = store.source(settings.base_url, settings.token)
    company: str = yield Work(lambda: _company(store, source, asked.company))
    report = SyncReport(company)
    with ExitStack() as held:
        yield Work(lambda: held.enter_context(store.locked(company)))
        for resource in asked.resources:
            found = report.resources[resource.naam] = ResourceReport()
            started = time.perf_counter()
            try:
                yield from _sync_resource(store, erp, _Task(company, resource, source, asked), found)
            except CloudspotError as error:
                found.error = error
                if isinstance(error, NotAuthorised) and len(asked.resources) > 1:
                    error.hint += f" Or leave {resource.naam} out: resources=[…]."
                if isinstance(error, Unreachable | StoreFailed | MirrorBusy):
                    break
            finally:
                found.seconds = time.perf_counter() - started
    if asked.keep_history is not None and not any(isinstance(error, StoreFailed) for error in report.errors):
        yield from _prune(store, asked.keep_history, report)
    return _settled(report, asked)


def _prune(store: Store, keep: timedelta, report: SyncReport) -> SyncSteps[None]:
    try:
        report.pruned = yield Work(lambda: prune(store, datetime.now(UTC) - keep))
    except CloudspotError as error:
        report.prune_error = error


class _Task(NamedTuple):
    company: str
    resource: Resource[Any]
    source: Source
    asked: Asked


def _sync_resource(store: Store, erp: Erp, task: _Task, report: ResourceReport) -> SyncSteps[None]:
    baseline: Baseline = yield Work(lambda: store.baseline(task.company, task.resource, task.source))
    staging = Staging(
        task.resource, baseline.known, row_maker(task.resource), baseline.is_forgotten, task.asked.on_progress
    )
    try:
        response: Response = yield Download(fetch_rows(erp.context, task.resource.ask, staging, baseline.etag))
        report.bytes = response.bytes
        if response.status == NOT_MODIFIED:
            report.not_modified, report.unchanged = True, len(baseline.known.keys)
            return
        plan = staging.settle()
        _describe(report, staging, plan)
        if found := objections(task.asked.guard, plan, confirm_deletes=task.asked.confirm_deletes):
            report.guard = tuple(found)
            raise _refused(task, found, plan, staging)
        etag = response.headers.get("etag") if not staging.invalid else None
        outcome: Outcome = yield Work(
            lambda: store.commit(
                task.company, task.resource, task.source, staging, generation=baseline.generation, etag=etag
            )
        )
        _count(report, outcome)
    finally:
        staging.close()


def _company(store: Store, source: Source, wanted: str | None) -> str:
    """The company to sync: the one that is named, else the one that the token has been used for."""
    known = store.company_of(source)
    if wanted is None:
        if known is not None:
            return known
        others = store.companies()
        if len(others) > 1 or (others and others != [DEFAULT_COMPANY]):
            raise ConfigurationError(
                f"The token is new to this mirror, which holds {', '.join(others[:5])}.",
                hint="Say whose it is: mirror.sync(erp, company=…).",
            )
        return DEFAULT_COMPANY
    if not wanted.strip() or len(wanted) > 200 or "\0" in wanted:
        raise ConfigurationError("A company's name has 1 to 200 characters.")
    if known not in {None, wanted}:
        raise ConfigurationError(
            f"The token is that of {known!r} in this mirror, not of {wanted!r}.",
            hint="A token belongs to one company; use that of the other one.",
        )
    return wanted


def _describe(report: ResourceReport, staging: Staging, plan: Plan) -> None:
    report.seen, report.invalid, report.kept_out = plan.seen, plan.invalid, staging.kept_out
    report.problems = tuple(staging.problems)


def _count(report: ResourceReport, outcome: Outcome) -> None:
    for kind, number in outcome.counts.items():
        setattr(report, kind, number)
    report.drift = outcome.drift
    report.unchanged = report.seen - report.created - report.updated - report.reappeared
    report.unchanged -= report.invalid + report.kept_out


def _refused(task: _Task, found: list[str], plan: Plan, staging: Staging) -> GuardRefused:
    would = {
        "created": plan.created,
        "changed": staging.fresh - plan.created,
        "deleted": plan.deleted,
        "invalid": plan.invalid,
    }
    words = ", ".join(f"{number} {kind}" for kind, number in would.items())
    return GuardRefused(
        f"{task.resource.naam} of {task.company!r} were not synced: {'; '.join(found)}. "
        f"It would have meant {words}, of {plan.known} in the mirror. Nothing was changed.",
        hint=_hint(task.asked, plan),
        company=task.company,
        resource=task.resource.naam,
        objections=found,
        would=would,
    )


def _hint(asked: Asked, plan: Plan) -> str:
    if objections(asked.guard, plan, confirm_deletes=True):
        return "Look at the answer; the next sync tries again."
    return "If it is right, run it once with confirm_deletes=True."


def _settled(report: SyncReport, asked: Asked) -> SyncReport:
    errors = report.errors
    if not errors or asked.on_error == "report":
        return report
    others = [f"{naam}: {found}" for naam, found in report if found.error is not errors[0]]
    if others:
        errors[0].add_note("The other resources:\n  " + "\n  ".join(others))
    raise errors[0]
