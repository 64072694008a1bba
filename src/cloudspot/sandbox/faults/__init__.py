"""Faults: answers that go wrong on purpose. All here is pure; `app` and `sending` carry out what is decided."""

from .active import ActiveFault, Faults, Hit
from .fault import Alteration, Fault, Route
from .presets import PRESETS, Preset

__all__ = ["PRESETS", "ActiveFault", "Alteration", "Fault", "Faults", "Hit", "Preset", "Route"]
