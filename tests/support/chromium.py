"""How the browser tests and `make screenshots` start Chromium."""

from __future__ import annotations

import os
import shutil
from typing import Any

from lab.machine import system

# A test's browser has no business on the network but with the lab.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
)


def launch_options() -> dict[str, Any]:
    """For Playwright's ``launch``: the machine's own Chromium, else Playwright's."""
    own = next(filter(None, map(shutil.which, system.CHROMIUM_NAMES)), None)
    options: dict[str, Any] = {"args": [*QUIET, "--disable-gpu", *_without_sandbox()]}
    return options | ({"executable_path": own} if own else {})


def _without_sandbox() -> list[str]:
    """Chromium refuses to run as root with its sandbox on."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--no-sandbox"] if is_root else []
