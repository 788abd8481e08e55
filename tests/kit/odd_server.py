"""A real HTTP server on this machine that misbehaves as it is told."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

Behaviour = Callable[[socket.socket, threading.Event], None]


def says(status: str, body: bytes, headers: str = "") -> Behaviour:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return lambda connection, over: connection.sendall(head + body)


def sends(raw: bytes) -> Behaviour:
    return lambda connection, over: connection.sendall(raw)


def hangs(connection: socket.socket, over: threading.Event) -> None:
    over.wait()


def drips(head: bytes, drop: bytes) -> Behaviour:
    """A little now and then, for ever: no single read takes long."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(0.02):
            connection.sendall(drop)

    return behave


def drips_and_hangs(head: bytes, drop: bytes, drops: int) -> Behaviour:
    """For so many fiftieths of a second there is hope."""

    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        for _ in range(drops):
            over.wait(0.02)
            connection.sendall(drop)
        over.wait()

    return behave


def pours(connection: socket.socket, over: threading.Event) -> None:
    """An answer without an end, as fast as it goes."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"x" * 65536)


@dataclass
class OddServer:
    """Attributes: ``behaviour`` of the next answers; calls, ``requests``, connections so far;
    ``tls`` where it is to have a certificate."""

    behaviour: Behaviour
    calls: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None
    over: threading.Event = field(default_factory=threading.Event)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        name = self.listener.getsockname()
        if isinstance(name, str):
            return f"http+unix://{quote(name, safe='')}/sso/"
        return f"http://127.0.0.1:{name[1]}/sso/"

    def listen(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while request := _read_request(connection):
                self.requests.append(request)
                self.calls += 1
                self.behaviour(connection, self.over)
                if self.behaviour is hangs or self.over.is_set():
                    return
        except OSError:
            return
        finally:
            connection.close()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def odd_server(behaviour: Behaviour, path: Path | None = None) -> Iterator[OddServer]:
    """On a free port of 127.0.0.1, or on a Unix socket at ``path``."""
    server = OddServer(behaviour)
    if path:
        server.listener.close()
        server.listener = socket.socket(socket.AF_UNIX)
        server.listener.bind(str(path))
        server.listener.listen()
    threading.Thread(target=server.listen, daemon=True).start()
    try:
        yield server
    finally:
        server.over.set()
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
