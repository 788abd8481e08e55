"""An identity server in trouble, of any kind, on a port of 127.0.0.1."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

OK = b"HTTP/1.1 200 OK\r\n"
DRIP_SECONDS = 0.1
# What is said at once, and what is repeated for ever after.
TROUBLES: dict[str, tuple[bytes, bytes]] = {
    "hang": (b"", b""),
    "drip the status line": (b"HTTP/1.1 200", b"K"),
    "drip a header": (OK + b"X-Drip: ", b"d"),
    "drip headers": (OK, b"X-Drip: d\r\n"),
    "drip the body": (OK + b"Content-Length: 9000\r\n\r\n", b"d"),
    "drip chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nd\r\n"),
    "drip a chunk's size": (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"d"),
    "drip 100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}
ANSWERS: dict[str, bytes] = {
    "garbage": b"\x00\xff\x13garbage\r\n\r\n",
    "nothing": b"",
    "an empty 200": OK + b"Content-Length: 0\r\n\r\n",
    "HTML": OK + b"Content-Length: 15\r\n\r\n<h1>proxy</h1>\r\n",
    "a body that breaks off": OK + b"Content-Length: 900\r\n\r\nshort",
    "a wrong encoding": OK + b"Content-Length: 2\r\n\r\n\xff\xfe",
    "an endless header": OK + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
    "too much": OK + b"Content-Length: 999999\r\n\r\n" + b"x" * 999_999,
    "500": b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops",
    "502": b"HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n",
    "a redirect loop": b"HTTP/1.1 302 Found\r\nLocation: /sso/request-token/\r\n"
    b"Content-Length: 0\r\n\r\n",
}  # fmt: skip


class OddServer:
    """Does one odd thing at a time; ``calls`` counts the connections that asked something."""

    def __init__(self) -> None:
        self.trouble = "refuse"
        self.calls = 0
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def doing(self, trouble: str) -> Iterator[None]:
        self.trouble, self.calls = trouble, 0
        self._over = threading.Event()
        try:
            yield
        finally:
            self.trouble = "refuse"
            self._over.set()

    def close(self) -> None:
        self._over.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        trouble, over = self.trouble, self._over
        with connection, suppress(OSError):
            if trouble == "refuse":
                return
            _read_request(connection)
            self.calls += 1
            if trouble in ANSWERS:
                connection.sendall(ANSWERS[trouble])
                return
            at_once, drip = TROUBLES[trouble]
            connection.sendall(at_once)
            while not over.wait(DRIP_SECONDS):
                connection.sendall(drip)


def _read_request(connection: socket.socket) -> None:
    """Head and body, so that closing doesn't reset the connection under the answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
