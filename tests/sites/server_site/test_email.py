"""Whose e-mail address is known to be theirs: administrators say so, and only for that address."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from lab import table
from server_site.people.models import Person

from .actions import text


@pytest.fixture
def admins(visitor: Client) -> Client:
    visitor.force_login(Person.objects.create_superuser("root"))
    return visitor


def change(admins: Client, person: Person, **fields: str | list[int]) -> None:
    """Send the administration's form as it is, but for these fields; "" unticks a box."""
    address = f"/admin/people/person/{person.pk}/change/"
    page = admins.get(address)
    form = page.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields if name != "password"}
    sent |= {"date_joined_0": "2026-01-01", "date_joined_1": "12:00", **fields}
    answer = admins.post(address, {name: value for name, value in sent.items() if value})
    assert answer.status_code == 302
    person.refresh_from_db()


def test_an_address_is_not_verified_by_itself(alice: Person) -> None:
    assert not alice.email_verified


def test_an_administrator_verifies_it(admins: Client, alice: Person) -> None:
    change(admins, alice, email_verified="on")
    assert alice.email_verified

    change(admins, alice, first_name="Alix")
    assert (alice.first_name, alice.email_verified) == ("Alix", True)

    change(admins, alice, email_verified="")
    assert not alice.email_verified


def test_changing_the_address_unverifies_it(admins: Client, alice: Person) -> None:
    change(admins, alice, email_verified="on")

    change(admins, alice, email="alice@home.example")

    assert alice.email == "alice@home.example"
    assert not alice.email_verified


def test_changing_it_and_then_ticking_the_box_verifies_the_new_one(
    admins: Client, alice: Person
) -> None:
    change(admins, alice, email="alice@home.example", email_verified="on")

    assert alice.email_verified


def test_changing_it_in_code_unverifies_it_too(alice: Person) -> None:
    alice.verified_email = alice.email
    assert alice.email_verified

    alice.email = "other@lab.example"

    assert not alice.email_verified


def test_no_address_is_never_verified(admins: Client, alice: Person) -> None:
    change(admins, alice, email="", email_verified="on")

    assert not alice.email_verified


@pytest.mark.django_db
def test_demo_people_have_verified_addresses() -> None:
    call_command("provision")

    verified = {person.username for person in Person.objects.all() if person.email_verified}
    assert verified == {person.username for person in table.load().people}


@pytest.mark.parametrize("verified", [True, False])
def test_people_see_whether_their_address_is_verified(
    alice_signed_in: Client, alice: Person, verified: bool
) -> None:
    Person.objects.update(verified_email=alice.email if verified else "")

    page = text(alice_signed_in.get("/profile/"))

    assert bool(re.search(r"alice@lab.example\W+<[^>]+>.not verified", page)) != verified


def test_staff_who_may_only_look_see_it_too(visitor: Client, alice: Person) -> None:
    staff = Person.objects.create_user("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_person"))
    visitor.force_login(staff)

    page = visitor.get(f"/admin/people/person/{alice.pk}/change/")

    assert page.status_code == 200
    assert "E-mail address verified" in text(page) or "Email verified" in text(page)
    assert 'name="email_verified"' not in text(page)
