from __future__ import annotations

import pytest
from django.test import Client

from tests.sites import environment
from tests.sites.browsers import at_the_site

environment.provide("client_a")

from django.contrib.auth.models import User

from client_a.notes.models import Note


@pytest.fixture
def stranger(db: None) -> Client:
    """A browser at Notes with nobody signed in."""
    return at_the_site()


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", first_name="Alice", last_name="Archer")


@pytest.fixture
def alices(alice: User) -> Client:
    """Alice's browser, signed in."""
    return at_the_site(alice)


@pytest.fixture
def bobs(db: None) -> Client:
    """Bob's browser, signed in."""
    return at_the_site(User.objects.create_user("bob"))


@pytest.fixture
def note(alice: User) -> Note:
    return Note.objects.create(owner=alice, title="Bread", body="500 g flour")


@pytest.fixture
def list_page() -> str:
    return "/notes/"


@pytest.fixture
def form_page() -> str:
    return "/notes/new/"
