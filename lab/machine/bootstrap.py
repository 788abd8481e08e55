"""Makes the virtual environment and fills it from a locked set of requirements.

    python3 -m lab.machine.bootstrap lab|test

Run by the Makefile with the machine's own Python, before anything is installed: standard
library only. ``--no-deps`` because django-simple-sso's pin of itsdangerous is overridden
(docs/dependencies.md); the lock files are complete and hashed.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from lab.console import say
from lab.errors import LabError
from lab.machine import system
from lab.table import ROOT

VENV = ROOT / ".venv"
PIP = [str(VENV / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
SETS = {"lab": "what the lab needs", "test": "what the lab and its tests need"}


def bootstrap(name: str) -> None:
    if not _venv_works():
        _make_venv()
    say(f"Installing {SETS[name]} into .venv ...")
    install = [*PIP, "install", "--quiet", "--no-deps", "--require-hashes"]
    locked = str(ROOT / f"requirements/{name}.txt")
    _run([*install, "-r", locked], "check the network (and pip's settings), then try again")
    # The tests' set contains the lab's.
    for done in ("lab", "test") if name == "test" else ("lab",):
        (VENV / f"{done}.stamp").touch()


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        system.install("python3-venv", "Python's venv module", "install a complete Python 3.11+")
    say(f"Making a virtual environment, .venv, with Python {sys.version.split()[0]} ...")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    _run(command, f"try it by hand: {' '.join(command)}")


def _venv_works() -> bool:
    """False when there is none, and when it was moved or lost its interpreter."""
    try:
        return subprocess.run([*PIP, "--version"], capture_output=True).returncode == 0
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
