"""Looking at processes and ending them, by their id, never by their name."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lab.machine import waiting

# What a process needs of the machine.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")


def inherited(*further: str) -> dict[str, str]:
    """Of the caller's environment: what a process needs, and the further names."""
    names = (*INHERITED, *further)
    return {name: os.environ[name] for name in names if name in os.environ}


def alive(pid: int) -> bool:
    """Is it running? A process that has ended and only waits for its parent isn't."""
    if Path("/proc/self").exists():
        fields = _stat(pid)
        return bool(fields) and fields[0] != "Z"
    return _answers_signal(pid)


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # gone meanwhile
        return []
    return [int(child) for child in text.split()]


def family(pid: int) -> list[int]:
    """A process and all its descendants, parents first."""
    return [pid, *(member for child in children(pid) for member in family(child))]


def parent(pid: int) -> int:
    """Its parent's id, 0 when it has ended."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def name(pid: int) -> str:
    """The program's name, empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def title(pid: int) -> str:
    """The command line, or what the process has put in its place."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace")


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


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def _answers_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
