"""Anything may happen in any order: edits, faults, broken-off writes, forgetting, pruning.

The mirror always holds some state that the server had, whole, and the feed leads to it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import event
from tests.mirror.conftest import POSTGRESQL, Place, contents, drop
from tests.mirror.test_kills import replayed

from cloudspot import Cloudspot, GuardRefused
from cloudspot.mirror import Guard, Mirror
from cloudspot.sandbox import Sandbox

FAULTS = st.sampled_from(
    [
        {"status": 500},
        {"status": 200, "body": "html"},
        {"status": 401},
        {"reset": True},
        {"cut_off": 0.5},
        {"cut_off": 0.9, "ends_cleanly": True},
    ]
)
NAMES = st.sampled_from(["artikels", "klanten"])


class Broken(BaseException):
    """Stands for the end of the process."""


class Syncs(RuleBasedStateMachine):
    """The server as it is and as it was when each resource was last synced; and a mirror."""

    place: Place
    sandbox: Sandbox

    @initialize()
    def begin(self) -> None:
        self.sandbox.reset()
        self.erp = Cloudspot("sandbox-token", base_url=self.sandbox.base_url, retries=0, timeout=5)
        self.erp.context = replace(self.erp.context, jitter=lambda: 0.0)
        self.server: dict[str, dict[int, Any]] = {
            "artikels": {artikel.id: artikel for artikel in self.erp.artikels},
            "klanten": {klant.klantennummer: klant for klant in self.erp.klanten},
        }
        self.synced: dict[str, dict[int, Any]] = {"artikels": {}, "klanten": {}}
        self.forgotten: set[int] = set()
        self.mirror = self.place.open(guard=Guard(deleted_rows=3))
        self.read: list[int] = []

    @rule(naam=NAMES, data=st.data(), word=st.sampled_from("abc"))
    def edit(self, naam: str, data: st.DataObject, word: str) -> None:
        if not self.server[naam]:
            return
        key = data.draw(st.sampled_from(sorted(self.server[naam])))
        field = "naam" if naam == "artikels" else "achternaam"
        self.server[naam][key] = getattr(self.sandbox, naam).update(key, **{field: word})

    @rule(naam=NAMES, key=st.integers(1, 4))
    def create(self, naam: str, key: int) -> None:
        if key in self.server[naam]:
            return
        number = "id" if naam == "artikels" else "klantennummer"
        self.server[naam][key] = getattr(self.sandbox, naam).create(**{number: key})

    @rule(naam=NAMES, data=st.data(), many=st.integers(1, 4))
    def delete(self, naam: str, data: st.DataObject, many: int) -> None:
        for _ in range(min(many, len(self.server[naam]))):
            key = data.draw(st.sampled_from(sorted(self.server[naam])))
            getattr(self.sandbox, naam).delete(key)
            del self.server[naam][key]

    @rule(naam=NAMES, fault=FAULTS)
    def fault(self, naam: str, fault: dict[str, Any]) -> None:
        self.sandbox.faults.add(route=naam, **fault)

    @rule(confirm=st.booleans())
    def sync(self, confirm: bool) -> None:
        before = contents(self.mirror)
        report = self.mirror.sync(self.erp, confirm_deletes=confirm, on_error="report")
        for naam, found in report:
            if naam == "categorieen" or found.error is not None:
                assert not (confirm and isinstance(found.error, GuardRefused))
                continue
            self.synced[naam] = dict(self.server[naam])
        if not any(found.changed or found.kept_out for _, found in report):
            assert contents(self.mirror)["mirror_changes"] == before["mirror_changes"]

    @rule(statements=st.integers(1, 40))
    def sync_that_breaks_off(self, statements: int) -> None:
        with breaking(self.mirror, statements), suppress(Broken):
            self.mirror.sync(self.erp, confirm_deletes=True, on_error="report")
        for naam in self.synced:
            if {getattr(r, r.KEY): r for r in self.held(naam)} == self.expected(self.server[naam], naam):
                self.synced[naam] = dict(self.server[naam])

    @precondition(lambda self: self.synced["klanten"])
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.synced["klanten"])))
        self.mirror.forget(key)
        self.forgotten.add(key)

    @rule()
    def prune(self) -> None:
        self.mirror.prune(datetime.now(UTC))

    @rule()
    def read_on(self) -> None:
        consumer = self.mirror.consumer("reader")
        for change in consumer:
            assert not self.read or change.sequence > self.read[-1]
            self.read.append(change.sequence)
        consumer.ack()

    @invariant()
    def the_mirror_is_a_state_that_the_server_had(self) -> None:
        if self.mirror.companies:
            for naam, state in self.synced.items():
                held = {getattr(record, record.KEY): record for record in self.held(naam)}
                assert held == self.expected(state, naam)

    @invariant()
    def the_feed_leads_to_the_mirror(self) -> None:
        if self.mirror.companies:
            held = {
                (naam, getattr(record, record.KEY)): record
                for naam in ("artikels", "categorieen", "klanten")
                for record in self.held(naam)
            }
            assert replayed(self.mirror) == held

    def held(self, naam: str) -> list[Any]:
        return list(getattr(self.mirror, naam)) if self.mirror.companies else []

    def expected(self, state: dict[int, Any], naam: str) -> dict[int, Any]:
        out = self.forgotten if naam == "klanten" else set()
        return {key: record for key, record in state.items() if key not in out}

    def teardown(self) -> None:
        self.erp.close()


@contextmanager
def breaking(mirror: Mirror, statements: int) -> Iterator[None]:
    """The statement after so many ends it all."""
    left = statements

    def count(_: Any, cursor: Any, *__: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            cursor.close()
            raise Broken

    engine = mirror._store.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_anything_in_any_order(backend: str) -> None:
    if backend == "postgresql" and not POSTGRESQL:
        pytest.skip("CLOUDSPOT_TEST_POSTGRESQL is not set")

    with Sandbox(artikels=8, klanten=6) as sandbox, tempfile.TemporaryDirectory() as folder:

        class OnThis(Syncs):
            def __init__(self) -> None:
                super().__init__()
                name = uuid4().hex[:12]
                self.sandbox = sandbox
                self.place = (
                    Place(f"sqlite:///{Path(folder)}/{name}.db")
                    if backend == "sqlite"
                    else Place(str(POSTGRESQL), f"test_{name}")
                )

            def teardown(self) -> None:
                super().teardown()
                if backend == "postgresql":
                    drop(self.place)
                self.place.close()

        thorough = hypothesis.settings.default is hypothesis.settings.get_profile("thorough")
        examples = 500 if thorough else 10 if backend == "sqlite" else 5
        settings = hypothesis.settings(max_examples=examples, stateful_step_count=25)
        hypothesis.stateful.run_state_machine_as_test(OnThis, settings=settings)
