"""All of the matrix of log-outs, and a thousand of them beside an app that hangs.

What ``tests/kit/test_matrix.py`` and ``tests/kit/test_many_log_outs.py`` have a part of; run by
``make soak``.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lab.table import ROOT


@pytest.mark.parametrize("what", ["test_matrix.py", "test_many_log_outs.py"])
def test_all_of_it(what: str) -> None:
    command = [sys.executable, "-m", "pytest", f"tests/kit/{what}", "-q", "-p", "no:randomly"]

    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"MATRIX": "all"}, check=False)

    assert done.returncode == 0
