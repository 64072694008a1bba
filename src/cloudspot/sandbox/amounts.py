"""Pure: which amounts a record of the sandbox may hold."""

from __future__ import annotations

from decimal import Decimal

from cloudspot.records import InvalidField, Record
from cloudspot.records.base import shape_of

DIGITS = 18
"""Digits before the decimal point, and after it: more than any currency or stock needs, few enough to print."""


def refuse_endless(record: Record) -> None:
    """See that every amount of a record can be written out.

    Raises:
        InvalidField: one has more digits than `DIGITS` before or after the decimal point; it names the field.
    """
    shape = shape_of(type(record))
    for name in shape.amounts:
        amount = getattr(record, name)
        if amount is not None and not _is_written_out(amount):
            raise InvalidField(name, amount, f"expected {DIGITS} digits at most before and after the decimal point")
    for name in shape.nested:
        for index, inner in enumerate(getattr(record, name) or ()):
            try:
                refuse_endless(inner)
            except InvalidField as error:
                raise InvalidField(f"{name}[{index}].{error.field}", error.value, error.reason) from None


def _is_written_out(amount: Decimal) -> bool:
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -DIGITS and amount.adjusted() < DIGITS
