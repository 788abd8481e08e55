from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from lab import table
from server_site.people.models import Person

pytestmark = pytest.mark.django_db


def test_everybody_in_the_table_can_log_in_or_is_deactivated() -> None:
    call_command("provision")

    for demo in table.load().people:
        person = Person.objects.get(username=demo.username)
        assert person.check_password(demo.password)
        assert person.is_active == demo.active
        assert person.is_superuser == demo.superuser
        assert {group.name for group in person.groups.all()} == set(demo.groups)


def test_every_client_in_the_table_is_registered_with_its_keys_and_policy(
    settings: Settings,
) -> None:
    call_command("provision")

    for client in table.load().clients:
        consumer = Consumer.objects.get(name=client.title)
        keys = consumer.public_key, consumer.private_key
        assert keys == settings.CONSUMER_KEYS[client.name]
        assert consumer.policy.origins == [client.url(settings.LAB_PORT)]
        assert tuple(consumer.policy.granted) == client.granted
        groups = consumer.policy.required_groups.values_list("name", flat=True)
        assert tuple(groups) == client.required_groups


def test_repeating_it_changes_nothing() -> None:
    call_command("provision")
    before = list(Person.objects.order_by("pk").values()), list(Consumer.objects.values())

    call_command("provision")

    after = list(Person.objects.order_by("pk").values()), list(Consumer.objects.values())
    assert before == after


def test_what_people_changed_since_is_left_alone() -> None:
    call_command("provision")
    bob = Person.objects.get(username="bob")
    bob.set_password("changed-by-bob-42")
    bob.email = "bob@home.example"
    bob.save()
    bob.groups.clear()

    call_command("provision")

    bob.refresh_from_db()
    assert bob.check_password("changed-by-bob-42")
    assert bob.email == "bob@home.example"
    assert not bob.groups.exists()


def test_outside_lab_mode_there_are_no_people_with_known_passwords(
    settings: Settings,
) -> None:
    settings.LAB_MODE = False

    call_command("provision")

    assert not Person.objects.exists()
    assert Consumer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_passwords_are_hashed_while_others_can_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from server_site.people.management.commands import provision

    blocked: list[bool] = []

    def watch(password: str) -> str:
        blocked.append(connection.in_atomic_block)
        return make_password(password)

    monkeypatch.setattr(provision, "make_password", watch)
    call_command("provision")

    assert blocked == [False] * len(table.load().people)


def test_the_models_have_their_migrations() -> None:
    call_command("makemigrations", "people", check=True, dry_run=True)
