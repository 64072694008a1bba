"""What the shop shows of a product of the ERP. Pure."""

from __future__ import annotations

from typing import Any

from cloudspot import Artikel


def sku_of(id: int) -> str:
    """By which the shop knows a product. The ERP's own SKU may be absent, or change; its id never does."""
    return f"cloudspot-{id}"


def product_of(artikel: Artikel) -> dict[str, Any]:
    """A product as WooCommerce takes it: amounts are texts there."""
    price = artikel.verkoopprijs_incl
    return {
        "sku": sku_of(artikel.id or 0),
        "name": artikel.naam or "",
        "description": artikel.beschrijving or "",
        "status": "publish" if artikel.is_zichtbaar and price is not None else "draft",
        "regular_price": "" if price is None else f"{price:f}",
        "manage_stock": artikel.op_voorraad is not None,
        "stock_quantity": None if artikel.op_voorraad is None else int(artikel.op_voorraad),
        "images": [{"src": foto.url} for foto in artikel.fotos if foto.url],
    }
