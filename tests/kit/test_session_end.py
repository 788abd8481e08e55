"""An app's session is the server's guest: it neither begins after its end nor outlasts it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit import clock
from sso_kit.server import grants, sessions
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import VERIFIER, issue, policy_of, question, redeem
from tests.kit.journeys import APP, FINISH, Browser, InProcess
from tests.kit.logged import event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app", "back_channel")]
ENGINES = ("db", "cached_db", "cache", "file")
SERVERS = 3600  # seconds of the server's session in these tests


def in_the_app(browser: Browser) -> bool:
    return "_auth_user_id" in browser.at("app.test").session


def seconds_left(browser: Browser, host: str = "app.test") -> float:
    key = browser.at(host).session.session_key
    return (Session.objects.get(pk=key).expire_date - timezone.now()).total_seconds()


def shorten(browser: Browser, seconds: int) -> None:
    """As if the log-in at the server were some hours old."""
    key = browser.at("sso.test").session.session_key
    end = timezone.now() + timedelta(seconds=seconds)
    assert Session.objects.filter(pk=key).update(expire_date=end)


def use_it_half_way_and_wait(browser: Browser, clock: Clock) -> None:
    """Write to the app's session, then let the server's end pass."""
    clock.advance(SERVERS / 2)
    session = browser.at("app.test").session
    session["something"] = "new"
    session.save()
    clock.advance(SERVERS / 2 + 5)


def test_an_apps_session_ends_with_the_servers(alices: Browser) -> None:
    shorten(alices, SERVERS)

    alices.get(f"{APP}/in/")

    assert SERVERS - 10 < seconds_left(alices) <= SERVERS
    assert int(alices.at("app.test").cookies["sessionid"]["max-age"]) <= SERVERS


def test_and_no_use_of_it_makes_it_longer(alices: Browser, clock: Clock) -> None:
    shorten(alices, SERVERS)
    alices.get(f"{APP}/in/")

    use_it_half_way_and_wait(alices, clock)

    assert alices.get(f"{APP}/in/", follow=False).status_code == 302


def test_or_when_its_own_longest_time_is_over(alices: Browser, settings: Settings) -> None:
    settings.SESSION_COOKIE_AGE = 600

    alices.get(f"{APP}/in/")

    assert 590 < seconds_left(alices) <= 600


def test_one_that_ends_with_the_browser_has_the_servers_end_too_with_our_engine(
    alice: User, settings: Settings, clock: Clock
) -> None:
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE, settings.SESSION_ENGINE = (
        True,
        "sso_kit.contrib.sessions",
    )
    alices = Browser()
    alices.sign_in_at_the_server(alice)
    shorten(alices, SERVERS)
    alices.get(f"{APP}/in/")
    assert alices.at("app.test").cookies["sessionid"]["max-age"] == ""
    assert SERVERS - 10 < seconds_left(alices) <= SERVERS

    use_it_half_way_and_wait(alices, clock)

    assert alices.get(f"{APP}/in/", follow=False).status_code == 302


def test_one_that_ends_with_the_browser_keeps_doing_so(alices: Browser, settings: Settings) -> None:
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True

    alices.get(f"{APP}/in/")

    assert alices.at("app.test").cookies["sessionid"]["max-age"] == ""


@pytest.mark.parametrize("told", [None, "x", [], 10**12])
def test_a_server_that_tells_no_usable_time_leaves_the_apps_own(
    alices: Browser, monkeypatch: pytest.MonkeyPatch, settings: Settings, told: object
) -> None:
    consumer = urls.client.consumer
    redeem = consumer.redeem
    saying: Any = {"session_expires_in": told}
    monkeypatch.setattr(consumer, "redeem", lambda *a: replace(redeem(*a), **saying))

    alices.get(f"{APP}/in/")

    assert 0 < settings.SESSION_COOKIE_AGE - seconds_left(alices) < 10


@pytest.mark.parametrize("engine", ENGINES)
def test_a_token_issued_while_its_person_logs_out_signs_nobody_in(
    engine: str, alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The log-out has revoked all there was when the token is written: 17 of 30 races."""
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    alices = Browser()
    alices.sign_in_at_the_server(alice)
    authorize = alices.walk_until(f"{APP}/in/", "/server/authorize/")
    issue_now = grants.issue

    def log_out_first(*arguments: Any, **options: Any) -> str:
        Client.logout(alices.at("sso.test"))
        return issue_now(*arguments, **options)

    monkeypatch.setattr(grants, "issue", log_out_first)
    finish = alices.walk_until(authorize, FINISH)

    page = alices.get(finish)

    assert page.status_code == 403
    assert "signed out since" in page.content.decode()
    assert not in_the_app(alices)


@pytest.mark.parametrize("engine", [*ENGINES, "signed_cookies"])
def test_without_a_log_out_it_works_with_every_session_engine(
    engine: str, alice: User, settings: Settings, tmp_path: Any
) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    alices = Browser()
    alices.sign_in_at_the_server(alice)

    assert alices.get(f"{APP}/in/").content.decode() == "only for sso.alice"


def test_with_the_defence_off_it_still_does(
    alices: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["revoke-on-logout"]}
    alices.at("sso.test").logout()

    alices.get(finish)

    assert in_the_app(alices)


def test_so_does_a_password_that_was_changed_meanwhile(alices: Browser, alice: User) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    alice.set_password("another")
    alice.save()

    assert alices.get(finish).status_code == 403
    assert not in_the_app(alices)


def test_so_does_a_session_that_ran_out_meanwhile(alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    shorten(alices, -1)

    assert alices.get(finish).status_code == 403
    assert not in_the_app(alices)


def test_another_session_of_hers_is_no_help(alices: Browser, alice: User) -> None:
    Client().force_login(alice)
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    Session.objects.filter(pk=alices.at("sso.test").session.session_key).delete()

    assert alices.get(finish).status_code == 403
    assert not in_the_app(alices)


def test_but_a_new_secret_key_with_the_old_one_as_fallback_does_not(
    alices: Browser, settings: Settings
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]

    assert alices.get(finish, follow=False).status_code == 302


def test_a_session_that_is_somebody_elses_by_now_is_not_theirs(app: Consumer, alice: User) -> None:
    """Even with a password that is stored the same, as an imported one can be."""
    browser = Client()
    browser.force_login(alice)
    bob = User.objects.create_user("bob", password=None)
    User.objects.filter(pk=bob.pk).update(password=alice.password)
    hers = sessions.key_of(browser.session, alice)

    def end(user: User, session: str) -> datetime | None:
        token = issue(question(app, serial=f"{user} {session}"), user, session)
        kept = redeem(policy_of(app), token, VERIFIER)
        found = sessions.find(session, kept.user, kept.session, clock.now(), None)
        return None if isinstance(found, str) else found.end

    assert end(alice, hers) is not None
    assert end(bob, hers) is None
    assert end(alice, "no-such-key") is None


def test_a_request_without_sessions_has_none_to_name(alice: User) -> None:
    assert sessions.key_of(getattr(HttpRequest(), "session", None), alice) == ""


@pytest.mark.parametrize("session", ["none", "somebody else's"])
def test_a_person_who_is_known_by_something_else_than_the_session_signs_in_all_the_same(
    alice: User, settings: Settings, session: str
) -> None:
    """By a certificate, a header, or an administrator who acts for them."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.known_by_a_header"]
    browser = Browser()
    browser.at("sso.test").defaults["HTTP_X_CERTIFICATE_OF"] = "alice"
    if session == "somebody else's":
        browser.sign_in_at_the_server(User.objects.create_user("operator"))

    assert browser.get(f"{APP}/in/").content.decode() == "only for sso.alice"


def known_by_a_header(get_response: Any) -> Any:
    def middleware(request: Any) -> Any:
        if name := request.headers.get("x-certificate-of"):
            request.user = User.objects.get(username=name)
        return get_response(request)

    return middleware


def test_signing_out_of_the_app_says_what_goes_on_and_where_to_end_it(
    alices: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urls.client, "sign_out_url", "http://sso.test/log-out/")
    alices.get(f"{APP}/in/")
    answer = alices.at("app.test").post("/sso/sso-logout/")

    page = alices.get(f"{APP}{answer['Location']}")

    assert page.status_code == 200
    assert "while it knows this browser" in page.content.decode()
    assert 'href="http://sso.test/log-out/"' in page.content.decode()


def test_that_page_is_for_who_is_signed_out_only(alices: Browser) -> None:
    alices.get(f"{APP}/in/")

    assert alices.get(f"{APP}/sso/sso-signed-out/", follow=False)["Location"] == "/"


def test_the_logs_say_who_was_verified_and_who_signed_out(
    alices: Browser, caplog: pytest.LogCaptureFixture, back_channel: InProcess
) -> None:
    with caplog.at_level(logging.INFO, "sso_kit"):
        alices.get(f"{APP}/in/")
        alices.at("app.test").post("/sso/sso-logout/")

    said = {event(record): vars(record).get("user") for record in caplog.records}
    assert said["access token issued"] == said["person verified"] == "alice"
    assert said["signed in"] == said["signed out"] == "sso.alice"


@pytest.mark.parametrize("engine", ["cache", "file"])
def test_a_session_outside_the_database_is_looked_up_once(
    engine: str, alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    alices = Browser()
    alices.sign_in_at_the_server(alice)
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    servers = alices.at("sso.test").session.session_key
    store = import_module(settings.SESSION_ENGINE).SessionStore
    load, loaded = store.load, []

    def note(self: Any) -> Any:
        loaded.append(self.session_key)
        return load(self)

    monkeypatch.setattr(store, "load", note)
    alices.get(finish, follow=False)

    assert loaded.count(servers) == 1
