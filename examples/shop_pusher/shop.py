"""A small web shop with WooCommerce's way of speaking: `python shop.py`. It keeps its products in memory."""

from __future__ import annotations

import json
import sys
import time
from base64 import b64encode
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

PRODUCTS = "/wp-json/wc/v3/products"
LOGIN = f"Basic {b64encode(b'ck_sandbox:cs_sandbox').decode()}"
Answer = tuple[int, Any]


class WebShop(ThreadingHTTPServer):
    """The shop.

    Attributes:
        products: by id.
        asked: how many requests came.
        pause: seconds between doing what was asked and saying so.
    """

    daemon_threads = True

    def __init__(self, port: int = 0, *, pause: float = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.products: dict[int, dict[str, Any]] = {}
        self.asked, self.pause = 0, pause
        self._latest = 0
        self._lock = Lock()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, method: str, target: str, product: dict[str, Any]) -> Answer:
        """Do what is asked."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        with self._lock:
            self.asked += 1
            if path == PRODUCTS:
                return self._make(product) if method == "POST" else (200, self._with_sku(query.get("sku", [""])[0]))
            id = path.removeprefix(f"{PRODUCTS}/")  # noqa: A001
            if not id.isdecimal() or int(id) not in self.products:
                return _error(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
            if method == "DELETE":
                return 200, self.products.pop(int(id))
            self.products[int(id)] |= product
            return 200, self.products[int(id)]

    def _with_sku(self, sku: str) -> list[dict[str, Any]]:
        return [product for product in self.products.values() if product["sku"] == sku]

    def _make(self, product: dict[str, Any]) -> Answer:
        if self._with_sku(product["sku"]):
            return _error(400, "product_invalid_sku", "Invalid or duplicated SKU.")
        self._latest += 1
        self.products[self._latest] = {"id": self._latest, **product}
        return 201, self.products[self._latest]

    def __enter__(self) -> Self:
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: WebShop

    def _serve(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, found = _error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot do that.")
        if self.headers.get("Authorization") == LOGIN:
            status, found = self.server.answer(self.command, self.path, json.loads(sent or b"{}"))
        time.sleep(self.server.pause)
        body = json.dumps(found).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked is gone

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _error(status: int, code: str, message: str) -> Answer:
    return status, {"code": code, "message": message, "data": {"status": status}}


if __name__ == "__main__":
    with WebShop(int(sys.argv[1]) if len(sys.argv) > 1 else 8085) as shop:
        print(f"The shop is open on {shop.url}; Ctrl-C closes it.", flush=True)
        try:
            while True:
                time.sleep(2)
                print(f"\r{len(shop.products):,} products after {shop.asked:,} requests", end="", flush=True)
        except KeyboardInterrupt:
            print()
