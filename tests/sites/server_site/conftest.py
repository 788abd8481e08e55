from __future__ import annotations

import pytest
from django.test import Client

from tests.sites import environment
from tests.sites.browsers import at_the_site
from tests.sites.server_site.actions import PASSWORD

environment.provide("server_site")

from server_site.people.models import Person


@pytest.fixture
def visitor(db: None) -> Client:
    """A browser that keeps cookies, at the identity server's address."""
    return at_the_site()


@pytest.fixture
def alice(db: None) -> Person:
    return Person.objects.create_user(
        "alice", "alice@lab.example", PASSWORD, first_name="Alice", last_name="Archer"
    )


@pytest.fixture
def dave(alice: Person) -> Person:
    """Deactivated."""
    alice.username, alice.is_active = "dave", False
    alice.save()
    return alice


@pytest.fixture
def alice_signed_in(visitor: Client, alice: Person) -> Client:
    visitor.force_login(alice)
    return visitor
