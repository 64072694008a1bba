"""The HTTP server: uvicorn's HTTP/1.1 protocol on an event loop in a thread of its own.

Only uvicorn's protocol is used, not its `Server`: that one owns signals and global logging, stops by polling, and hides
the port. The connection is handed to the application, which must be able to break it: that is what faults are made of.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

if sys.platform != "win32":
    import fcntl
    import termios

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

Beside = Callable[[], Coroutine[Any, Any, None]]
"""What runs on the loop beside the server, from start to stop."""

CONNECTION = "cloudspot.connection"
"""Under which extension of the scope the application finds its connection."""

DELIVERY_CHECKS, DELIVERY_PAUSE = 1000, 0.002

log = logging.getLogger("cloudspot.sandbox")
log.addHandler(logging.NullHandler())


class Connection(H11Protocol):
    """A client's connection; the application can break it."""

    def __init__(self, config: Config, state: ServerState) -> None:
        super().__init__(config, state, {})
        self.logger = log
        self.access_log = False
        application = self.app

        async def with_connection(scope: Any, receive: Any, send: Any) -> None:
            scope["extensions"] = {CONNECTION: self}
            await application(scope, receive, send)

        self.app = with_connection

    @property
    def is_gone(self) -> bool:
        """Whether nothing that is sent arrives any more."""
        return bool(self.transport.is_closing())

    def write(self, data: bytes) -> None:
        """Send bytes as they are, whatever HTTP says."""
        self.transport.write(data)

    async def written(self) -> None:
        """Wait while more is buffered than should be."""
        if self.flow.write_paused:
            await self.flow.drain()

    async def delivered(self) -> None:
        """Wait until the client's machine has all that was sent: what breaks the connection would discard the rest."""
        for _ in range(DELIVERY_CHECKS):
            if self.is_gone or not (self.transport.get_write_buffer_size() or self._bytes_under_way()):
                return
            await asyncio.sleep(DELIVERY_PAUSE)

    def _bytes_under_way(self) -> int:
        """Bytes that the system has taken and the client's machine has not; 0 where the system doesn't tell."""
        if sys.platform == "win32":
            return 0
        told = fcntl.ioctl(self.transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
        return int.from_bytes(told, sys.byteorder)

    def drop(self) -> None:
        """Close without completing the answer, after what was sent of it has gone out."""
        self.transport.close()
        self._forget_answer()

    def reset(self) -> None:
        """Break the connection as a crashing server does: the client sees a reset."""
        opened = self.transport.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
        self._forget_answer()

    def _forget_answer(self) -> None:
        """Uvicorn takes an answer without an end for a mistake, unless the client has gone."""
        if self.cycle is not None:
            self.cycle.disconnected = True


class Serving:
    """One listening socket, served by one thread until it is stopped."""

    def __init__(self, application: Application, host: str, port: int, beside: Beside) -> None:
        self._beside = beside
        self._config = Config(
            application,
            loop="none",
            http=Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=60,
        )
        self._config.load()
        self._socket = _listening(host, port)
        self.address: str = self._socket.getsockname()[0]
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.SelectorEventLoop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=f"cloudspot-sandbox-{self.port}", daemon=True)

    def start(self) -> None:
        """Serve. The socket listens already, so no client comes too early."""
        self._thread.start()

    def stop(self) -> None:
        """Close the socket and all connections, and wait until the thread has ended."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def discard(self) -> None:
        """Give the socket back without having served."""
        self._socket.close()
        self._loop.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        state = ServerState()
        server = await self._loop.create_server(lambda: Connection(self._config, state), sock=self._socket)
        beside = self._loop.create_task(self._beside())
        await self._stopping.wait()
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        tasks = [beside, *state.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens already.

    Raises:
        OSError: the port is in use, or the host isn't ours.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(1024)
    except BaseException:
        opened.close()
        raise
    return opened
