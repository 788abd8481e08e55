"""Requests straight at a site's gunicorn, past nginx: what only a neighbour could send."""

from __future__ import annotations

import socket
from contextlib import suppress

from lab.place import Place
from tests.support.instance import Instance


def send(lab: Instance, site: str, request: bytes, seconds: float = 10) -> bytes:
    """All that gunicorn answers until it closes the connection."""
    answer = b""
    with connect(lab, site, seconds) as connection, suppress(ConnectionResetError):
        connection.sendall(request)
        while piece := connection.recv(65536):
            answer += piece
    return answer


def connect(lab: Instance, door: str, seconds: float = 10) -> socket.socket:
    """``door``: a site, or what ``environment.back_of`` calls its door for the others."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    connection.connect(str(Place(lab.state, lab.port).socket(door)))
    return connection
