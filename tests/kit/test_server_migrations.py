"""The server's migrations on what was there before, in whichever database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from lab.table import ROOT

BEFORE, AFTER = "0002_policies_for_consumers", "0003_sessions_and_retired_keys"
MIGRATE_BOTH = """
import django
django.setup()
from django.core.management import call_command
for name in ("default", "other"):
    call_command("migrate", database=name, verbosity=0)
print("both")
"""
Migrate = Callable[[str], Any]


@pytest.fixture
def migrate(transactional_db: None) -> Iterator[Migrate]:
    def go(name: str) -> Any:
        return MigrationExecutor(connection).migrate([("sso_kit_server", name)]).apps

    yield go
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("sso_kit_server"))


def test_keys_groups_and_addresses_keep_their_meaning(migrate: Migrate) -> None:
    old = migrate(BEFORE)
    consumer = old.get_model("sso_server", "Consumer").objects.create(
        name="app", public_key="public", private_key="new"
    )
    policy = old.get_model("sso_kit_server", "ConsumerPolicy").objects.create(
        consumer=consumer,
        origins=["https://app.example/app/?a=1", "https://app.example", "nonsense"],
        previous_private_key="old",
        previous_key_expires=timezone.now() + timedelta(hours=1),
    )
    policy.required_groups.add(old.get_model("auth", "Group").objects.create(name="agents"))

    new = migrate(AFTER)

    kept = new.get_model("sso_kit_server", "ConsumerPolicy").objects.get()
    assert kept.restricted
    assert kept.origins == ["https://app.example", "https://app.example", "nonsense"]
    assert [key.private_key for key in kept.retired_keys.all()] == ["old"]


def test_they_run_in_each_of_two_databases() -> None:
    """Django's test runner migrates every one that there is."""
    result = subprocess.run(
        [sys.executable, "-c", MIGRATE_BOTH],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.kit.settings_two_databases"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stdout.strip()) == (0, "both"), result.stderr
