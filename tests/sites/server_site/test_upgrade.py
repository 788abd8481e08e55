"""Data folders from before provisioning kept records: what was deleted there stays deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from lab import table
from server_site.people.models import Person, Provisioned
from sso_kit.server.models import ConsumerPolicy

pytestmark = pytest.mark.django_db(transaction=True)
Models = Callable[[str, str], Any]
# The apps that a folder from before can know. Any other row of the table is new to it.
OF_THEN = {"client-a": "Notes", "client-b": "Helpdesk"}


@pytest.fixture
def before() -> Iterator[Models]:
    """The models as they were."""
    executor = MigrationExecutor(connection)
    executor.migrate([("people", "0001_initial")])
    yield executor.loader.project_state([("people", "0001_initial")]).apps.get_model
    call_command("migrate", verbosity=0)


def test_who_and_what_was_deleted_before_the_upgrade_stays_deleted(before: Models) -> None:
    before("people", "Person").objects.create(username="alice")

    call_command("provision")

    assert [person.username for person in Person.objects.all()] == ["alice"]
    younger = {app.title for app in table.load().clients if app.name not in OF_THEN}
    assert {consumer.name for consumer in Consumer.objects.all()} == younger


def test_an_address_registered_before_the_upgrade_is_known_as_the_labs_own(
    before: Models, settings: Settings
) -> None:
    before("people", "Person").objects.create(username="alice")
    for name, title in OF_THEN.items():
        keys = settings.CONSUMER_KEYS[name]
        consumer = Consumer.objects.create(name=title, public_key=keys[0], private_key=keys[1])
        ConsumerPolicy.objects.create(consumer=consumer, origins=[settings.APP_URLS[name]])

    call_command("provision")

    addresses = [consumer.policy.origins for consumer in Consumer.objects.order_by("pk")]
    assert addresses == [[f"{url}/sso/authenticate/"] for url in settings.APP_URLS.values()]


def test_an_empty_data_folder_gets_everything(before: Models) -> None:
    call_command("migrate", verbosity=0)
    assert not Provisioned.objects.exists()

    call_command("provision")

    assert Person.objects.filter(username="admin", is_superuser=True).exists()
    assert Consumer.objects.count() == len(table.load().clients)
