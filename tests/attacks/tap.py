"""A man in the middle of the back channel: passes on, records, and plays back.

For stock, which has one address for browsers and the back channel, a browser that comes
along is redirected to the real server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PASSED_ON = ("x-services-public-key", "content-type")


@dataclass(frozen=True)
class Exchange:
    """One question that went by, and its answer."""

    path: str
    headers: dict[str, str]
    question: str
    status: int
    answer: str
    refusal: str = ""


class Tap:
    """Listens on a free port of 127.0.0.1 between a client and ``upstream``.

    ``instead``: called with what went by; what it returns is the answer that arrives. With
    ``None`` nothing arrives: the connection is closed.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.seen: list[Exchange] = []
        self.instead: Callable[[Exchange], str | None] | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def last(self, path: str) -> Exchange:
        return next(exchange for exchange in reversed(self.seen) if path in exchange.path)

    @contextmanager
    def answering(self, instead: Callable[[Exchange], str | None]) -> Iterator[None]:
        self.instead = instead
        try:
            yield
        finally:
            self.instead = None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def ask(self, path: str, headers: dict[str, str], body: str) -> Exchange:
        upstream = HTTPConnection(urlsplit(self.upstream).netloc, timeout=20)
        upstream.request("POST", path, body, headers)
        answer = upstream.getresponse()
        refusal = answer.getheader("x-sso-refusal", "")
        exchange = Exchange(path, headers, body, answer.status, answer.read().decode(), refusal)
        upstream.close()
        self.seen.append(exchange)
        return exchange

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        tap = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.send_response(302)
                self.send_header("Location", tap.upstream + self.path)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                kept = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
                exchange = tap.ask(self.path, kept, body)
                answer = tap.instead(exchange) if tap.instead else exchange.answer
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(exchange.status)
                self.send_header("Content-Length", str(len(answer.encode())))
                if exchange.refusal:
                    self.send_header("X-SSO-Refusal", exchange.refusal)
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *arguments: Any) -> None:
                pass

        return Handler
