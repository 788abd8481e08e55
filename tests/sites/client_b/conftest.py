from __future__ import annotations

import pytest
from django.test import Client

from tests.sites import environment
from tests.sites.browsers import at_the_site

environment.provide("client_b")

from django.contrib.auth.models import Group, User

from client_b.tickets.models import Author, Ticket


@pytest.fixture
def stranger(db: None) -> Client:
    """A browser at Helpdesk with nobody signed in."""
    return at_the_site()


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", first_name="Bob", last_name="Baker")


@pytest.fixture
def bobs(bob: User) -> Client:
    """The browser of Bob, who is no agent."""
    return at_the_site(bob)


@pytest.fixture
def agents(db: None) -> Client:
    """The browser of Alice, an agent."""
    alice = User.objects.create_user("alice", first_name="Alice", last_name="Archer")
    alice.groups.add(Group.objects.create(name="agents"))
    return at_the_site(alice)


@pytest.fixture
def carols(db: None) -> Client:
    """The browser of Carol, who is no agent and has no ticket."""
    return at_the_site(User.objects.create_user("carol"))


@pytest.fixture
def ticket(bob: User) -> Ticket:
    return Ticket.objects.create(
        reporter=Author.of(bob), subject="Printer", description="It squeaks"
    )


@pytest.fixture
def list_page() -> str:
    return "/tickets/"


@pytest.fixture
def form_page() -> str:
    return "/tickets/new/"
