"""A server on loopback that plays scripts, byte by byte: what a real server would never do on purpose.

    with Hostile(answer(ROWS), [b"HTTP/1.1 200 OK\\r\\n", 0.2, RESET]) as server:
        ...

Each request gets the next script, and the last script is played for ever after. A script is bytes, or a list of
steps: bytes are sent, numbers are seconds to wait, functions get the `Talk`, and the marks below do what they say.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self


class Mark(Enum):
    HANG_UP = "close the connection in the ordinary way"
    RESET = "break the connection"
    SILENCE = "say nothing more, until the client or the test is done"


HANG_UP, RESET, SILENCE = Mark.HANG_UP, Mark.RESET, Mark.SILENCE

Step = bytes | float | Mark | Callable[["Talk"], object]
Script = bytes | Iterable[Step] | Callable[["Asked"], Any]


@dataclass(frozen=True)
class Asked:
    """A request that arrived."""

    method: str
    target: str
    headers: dict[str, str]
    connection: int
    raw: bytes = field(repr=False)
    body: bytes = b""


@dataclass
class Talk:
    """One connection."""

    socket: socket.socket
    stopping: threading.Event
    sent: int = 0

    def send(self, data: bytes) -> None:
        """Send, giving up when the test is over: a client that reads no further must not hold the server."""
        self.socket.settimeout(0.1)
        view = memoryview(data)
        while view and not self.stopping.is_set():
            try:
                count = self.socket.send(view)
            except (TimeoutError, ssl.SSLWantWriteError):
                continue
            view = view[count:]
            self.sent += count

    def is_over(self) -> bool:
        """Whether the client has gone, or the test is over."""
        if self.stopping.is_set():
            return True
        try:
            readable, _, _ = select.select([self.socket], [], [], 0)
            return bool(readable) and not self.socket.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True


def head(status: int = 200, *, length: int | None = None, **headers: object) -> bytes:
    """The head of an answer; underscores in names are hyphens."""
    lines = [f"HTTP/1.1 {status} Whatever"]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answer(body: bytes | str | Any = b"", status: int = 200, **headers: object) -> bytes:
    """A whole answer; what is no bytes or text is sent as JSON."""
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return head(status, length=len(body), **headers) + body


def chunked(*pieces: bytes, whole: bool = True, **headers: object) -> list[Step]:
    """An answer in chunks, each sent on its own; not `whole`: without the last, empty chunk."""
    steps: list[Step] = [head(Transfer_Encoding="chunked", **headers)]
    steps += [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
    return [*steps, b"0\r\n\r\n" if whole else HANG_UP]


class Hostile:
    """The server. `requests` and `connections` tell what happened."""

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None) -> None:
        self.scripts = list(scripts)
        self.requests: list[Asked] = []
        self.connections = 0
        self.over = 0
        self._tls = tls
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/api/v1"

    @property
    def tokens(self) -> list[str]:
        """The token of each request."""
        return [asked.headers.get("x-erp-token", "") for asked in self.requests]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive(), "a connection of the hostile server did not end"
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            self.connections += 1
            self._start(self._talk, connection, self.connections)

    def _talk(self, accepted: socket.socket, number: int) -> None:
        connection = accepted
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                connection.settimeout(5)
                connection = self._tls.wrap_socket(connection, server_side=True)
            talk = Talk(connection, self._stopping)
            while (asked := _read_request(talk, number)) is not None:
                if self._play(talk, self._next_script(asked)):
                    break
        except OSError:
            pass
        finally:
            connection.close()
            with self._lock:
                self._open.discard(accepted)
                self.over += 1

    def _next_script(self, asked: Asked) -> Iterable[Step]:
        with self._lock:
            self.requests.append(asked)
            script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        if callable(script):
            script = script(asked)
        return [script] if isinstance(script, bytes) else script

    def _play(self, talk: Talk, script: Iterable[Step]) -> bool:
        """Play a script; whether the connection is done for."""
        for step in script:
            match step:
                case bytes():
                    talk.send(step)
                case Mark.HANG_UP:
                    return True
                case Mark.RESET:
                    talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return True
                case Mark.SILENCE:
                    while not talk.is_over():
                        self._stopping.wait(0.01)
                    return True
                case int() | float():
                    self._stopping.wait(step)
                case _ if callable(step):
                    step(talk)
            if self._stopping.is_set():
                return True
        return False


def _read_request(talk: Talk, number: int) -> Asked | None:
    received = _read_on(talk, b"", lambda received: b"\r\n\r\n" in received)
    if received is None:
        return None
    first, *lines = received.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", 0))
    whole = _read_on(talk, received, lambda received: len(received.partition(b"\r\n\r\n")[2]) >= length)
    return whole and Asked(method, target, headers, number, whole, whole.partition(b"\r\n\r\n")[2])


def _read_on(talk: Talk, received: bytes, is_enough: Callable[[bytes], bool]) -> bytes | None:
    talk.socket.settimeout(0.2)
    while not is_enough(received):
        if talk.stopping.is_set():
            return None
        try:
            data = talk.socket.recv(65536)
        except TimeoutError:
            continue
        if not data:
            return None
        received += data
    return received
