"""Ports: is one free, who has it, and which one is."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path

from lab.errors import LabError
from lab.machine import processes

LISTENING = "0A"  # as /proc/net/tcp writes the state
_given: set[int] = set()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As nginx does, so that a port just given up counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free() -> int:
    """A free port, never the same twice; at random so that labs started together don't meet."""
    for _ in range(200):
        # Below the ports that kernels hand out, above those that browsers refuse to open.
        port = random.randrange(20_000, 32_000)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise LabError("No free ports between 20000 and 32000.", "stop what is listening there")


def demand(port: int) -> None:
    """Raises ``LabError`` naming who has the port."""
    if not is_free(port):
        raise LabError(
            f"Port {port} is taken by {owner(port) or 'another program'}.",
            f"stop that program, or use another port: LAB_PORT={_next_free(port)} make up",
        )


def owner(port: int) -> str | None:
    """The listening process as ``name (pid 123)``; None where that can't be found out."""
    pid = next(iter(holders(port)), None)
    if pid is None:
        return None
    name = processes.name(pid)
    if not name:
        return None
    published = ", a container: see `docker ps`" if name == "docker-proxy" else ""
    return f"{name} (pid {pid}{published})"


def holders(port: int) -> list[int]:
    """The ids of the processes that listen on the port, as far as they can be found out."""
    inodes = _listening_inodes(port)
    running = sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name))
    return [int(process.name) for process in running if inodes & _socket_inodes(process)]


def _next_free(port: int) -> int:
    candidates = range(port + 10, 65_000, 10)
    return next(filter(is_free, candidates), port + 10)


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for path in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        rows = path.read_text().splitlines()[1:] if path.exists() else []
        for columns in map(str.split, rows):
            if columns[3] == LISTENING and int(columns[1].rsplit(":", 1)[1], 16) == port:
                found.add(f"socket:[{columns[9]}]")
    return found


def _socket_inodes(process: Path) -> set[str]:
    found = set()
    with suppress(OSError):  # somebody else's, or gone meanwhile
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                found.add(str(descriptor.readlink()))
    return found


if __name__ == "__main__":
    print(free())
