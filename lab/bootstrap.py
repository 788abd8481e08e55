"""Makes the virtual environment and fills it from a locked set of requirements.

    python3 -m lab.bootstrap lab|test

Run by the Makefile with the machine's own Python, before anything is installed: standard
library only. ``--no-deps`` because django-simple-sso's pin of itsdangerous is overridden
(docs/dependencies.md); the lock files are complete and hashed.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from lab import system
from lab.console import say
from lab.errors import LabError
from lab.table import ROOT

VENV = ROOT / ".venv"
SETS = {"lab": "what the lab needs", "test": "what the lab and its tests need"}


def bootstrap(name: str) -> None:
    if not _works(VENV / "bin/python"):
        _make_venv()
    say(f"Installing {SETS[name]} into .venv ...")
    _run(
        [str(VENV / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps"]
        + ["--disable-pip-version-check", "--require-hashes"]
        + ["-r", str(ROOT / f"requirements/{name}.txt")],
        "check the network (and pip's index settings), then try again",
    )
    # The tests' set contains the lab's.
    for done in ("lab", "test") if name == "test" else ("lab",):
        (VENV / f"{done}.stamp").touch()


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        system.install("python3-venv", "Python's venv module", "install a complete Python 3.11+")
    say(f"Making a virtual environment, .venv, with Python {sys.version.split()[0]} ...")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    _run(command, f"try it by hand: {' '.join(command)}")


def _works(python: Path) -> bool:
    """False for one that isn't there, and for one that was moved or lost its interpreter."""
    try:
        return subprocess.run([str(python), "-m", "pip", "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def _run(command: list[str], fix: str) -> None:
    result = subprocess.run(command)
    if result.returncode:
        raise LabError(f"This failed: {' '.join(command)}", fix)


if __name__ == "__main__":
    try:
        bootstrap(sys.argv[1])
    except LabError as error:
        sys.exit(f"\n{error}\n")
