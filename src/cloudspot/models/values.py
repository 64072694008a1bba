"""Values as the documented API gives them: amounts are `float`, words are text, lists are lists."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec

Reader = Callable[[Any], Any]
"""Makes a documented value of a record's value, or of a plain JSON value."""

_AS_IT_IS = frozenset({str, int, bool, float, type(None)})


def plain(value: Any) -> Any:
    """A value as `json.loads` would have given it."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, Decimal):
        return amount(value)
    if isinstance(value, Enum):
        return value.value
    try:
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        if isinstance(value, dict):
            return {name: plain(item) for name, item in value.items()}
    except RecursionError:
        return value
    return value


def amount(value: Any) -> Any:
    """A `float`, also of an amount that was sent as text; what is no amount stays as it is."""
    if value is None or type(value) is float:
        return value
    if not isinstance(value, Decimal):
        try:
            value = msgspec.convert(value, Decimal)
        except msgspec.ValidationError:
            return plain(value)
    number = float(value) if value.is_finite() else math.inf
    return number if math.isfinite(number) else str(value)


def texts(value: Any) -> Any:
    """A plain list; null is an empty one."""
    return [] if value is None else plain(value)
