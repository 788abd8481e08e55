"""Finding and ending processes that this lab started, by their id, never by their name."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lab import waiting
from lab.place import Place


def alive(pid: int) -> bool:
    """Is it running? A process that has ended and only waits for its parent isn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state != "Z"
    except FileNotFoundError:
        return not Path("/proc/self").exists() and _answers_signal(pid)


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(child) for child in text.split()]


def family(pid: int) -> list[int]:
    """A process and all its descendants, parents first."""
    return [pid, *(member for child in children(pid) for member in family(child))]


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def end(pids: list[int], seconds: float = 5) -> None:
    """Ask them to stop, then insist."""
    signal_all(pids, signal.SIGCONT)
    signal_all(pids, signal.SIGTERM)
    if not waiting.until(lambda: not any(map(alive, pids)), seconds):
        signal_all(pids, signal.SIGKILL)
        waiting.until(lambda: not any(map(alive, pids)), seconds)


def of_lab(place: Place) -> list[int]:
    """What runs in this lab's name: left over when its supervisor was killed.

    The supervisor gives every process of a lab its ``LAB_STATE`` and the program's name.
    """
    marks = {f"LAB_STATE={place.state}".encode(), b"LAB_SUPERVISED=1"}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = set((folder / "environ").read_bytes().split(b"\0"))
        except OSError:  # gone meanwhile, or somebody else's
            continue
        if marks <= variables:
            found.append(int(folder.name))
    return found


def _answers_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
