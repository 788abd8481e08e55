"""What a killed lab leaves running: found again, so that `up` and `down` can end it."""

from __future__ import annotations

import os
from pathlib import Path

from lab import table
from lab.machine import ports, processes
from lab.place import Place

# The supervisor puts these into the environment of everything that it starts.
MARKS = ("LAB_STATE", "LAB_SUPERVISED", "SUPERVISOR_PROCESS_NAME")


def find(place: Place, service: str = "") -> list[int]:
    """All of this lab's processes, or one service's, but for the one that asks."""
    found = _marked(place, service)
    if service in ("", "nginx"):
        found += _nginx_masters(place) + _orphaned_nginx_workers(place)
    return [pid for pid in found if pid != os.getpid()]


def _marked(place: Place, service: str) -> list[int]:
    marks = {f"LAB_STATE={place.state}".encode(), b"LAB_SUPERVISED=1"}
    marks |= {f"SUPERVISOR_PROCESS_NAME={service}".encode()} if service else set()
    return [pid for pid in _all() if marks <= _variables(pid)]


def _nginx_masters(place: Place) -> list[int]:
    """nginx overwrites its environment with a title, which has its command line in it."""
    ours = f"{place.run}/nginx.conf"
    titles = {pid: processes.title(pid) for pid in _all()}
    return [
        pid
        for pid, title in titles.items()
        if title.startswith("nginx: master process") and ours in title
    ]


def _orphaned_nginx_workers(place: Place) -> list[int]:
    """They go on serving when their master is killed, and their title says nothing of whose."""
    return [
        pid
        for pid in ports.holders(place.port)
        if processes.title(pid).startswith("nginx: worker")
        and not processes.title(processes.parent(pid)).startswith("nginx: master")
        and _working_folder(pid) == table.ROOT
    ]


def _all() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def _variables(pid: int) -> set[bytes]:
    try:
        return set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
    except OSError:  # gone meanwhile, or somebody else's
        return set()


def _working_folder(pid: int) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None
