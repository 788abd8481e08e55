"""Which of the tests can be run together, and that their questions stay on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.table import ROOT
from tests.support import testing

OURS = "127.0.0.1,localhost,.localhost,.test,.invalid"


def pytest_configure(config: pytest.Config) -> None:
    _ask_without_a_proxy()
    _refuse_two_projects(config)


def _ask_without_a_proxy() -> None:
    """Where a developer's own environment names one: the back channel goes by it."""
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    for variable in ("no_proxy", "NO_PROXY"):
        os.environ[variable] = f"{named},{OURS}" if named else OURS


def _refuse_two_projects(config: pytest.Config) -> None:
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
