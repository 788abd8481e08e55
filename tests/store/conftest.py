from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from lab.machine import system
from tests.store import postgres

# Each kind of project is a process of its own: test_every_project.py starts them.
ONE_PROJECT = os.environ.get("DJANGO_SETTINGS_MODULE") == "tests.store.project.settings"
collect_ignore = [] if ONE_PROJECT else ["project"]
REQUIRED = os.environ.get("POSTGRES") == "required"  # as CI says


@pytest.fixture(scope="session")
def a_postgres() -> Iterator[dict[str, str]]:
    """A PostgreSQL for as long as the tests run: what to have in the environment for it."""
    try:
        if find_spec("psycopg") is None:
            raise postgres.NoPostgres("psycopg is missing: make test installs it")
        if REQUIRED and not postgres.is_here():
            system.install("postgresql", "PostgreSQL", "brew install postgresql")
        with postgres.running() as variables:
            yield variables
    except postgres.NoPostgres as reason:
        if REQUIRED:
            raise
        pytest.skip(str(reason))
