"""What processes use, read from outside: CPU time to the nanosecond, memory in megabytes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

CPUCLOCK_SCHED = 2  # linux/posix-timers.h: all threads of a process, ended ones too


def cpu_ms(pid: int) -> float:
    """CPU milliseconds that a process has used. Raises ``OSError`` when it is gone."""
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED) * 1000


def cpu_of_groups(groups: Mapping[str, Iterable[int]]) -> dict[str, float]:
    return {name: sum(map(cpu_ms, pids)) for name, pids in groups.items()}


def memory_mb(pid: int) -> dict[str, float]:
    """``rss``: all its pages; ``pss``: those shared with other processes counted in parts."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.MULTILINE))
    return {name.lower(): int(kilobytes) / 1024 for name, kilobytes in found.items()}
