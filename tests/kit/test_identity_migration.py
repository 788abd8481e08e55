"""Accounts that are there before the kit are nobody's: the migrations record none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = "0002_accounts_made_by_stock", "0003_adoption"
Migrate = Callable[[str | None], Any]


@pytest.fixture
def migrate() -> Iterator[Migrate]:
    """Go to a migration of the client's app; the models as they were then."""

    def go(name: str | None) -> Any:
        executor = MigrationExecutor(connection)
        return executor.migrate([("sso_kit_client", name)]).apps

    yield go
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("sso_kit_client"))


def test_a_project_that_never_ran_stock_keeps_its_accounts_to_itself(migrate: Migrate) -> None:
    """From a directory, or invited: an unusable password says nothing of stock."""
    from django.contrib.auth.models import User

    migrate(None)
    User.objects.create_superuser("root")
    User.objects.create_user("invited")

    apps = migrate(AFTER)

    assert not apps.get_model("sso_kit_client", "Identity").objects.exists()
    assert not apps.get_model("sso_kit_client", "Adoption").objects.exists()


def test_what_the_second_one_used_to_record_is_forgotten_and_real_links_stay(
    migrate: Migrate,
) -> None:
    from django.contrib.auth.models import User

    old = migrate(BEFORE).get_model("sso_kit_client", "Identity")
    recorded, linked = User.objects.create_user("recorded"), User.objects.create_user("linked")
    old.objects.create(user_id=recorded.pk)
    old.objects.create(user_id=linked.pk, issuer="https://sso.test/", subject="17")

    new = migrate(AFTER).get_model("sso_kit_client", "Identity")

    assert list(new.objects.values_list("user_id", "subject")) == [(linked.pk, "17")]
