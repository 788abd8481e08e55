"""Server and client in one project: the back channel is a call, not a request to itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test.utils import override_script_prefix

from sso_kit.client import Client
from sso_kit.client.handshake import HandShake, Secret
from sso_kit.client.installed import current_client
from sso_kit.client.under_way import under_way
from sso_kit.keys import new_nonce, random_token
from sso_kit.server.models import ConsumerPolicy
from tests.kit import urls, urls_loopback
from tests.kit.consumers import person, register
from tests.kit.journeys import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kit.urls_loopback")]
ONE = "http://sso.test"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*_: Any) -> None:
        raise AssertionError("a request to itself: with one worker it never returns")

    monkeypatch.setattr(urls_loopback.client.back_channel, "post", call)
    monkeypatch.setattr("sso_kit.client.back_channel.channel.BackChannel._route", call)


@pytest.fixture
def alices() -> Browser:
    register(origins=[ONE])
    browser = Browser()
    browser.sign_in_at_the_server(person("alice"))
    return browser


def test_the_whole_hand_shake_needs_no_request_to_itself(alices: Browser) -> None:
    session = alices.at("sso.test").session
    finish = alices.walk_until(f"{ONE}/sso/?next=/in/", "/sso/authenticate/")

    assert alices.get(finish).content.decode() == "only for alice"
    assert session.session_key


def test_the_person_is_the_servers_own_account(alices: Browser) -> None:
    alices.get(f"{ONE}/sso/?next=/in/")

    assert User.objects.get().username == "alice"
    assert User.objects.get().check_password("password")


def test_the_messages_are_checked_all_the_same(
    alices: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urls_loopback.client.consumer, "keys", ["another key" * 5])

    page = alices.get(f"{ONE}/sso/?next=/in/")

    assert page.status_code == 400
    assert "signature" in page.content.decode()


def test_an_unregistered_origin_is_refused_here_too(alices: Browser) -> None:
    ConsumerPolicy.objects.update(origins=["http://elsewhere.test"])

    assert alices.get(f"{ONE}/sso/").status_code == 400


@pytest.mark.parametrize(
    ("server_url", "base_url", "serves"),
    [
        (f"{ONE}/server/", ONE, True),
        (f"{ONE}/server", ONE, True),
        (f"{ONE}/server/", None, True),
        (f"{ONE}/elsewhere/", ONE, False),
        ("http://other.test/server/", ONE, False),
        ("https://sso.test/server/", ONE, False),
        (f"{ONE}:81/server/", ONE, False),
    ],
)
def test_it_is_used_for_this_very_server_only(
    server_url: str, base_url: str | None, serves: bool
) -> None:
    client = Client(server_url, urls.PUBLIC_KEY, urls.PRIVATE_KEY, base_url=base_url)

    assert client.loopback.serves is serves


@pytest.mark.urls("tests.kit.urls_client_only")
def test_a_client_alone_never_uses_it() -> None:
    assert not Client(urls.SERVER_URL, urls.PUBLIC_KEY, urls.PRIVATE_KEY).loopback.serves


@pytest.fixture
def under_a_prefix() -> Iterator[None]:
    """Where the site is mounted below a path: WSGI's ``SCRIPT_NAME``."""
    with override_script_prefix("/portal/"):
        yield


def test_under_a_prefix_the_projects_client_is_found(under_a_prefix: None) -> None:
    assert current_client() is urls_loopback.client


def test_under_a_prefix_it_is_this_very_server_too(under_a_prefix: None) -> None:
    keys = urls.PUBLIC_KEY, urls.PRIVATE_KEY
    client = Client(f"{ONE}/portal/server/", *keys, base_url=ONE)

    assert client.loopback.serves
    assert client.authenticate_path == "/portal/sso/authenticate/"
    assert not Client(f"{ONE}/server/", *keys, base_url=ONE).loopback.serves


def test_under_a_prefix_a_question_gets_its_answer(under_a_prefix: None) -> None:
    register(origins=[ONE])
    client = Client(f"{ONE}/portal/server/", urls.PUBLIC_KEY, urls.PRIVATE_KEY, base_url=ONE)
    handshake = HandShake(Secret(random_token()), new_nonce(), "/")

    with under_way(handshake):
        assert client.get_request_token(f"{ONE}/portal/sso/authenticate/")


def test_a_prefix_that_was_there_once_is_not_kept(alices: Browser) -> None:
    with override_script_prefix("/portal/"):
        assert urls_loopback.client.authenticate_path == "/portal/sso/authenticate/"

    assert urls_loopback.client.authenticate_path == "/sso/authenticate/"
