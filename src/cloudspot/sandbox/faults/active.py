"""The faults of one sandbox, and which of them a request meets."""

from __future__ import annotations

from random import Random
from threading import Lock
from typing import Any, NamedTuple, TypeAlias

import msgspec

from .fault import Fault, Route
from .presets import PRESETS, preset_named


class ActiveFault(msgspec.Struct, kw_only=True):
    """A fault that waits for requests."""

    id: int
    hits: int = 0
    """How many requests it has hit."""
    passed: int = 0
    """How many it was meant for and let pass: the first ones, and those that chance spared."""
    preset: str | None = None
    """The preset that it is part of."""
    fault: Fault

    @property
    def is_spent(self) -> bool:
        """Whether it has hit all the requests it was meant to."""
        return self.fault.times is not None and self.hits >= self.fault.times


class Hit(NamedTuple):
    """A fault that a request has met."""

    id: int
    fault: Fault
    chance: Random
    """Whatever is left to chance is taken from here: the same for the same seed, fault and number of the hit."""


Actives: TypeAlias = list[ActiveFault]


class Faults:
    """The faults of one sandbox. A request meets the first that is meant for it, in the order they were added."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._active: Actives = []
        self._chances: dict[int, Random] = {}
        self._made = 0
        self._lock = Lock()

    def add(self, **fault: Any) -> ActiveFault:
        """Add a fault, in the words of `Fault`.

        Raises:
            ValueError: it contradicts itself, or a field is unknown or of another type.
        """
        return self.add_fault(msgspec.convert(fault, Fault))

    def add_fault(self, fault: Fault) -> ActiveFault:
        """Add a fault that is ready-made."""
        with self._lock:
            return self._added(fault, None)

    def list(self) -> Actives:
        """The faults that still wait for requests, as they are now."""
        with self._lock:
            return [msgspec.structs.replace(active) for active in self._active]

    def clear(self, id: int | None = None) -> bool:
        """Take away one fault, or all; whether there was one."""
        with self._lock:
            return self._kept([active for active in self._active if id is not None and active.id != id])

    def start_anew(self) -> None:
        """Take all away, and let chance and numbers begin where they began."""
        with self._lock:
            self._kept([])
            self._made = 0

    def switch_on(self, name: str, *, route: Route | None = None) -> Actives:
        """Add the faults of a preset, for one route or as it stands; one that is on is switched anew.

        Raises:
            LookupError: there is no such preset.
            ValueError: it is not for that route.
        """
        faults = preset_named(name).faults
        if route is not None:
            faults = tuple(msgspec.convert(msgspec.structs.asdict(each) | {"route": route}, Fault) for each in faults)
        with self._lock:
            self._kept([active for active in self._active if active.preset != name])
            return [self._added(fault, name) for fault in faults]

    def switch_off(self, name: str) -> bool:
        """Take the faults of a preset away; whether it was on.

        Raises:
            LookupError: there is no such preset.
        """
        preset_named(name)
        with self._lock:
            return self._kept([active for active in self._active if active.preset != name])

    def is_on(self, name: str) -> bool:
        """Whether faults of this preset wait.

        Raises:
            LookupError: there is no such preset.
        """
        preset_named(name)
        with self._lock:
            return any(active.preset == name for active in self._active)

    @property
    def switched_on(self) -> tuple[str, ...]:
        """The names of the presets that are on, in the order of `PRESETS`."""
        with self._lock:
            on = {active.preset for active in self._active}
        return tuple(name for name in PRESETS if name in on)

    def meet(self, route: str | None, token: str | None) -> Hit | None:
        """The fault that this request meets; it counts."""
        if not self._active:
            return None
        with self._lock:
            for active in self._active:
                if active.fault.is_for(route, token) and self._hits(active):
                    return self._hit(active)
        return None

    def _hits(self, active: ActiveFault) -> bool:
        """Whether it hits a request that it is meant for; if not, that counts as passed."""
        fault = active.fault
        hits = active.passed >= fault.after and self._chances[active.id].random() < fault.probability
        active.passed += not hits
        return hits

    def _hit(self, active: ActiveFault) -> Hit:
        active.hits += 1
        if active.is_spent:
            self._kept([each for each in self._active if each is not active])
        return Hit(active.id, active.fault, Random(f"{self._seed}/{active.id}/{active.hits}"))

    def _added(self, fault: Fault, preset: str | None) -> ActiveFault:
        self._made += 1
        active = ActiveFault(id=self._made, fault=fault, preset=preset)
        self._active.append(active)
        self._chances[active.id] = Random(f"{self._seed}/{active.id}")
        return msgspec.structs.replace(active)

    def _kept(self, kept: Actives) -> bool:
        """Keep these; whether that leaves any out."""
        found = len(kept) < len(self._active)
        self._active = kept
        self._chances = {active.id: self._chances[active.id] for active in kept}
        return found
