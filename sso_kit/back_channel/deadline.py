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

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from .. import clock


class _Until:
    """Makes the reads of a class of sockets end at ``until``, a time of the monotonic clock."""

    until = float("inf")

    def recv(self, *arguments: Any) -> bytes:
        self._give_what_is_left()
        return bytes(super().recv(*arguments))  # type: ignore[misc]  # the socket's

    def recv_into(self, *arguments: Any) -> int:
        self._give_what_is_left()
        return int(super().recv_into(*arguments))  # type: ignore[misc]  # as well

    def _give_what_is_left(self) -> None:
        left = self.until - clock.monotonic()
        if left <= 0:
            raise TimeoutError("the answer did not come in time")
        if left != float("inf"):
            self.settimeout(left)  # type: ignore[attr-defined]  # as well


class _Socket(_Until, socket.socket):
    pass


class _TLSSocket(_Until, ssl.SSLSocket):
    pass


class Connection(HTTPConnection):
    """Counts urllib3's read timeout from the request's end to the answer's last byte.

    And its time to connect from the question to a proxy to the end of what that says.
    """

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        ours = _Socket(fileno=plain.detach())
        ours.settimeout(self.timeout)
        return ours

    def _tunnel(self) -> None:
        self._begin()
        super()._tunnel()

    def getresponse(self) -> Any:
        self._begin()
        return super().getresponse()

    def _begin(self) -> None:
        if self.timeout is not None:
            connected: Any = self.sock
            # In a tunnel that is itself TLS, the socket is the one to the proxy.
            connected = getattr(connected, "socket", connected)
            connected.until = clock.monotonic() + self.timeout


class _TLSConnection(Connection, HTTPSConnection):
    pass


class _UnixConnection(Connection):
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
    ConnectionCls = Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _UnixPool(HTTPConnectionPool):
    ConnectionCls = _UnixConnection


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _TLSPool}


def unix_pool(path: str, **options: Any) -> HTTPConnectionPool:
    """Kept connections to a socket of this machine; requests there are for ``localhost``."""
    return _UnixPool("localhost", path=path, **options)


def context(**trusted: Any) -> ssl.SSLContext:
    """Of TLS connections with a deadline. Parameters as ``ssl.create_default_context``."""
    made = ssl.create_default_context(**trusted)
    made.sslsocket_class = _TLSSocket
    return made
