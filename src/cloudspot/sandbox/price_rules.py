"""Pure: how the prices of a product change by a percentage, so that they still agree with one another to the cent."""

from __future__ import annotations

from collections.abc import Collection
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Literal, get_args

import msgspec

from cloudspot.records import Artikel, Prijscategorie

Kind = Literal["verkoop", "inkoop"]
"""Sales prices, with those for groups of clients; or purchase prices."""

KINDS: tuple[str, ...] = get_args(Kind)
LOWEST, HIGHEST = Decimal(-100), Decimal(100_000)
DISCOUNT = "PERCENTAGE"
"""The type of a group's price that is so many % off the sales price."""

_exact = Context(prec=60)
_CENT = Decimal("0.01")


def refuse_change(percentage: Decimal, kinds: Collection[str]) -> None:
    """See that prices can change so.

    Raises:
        ValueError: the percentage is none that prices change by, or there are no such prices.
    """
    if not percentage.is_finite() or not LOWEST <= percentage <= HIGHEST:
        raise ValueError(f"prices change by {LOWEST} to {HIGHEST:,} %, not by {percentage}")
    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"there are no prices {kind!r}; there are {' and '.join(KINDS)}")
    if not kinds:
        raise ValueError(f"no prices are named; there are {' and '.join(KINDS)}")


def with_changed_prices(artikel: Artikel, percentage: Decimal, kinds: Collection[str]) -> Artikel:
    """A product whose prices are so many % higher, or lower.

    Prices without VAT change and are rounded half up to the cent. Prices with VAT follow from them where the rate is
    known; else they change by themselves. The price of a group that has so many % off follows from the sales price; a
    fixed one changes by itself. What is empty stays empty.

    Raises:
        ValueError: a price gets too large to be counted in cents.
    """
    try:
        return msgspec.structs.replace(artikel, **_changes(artikel, percentage, kinds))
    except InvalidOperation:
        raise ValueError(f"a price of artikel {artikel.id} gets too large to be counted in cents") from None


def _changes(artikel: Artikel, percentage: Decimal, kinds: Collection[str]) -> dict[str, object]:
    changes: dict[str, object] = {}
    for kind in kinds:
        excl, incl = f"{kind}prijs_excl", f"{kind}prijs_incl"
        changes[excl] = after = _times(getattr(artikel, excl), percentage)
        changes[incl] = _with_btw(after, getattr(artikel, incl), artikel.BTW, percentage)
    if "verkoop" in kinds:
        sales = _times(artikel.verkoopprijs_excl, percentage)
        changes["prijscategorieen"] = tuple(
            _group(each, sales, artikel.BTW, percentage) for each in artikel.prijscategorieen
        )
    return changes


def _group(group: Prijscategorie, sales: Decimal | None, btw: Decimal | None, percentage: Decimal) -> Prijscategorie:
    if (
        group.type == DISCOUNT
        and group.korting is not None
        and sales is not None
        and group.verkoopprijs_excl is not None
    ):
        excl = _times(sales, -group.korting)
    else:
        excl = _times(group.verkoopprijs_excl, percentage)
    incl = _with_btw(excl, group.verkoopprijs_incl, btw, percentage)
    return msgspec.structs.replace(group, verkoopprijs_excl=excl, verkoopprijs_incl=incl)


def _with_btw(excl: Decimal | None, incl: Decimal | None, btw: Decimal | None, percentage: Decimal) -> Decimal | None:
    if incl is None:
        return None
    return _times(incl, percentage) if excl is None or btw is None else _times(excl, btw)


def _times(amount: Decimal | None, percentage: Decimal) -> Decimal | None:
    """An amount and so many % more, to the cent."""
    if amount is None:
        return None
    factor = _exact.divide(_exact.add(percentage, Decimal(100)), Decimal(100))
    return _exact.multiply(amount, factor).quantize(_CENT, ROUND_HALF_UP, _exact)
