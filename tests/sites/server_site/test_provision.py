from __future__ import annotations

import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from lab import table
from server_site.people.models import Person
from sso_kit.keys import fingerprint
from sso_kit.server.directory import may_enter
from sso_kit.server.models import ConsumerPolicy
from sso_kit.server.request_tokens import RequestToken
from tests.sites.browsers import at_the_site

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
        assert consumer.policy.origins == [f"{client.url(settings.LAB_PORT)}/sso/authenticate/"]
        assert tuple(consumer.policy.granted) == client.granted
        groups = consumer.policy.required_groups.values_list("name", flat=True)
        assert tuple(groups) == client.required_groups


def test_repeating_it_changes_nothing() -> None:
    call_command("provision")
    before = everything()

    call_command("provision")

    assert everything() == before


def everything() -> list[list[dict[str, Any]]]:
    through = ConsumerPolicy.required_groups.through, Person.groups.through
    models: tuple[Any, ...] = Person, Consumer, ConsumerPolicy, Group, *through
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_who_is_refused_since_a_group_is_required_stays_refused_after_a_start(
    visitor: Client,
) -> None:
    """All of it over HTTP: the administrator's form, and carol's way to Notes."""
    call_command("provision")
    carols = visitor
    carols.force_login(Person.objects.get(username="carol"))
    assert open_notes(carols).status_code == 302
    require_for_notes("agents")
    assert open_notes(carols).status_code == 403

    call_command("provision")

    assert open_notes(carols).status_code == 403


def open_notes(browser: Client) -> Any:
    """Where a browser is sent by Notes, with a token that Notes just asked for."""
    notes = Consumer.objects.get(name="Notes")
    token = RequestToken(
        notes.pk,
        fingerprint(notes.private_key),
        "http://app-a.localhost:8080/sso/authenticate/",
        "c" * 43,
        passive=False,
        serial=secrets.token_hex(),
    )
    return browser.get("/sso/authorize/", {"token": token.sign()})


def require_for_notes(group: str) -> None:
    admins = at_the_site(Person.objects.get(username="admin"))
    notes = Consumer.objects.get(name="Notes")
    form = {
        "name": "Notes",
        "policy-TOTAL_FORMS": "1",
        "policy-INITIAL_FORMS": "1",
        "policy-0-id": notes.policy.pk,
        "policy-0-consumer": notes.pk,
        "policy-0-origins": json.dumps(notes.policy.origins),
        "policy-0-granted": "[]",
        "policy-0-required_groups": Group.objects.get(name=group).pk,
    }
    answer = admins.post(f"/admin/sso_server/consumer/{notes.pk}/change/", form)
    assert answer.status_code == 302


def test_what_administrators_changed_since_is_left_alone() -> None:
    call_command("provision")
    Consumer.objects.filter(name="Notes").update(private_key="k" * 64, public_key="p" * 64)
    Consumer.objects.filter(name="Helpdesk").update(name="Service desk")
    Group.objects.filter(name="agents").delete()
    ConsumerPolicy.objects.update(origins=["https://moved.example"], granted=["date_joined"])
    Person.objects.filter(username="bob").update(is_active=False, is_staff=True)
    before = everything()

    call_command("provision")

    assert everything() == before


def test_who_and_what_was_deleted_or_renamed_does_not_return() -> None:
    call_command("provision")
    Person.objects.filter(username="admin").delete()
    Person.objects.filter(username="alice").update(username="alix")
    Consumer.objects.filter(name="Notes").delete()

    call_command("provision")

    assert not Person.objects.filter(username__in=["admin", "alice"]).exists()
    assert not Person.objects.filter(is_superuser=True).exists()
    others = {app.title for app in table.load().clients} - {"Notes"}
    assert {consumer.name for consumer in Consumer.objects.all()} == others


def test_a_row_that_is_added_later_is_made_at_the_next_start(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    call_command("provision")
    add_to_the_table(monkeypatch, settings)

    call_command("provision")

    assert Person.objects.get(username="erin").check_password("erin-in-the-lab")
    assert Consumer.objects.get(name="Wiki").policy.origins == ["http://w.test/sso/authenticate/"]


def test_a_row_that_is_added_later_revives_no_deleted_group_but_what_closes_an_app(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Without its group the new app would be open to everybody."""
    call_command("provision")
    Group.objects.all().delete()
    add_to_the_table(monkeypatch, settings)

    call_command("provision")

    assert [group.name for group in Group.objects.all()] == ["agents"]
    assert not Person.objects.filter(groups__name="agents").exclude(username="erin").exists()
    assert not may_enter(
        Consumer.objects.get(name="Wiki").policy, Person.objects.get(username="bob")
    )


def add_to_the_table(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    lab = table.load()
    erin = replace(
        lab.person("bob"), username="erin", password="erin-in-the-lab", groups=("helpdesk-users",)
    )
    wiki = replace(lab.site("client-a"), name="wiki", title="Wiki", required_groups=("agents",))
    longer = replace(lab, people=(*lab.people, erin), sites=(*lab.sites, wiki))
    monkeypatch.setattr(table, "load", lambda: longer)
    settings.CONSUMER_KEYS = {**settings.CONSUMER_KEYS, "wiki": ("w" * 64, "v" * 64)}
    settings.APP_URLS = {**settings.APP_URLS, "wiki": "http://w.test"}


def test_who_has_a_name_of_the_table_already_is_left_alone(alice: Person) -> None:
    call_command("provision")

    alice.refresh_from_db()
    assert not alice.check_password("alice-in-the-lab")
    assert not alice.groups.exists()


def test_the_registered_address_moves_along_with_the_labs_port(settings: Settings) -> None:
    call_command("provision")
    settings.APP_URLS = {name: f"http://{name}.test:8090" for name in settings.APP_URLS}
    ConsumerPolicy.objects.filter(consumer__name="Helpdesk").update(origins=["https://own.test"])

    call_command("provision")

    assert origins_of("Notes") == ["http://client-a.test:8090/sso/authenticate/"]
    assert origins_of("Helpdesk") == ["https://own.test"]


def test_an_address_that_was_taken_away_does_not_move_back(settings: Settings) -> None:
    call_command("provision")
    before = settings.APP_URLS
    ConsumerPolicy.objects.update(origins=[])
    settings.APP_URLS = {name: f"http://{name}.test:8090" for name in before}
    call_command("provision")
    settings.APP_URLS = before

    call_command("provision")

    assert origins_of("Notes") == []


def origins_of(consumer: str) -> list[str]:
    origins: list[str] = ConsumerPolicy.objects.get(consumer__name=consumer).origins
    return origins


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
    from server_site.people import provisioning

    blocked: list[bool] = []

    def watch(password: str) -> str:
        blocked.append(connection.in_atomic_block)
        return make_password(password)

    monkeypatch.setattr(provisioning, "make_password", watch)
    call_command("provision")

    assert blocked == [False] * len(table.load().people)


def test_the_models_have_their_migrations() -> None:
    call_command("makemigrations", "people", check=True, dry_run=True)
