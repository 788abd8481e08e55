"""A pytest plugin: what failed first, and whether it was a test or code that doesn't run.

A change that breaks an import, or a name, would make every test fail, and prove nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FILE = "MUTANT_WITNESS"
NOT_RUNNING = (SyntaxError, ImportError, NameError)


def pytest_exception_interact(
    node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]
) -> None:
    file = Path(os.environ[FILE])
    if file.exists() or call.excinfo is None:
        return
    kind = "broken" if issubclass(call.excinfo.type, NOT_RUNNING) else "failed"
    file.write_text(f"{kind} {node.nodeid} ({call.excinfo.typename})")
