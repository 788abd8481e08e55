"""Which of the tests can be run together."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.table import ROOT
from tests.support import testing


def pytest_configure(config: pytest.Config) -> None:
    """Said before anything is imported that would fail for a reason nobody could guess."""
    chosen = [Path(str(argument).partition("::")[0]).absolute() for argument in config.args]
    projects = [
        project
        for project in testing.projects()
        if any(project.is_relative_to(path) or path.is_relative_to(project) for path in chosen)
    ]
    if len(projects) > 1:
        names = ", ".join(f"pytest {project.relative_to(ROOT)}" for project in projects)
        raise pytest.UsageError(
            f"Django is one project a process. All tests: make test. One folder: {names}."
        )
