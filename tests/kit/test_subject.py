"""What the server says of a person: the subject, the profile, and no rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from simple_sso.sso_server.models import Consumer

from tests.kit.consumers import person
from tests.kit.urls import server

pytestmark = pytest.mark.django_db


def test_the_subject_is_the_primary_key_where_the_model_has_none(alice: User) -> None:
    assert server.get_subject(alice) == str(alice.pk)


def test_or_what_the_model_says_is_the_subject(alice: Any) -> None:
    alice.subject = "s-1"

    assert server.get_subject(alice) == "s-1"


def test_an_empty_subject_is_none(alice: Any) -> None:
    alice.subject = ""

    assert server.get_subject(alice) == str(alice.pk)


def test_a_new_name_is_no_new_subject(alice: User) -> None:
    before = server.get_subject(alice)
    alice.username = "alice-smith"
    alice.save()

    assert server.get_subject(User.objects.get()) == before


def said_of(user: User, app: Consumer) -> dict[str, Any]:
    return server.get_user_data(user, app)


def test_the_profile_is_as_it_is_now(app: Consumer) -> None:
    alice = person("alice", first_name="Alice", last_name="Archer")
    alice.email = "new@people.test"

    said = said_of(alice, app)

    names = ("username", "email", "first_name", "last_name")
    assert [said[name] for name in names] == ["sso.alice", "new@people.test", "Alice", "Archer"]


def test_rights_are_never_told(app: Consumer) -> None:
    said = said_of(person("root", is_staff=True, is_superuser=True), app)

    assert (said["is_staff"], said["is_superuser"], said["is_active"]) == (False, False, True)
