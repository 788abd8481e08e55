"""The subject decides whose a local account is; a name or an address never does."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from sso_kit.client.accounts.accounts import Accounts
from sso_kit.client.models import Identity
from sso_kit.errors import AccessDenied, NameClash
from sso_kit.messages import Person
from tests.kit.at_once import at_once

pytestmark = pytest.mark.django_db
ISSUER = "https://sso.test/sso/"


KEYS = ["the key that the two share"]
NAMES = ("subject", "issuer", "email_verified")  # of a person, beside the profile


def word_of_the_server(**changes: Any) -> Person:
    profile = {
        "username": "alice",
        "email": "alice@people.test",
        "first_name": "Alice",
        "last_name": "Archer",
        "is_staff": True,
        "is_superuser": True,
        "is_active": True,
    }
    said: dict[str, Any] = {"subject": "17"} | changes
    told = {name: value for name, value in said.items() if name not in NAMES}
    return Person(profile | told, **{name: said[name] for name in NAMES if name in said})


def accounts(server_url: str = ISSUER, **options: Any) -> Accounts:
    return Accounts(server_url, KEYS, **options)


def test_the_first_log_in_makes_an_account_without_password_or_rights() -> None:
    user = accounts().account_for(word_of_the_server())

    assert (user.username, user.email, user.first_name) == ("alice", "alice@people.test", "Alice")
    assert not user.has_usable_password()
    assert not user.is_staff
    assert not user.is_superuser


def test_the_second_log_in_finds_the_same_account() -> None:
    first = accounts().account_for(word_of_the_server())

    assert accounts().account_for(word_of_the_server()) == first
    assert User.objects.count() == 1


def test_a_new_name_at_the_server_is_still_the_same_account() -> None:
    first = accounts().account_for(word_of_the_server())

    again = accounts().account_for(word_of_the_server(username="alice-smith", last_name="Smith"))

    assert again == first
    assert (again.username, again.last_name) == ("alice", "Smith")


def test_who_gets_a_freed_name_at_the_server_does_not_get_the_account() -> None:
    accounts().account_for(word_of_the_server())

    with pytest.raises(NameClash):
        accounts().account_for(word_of_the_server(subject="99"))


def test_the_same_subject_of_another_server_is_somebody_else() -> None:
    accounts().account_for(word_of_the_server())

    with pytest.raises(NameClash):
        Accounts("https://other.test/sso/", ["another"]).account_for(word_of_the_server())


def test_a_local_account_of_the_same_name_is_refused_and_untouched() -> None:
    local = User.objects.create_superuser("alice", "root@app.test", "her own password")
    before = User.objects.filter(pk=local.pk).values().get()

    with pytest.raises(NameClash, match="'alice'"):
        accounts().account_for(word_of_the_server())

    assert User.objects.filter(pk=local.pk).values().get() == before
    assert not Identity.objects.exists()


def test_rename_makes_the_account_under_the_next_free_name() -> None:
    for name in ("alice", "alice-2"):
        User.objects.create_user(name, password="local")

    user = accounts(on_name_clash="rename").account_for(word_of_the_server())

    assert user.username == "alice-3"
    assert accounts(on_name_clash="rename").account_for(word_of_the_server()) == user


def test_another_answer_to_a_clash_does_not_exist() -> None:
    with pytest.raises(ValueError, match="refuse"):
        accounts(on_name_clash="take-over")


def test_an_equal_address_is_nobodys_key() -> None:
    local = User.objects.create_user("boss", "alice@people.test", "local")

    assert accounts().account_for(word_of_the_server()) != local


def test_password_and_rights_given_here_stay_through_a_log_in() -> None:
    user = accounts().account_for(word_of_the_server())
    user.set_password("set here")
    user.is_staff = user.is_superuser = True
    user.save()

    accounts().account_for(word_of_the_server(is_staff=False, is_superuser=False, first_name="Al"))

    user.refresh_from_db()
    assert user.check_password("set here")
    assert (user.is_staff, user.is_superuser, user.first_name) == (True, True, "Al")


def test_a_log_in_that_changes_nothing_writes_nothing(django_assert_num_queries: Any) -> None:
    accounts().account_for(word_of_the_server())

    with django_assert_num_queries(1):
        accounts().account_for(word_of_the_server())


def test_a_deactivated_local_account_stays_out() -> None:
    user = accounts().account_for(word_of_the_server())
    user.is_active = False
    user.save()

    with pytest.raises(AccessDenied, match="deactivated"):
        accounts().account_for(word_of_the_server())


def test_an_account_that_nobody_allowed_to_take_over_is_left_alone() -> None:
    User.objects.create_user("alice", last_login=timezone.now())  # as stock makes them

    with pytest.raises(NameClash):
        accounts().account_for(word_of_the_server())


def test_with_the_defence_off_in_lab_mode_a_name_is_taken_over(settings: Settings) -> None:
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["subject-identity"]}
    local = User.objects.create_superuser("alice", "root@app.test", "her own password")

    assert accounts().account_for(word_of_the_server()) == local


@pytest.mark.django_db(transaction=True)
def test_two_first_log_ins_at_once_get_one_account() -> None:
    found = at_once([partial(accounts().account_for, word_of_the_server())] * 4)

    assert found == [User.objects.get()] * 4
