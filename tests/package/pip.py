"""Real pip, in environments that have nothing yet."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


def environment(folder: Path, *wanted: str, python: str = sys.executable) -> str:
    """The Python of a new virtual environment in which pip has installed what is wanted."""
    run(python, "-m", "venv", str(folder))
    there = str(folder / "bin" / "python")
    run(there, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted)
    return there


@cache
def newer_python() -> str | None:
    """A Python that Django 6.1 runs on, which wants 3.12."""
    names = [f"python3.{minor}" for minor in (14, 13, 12)]
    managed = (Path.home() / ".pyenv" / "versions").glob("3.*/bin/python")
    for found in [*map(shutil.which, names), *map(str, managed), sys.executable]:
        if found and _is_new_enough(found):
            return found
    return None


def _is_new_enough(python: str) -> bool:
    """Version managers leave stubs around that run nothing."""
    asked = "import sys, venv; sys.exit(sys.version_info < (3, 12))"
    return subprocess.run([python, "-c", asked], capture_output=True, check=False).returncode == 0
