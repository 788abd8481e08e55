"""A virtual environment with stock as released: itsdangerous 0.24. Made once, kept."""

from __future__ import annotations

import os
import shutil
import sys
import venv
from functools import cache

from lab.table import ROOT
from tests.support import process

LOCK = ROOT / "requirements" / "stock.txt"
PLACE = ROOT / f".venv-stock-{sys.version_info[0]}.{sys.version_info[1]}"


def python(itsdangerous: str) -> str:
    return sys.executable if itsdangerous == "2.2" else _as_released()


@cache
def _as_released() -> str:
    """The environment's Python; made anew when the lock file has changed."""
    stamp = PLACE / "locked.txt"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        shutil.rmtree(PLACE, ignore_errors=True)
        venv.create(PLACE, with_pip=True)
        _pip("install", "--quiet", "--no-deps", "--require-hashes", f"--requirement={LOCK}")
        stamp.write_text(LOCK.read_text())
    return str(PLACE / "bin" / "python")


def _pip(*arguments: str) -> None:
    pip = [str(PLACE / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    process.run([*pip, *arguments], os.environ)
