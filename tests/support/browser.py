"""A browser without a screen, for attacks, soak runs and benchmarks.

Keeps cookies by host and path, follows redirects, and records every hop. It talks plain
sockets with keep-alive, because a driver must cost less than what it measures; all names
lead to 127.0.0.1, whatever a resolver would say.
"""

from __future__ import annotations

import re
import socket
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

LOOPBACK = "127.0.0.1"
MOST_HOPS = 15
CSRF_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Hop:
    """One request of a browser and what came back."""

    method: str
    url: str
    status: int

    @property
    def step(self) -> str:
        """Method, host and path, without the query: ``GET app-a.localhost/sso/``."""
        parts = urlsplit(self.url)
        return f"{self.method} {parts.hostname}{parts.path}"


@dataclass(frozen=True)
class Page:
    """Where a browser ended.

    Attributes:
        headers: lower-case names; the last one of a name.
        hops: every request on the way, this one included.
    """

    url: str
    status: int
    headers: dict[str, str]
    body: str
    hops: tuple[Hop, ...]

    @property
    def location(self) -> str:
        """The absolute address that a redirect names, or an empty text."""
        return urljoin(self.url, self.headers["location"]) if "location" in self.headers else ""

    @property
    def forms(self) -> int:
        return self.body.count("<form")

    @property
    def password_fields(self) -> int:
        return self.body.count('type="password"')


class BrokenAnswer(OSError):
    """The server closed the connection, or sent what is no HTTP."""


@dataclass
class Browser:
    """One person's browser. Its connections are closed with it, when nobody has it any more.

    Attributes:
        timeout: seconds for each read.
        headers: sent with each request.
        cookies: ``{host: {(name, path): value}}``.
    """

    timeout: float = 30.0
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "text/html"})
    cookies: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    _sockets: dict[int, socket.socket] = field(default_factory=dict)

    def __post_init__(self) -> None:
        weakref.finalize(self, _close, self._sockets)

    def get(
        self, url: str, *, follow: bool = True, headers: Mapping[str, str] | None = None
    ) -> Page:
        return self._go("GET", url, b"", follow, headers or {})

    def post(
        self,
        url: str,
        data: Mapping[str, str],
        *,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        body = urlencode(data).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": _origin(url)}
        return self._go("POST", url, body, follow, {**kind, **(headers or {})})

    def send(self, method: str, url: str, body: str, headers: Mapping[str, str]) -> Page:
        """One request with any method and body; redirects are not followed."""
        return self._go(method, url, body.encode(), False, headers)

    def submit(self, page: Page, data: Mapping[str, str], url: str = "") -> Page:
        """Send the form of a page back to where it came from, its CSRF token included."""
        token = CSRF_FIELD.search(page.body)
        with_token = {**data, **({"csrfmiddlewaretoken": token[1]} if token else {})}
        return self.post(url or page.url, with_token)

    def cookie(self, host: str, name: str) -> str | None:
        found = self.cookies.get(host, {})
        return next((value for (known, _), value in found.items() if known == name), None)

    def close(self) -> None:
        _close(self._sockets)

    def _go(
        self, method: str, url: str, body: bytes, follow: bool, headers: Mapping[str, str]
    ) -> Page:
        hops: list[Hop] = []
        while True:
            status, received, text = self._exchange(method, url, body, headers)
            hops.append(Hop(method, url, status))
            page = Page(url, status, received, text, tuple(hops))
            if not (follow and page.location and status in (301, 302, 303, 307, 308)):
                return page
            if len(hops) >= MOST_HOPS:
                raise BrokenAnswer(f"more than {MOST_HOPS} hops: {[hop.step for hop in hops]}")
            method, url, body, headers = "GET", page.location, b"", {}

    def _exchange(
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = {"Host": parts.netloc, **self.headers, **headers}
        if cookies := self._cookies_for(host, parts.path or "/"):
            lines["Cookie"] = cookies
        if method != "GET":
            lines["Content-Length"] = str(len(body))
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(
            f"{k}: {v}\r\n" for k, v in lines.items()
        )
        return self._keep(host, *self._send(port, head.encode() + b"\r\n" + body))

    def _send(self, port: int, request: bytes) -> tuple[bytes, bytes]:
        """Head and body of the answer; a kept connection that has died is made anew."""
        if kept := self._sockets.pop(port, None):
            with suppress(BrokenAnswer, ConnectionError):
                return self._talk(port, kept, request)
        return self._talk(port, socket.create_connection((LOOPBACK, port), self.timeout), request)

    def _talk(self, port: int, connection: socket.socket, request: bytes) -> tuple[bytes, bytes]:
        """Keeps the connection where both sides mean to, and closes it whatever goes wrong."""
        try:
            head, body = _ask(connection, request)
        except BaseException:
            connection.close()
            raise
        if b"\r\nconnection: close" in head.lower():
            connection.close()
        else:
            self._sockets[port] = connection
        return head, body

    def _keep(self, host: str, head: bytes, body: bytes) -> tuple[int, dict[str, str], str]:
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            if name == "set-cookie":
                self._set_cookie(host, value)
            headers[name] = value
        return int(status_line.split(" ", 2)[1]), headers, body.decode("utf-8", "replace")

    def _set_cookie(self, host: str, line: str) -> None:
        pair, *attributes = line.split(";")
        name, _, value = pair.strip().partition("=")
        known = {k.strip().lower(): v.strip() for k, _, v in (a.partition("=") for a in attributes)}
        jar = self.cookies.setdefault(host, {})
        key = (name, known.get("path", "/"))
        if known.get("max-age") == "0" or value in ("", '""'):
            jar.pop(key, None)
        else:
            jar[key] = value

    def _cookies_for(self, host: str, path: str) -> str:
        jar = self.cookies.get(host, {})
        return "; ".join(
            f"{name}={value}" for (name, at), value in jar.items() if path.startswith(at)
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _close(sockets: dict[int, socket.socket]) -> None:
    while sockets:
        sockets.popitem()[1].close()


def _ask(connection: socket.socket, request: bytes) -> tuple[bytes, bytes]:
    """Head and body of what is answered."""
    connection.sendall(request)
    head, rest = _read_head(connection)
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return head, _read_chunks(connection, rest)
    if b"\r\ncontent-length:" in lower:
        length = int(lower.split(b"\r\ncontent-length:", 1)[1].split(b"\r\n", 1)[0])
        return head, _read_exactly(connection, rest, length)
    return head, rest


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise BrokenAnswer("the connection was closed before an answer")
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _read_exactly(connection: socket.socket, have: bytes, length: int) -> bytes:
    while len(have) < length:
        have = _read_more(connection, have)
    return have


def _read_chunks(connection: socket.socket, have: bytes) -> bytes:
    body = b""
    while True:
        while b"\r\n" not in have:
            have = _read_more(connection, have)
        size_line, _, have = have.partition(b"\r\n")
        size = int(size_line.split(b";")[0], 16)
        while len(have) < size + 2:
            have = _read_more(connection, have)
        if size == 0:
            return body
        body, have = body + have[:size], have[size + 2 :]


def _read_more(connection: socket.socket, have: bytes) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise BrokenAnswer("the connection was closed within an answer")
    return have + piece
