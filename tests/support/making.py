"""make as people use it, without what it would install first."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys

import pytest

from lab.table import ROOT

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
ECHO = f"lab={sys.executable} -c 'import os; print(os.environ[\"ARGS\"])'"
# Where the stamp is missing, or older than its list, make would install packages: into the
# environment under test. -o has it leave the stamp as it is, there or not.
INSTALLS_NOTHING = ("--no-print-directory", "-s", "-o", ".venv/lab.stamp")


def arguments_of(command: str) -> str:
    """What the lab is given as ARGS when somebody pastes ``command``, without a lab."""
    said = subprocess.run(
        f"{command} {shlex.join([*INSTALLS_NOTHING, ECHO])}",
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.removesuffix("\n")
