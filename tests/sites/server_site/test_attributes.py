"""What more is said of people: of whom, and to which app, is up to the administrators."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from simple_sso.sso_server.models import Consumer

from server_site.people.models import Attribute, AttributeValue, Person
from server_site.people.server import sso
from sso_kit.server.models import ConsumerPolicy
from sso_kit.server.policy import find_policy
from tests.sites.browsers import at_the_site

from .actions import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def department(db: None) -> Attribute:
    return Attribute.objects.create(name="department", label="Department", choices="Support\nSales")


@pytest.fixture
def alices(alice: Person, department: Attribute) -> Person:
    AttributeValue.objects.create(person=alice, attribute=department, value="Support")
    return alice


def told(person: Person, granted: list[str], asked: list[str]) -> dict[str, Any]:
    made = Consumer.objects.create(name="App", public_key="a" * 43, private_key="k" * 50)
    ConsumerPolicy.objects.create(consumer=made, granted=granted)
    policy = find_policy(pk=made.pk)
    assert policy is not None
    policy.consumer.policy = policy
    said: dict[str, Any] = sso.get_user_data(person, policy.consumer, asked)
    return dict(said.get("extra_data", {}))


def test_an_app_that_asks_and_is_granted_it_is_told(alices: Person) -> None:
    assert told(alices, ["department"], ["department"]) == {"department": "Support"}


@pytest.mark.parametrize(
    ("granted", "asked"), [([], ["department"]), (["phone"], ["department"]), (["department"], [])]
)
def test_another_is_not(alices: Person, granted: list[str], asked: list[str]) -> None:
    assert told(alices, granted, asked) == {}


def test_what_nobody_has_said_is_left_out(alice: Person, department: Attribute) -> None:
    assert told(alice, ["department"], ["department"]) == {}


@pytest.mark.parametrize(
    "name", ["groups", "is_superuser", "has_perm", "pk", "Department", "tele-phone", "_x", "save"]
)
def test_a_name_that_would_be_something_else_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Attribute(name=name, label="x").full_clean()


def test_only_its_choices_will_do(alice: Person, department: Attribute) -> None:
    with pytest.raises(ValidationError, match="Support, Sales"):
        AttributeValue(person=alice, attribute=department, value="Nowhere").full_clean()


def test_people_see_what_is_said_of_them(alices: Person) -> None:
    page = text(at_the_site(alices).get("/profile/"))

    assert "Department" in page
    assert "Support" in page


def test_an_administrator_edits_them_with_the_person(alices: Person) -> None:
    admins: Client = at_the_site(Person.objects.create_superuser("root"))

    page = text(admins.get(f"/admin/people/person/{alices.pk}/change/"))

    assert 'value="Support"' in page
