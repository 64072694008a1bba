"""The record types as the documented API reads them: amounts are `float` or the text that was sent, dates are text.

`Decimal` and `datetime.date` are what new code wants. Published code was promised floats, and reads dates with
`strptime`; and without a `Decimal` for each price a product is decoded in two thirds of the time.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Annotated, Any, get_type_hints

import msgspec

from .. import records
from ..records import Record
from ..records.base import shape_of

_FINITE = r"\A\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\Z"
_LARGEST = sys.float_info.max  # 1e999 is a number, but no float: it is reported, not taken for infinite
_AMOUNT = (
    Annotated[float, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)] | Annotated[str, msgspec.Meta(pattern=_FINITE)] | None
)


@cache
def as_sent(record_type: type[Record]) -> type[Record]:
    """The same fields, with amounts and dates as described above; the type itself where it has none of them."""
    shape, hints = shape_of(record_type), get_type_hints(record_type)
    changed: dict[str, Any] = dict.fromkeys(shape.amounts, _AMOUNT) | dict.fromkeys(shape.dates, str | None)
    for name, nested in shape.nested.items():
        if nested is not record_type and (inner := as_sent(nested)) is not nested:
            changed[name] = tuple[inner, ...] | None  # type: ignore[valid-type]
    if not changed:
        return record_type
    empty = record_type()
    names = [name for name in record_type.__struct_fields__ if name in shape.fields]
    made: Any = msgspec.defstruct(
        record_type.__name__,
        [(name, changed.get(name, hints[name]), getattr(empty, name)) for name in names],
        bases=(Record,),  # not the type itself, whose checks are of decimals
        namespace={"KEY": record_type.KEY, "__doc__": record_type.__doc__},
        module=__name__,
        kw_only=True,
        frozen=True,
        gc=False,
    )
    derived: type[Record] = made
    return derived


Prijscategorie = as_sent(records.Prijscategorie)
Artikel = as_sent(records.Artikel)
Klant = as_sent(records.Klant)
