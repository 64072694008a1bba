"""Sends one event, on the event loop of the sandbox: what is under way ends at once when the sandbox stops."""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

LARGEST_ANSWER = 1 << 16


class Reply(NamedTuple):
    """What a webhook answered."""

    status: int
    text: str


async def post(url: str, headers: dict[str, str], body: bytes, *, remote: bool) -> Reply:
    """Send a body and read the answer; redirects are answers too. Unless `remote`, only to this machine.

    Raises:
        OSError: there is nobody, or nobody on this machine, or the connection broke.
        h11.RemoteProtocolError: what answers doesn't speak HTTP.
    """
    parts = urlsplit(url)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure)
    try:
        peer = writer.get_extra_info("peername")[0]
        if not remote and not ip_address(peer).is_loopback:
            raise ConnectionRefusedError(f"{parts.hostname} is {peer}, which is not this machine")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        every = {"Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close", **headers}
        connection = h11.Connection(h11.CLIENT)
        request = h11.Request(method="POST", target=target, headers=list(every.items()))
        for event in (request, h11.Data(body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _reply(connection, reader)
    finally:
        writer.transport.abort()


async def _reply(connection: h11.Connection, reader: asyncio.StreamReader) -> Reply:
    status, parts, size = 0, [], 0
    while size < LARGEST_ANSWER:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(LARGEST_ANSWER))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            parts.append(bytes(event.data))
            size += len(event.data)
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            break
    return Reply(status, b"".join(parts).decode("utf-8", "replace"))
