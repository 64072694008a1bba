"""A server with as many different products as are asked for: `python -m benchmarks.catalogue`.

`/<count>/api/v1` is the base URL of an ERP with that many products of about 2 kB, `/<count>-<every>/api/v1` that of the
same one after every so-manieth product got another price. It prints its URL as one line of JSON when it is ready.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cloudspot.sandbox.companies import KIST
from cloudspot.sandbox.seed.artikels import first_artikels

MADE = 5000
"""How many are really different; the others are these with another id."""
AT_ONCE = 100

_START = re.compile(rb'\{"id":\d+')


@cache
def endings(*, changed: bool) -> list[bytes]:
    """The products without their ids."""
    found = []
    for artikel in first_artikels(KIST, 1, MADE):
        row = _START.sub(b"", artikel.to_json(), count=1)
        found.append(row.replace(b'"verkoopprijs_incl":', b'"verkoopprijs_incl":1', 1) if changed else row)
    return found


def pieces(count: int, every: int) -> Iterator[bytes]:
    """The document with so many products."""
    plain, changed = endings(changed=False), endings(changed=True)
    opening = b'{"data":['
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        rows = [
            b'{"id":%d%b' % (number + 1, (changed if every and number % every == 0 else plain)[number % MADE])
            for number in numbers
        ]
        yield opening + b",".join(rows)
        opening = b","
    yield b"]}"


@cache
def size(count: int, every: int) -> int:
    """Bytes of that document."""
    return sum(map(len, pieces(count, every)))


class Handler(BaseHTTPRequestHandler):
    """Answers every GET with a whole list."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        count, _, every = self.path.split("/", 2)[1].partition("-")
        asked = int(count), int(every or 0)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(size(*asked)))
        self.end_headers()
        for piece in pieces(*asked):
            self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        endings(changed=False), endings(changed=True)
        print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
        server.serve_forever()
