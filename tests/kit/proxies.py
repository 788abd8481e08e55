"""Real proxies on this machine, which lead every host to one server."""

from __future__ import annotations

import base64
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.kit.odd_server import Behaviour

Address = tuple[str, int]


@dataclass
class Proxy:
    """Attributes:
    leads_to: where every question ends.
    wants: ``name:password``, or nothing.
    instead: what it does in place of letting TLS through.
    tls: makes it one that is asked by https.
    asked: the first line of each question, or of each SOCKS greeting.
    """

    leads_to: Address
    wants: str = ""
    instead: Behaviour | None = None
    tls: ssl.SSLContext | None = None
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def at(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def listen(self, serve: Callable[[Proxy, socket.socket], None]) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.attend, args=(serve, connection), daemon=True).start()

    def attend(self, serve: Callable[[Proxy, socket.socket], None], plain: socket.socket) -> None:
        connection = plain
        try:
            if self.tls:
                connection = self.tls.wrap_socket(plain, server_side=True)
            serve(self, connection)
        except OSError:
            return
        finally:
            connection.close()


@contextmanager
def http_proxy(leads_to: Address, **options: object) -> Iterator[Proxy]:
    with _running(Proxy(leads_to, **options), _serve_http) as proxy:  # type: ignore[arg-type]  # its fields
        yield proxy


@contextmanager
def socks_proxy(leads_to: Address, **options: object) -> Iterator[Proxy]:
    """Version 5 (RFC 1928), with names and passwords (RFC 1929) where it wants them."""
    with _running(Proxy(leads_to, **options), _serve_socks) as proxy:  # type: ignore[arg-type]  # as above
        yield proxy


@contextmanager
def _running(proxy: Proxy, serve: Callable[[Proxy, socket.socket], None]) -> Iterator[Proxy]:
    threading.Thread(target=proxy.listen, args=(serve,), daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.over.set()
        proxy.listener.shutdown(socket.SHUT_RDWR)
        proxy.listener.close()


def _serve_http(proxy: Proxy, connection: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return
        head += piece
    proxy.asked.append(head.decode("latin-1").partition("\r\n")[0])
    if proxy.wants and _basic(proxy.wants) not in head:
        refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(refusal)
        return
    if not head.startswith(b"CONNECT "):
        _relay(proxy, connection, head)
    elif proxy.instead:
        proxy.instead(connection, proxy.over)
    else:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        _relay(proxy, connection)


def _basic(credentials: str) -> bytes:
    return b"Basic " + base64.b64encode(credentials.encode("latin-1")) + b"\r\n"


def _serve_socks(proxy: Proxy, connection: socket.socket) -> None:
    _, methods = _exactly(connection, 2)
    offered = _exactly(connection, methods)
    connection.sendall(b"\x05\x02" if proxy.wants else b"\x05\x00")
    if proxy.wants:
        if 2 not in offered:
            return
        _exactly(connection, 1)
        name, password = _text(connection), _text(connection)
        right = f"{name}:{password}" == proxy.wants
        connection.sendall(b"\x01\x00" if right else b"\x01\x01")
        if not right:
            return
    *_, kind = _exactly(connection, 4)
    host = _text(connection) if kind == 3 else socket.inet_ntoa(_exactly(connection, 4))
    (port,) = struct.unpack("!H", _exactly(connection, 2))
    proxy.asked.append(f"{host}:{port}")
    if proxy.instead:
        proxy.instead(connection, proxy.over)
        return
    connection.sendall(b"\x05\x00\x00\x01" + b"\x00" * 6)
    _relay(proxy, connection)


def _text(connection: socket.socket) -> str:
    return _exactly(connection, _exactly(connection, 1)[0]).decode()


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise ConnectionError("broke off")
        data += piece
    return data


def _relay(proxy: Proxy, connection: socket.socket, head: bytes = b"") -> None:
    with socket.create_connection(proxy.leads_to) as server:
        server.sendall(head)
        answers = threading.Thread(target=_pump, args=(server, connection), daemon=True)
        answers.start()
        _pump(connection, server)
        answers.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return
