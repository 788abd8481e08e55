"""The log says who signed in and out, from where, and what became of accounts; never a password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from server_site.people.hashers import OwaspArgon2Hasher
from server_site.people.models import Person
from tests.sites.browsers import at_the_site

from .actions import PASSWORD, log_in
from .test_email import change

FROM = {"x-forwarded-for": "192.0.2.7"}
NEW = {"oldpassword": PASSWORD, "password1": "a-new-one-42", "password2": "a-new-one-42"}


class Log:
    """What was logged of people, as (event, fields)."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog = caplog

    def lines(self) -> list[tuple[str, dict[str, Any]]]:
        names = ("person", "address", "by")
        return [
            (record.message, {name: vars(record)[name] for name in names if name in vars(record)})
            for record in self.caplog.records
            if record.name.startswith("server_site.people")
        ]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[Log]:
    caplog.set_level("INFO", "server_site")
    cache_of_attempts()
    yield Log(caplog)
    assert PASSWORD not in str([vars(record) for record in caplog.records])


def cache_of_attempts() -> None:
    call_command("createcachetable", verbosity=0)
    cache.clear()


@pytest.fixture
def admins(alice: Person) -> Client:
    return at_the_site(Person.objects.create_superuser("root"), **FROM)


def test_a_log_in_and_a_log_out_are_logged_with_who_and_where(
    visitor: Client, alice: Person, log: Log
) -> None:
    log.caplog.clear()
    log_in(visitor, headers=FROM)
    visitor.post("/accounts/logout/", headers=FROM)

    alice_there = {"person": "alice", "address": "192.0.2.7"}
    assert log.lines() == [("signed in", alice_there), ("signed out", alice_there)]


def test_a_stranger_who_signs_out_leaves_no_line(visitor: Client, log: Log) -> None:
    visitor.post("/accounts/logout/", headers=FROM)

    assert not log.lines()


def test_a_password_change_is_logged(alice_signed_in: Client, log: Log) -> None:
    log.caplog.clear()
    alice_signed_in.post("/accounts/password/change/", NEW, headers=FROM)

    assert log.lines() == [("password changed", {"person": "alice", "address": "192.0.2.7"})]
    assert "a-new-one-42" not in str([vars(record) for record in log.caplog.records])


def test_a_refused_password_change_is_not(alice_signed_in: Client, log: Log) -> None:
    log.caplog.clear()
    alice_signed_in.post("/accounts/password/change/", NEW | {"oldpassword": "wrong"})

    assert "password changed" not in dict(log.lines())


def test_a_stronger_hash_of_the_same_password_is_no_change(
    visitor: Client, alice: Person, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OwaspArgon2Hasher, "time_cost", 3)
    before = alice.password
    log.caplog.clear()

    log_in(visitor)

    alice.refresh_from_db()
    assert alice.password != before
    assert [event for event, _ in log.lines()] == ["signed in"]


@pytest.mark.parametrize(
    ("field", "value", "event"),
    [
        ("email", "alice@home.example", "e-mail address changed"),
        ("username", "alix", "user name changed"),
        ("email_verified", "on", "verified e-mail address changed"),
        ("is_active", "", "account activated or deactivated"),
        ("is_staff", "on", "staff status changed"),
        ("is_superuser", "on", "superuser status changed"),
    ],
)
def test_what_an_administrator_changes_is_logged_with_who_did_it(
    admins: Client, alice: Person, log: Log, field: str, value: str, event: str
) -> None:
    log.caplog.clear()
    change(admins, alice, **{field: value})

    by_root = {"person": alice.username, "address": "192.0.2.7", "by": "root"}
    assert log.lines() == [(event, by_root)]
    assert LogEntry.objects.filter(object_id=str(alice.pk)).count() == 1


def test_a_changed_name_is_nobodys_business(admins: Client, alice: Person, log: Log) -> None:
    log.caplog.clear()
    change(admins, alice, first_name="Alix")

    assert not log.lines()


def test_groups_that_an_administrator_gives_are_in_the_history(
    admins: Client, alice: Person
) -> None:
    change(admins, alice, groups=[Group.objects.create(name="agents").pk])

    assert alice.groups.get().name == "agents"
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.get_change_message()) == ("root", "Changed Groups.")


def test_a_password_that_an_administrator_sets_is_logged_with_who_did_it(
    admins: Client, alice: Person, log: Log
) -> None:
    log.caplog.clear()
    form = {"password1": "set-by-root-42", "password2": "set-by-root-42"}
    admins.post(f"/admin/people/person/{alice.pk}/password/", form)

    by_root = {"person": "alice", "address": "192.0.2.7", "by": "root"}
    assert log.lines() == [("password changed", by_root)]


def test_people_whom_an_administrator_deletes_are_logged_each(
    admins: Client, alice: Person, log: Log
) -> None:
    bob = Person.objects.create_user("bob")
    log.caplog.clear()
    form = {"action": "delete_selected", "_selected_action": [alice.pk, bob.pk], "post": "yes"}

    admins.post("/admin/people/person/", form)

    gone = {details["person"]: details["by"] for _, details in log.lines()}
    assert gone == {"alice": "root", "bob": "root"}
    assert not Person.objects.filter(username__in=["alice", "bob"]).exists()


@pytest.mark.django_db
def test_a_change_without_a_browser_is_logged_without_an_address(alice: Person, log: Log) -> None:
    log.caplog.clear()
    alice.email = "other@lab.example"
    alice.save()

    assert log.lines() == [("e-mail address changed", {"person": "alice"})]


@pytest.mark.parametrize("typed", ["alice", "ALICE", " alice "])
def test_a_lock_out_names_the_account(
    visitor: Client, alice: Person, log: Log, settings: Settings, typed: str
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "1/5m/key"}
    log.caplog.clear()
    log_in(visitor, typed, "wrong", headers=FROM)
    log_in(visitor, typed, "wrong", headers=FROM)

    tried = {"person": "alice", "address": "192.0.2.7"}
    assert log.lines() == [("log-in failed", tried), ("log-in refused: too many failures", tried)]


def test_what_is_no_name_is_never_logged(visitor: Client, log: Log, settings: Settings) -> None:
    """It may be a password that was typed into the wrong field."""
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "1/5m/key"}
    log_in(visitor, PASSWORD, "wrong", headers=FROM)
    log_in(visitor, PASSWORD, "wrong", headers=FROM)

    assert [details for _, details in log.lines()] == [{"address": "192.0.2.7"}] * 2


def test_a_deactivated_person_with_the_right_password_is_logged(
    visitor: Client, dave: Person, log: Log
) -> None:
    log.caplog.clear()
    log_in(visitor, "dave", headers=FROM)

    refused = {"person": "dave", "address": "192.0.2.7"}
    assert log.lines() == [("log-in refused: account deactivated", refused)]


def test_a_log_in_pays_no_statement_for_it(alice: Person, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        alice.save(update_fields=["last_login"])
