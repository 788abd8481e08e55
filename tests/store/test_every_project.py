"""The store beside the ORM, for each kind of project: a process each, as each is one project."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lab.table import ROOT

PROJECTS = [
    pytest.param("auth.User", "1", id="user-names"),
    pytest.param("auth.User", "0", id="no-time-zones"),
    pytest.param("members.Member", "1", id="uuid-and-address"),
    pytest.param("guests.Guest", "0", id="no-groups"),
    pytest.param("managers.Manager", "1", id="three-tables"),
]
# Of tests/kit: what writes, and by several at once.
OF_THE_KIT = [
    f"tests/kit/test_{name}.py"
    for name in (
        *("known_servers", "waiting", "accounts_admin", "accounts_command", "identity"),
        *("identity_command", "identity_adoption", "identity_data", "identity_migration"),
        *("handshake", "authenticate", "authorize", "grants", "rotation", "server_migrations"),
        *("single_log_out", "session_stores", "prompts", "time_outs", "linking"),
    )
]
each_project = pytest.mark.parametrize(("user_model", "use_tz"), PROJECTS)


@each_project
def test_the_store_does_what_the_orm_does_on_sqlite(user_model: str, use_tz: str) -> None:
    compare(STORE_USER_MODEL=user_model, STORE_USE_TZ=use_tz)


@each_project
def test_the_store_does_what_the_orm_does_on_postgresql(
    a_postgres: dict[str, str], user_model: str, use_tz: str
) -> None:
    compare(STORE_USER_MODEL=user_model, STORE_USE_TZ=use_tz, **a_postgres)


def test_accounts_and_hand_shakes_are_the_same_on_postgresql(a_postgres: dict[str, str]) -> None:
    """Where a transaction that has failed answers nothing, and two at once see each other late."""
    run("tests.kit.settings", *OF_THE_KIT, **a_postgres)


def compare(**variables: str) -> None:
    run("tests.store.project.settings", "--nomigrations", "tests/store/project", **variables)


def run(settings: str, *chosen: str, **variables: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings, **variables},
    )

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
