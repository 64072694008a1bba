"""A server that costs next to nothing, so that the clients are what is measured: prepared bytes, over http and TLS.

It is started as a process of its own, makes its products once, and prints one line of JSON when it is ready.
`/<count>/api/v1` is the base URL of an ERP with that many products.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import trustme

from cloudspot.sandbox.companies import KIST
from cloudspot.sandbox.seed.artikels import first_artikels

PIECE = 256 * 1024
"""Bytes handed to the socket at once."""
SMALL = 5_000
"""How many products can be asked for one by one."""


class Products:
    """Bodies of answers, prepared once. More products than were made are the same ones again."""

    def __init__(self, made: int) -> None:
        self.first = KIST.first_artikel
        rows = [artikel.to_json() for artikel in first_artikels(KIST, 1, made)]
        self.one = [_head(len(row) + 11) + b'{"data":[' + row + b"]}" for row in rows[:SMALL]]
        self._made = made
        self._rows = memoryview(b",".join(rows) + b",")
        self._ends = [0]
        for row in rows:
            self._ends.append(self._ends[-1] + len(row) + 1)

    def size(self, count: int) -> int:
        """The length of the body with so many products."""
        whole, rest = divmod(count, self._made)
        return whole * len(self._rows) + self._ends[rest] + 10

    def pieces(self, count: int) -> Iterator[bytes | memoryview]:
        """The body with so many products."""
        yield b'{"data":['
        whole, rest = divmod(count, self._made)
        last = whole * len(self._rows) + self._ends[rest] - 1
        for start in range(0, whole * len(self._rows) + self._ends[rest], len(self._rows)):
            for at in range(0, min(len(self._rows), last - start), PIECE):
                yield self._rows[at : min(at + PIECE, last - start)]
        yield b"]}"


class Connection(asyncio.Protocol):
    """One kept connection: answers requests in turn, and goes on sending when the client has made room."""

    def __init__(self, products: Products) -> None:
        self._products = products
        self._received = b""
        self._waiting: Iterator[bytes | memoryview] | None = None
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._answer(head.split(b" ", 2)[1])

    def _answer(self, target: bytes) -> None:
        _, _, asked = target.partition(b"?id=")
        if asked:
            self._transport.write(self._products.one[int(asked) - self._products.first])
            return
        count = int(target.split(b"/", 2)[1])
        self._waiting = self._products.pieces(count)
        # The time stands in the head, which leaves just before the body: the clock is the machine's, not the process's.
        self._transport.write(_head(self._products.size(count), f"X-Sent-At: {time.monotonic():.6f}\r\n"))
        self._send()

    def _send(self) -> None:
        for piece in self._waiting or ():
            self._transport.write(piece)
            if self._full:
                return
        self._waiting = None

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._send()


def _head(length: int, more: str = "") -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}"
        "Connection: keep-alive\r\n\r\n"
    ).encode()


async def serve(products: Products, ca_file: Path) -> None:
    """Serve until the process is stopped."""
    loop = asyncio.get_running_loop()
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(ca_file))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", "localhost").configure_cert(tls)
    plain = await loop.create_server(lambda: Connection(products), "127.0.0.1", 0, backlog=512)
    secure = await loop.create_server(lambda: Connection(products), "127.0.0.1", 0, backlog=512, ssl=tls)
    http, https = (server.sockets[0].getsockname()[1] for server in (plain, secure))
    ready = {"http": f"http://127.0.0.1:{http}", "https": f"https://127.0.0.1:{https}", "first": products.first}
    print(json.dumps(ready | {"size": products.size(100_000)}), flush=True)
    await asyncio.gather(plain.serve_forever(), secure.serve_forever())


if __name__ == "__main__":
    asyncio.run(serve(Products(int(sys.argv[1])), Path(sys.argv[2])))
