"""`provision --diff` and `--restore`: the way to change what was made before."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from server_site.people.models import Person
from sso_kit.keys import fingerprint
from sso_kit.server.models import ConsumerPolicy, RetiredKey
from sso_kit.server.rotation import rotate
from tests.sites.server_site.test_provision import everything

AS_LISTED = "Everything is as lab.toml says.\n"


@pytest.fixture(autouse=True)
def provisioned(db: None) -> None:
    call_command("provision")


def provision(option: str) -> str:
    said = StringIO()
    call_command("provision", option, stdout=said)
    return said.getvalue()


def test_a_fresh_lab_is_as_the_table_says() -> None:
    assert provision("--diff") == AS_LISTED
    assert provision("--restore") == AS_LISTED


def test_what_differs_is_named_and_left_alone() -> None:
    change_much()
    before = everything()

    said = provision("--diff").splitlines()

    assert said == [
        "consumer Notes is missing",
        "consumer Helpdesk: name is Service desk; lab.toml says Helpdesk",
        "consumer Helpdesk: origins is none; "
        "lab.toml says http://app-b.localhost:8080/sso/authenticate/",
        "consumer Helpdesk: granted is date_joined, groups; "
        "lab.toml says department, groups, phone",
        "consumer Helpdesk: required groups is none; lab.toml says helpdesk-users",
        "consumer Helpdesk: takes stock messages is yes; lab.toml says no",
        "person alice: groups is agents; lab.toml says agents, helpdesk-users",
        "person bob: email is bob@home.example; lab.toml says bob@lab.example",
        "person bob: is active is no; lab.toml says yes",
        "person bob: groups is none; lab.toml says helpdesk-users",
        "person carol is missing",
        "person dave: is superuser is yes; lab.toml says no",
        "person dave: groups is none; lab.toml says helpdesk-users",
        "person admin: groups is agents; lab.toml says agents, helpdesk-users",
    ]
    assert everything() == before


def change_much() -> None:
    Consumer.objects.filter(name="Notes").delete()
    policy = ConsumerPolicy.objects.filter(consumer__name="Helpdesk")
    policy.update(origins=[], granted=["groups", "date_joined"], legacy=True)
    Consumer.objects.filter(name="Helpdesk").update(name="Service desk")
    Group.objects.get(name="helpdesk-users").delete()
    Person.objects.filter(username="carol").update(username="caroline")
    Person.objects.filter(username="bob").update(email="bob@home.example", is_active=False)
    Person.objects.filter(username="dave").update(is_superuser=True)


def test_restoring_brings_everything_back_and_says_so() -> None:
    change_much()
    differences = provision("--diff").splitlines()

    said = provision("--restore").splitlines()

    assert said == [f"restored: {line}" for line in differences]
    assert provision("--diff") == AS_LISTED
    assert Person.objects.get(username="carol").check_password("carol-in-the-lab")
    assert Person.objects.filter(username="caroline").exists()


def test_who_is_deleted_and_brought_back_is_the_same_to_the_apps() -> None:
    """With another subject their accounts there would be somebody else's."""
    before = Person.objects.get(username="carol").subject
    Person.objects.filter(username="carol").delete()

    provision("--restore")

    assert Person.objects.get(username="carol").subject == before


def test_what_cannot_be_restored_keeps_nothing_else_back() -> None:
    Consumer.objects.filter(name="Notes").update(name="Old notes")
    Consumer.objects.create(name="Notes")
    Person.objects.filter(username="carol").delete()

    with pytest.raises(CommandError, match="Not restored:\nconsumer Notes"):
        provision("--restore")

    assert Person.objects.filter(username="carol").exists()


def test_restoring_leaves_passwords_alone() -> None:
    bob = Person.objects.get(username="bob")
    bob.set_password("changed-by-bob-42")
    bob.first_name = "Robert"
    bob.save()

    provision("--restore")

    bob.refresh_from_db()
    assert bob.first_name == "Bob"
    assert bob.check_password("changed-by-bob-42")


def test_keys_are_named_by_fingerprint_only(settings: Settings) -> None:
    private_key = settings.CONSUMER_KEYS["client-a"][1]
    new = rotate(Consumer.objects.get(name="Notes"))

    said = provision("--diff") + provision("--restore")

    assert f"is {fingerprint(new)}; lab.toml says {fingerprint(private_key)}" in said
    assert new not in said
    assert private_key not in said
    assert Consumer.objects.get(name="Notes").private_key == private_key
    assert not RetiredKey.objects.exists()


def test_a_clash_of_names_is_explained_and_changes_nothing() -> None:
    Consumer.objects.filter(name="Notes").update(name="Old notes")
    Consumer.objects.create(name="Notes")

    with pytest.raises(CommandError, match="consumer Notes: Consumer with this Name already"):
        provision("--restore")

    assert Consumer.objects.filter(name="Old notes").exists()


def test_outside_lab_mode_nobody_is_missed_or_made(settings: Settings) -> None:
    settings.LAB_MODE = False
    Person.objects.all().delete()

    assert provision("--diff") == AS_LISTED
    provision("--restore")

    assert not Person.objects.exists()


def test_a_start_says_that_something_differs_and_how_to_see_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Person.objects.filter(username="bob").delete()
    caplog.set_level("INFO", "server_site")

    call_command("provision")

    (record,) = [record for record in caplog.records if "lab.toml" in record.message]
    assert record.levelname == "INFO"
    assert vars(record)["rows"] == ["person bob"]
    assert "provision --diff" in record.message


def test_a_start_of_a_fresh_lab_has_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "server_site")

    call_command("provision")

    assert not caplog.records


def test_a_start_warns_of_a_key_that_is_not_the_apps(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CONSUMER_KEYS = {**settings.CONSUMER_KEYS, "client-b": ("p" * 64, "k" * 64)}

    call_command("provision")

    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "sign-in is refused" in record.message
    assert vars(record)["consumer"] == "Helpdesk"
    assert "k" * 64 not in str(vars(record))


def test_restoring_is_logged_with_who_did_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LOGNAME", "olga")
    Person.objects.filter(username="bob").delete()

    provision("--restore")

    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert vars(record)["by"] == "olga (command line)"
    assert vars(record)["changes"] == ["person bob is missing"]
