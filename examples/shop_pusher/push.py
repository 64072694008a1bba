"""Push what changed in a mirror to a web shop: `python push.py erp.db`. It may be killed at any moment."""

from __future__ import annotations

import os
import sys
from itertools import islice

from products import product_of, sku_of
from woocommerce import Shop, ShopFailed

from cloudspot import CloudspotError
from cloudspot.mirror import Mirror

AT_ONCE = 20
"""Changes between two acknowledgements: so many are pushed again after a kill, at most."""


def push(mirror: Mirror, shop: Shop) -> int:
    """Push every product that changed since the last time, as it is now; how many."""
    pushed = 0
    consumer = mirror.consumer("webshop", resource="artikels")
    changes = iter(consumer)
    while batch := list(islice(changes, AT_ONCE)):
        keys = list({change.key: None for change in batch})
        now = {artikel.id: artikel for artikel in mirror.artikels.where(id=keys)}
        for key in keys:
            if key in now:
                shop.put(product_of(now[key]))
            else:
                shop.delete(sku_of(key))
            pushed += 1
        consumer.ack(batch[-1])  # only now: what was not pushed comes again
    return pushed


def main() -> int:
    """Push, and say how it went; 1 where something is left for the next time."""
    url = os.environ.get("SHOP_URL", "http://localhost:8085")
    key, secret = os.environ.get("SHOP_KEY", "ck_sandbox"), os.environ.get("SHOP_SECRET", "cs_sandbox")
    try:
        with Mirror(sys.argv[1] if len(sys.argv) > 1 else "erp.db") as mirror, Shop(url, key, secret) as shop:
            pushed = push(mirror, shop)
    except (CloudspotError, ShopFailed) as error:
        print(f"push: {error}", file=sys.stderr)
        return 1
    print(f"{pushed:,} products pushed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
