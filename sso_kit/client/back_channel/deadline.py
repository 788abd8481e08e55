"""HTTP connections with a deadline for the whole answer, not for each piece of it.

A socket's timeout starts anew with every byte: a server that sends one now and then
keeps a thread for as long as it likes, whatever the timeout says. Here the socket itself
is given less time with each read, so it holds for the status line, the headers and every
kind of body alike.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, connection_from_url
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ... import clock


class _Until:
    """Makes the reads of a class of sockets end at ``until``, a time of the monotonic clock."""

    until = float("inf")

    def recv_into(self, *arguments: Any) -> int:
        left = self.until - clock.monotonic()
        if left <= 0:
            raise TimeoutError("the answer did not come in time")
        if left != float("inf"):
            self.settimeout(left)  # type: ignore[attr-defined]  # the socket's
        return int(super().recv_into(*arguments))  # type: ignore[misc]  # as well


class _Socket(_Until, socket.socket):
    pass


class _TLSSocket(_Until, ssl.SSLSocket):
    pass


class _Connection(HTTPConnection):
    """Counts urllib3's read timeout from the request's end to the answer's last byte."""

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        ours = _Socket(fileno=plain.detach())
        ours.settimeout(self.timeout)
        return ours

    def getresponse(self) -> Any:
        if self.timeout is not None:
            connected: Any = self.sock
            connected.until = clock.monotonic() + self.timeout
        return super().getresponse()


class _TLSConnection(_Connection, HTTPSConnection):
    pass


class _UnixConnection(_Connection):
    """To a Unix socket of this machine in place of a host and a port."""

    def __init__(self, *arguments: Any, path: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.path = path

    def _new_conn(self) -> socket.socket:
        ours = _Socket(socket.AF_UNIX)
        ours.settimeout(self.timeout)
        try:
            ours.connect(self.path)
        except TimeoutError as error:
            ours.close()
            raise ConnectTimeoutError(self, f"{self.path} took too long") from error
        except OSError as error:
            ours.close()
            raise NewConnectionError(self, f"{self.path}: {error}") from error
        return ours


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _UnixPool(HTTPConnectionPool):
    ConnectionCls = _UnixConnection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


def pool(url: str, most: int) -> HTTPConnectionPool:
    """Kept connections to the host of a URL, ``most`` of them; more are made and not kept.

    ``http+unix://%2Frun%2Fserver.sock/sso/`` is a socket of this machine, its path
    percent-encoded, as requests-unixsocket writes it. Its requests are for the host ``localhost``.
    """
    parts = urlsplit(url)
    if parts.scheme == "http+unix":
        path = unquote(parts.netloc)  # not .hostname, which is in lower case
        return _UnixPool("localhost", maxsize=most, block=False, path=path)
    like = connection_from_url(url)
    if like.scheme == "http":
        return _Pool(like.host, like.port, maxsize=most, block=False)
    context = ssl.create_default_context()
    context.sslsocket_class = _TLSSocket
    return _TLSPool(like.host, like.port, maxsize=most, block=False, ssl_context=context)
