"""However somebody signs out of an app, a public page doesn't sign them in again by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.auth.views import LogoutView
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.client import Client
from sso_kit.client.decorators import login_required, passive_login
from sso_kit.client.handshake import SIGNED_OUT_SECONDS
from tests.kit.clock import Clock
from tests.kit.consumers import person, policy_of
from tests.kit.journeys import APP, Browser
from tests.kit.projects import Asgi, client_of, greet, use

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]
HELLO, NOBODY = "hello sso.alice", "hello nobody"
SERVERS = 3600  # seconds of the server's session, where a test needs another end than the app's


def own(request: HttpRequest) -> HttpResponse:
    """As projects have it, from before they had single sign-on."""
    logout(request)
    return HttpResponse("bye")


def flush(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return HttpResponse("bye")


OTHER_WAYS = {"own": own, "flush": flush, "django": LogoutView.as_view(next_page="/")}


@pytest.fixture(autouse=True)
def client(settings: Settings) -> Client:
    client = client_of()
    use(
        settings,
        path("", greet),
        path("sso/", include(client.get_urls())),
        path("in/", login_required(greet)),
        path("hello/", passive_login(greet)),
        *[path(f"{way}/", view, name=way) for way, view in OTHER_WAYS.items()],
    )
    return client


def note(browser: Browser, client: Client) -> Any:
    """The cookie that says until when a session was to last."""
    jar = browser.at("app.test").cookies
    return next(jar[name] for name in jar if name.endswith(client.handshakes.signed_in))


def hello(browser: Browser) -> str:
    text: str = browser.get(f"{APP}/hello/").content.decode()
    return text


@pytest.mark.parametrize("way", OTHER_WAYS)
@pytest.mark.parametrize("came", ["in", "hello"])
def test_who_signs_out_another_way_stays_out(alices: Browser, way: str, came: str) -> None:
    assert alices.get(f"{APP}/{came}/").content.decode() == HELLO

    alices.at("app.test").post(f"/{way}/")

    assert hello(alices) == NOBODY
    assert hello(alices) == NOBODY


@pytest.mark.parametrize("way", OTHER_WAYS)
def test_without_that_note_they_would_be_in_again(
    alices: Browser, way: str, client: Client
) -> None:
    """The control."""
    alices.get(f"{APP}/in/")
    alices.at("app.test").post(f"/{way}/")

    del alices.at("app.test").cookies[client.handshakes.signed_in]

    assert hello(alices) == HELLO


def test_who_is_put_out_stays_out_as_well(alices: Browser) -> None:
    alices.get(f"{APP}/in/")

    Session.objects.filter(pk=alices.at("app.test").session.session_key).delete()

    assert hello(alices) == NOBODY


def test_signing_in_on_purpose_ends_that(alices: Browser) -> None:
    alices.get(f"{APP}/in/")
    alices.at("app.test").post("/own/")

    assert alices.get(f"{APP}/in/").content.decode() == HELLO
    assert hello(alices) == HELLO


def test_when_the_session_would_have_been_over_the_server_is_asked_again(
    alices: Browser, alice: User, clock: Clock, settings: Settings
) -> None:
    settings.SESSION_COOKIE_AGE = 600
    alices.get(f"{APP}/in/")
    alices.at("app.test").post("/own/")
    clock.advance(590)
    alices.sign_in_at_the_server(alice)
    assert hello(alices) == NOBODY

    clock.advance(20)

    assert hello(alices) == HELLO


def test_whose_session_ran_out_is_asked_about_as_ever(
    alices: Browser, alice: User, clock: Clock, settings: Settings
) -> None:
    settings.SESSION_COOKIE_AGE = 600
    alices.get(f"{APP}/in/")
    clock.advance(610)
    alices.sign_in_at_the_server(alice)

    assert hello(alices) == HELLO


def test_the_note_lives_as_long_as_the_session_was_given(alices: Browser, client: Client) -> None:
    end = timezone.now() + timedelta(seconds=SERVERS)
    Session.objects.filter(pk=alices.at("sso.test").session.session_key).update(expire_date=end)

    alices.get(f"{APP}/in/")

    assert SERVERS - 10 < int(note(alices, client)["max-age"]) <= SERVERS
    assert abs(int(note(alices, client).value) - end.timestamp()) < 10


@pytest.mark.parametrize(
    "engine", ["django.contrib.sessions.backends.db", "sso_kit.contrib.sessions"]
)
def test_of_a_session_that_ends_with_the_browser_it_does_too_and_knows_the_other_end(
    alice: User, client: Client, settings: Settings, clock: Clock, engine: str
) -> None:
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE, settings.SESSION_ENGINE = True, engine
    alices = Browser()
    alices.sign_in_at_the_server(alice)
    Session.objects.update(expire_date=timezone.now() + timedelta(seconds=SERVERS))
    alices.get(f"{APP}/in/")
    assert note(alices, client)["max-age"] == ""
    alices.at("app.test").post("/own/")
    assert hello(alices) == NOBODY

    clock.advance(SERVERS + 5)
    alices.sign_in_at_the_server(alice)

    assert hello(alices) == HELLO


@pytest.mark.parametrize("secure", [False, True])
def test_it_is_for_no_script_and_under_https_for_https_only(
    alices: Browser, app: Consumer, client: Client, secure: bool
) -> None:
    client.base_url = "https://app.test" if secure else APP
    policy = policy_of(app)
    policy.origins = [client.base_url]
    policy.save()
    alices.get(f"{client.base_url}/in/")

    found = note(alices, client)

    assert found.key == ("__Host-" if secure else "") + client.handshakes.signed_in
    assert (bool(found["secure"]), found["httponly"], found["samesite"]) == (secure, True, "Lax")


@pytest.mark.parametrize("value", ["", "x", "-1", "1e9", "9" * 400])
def test_one_that_says_nothing_usable_is_none(alices: Browser, client: Client, value: str) -> None:
    alices.at("app.test").cookies[client.handshakes.signed_in] = value

    assert hello(alices) == HELLO


def test_signing_out_with_the_kits_own_view_counts_for_half_a_day(
    alices: Browser, client: Client
) -> None:
    alices.get(f"{APP}/in/")

    alices.at("app.test").post("/sso/sso-logout/")

    jar = alices.at("app.test").cookies
    assert note(alices, client).value == ""
    assert int(jar[client.handshakes.checked]["max-age"]) == SIGNED_OUT_SECONDS
    assert hello(alices) == NOBODY


@pytest.mark.parametrize("wanted", ["/goodbye/", "own", "https://www.example/"])
def test_a_projects_page_after_signing_out_is_where_people_get(
    alices: Browser, settings: Settings, wanted: str
) -> None:
    settings.LOGOUT_REDIRECT_URL = wanted
    alices.get(f"{APP}/in/")

    answer = alices.at("app.test").post("/sso/sso-logout/")

    assert answer["Location"] == ("/own/" if wanted == "own" else wanted)
    assert "_auth_user_id" not in alices.at("app.test").session
    assert hello(alices) == NOBODY


def test_under_asgi_it_is_the_same(alices: Browser) -> None:
    alices.jars["app.test"] = Asgi()  # type: ignore[assignment]  # has what is used of it
    assert hello(alices) == HELLO

    alices.at("app.test").post("/own/")

    assert hello(alices) == NOBODY


def test_a_browser_of_somebody_who_was_never_in_is_asked(client: Client) -> None:
    bobs = Browser()
    bobs.sign_in_at_the_server(person("bob"))

    assert hello(bobs) == "hello sso.bob"
