"""As much of WooCommerce's REST API as pushing products takes. Each call can be made twice, and comes out the same."""

from __future__ import annotations

import json
from typing import Any, Self

import urllib3

PRODUCTS = "/wp-json/wc/v3/products"


class ShopFailed(Exception):
    """The shop did not do what it was asked."""


class Shop:
    """A shop, and the key that its administrator made for us."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        login = urllib3.make_headers(basic_auth=f"{key}:{secret}")
        repeats = urllib3.Retry(2, backoff_factor=0.3, status_forcelist=(429, 502, 503, 504), raise_on_status=False)
        self._url = url.rstrip("/")
        self._pool = urllib3.PoolManager(headers=login, retries=repeats, timeout=urllib3.Timeout(connect=5, read=30))

    def put(self, product: dict[str, Any]) -> None:
        """Let the shop have this product, whether it knew it or not.

        A process that is killed can't know whether its product was made. So the shop is asked first; and where the
        product was made meanwhile, the shop refuses a second one of its SKU.
        """
        found = self._find(product["sku"])
        if found is None:
            status, answer = self._ask("POST", PRODUCTS, product)
            if status == 201:
                return
            if answer.get("code") != "product_invalid_sku" or (found := self._find(product["sku"])) is None:
                raise _failed(status, answer)
        status, answer = self._ask("PUT", f"{PRODUCTS}/{found}", product)
        if status != 200:
            raise _failed(status, answer)

    def delete(self, sku: str) -> None:
        """Let the shop have no product of this SKU."""
        if (found := self._find(sku)) is None:
            return
        status, answer = self._ask("DELETE", f"{PRODUCTS}/{found}?force=true")
        if status not in {200, 404}:
            raise _failed(status, answer)

    def _find(self, sku: str) -> int | None:
        status, answer = self._ask("GET", f"{PRODUCTS}?sku={sku}")
        if status != 200:
            raise _failed(status, answer)
        return answer[0]["id"] if answer else None

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        try:
            response = self._pool.request(method, self._url + path, json=body)
            return response.status, json.loads(response.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise ShopFailed(f"{method} {path.partition('?')[0]}: {type(error).__name__}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()


def _failed(status: int, answer: Any) -> ShopFailed:
    said = answer.get("message", "") if isinstance(answer, dict) else ""
    return ShopFailed(f"The shop answered {status}: {said}")
