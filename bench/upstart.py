"""How long ``make up`` takes when everything is installed and has been up before."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from lab.machine import ports, processes, system
from tests.support.process import run


def seconds(folder: Path) -> dict[str, float]:
    """The second start in each runtime that this machine has."""
    found = {"local": _warm(folder, "local")}
    if system.compose_lacks() is None and os.environ.get("BENCH_COMPOSE") == "1":
        found["compose"] = _warm(folder, "compose")
    return found


def _warm(folder: Path, runtime: str) -> float:
    where = {"LAB_STATE": str(folder / f"up-{runtime}"), "LAB_PORT": str(ports.free())}
    variables = processes.inherited() | where | {"RUNTIME": runtime}
    lab = [sys.executable, "-m", "lab"]
    try:
        run([*lab, "up"], variables)
        run([*lab, "down"], variables)
        start = time.perf_counter()
        run([*lab, "up"], variables)
        return time.perf_counter() - start
    finally:
        run([*lab, "down"], variables)
