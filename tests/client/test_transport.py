"""Connections, packing, TLS, proxies, redirects: over real sockets, for both clients."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.client.conftest import TOKEN, Erp, drain
from tests.hostile import HANG_UP, SILENCE, Asked, Hostile, Step, Talk, answer, chunked, head

from cloudspot import (
    CloudspotError,
    ConfigurationError,
    DocumentCutOff,
    InvalidDocument,
    NotTrusted,
    RequestRefused,
    ServerTrouble,
    TimedOut,
    Unreachable,
)
from cloudspot.policy import ENCODINGS

brotli = pytest.importorskip("brotli")
zstd = pytest.importorskip("backports.zstd")
trustme = pytest.importorskip("trustme")

MakeClient = Callable[..., Erp]
MakeServer = Callable[..., Hostile]

ROWS = [{"id": number, "naam": f"Artikel {number}", "beschrijving": "tekst " * 20} for number in range(500)]
DOCUMENT = json.dumps({"data": ROWS}).encode()
GOOD = answer({"data": [{"id": 1}]})


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


PACKINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without a head": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
}


@pytest.fixture(params=PACKINGS)
def packed(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    encoding, pack = PACKINGS[request.param]
    return encoding, pack(DOCUMENT)


def test_what_is_asked_for(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile(GOOD)
    make_client(server).list()
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert set(ENCODINGS) == {"gzip", "deflate", "br", "zstd"}


def test_packed(make_client: MakeClient, hostile: MakeServer, packed: tuple[str, bytes]) -> None:
    encoding, body = packed
    server = hostile(answer(body, Content_Encoding=encoding))
    erp = make_client(server)
    assert len(erp.list()) == 500
    assert erp.last_response().bytes == len(DOCUMENT)  # type: ignore[union-attr]
    assert len(drain(erp)[0]) == 500
    assert server.connections == 1


def test_packed_and_dripped(make_client: MakeClient, hostile: MakeServer, packed: tuple[str, bytes]) -> None:
    """The first packed bytes unpack to nothing: that is not the end of the answer."""
    encoding, body = packed
    drip = [step for at in range(30) for step in (body[at : at + 1], 0.002)]
    server = hostile(
        [head(length=len(body), Content_Encoding=encoding), *drip, body[30:]],
        chunked(*[body[at : at + 1] for at in range(30)], body[30:], Content_Encoding=encoding),
    )
    erp = make_client(server, retries=0)
    assert len(erp.list()) == 500
    assert len(erp.list()) == 500


def test_packed_and_cut_off(make_client: MakeClient, hostile: MakeServer, packed: tuple[str, bytes]) -> None:
    encoding, body = packed
    for size in (1, 10, len(body) // 2, len(body) - 12):
        broken = [head(length=len(body), Content_Encoding=encoding), body[:size], HANG_UP]
        with pytest.raises(DocumentCutOff):
            make_client(hostile(broken), retries=0).list()
        assert len(make_client(hostile(broken, answer(body, Content_Encoding=encoding))).list()) == 500
        with pytest.raises((DocumentCutOff, ServerTrouble, Unreachable)):
            make_client(hostile(answer(body[:size], Content_Encoding=encoding)), retries=0).list()
        with pytest.raises((DocumentCutOff, ServerTrouble, Unreachable)):
            make_client(hostile([head(Content_Encoding=encoding), body[:size], HANG_UP]), retries=0).list()


def test_packed_and_corrupt(make_client: MakeClient, hostile: MakeServer, packed: tuple[str, bytes]) -> None:
    encoding, body = packed
    for corrupt in (b"garbage" + body, DOCUMENT, body[:60] + b"\x00\xff" * 8 + body[76:]):
        with pytest.raises(InvalidDocument):
            make_client(hostile(answer(corrupt, Content_Encoding=encoding)), retries=0).list()


def test_a_packing_nobody_asked_for(make_client: MakeClient, hostile: MakeServer) -> None:
    for encoding in ("compress", "gzip, gzip", "martian"):
        with pytest.raises(ServerTrouble, match="not asked for"):
            make_client(hostile(answer(DOCUMENT, Content_Encoding=encoding))).list()
    assert len(make_client(hostile(answer(DOCUMENT, Content_Encoding="identity"))).list()) == 500


# --- Connections --------------------------------------------------------------------------------------------------


def test_connections_are_kept(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile(GOOD)
    erp = make_client(server)
    for _ in range(20):
        erp.get(1)
    erp.list()
    drain(erp)
    server.scripts = [answer({"message": "neen"}, 404)]
    with pytest.raises(CloudspotError):
        erp.get(2)
    server.scripts = [chunked(b'{"data": ', b"[]}")]
    assert erp.list() == []
    assert server.connections == 1


def test_a_stale_connection(make_client: MakeClient, hostile: MakeServer) -> None:
    """The server has closed the idle connection meanwhile: nobody notices."""
    server = hostile([GOOD, 0.02, HANG_UP])
    erp = make_client(server, retries=0)
    for _ in range(3):
        assert len(erp.list()) == 1
        time.sleep(0.1)
    assert server.connections == 3


def test_the_server_wants_no_kept_connections(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile([answer({"data": [{"id": 1}]}, Connection="close"), HANG_UP])
    erp = make_client(server, retries=0)
    assert [len(erp.list()) for _ in range(3)] == [1, 1, 1]
    server = hostile([b'HTTP/1.0 200 OK\r\n\r\n{"data": [{"id": 1}]}', HANG_UP])
    assert len(make_client(server).list()) == 1


def test_an_abandoned_stream_frees_its_connection(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile([head(length=10**9), b'{"data": [' + b'{"id": 1}, ' * 5000, SILENCE])
    erp = make_client(server)
    stream = erp.stream()
    assert erp.take(stream).id == 1
    erp.close_stream(stream)
    deadline = time.monotonic() + 2
    while server.over < 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.over == 1
    with pytest.raises(StopIteration):
        erp.take(stream)


def test_an_answer_that_never_ends(make_client: MakeClient, hostile: MakeServer) -> None:
    """Read some records of it, then go."""
    sent: list[int] = []
    block = b", ".join(json.dumps(row).encode() for row in ROWS) + b", "

    def endless(talk: Talk) -> None:
        try:
            while not talk.is_over():
                talk.send(block)
        finally:
            sent.append(talk.sent)

    erp = make_client(hostile([head(), b'{"data": [', endless]))
    stream = erp.stream()
    for _ in range(20_000):
        erp.take(stream)
    erp.close_stream(stream)
    deadline = time.monotonic() + 3
    while not sent and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sent
    assert 20_000 * len(block) / 500 < sent[0] < 3 * 20_000 * len(block) / 500 + 20_000_000


def test_an_endless_value(make_client: MakeClient, hostile: MakeServer) -> None:
    for start in (b'{"data": [', b'{"data": [{"naam": "', b'{"message": "'):

        def endless(talk: Talk) -> None:
            while not talk.is_over():
                talk.send(b" " * 1_000_000)

        with pytest.raises((InvalidDocument, ServerTrouble)):
            make_client(hostile([head(), start, endless])).list()


def test_a_bomb(make_client: MakeClient, hostile: MakeServer) -> None:
    """A few packed bytes that unpack to gigabytes are refused as soon as they are too many."""
    pack = zlib.compressobj(9, wbits=31)
    bomb = pack.compress(b'{"data": [') + b"".join(pack.compress(b" " * 10_000_000) for _ in range(4)) + pack.flush()
    with pytest.raises(InvalidDocument):
        make_client(hostile(answer(bomb, Content_Encoding="gzip"))).list()


# --- Redirects ----------------------------------------------------------------------------------------------------


def test_a_redirect_that_adds_a_slash(make_client: MakeClient, hostile: MakeServer) -> None:
    def script(asked: Asked) -> bytes:
        if "?moved" in asked.target:
            return GOOD
        return answer("moved", 301, Location="/api/v1/artikels/?moved=1")

    server = hostile(script)
    assert len(make_client(server).list()) == 1
    assert [asked.target for asked in server.requests] == ["/api/v1/artikels/", "/api/v1/artikels/?moved=1"]
    assert server.tokens == [TOKEN, TOKEN]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_server(make_client: MakeClient, hostile: MakeServer, status: int) -> None:
    other = hostile(GOOD)
    for location in (other.url, f"http://localhost:{other.port}/", f"//127.0.0.1:{other.port}/x"):
        erp = make_client(hostile(answer(b"", status, Location=location)))
        with pytest.raises(RequestRefused, match="does not get the token") as caught:
            erp.list()
        assert caught.value.status == status
        with pytest.raises(RequestRefused):
            erp.get(1)
        assert isinstance(drain(erp)[1], RequestRefused)
    assert other.requests == []
    assert other.connections == 0


def test_a_redirect_loop(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile(answer(b"", 302, Location="/api/v1/artikels/"))
    with pytest.raises(RequestRefused, match="keeps redirecting"):
        make_client(server).list()
    assert len(server.requests) == 5


@pytest.mark.parametrize(
    "location", ["/a b", "/\xe9", "/%", "/a%2", "?" + "x" * 5000, "#x", "/x#y", "http://[::1", "", "\\"]
)
def test_odd_redirects(make_client: MakeClient, hostile: MakeServer, location: str) -> None:
    """They are followed within the server, or refused as what they are."""
    server = hostile(answer(b"", 302, Location=location), GOOD)
    with suppress(RequestRefused):
        assert len(make_client(server, retries=0).list()) == 1


# --- TLS and proxies ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def authority() -> Any:
    return trustme.CA()


@pytest.fixture(scope="session")
def tls(authority: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost", "erp.example").configure_cert(context)
    return context


def test_a_trusted_certificate(
    make_client: MakeClient, hostile: MakeServer, authority: Any, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    own = ssl.create_default_context(cafile=str(file))
    server = hostile(GOOD, tls=tls)
    for ca in (file, str(file), own):
        erp = make_client(server, ca=ca)
        assert [len(erp.list()) for _ in range(3)] == [1, 1, 1]
    assert server.connections == 3


def test_an_untrusted_certificate(
    make_client: MakeClient, hostile: MakeServer, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    server = hostile(GOOD, tls=tls)
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for ca in (None, other):
        server.connections = 0
        with pytest.raises(NotTrusted, match=r"pass ca=") as caught:
            make_client(server, ca=ca).list()
        assert caught.value.was_sent is False
        assert server.connections == 1
    assert server.requests == []


def test_a_certificate_for_another_name(make_client: MakeClient, hostile: MakeServer, authority: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("erp.example").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    server = hostile(GOOD, tls=context)
    with pytest.raises(NotTrusted):
        make_client(server, ca=trusting).list()
    assert server.requests == []


def test_no_tls_at_all(make_client: MakeClient, hostile: MakeServer) -> None:
    server = hostile([b"HTTP/1.1 400 Bad Request\r\n\r\n", HANG_UP])
    plain = server.url.replace("http:", "https:")
    with pytest.raises(Unreachable) as caught:
        make_client(plain, retries=0, timeout=0.5).list()
    assert not isinstance(caught.value, NotTrusted)


def test_a_handshake_that_breaks(make_client: MakeClient) -> None:
    """What is no judgement on a certificate is an ordinary failure, which is worth repeating."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    accepted.append(connection)
                    if len(accepted) < 3:
                        connection.recv(10)
                        connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        erp = make_client(f"https://127.0.0.1:{listener.getsockname()[1]}/api", retries=1, timeout=0.3)
        with pytest.raises(Unreachable) as caught:
            erp.list()
        assert not isinstance(caught.value, NotTrusted)
        assert len(accepted) == 2
        with pytest.raises(TimedOut):  # and this one says nothing at all
            erp.list()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in accepted:
            connection.close()


def test_nobody_accepts_the_connection(make_client: MakeClient) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        erp = make_client(f"http://127.0.0.1:{listener.getsockname()[1]}/api", retries=0, timeout=0.3)
        begun = time.monotonic()
        with pytest.raises(TimedOut, match="did not accept a connection in time") as caught:
            erp.list()
        assert caught.value.was_sent is False
        assert time.monotonic() - begun < 2


def test_a_ca_that_is_none(make_client: MakeClient, hostile: MakeServer, tls: ssl.SSLContext, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for ca in (tmp_path / "absent.pem", empty):
        with pytest.raises(ConfigurationError, match="No certificates can be read"):
            make_client(hostile(GOOD, tls=tls), ca=ca).list()


class Proxy(Hostile):
    """Passes on what it is asked for: a CONNECT as bytes, an absolute URL as a request."""

    def __init__(self, port: int) -> None:
        self.port_behind = port
        super().__init__(self.script)

    def script(self, asked: Asked) -> list[Step]:
        if asked.method == "CONNECT":
            return [b"HTTP/1.1 200 Connection established\r\n\r\n", self.tunnel, HANG_UP]
        return [lambda talk: self.pass_on(asked, talk)]

    def tunnel(self, talk: Talk) -> None:
        with socket.create_connection(("127.0.0.1", self.port_behind)) as behind:
            other = threading.Thread(target=_pump, args=(behind, talk.socket))
            other.start()
            talk.socket.settimeout(None)
            _pump(talk.socket, behind)
            other.join()

    def pass_on(self, asked: Asked, talk: Talk) -> None:
        with socket.create_connection(("127.0.0.1", self.port_behind)) as behind:
            behind.sendall(asked.raw.replace(asked.target.encode(), b"/passed-on/", 1))
            behind.settimeout(0.2)
            received = b""
            try:
                while data := behind.recv(65536):
                    received += data
            except TimeoutError:
                pass
        talk.send(received)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def make_proxy() -> Iterator[Callable[[int], Proxy]]:
    made: list[Proxy] = []

    def make(port: int) -> Proxy:
        made.append(Proxy(port))
        return made[-1]

    yield make
    for proxy in made:
        proxy.stop()


def test_a_proxy(make_client: MakeClient, hostile: MakeServer, make_proxy: Callable[[int], Proxy]) -> None:
    server = hostile(GOOD)
    proxy = make_proxy(server.port)
    erp = make_client("http://erp.example/api/v1", allow_http=True, proxy=f"http://127.0.0.1:{proxy.port}")
    assert len(erp.list()) == 1
    assert proxy.requests[0].target == "http://erp.example/api/v1/artikels/"
    assert server.requests[0].headers["host"] == "erp.example"
    assert server.tokens == [TOKEN]


def test_a_proxy_for_tls(
    make_client: MakeClient,
    hostile: MakeServer,
    make_proxy: Callable[[int], Proxy],
    authority: Any,
    tls: ssl.SSLContext,
) -> None:
    """The token goes through the tunnel, never to the proxy."""
    server = hostile(GOOD, tls=tls)
    proxy = make_proxy(server.port)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    erp = make_client(
        "https://erp.example/api/v1", ca=trusting, proxy=f"http://joe:se%40cret@127.0.0.1:{proxy.port}", timeout=5
    )
    assert len(erp.list()) == 1
    assert len(erp.get(1).to_dict()) > 1
    assert [asked.method for asked in proxy.requests] == ["CONNECT"]
    assert proxy.requests[0].target == "erp.example:443"
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic am9lOnNlQGNyZXQ="
    assert TOKEN.encode() not in proxy.requests[0].raw
    assert server.tokens == [TOKEN, TOKEN]


def test_proxies_of_the_environment(
    make_client: MakeClient, hostile: MakeServer, make_proxy: Callable[[int], Proxy], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hostile(GOOD)
    proxy = make_proxy(server.port)
    monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
    assert len(make_client(server).list()) == 1  # loopback: no proxy
    assert proxy.requests == []
    assert len(make_client("http://erp.example/api", allow_http=True).list()) == 1
    assert len(proxy.requests) == 1
    monkeypatch.setenv("no_proxy", "erp.invalid")
    with pytest.raises(Unreachable, match=r"erp\.invalid is not known"):
        make_client("http://erp.invalid/api", allow_http=True, retries=0).list()
    with pytest.raises(Unreachable, match="not known"):
        make_client("http://erp2.invalid/api", allow_http=True, retries=0, proxy="").list()
    assert len(proxy.requests) == 1


def test_a_proxy_that_is_not_there(make_client: MakeClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"http://joe:secret@127.0.0.1:{taken.getsockname()[1]}"
    for url in ("http://erp.example/api", "https://erp.example/api"):
        with pytest.raises(Unreachable, match="proxy") as caught:
            make_client(url, allow_http=True, proxy=dead, retries=0).list()
        assert "secret" not in f"{caught.value!s}{caught.value.__cause__!r}"


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses(make_client: MakeClient, hostile: MakeServer, status: int) -> None:
    proxy = hostile([answer("neen", status), HANG_UP])
    with pytest.raises(Unreachable, match="proxy"):
        make_client("https://erp.example/api", proxy=f"http://127.0.0.1:{proxy.port}", retries=0).list()
    assert TOKEN.encode() not in b"".join(asked.raw for asked in proxy.requests)
