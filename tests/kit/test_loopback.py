"""Server and client in one project: the back channel is a call, not a request to itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf.urls.i18n import i18n_patterns
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.test.utils import override_script_prefix
from django.urls import include, path
from django.utils.translation import get_language, override
from pytest_django import Settings

from sso_kit.at_hand import serving
from sso_kit.client import Client
from sso_kit.client.decorators import login_required
from sso_kit.client.handshake import HandShake, Secret
from sso_kit.client.installed import current_client
from sso_kit.client.models import AppSession
from sso_kit.client.under_way import under_way
from sso_kit.keys import new_nonce, random_token
from sso_kit.server import Server
from sso_kit.server.models import ConsumerPolicy, SignIn
from sso_kit.server.sessions import PROOF
from tests.kit import urls, urls_loopback
from tests.kit.clock import Clock
from tests.kit.consumers import person, register
from tests.kit.journeys import Browser, InProcess, parameter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kit.urls_loopback")]
ONE = "http://sso.test"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*_: Any) -> None:
        raise AssertionError("a request to itself: with one worker it never returns")

    monkeypatch.setattr(urls_loopback.client.back_channel, "post", call)
    monkeypatch.setattr("sso_kit.back_channel.channel.BackChannel._route", call)


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


def test_there_is_one_session_and_no_sign_in_beside_it(alices: Browser) -> None:
    alices.get(f"{ONE}/sso/?next=/in/")

    assert not SignIn.objects.exists()
    assert not AppSession.objects.exists()


def test_a_silent_hand_shake_proves_nothing(alices: Browser, clock: Clock) -> None:
    """Else whoever finds a browser open has just proved who they are, by a click."""
    before = alices.at("sso.test").session[PROOF]
    clock.advance(600)

    alices.get(f"{ONE}/sso/?next=/in/")

    assert alices.at("sso.test").session[PROOF] == before
    assert alices.walk_until(f"{ONE}/sso/?next=/in/&prompt=login", "/login/")


def test_a_fresh_proof_is_one_for_its_own_app(alices: Browser, clock: Clock) -> None:
    clock.advance(600)
    form = alices.walk_until(f"{ONE}/sso/?next=/in/&prompt=login", "/login/")
    alices.sign_in_at_the_server(User.objects.get())

    page = alices.get(f"{ONE}{parameter(form, 'next')}")

    assert page.content.decode() == "only for alice"


def test_a_view_that_wants_one_is_content_with_it(
    alices: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    patterns: list[Any] = list(urls_loopback.urlpatterns)
    (entry,) = [each for each in patterns if str(each.pattern) == "in/"]
    monkeypatch.setattr(entry, "callback", login_required(urls.inside, max_age=60))
    clock.advance(600)
    form = alices.walk_until(f"{ONE}/in/", "/login/")
    alices.sign_in_at_the_server(User.objects.get())

    assert alices.get(f"{ONE}{parameter(form, 'next')}").content.decode() == "only for alice"
    clock.advance(30)
    assert alices.get(f"{ONE}/in/", follow=False).status_code == 200
    clock.advance(60)
    assert alices.walk_until(f"{ONE}/in/", "/login/")


def test_a_log_out_of_its_own_app_is_the_servers_and_says_so(alices: Browser) -> None:
    alices.get(f"{ONE}/sso/?next=/in/")

    answer = alices.at("sso.test").post("/sso/sso-logout/")

    page = alices.get(
        f"{ONE}{urlsplit(answer['Location']).path}?{urlsplit(answer['Location']).query}"
    )
    assert "You are signed out" in page.content.decode()
    assert "doesn&#x27;t know this browser now" in page.content.decode()
    assert alices.at("sso.test").get("/").content == b"front page of nobody"


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


@pytest.mark.parametrize(
    ("server_url", "asked", "serves"),
    [
        (f"{ONE}/server/", "sso.test", True),
        (f"{ONE}/server/", "app.test", False),
        (f"{ONE}:8000/server/", "sso.test", False),
        (f"{ONE}/elsewhere/", "sso.test", False),
        ("http://localhost:8000/server/", "127.0.0.1:8000", True),
        ("http://127.0.0.1:8000/server/", "0.0.0.0:8000", True),
        ("http://localhost:8000/server/", "localhost:8001", False),
        ("http://localhost:8000/server/", "192.168.0.7:8000", False),
        ("https://sso.test/server/", "sso.test", False),
    ],
)
def test_without_a_base_url_it_is_where_the_browser_is_that_counts(
    server_url: str, asked: str, serves: bool, settings: Settings
) -> None:
    """The path alone may be another server's, too."""
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(server_url, urls.PUBLIC_KEY, urls.PRIVATE_KEY)

    with serving(RequestFactory(headers={"host": asked}).get("/in/")):
        assert client.shares_accounts is serves
    assert not client.shares_accounts


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


def both_ends(settings: Settings, base_url: str | None, server: str, *around: Any) -> Client:
    """One project with two servers, at ``server/`` and ``last/``, and a client of one of them."""
    client = Client(server, urls.PUBLIC_KEY, urls.PRIVATE_KEY, base_url=base_url)
    pages = [path("sso/", include(client.get_urls())), path("in/", login_required(urls.inside))]
    mounts = [
        path(mount, include((Server(auth_view_name="/login/").get_urls(), mount)))
        for mount in ("server/", "last/")
    ]
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": [*mounts, *pages]})
    return client


@pytest.mark.parametrize("mount", ["server", "last"])
def test_of_two_servers_in_one_project_each_is_found(
    alices: Browser, settings: Settings, mount: str
) -> None:
    both_ends(settings, ONE, f"{ONE}/{mount}/")

    assert alices.get(f"{ONE}/sso/?next=/in/").content.decode() == "only for alice"


@pytest.mark.parametrize(
    ("server", "host"),
    [
        ("http://localhost:8000/server/", "localhost:8000"),
        ("http://localhost:8000/server/", "127.0.0.1:8000"),
        ("http://192.168.1.7:8000/server/", "192.168.1.7:8000"),
    ],
)
def test_in_development_it_works_without_a_base_url_too(
    alice: User, settings: Settings, server: str, host: str
) -> None:
    register(origins=[])
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    both_ends(settings, None, server)
    alices = Browser()
    alices.at(urlsplit(server).netloc).force_login(alice)

    assert alices.get(f"http://{host}/in/").content.decode() == "only for alice"


def test_of_another_server_with_the_same_path_nobody_is_made_this_ones(
    alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have an alice, and it is asked over the network."""
    register(origins=["http://here.test"])
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    client = both_ends(settings, None, f"{ONE}/server/")
    monkeypatch.setattr(client, "back_channel", InProcess(urls.PUBLIC_KEY))
    alices = Browser()
    alices.sign_in_at_the_server(alice)

    page = alices.get("http://here.test/in/")

    assert page.status_code == 409
    assert "_auth_user_id" not in alices.at("here.test").session


def test_where_a_proxy_takes_off_the_path_of_both_it_is_still_this_project(
    settings: Settings,
) -> None:
    register(origins=[ONE])
    client = both_ends(settings, f"{ONE}/portal", f"{ONE}/portal/server/")

    assert client.loopback.serves
    with under_way(HandShake(Secret(random_token()), new_nonce(), "/")):
        assert client.get_request_token(f"{ONE}/portal/sso/authenticate/")
    assert not both_ends(settings, f"{ONE}/portal", f"{ONE}/server/").loopback.serves


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_server_below_a_language_is_found_from_pages_in_another(
    settings: Settings, language: str
) -> None:
    inside = path("server/", include(Server(auth_view_name="/login/").get_urls()))
    client = Client(f"{ONE}/en/server/", urls.PUBLIC_KEY, urls.PRIVATE_KEY, base_url=ONE)
    urlpatterns = i18n_patterns(inside)
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": urlpatterns})

    with override(language):
        assert client.loopback.serves
        assert get_language() == language
