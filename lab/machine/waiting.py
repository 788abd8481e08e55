"""Waiting for a condition: the one place where the lab's tooling sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], seconds: float, interval: float = 0.05) -> bool:
    """Poll until the condition holds; False when it still didn't after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval)
    return True
