from __future__ import annotations

import pytest
from django.test import Client

from tests.sites import environment

environment.provide("client_a")

from django.contrib.auth.models import User  # noqa: E402

from client_a.notes.models import Note  # noqa: E402

HOST = {"host": "app-a.localhost:8080"}


@pytest.fixture
def stranger(db: None) -> Client:
    """A browser at Notes with nobody signed in."""
    return Client(headers=HOST)


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", first_name="Alice", last_name="Archer")


@pytest.fixture
def alices(alice: User) -> Client:
    """Alice's browser, signed in."""
    browser = Client(headers=HOST)
    browser.force_login(alice)
    return browser


@pytest.fixture
def bobs(db: None) -> Client:
    """Bob's browser, signed in."""
    browser = Client(headers=HOST)
    browser.force_login(User.objects.create_user("bob"))
    return browser


@pytest.fixture
def note(alice: User) -> Note:
    return Note.objects.create(owner=alice, title="Bread", body="500 g flour")
