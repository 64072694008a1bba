"""How numbers, amounts and times are written in each language. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from .cookie import Language


class Formats:
    """How one language writes numbers and times."""

    def __init__(self, language: Language) -> None:
        self._is_dutch = language == "nl"

    def number(self, value: float | Decimal) -> str:
        """A number with its thousands apart."""
        return self._swapped(f"{value:,}")

    def amount(self, value: Decimal | None) -> str:
        """An amount with at least two decimals, and all that it has; "" for none."""
        if value is None:
            return ""
        decimals = max(2, -int(value.as_tuple().exponent))
        return self._swapped(f"{value:,.{decimals}f}")

    def plain(self, value: object) -> str:
        """A value as one types it into a field."""
        if value is None:
            return ""
        if isinstance(value, Decimal):
            return f"{value:f}".replace(".", ",") if self._is_dutch else f"{value:f}"
        return str(value)

    def seconds(self, value: float) -> str:
        """How long something took."""
        if value < 1:
            return self._swapped(f"{value * 1000:,.0f} ms" if value >= 0.01 else f"{value * 1000:,.1f} ms")
        return self._swapped(f"{value:,.1f} s")

    def size(self, value: int) -> str:
        """How many bytes."""
        for unit, step in (("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
            if value < step * 1000 or unit == "GB":
                return self._swapped(f"{value / step:,.0f} {unit}" if unit == "B" else f"{value / step:,.1f} {unit}")
        raise AssertionError("GB takes all")

    def clock(self, at: float) -> str:
        """The time of the day."""
        return f"{_local(at):%H:%M:%S}"

    def moment(self, at: float) -> str:
        """Date and time."""
        return f"{_local(at):%d/%m/%Y %H:%M:%S}" if self._is_dutch else f"{_local(at):%Y-%m-%d %H:%M:%S}"

    def iso(self, at: float) -> str:
        """Date and time for programs."""
        return _local(at).isoformat(timespec="milliseconds")

    def json(self, value: Any) -> str:
        """A value as JSON to read and edit."""
        return msgspec.json.format(_encoder.encode(value), indent=2).decode()

    def _swapped(self, text: str) -> str:
        return text.translate(_SWAPPED) if self._is_dutch else text


_encoder = msgspec.json.Encoder(decimal_format="number")
_SWAPPED = str.maketrans(",.", ".,")


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone()
