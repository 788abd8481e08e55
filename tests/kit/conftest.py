from __future__ import annotations

import os

import pytest

SETTINGS = "DJANGO_SETTINGS_MODULE"
OURS = ("tests.kit.settings", "tests.kit.settings_custom_user")
if os.environ.setdefault(SETTINGS, OURS[0]) not in OURS:
    raise pytest.UsageError(
        f"One project a run: {os.environ[SETTINGS]} is chosen, so leave the kit's tests out."
    )
CUSTOM_USER = os.environ[SETTINGS] == OURS[1]
collect_ignore = [] if CUSTOM_USER else ["custom_user"]

import django

django.setup()

from django.contrib.auth.models import User
from simple_sso.sso_server.models import Consumer

from sso_kit.server.issuer import read_again
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import person, register
from tests.kit.journeys import Browser, InProcess
from tests.kit.log_outs import Wire, lay


@pytest.fixture(autouse=True)
def as_a_process_that_has_just_begun() -> None:
    """What is remembered of a database goes with it."""
    read_again()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The one clock that signatures, tokens and rotations go by; ``clock.advance(seconds)``."""
    clock = Clock()
    clock.rule(monkeypatch)
    return clock


@pytest.fixture
def app(db: None) -> Consumer:
    """The app of ``tests.kit.urls``, registered."""
    return register()


@pytest.fixture
def back_channel(monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """The app's back channel, without a network."""
    channel = InProcess(urls.PUBLIC_KEY)
    monkeypatch.setattr(urls.client, "back_channel", channel)
    return channel


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """The server's calls to the app, without a network."""
    return lay(monkeypatch)


@pytest.fixture
def alice(db: None) -> User:
    alice: User = person("alice", first_name="Alice")
    return alice


@pytest.fixture
def alices(alice: User) -> Browser:
    """Alice's browser; she is signed in at the server."""
    alices = Browser()
    alices.sign_in_at_the_server(alice)
    return alices
