"""Whoever wants to be signed out everywhere is, or is told that they aren't: whatever was over."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit import clock as kit_clock
from sso_kit.client.models import AppSession
from sso_kit.server.models import Ending, SignIn
from tests.kit.clock import Clock
from tests.kit.consumers import another, person, policy_of
from tests.kit.journeys import APP, Browser, InProcess
from tests.kit.log_outs import Wire, sign_in_once

pytestmark = pytest.mark.django_db(transaction=True)
MAY_STILL = "it may still know you"


@pytest.fixture
def hers(alice: User, app: Consumer, back_channel: InProcess, wire: Wire) -> Browser:
    """Alice's browser; from its session at the server she is in at two apps."""
    browser = Browser()
    browser.at("sso.test").login_by_form("alice")
    return browser


def is_in_at_another_app(browser: Browser, alice: User) -> None:
    now = kit_clock.now()
    SignIn.objects.create(
        ref="of-the-other-app",
        session=browser.at("sso.test").session.session_key,
        consumer=another(),
        user=alice,
        began=int(now.timestamp() * 1_000_000),
        since=now,
        seen=now,
        expires=now + timedelta(days=1),
        tell_at="http://other.test/sso/session-ended/",
    )


def everywhere(browser: Browser) -> str:
    """What is said in the end, as a person reads it."""
    answer = browser.at("app.test").logout_by_form(everywhere="1")
    where = answer["Location"]
    page = browser.get(where if "://" in where else APP + where).content.decode()
    return re.sub(r"(<[^>]+>|\s)+", " ", page)


def knows(browser: Browser) -> bool:
    return bool(browser.at("sso.test").get("/").content == b"front page of alice")


def test_an_app_session_that_was_over_already_is_no_hindrance(
    hers: Browser, app: Consumer, alice: User, clock: Clock
) -> None:
    policy = policy_of(app)
    policy.idle_seconds = 300
    policy.save()
    hers.get(f"{APP}/in/")
    is_in_at_another_app(hers, alice)
    clock.advance(400)

    page = everywhere(hers)

    assert "You are signed out" in page
    assert "other : Not confirmed yet" in page
    assert not knows(hers)
    assert not SignIn.objects.exists()


def test_nor_is_one_that_the_server_has_ended(
    hers: Browser, app: Consumer, alice: User, wire: Wire
) -> None:
    hers.get(f"{APP}/in/")
    is_in_at_another_app(hers, alice)
    wire.trouble = "down"
    policy_of(app).set_required_groups([Group.objects.create(name="users")])
    assert [ending.told for ending in Ending.objects.all()] == [None]

    everywhere(hers)

    assert not knows(hers)
    assert not SignIn.objects.exists()


def test_after_a_log_out_at_the_server_it_says_what_became_of_that(
    hers: Browser, alice: User, wire: Wire
) -> None:
    hers.get(f"{APP}/in/")
    is_in_at_another_app(hers, alice)
    wire.trouble = "down"
    hers.at("sso.test").logout_by_form()

    page = everywhere(hers)

    assert "You are signed out" in page
    assert page.count("Not confirmed yet") == 2


def test_a_session_under_another_key_is_found_all_the_same(
    hers: Browser, app: Consumer, clock: Clock
) -> None:
    """Who logs in again at the server has the same session by another name."""
    policy = policy_of(app)
    policy.idle_seconds = 300
    policy.save()
    hers.get(f"{APP}/in/")
    clock.advance(400)
    assert hers.get(f"{APP}/in/", follow=False).status_code == 403
    hers.get(f"{APP}/in/")
    clock.advance(400)
    hers.at("sso.test").login_by_form("alice")

    everywhere(hers)

    assert not knows(hers)


def test_of_a_log_in_for_one_app_it_does_not_say_more_than_it_knows(
    hers: Browser, alice: User
) -> None:
    is_in_at_another_app(hers, alice)
    hers.get(sign_in_once(hers, "alice", f"{APP}/in/"))

    page = everywhere(hers)

    assert "signed out of this app only" in page
    assert MAY_STILL in page
    assert knows(hers)
    assert SignIn.objects.get().ref == "of-the-other-app"


@pytest.mark.parametrize("redirect", [None, "/hello/"])
def test_where_nothing_is_known_any_more_that_is_said(
    hers: Browser, settings: Settings, redirect: str | None
) -> None:
    """Also in a project that has a page of its own for after a log-out."""
    settings.LOGOUT_REDIRECT_URL = redirect
    hers.get(f"{APP}/in/")
    AppSession.objects.all().delete()

    assert MAY_STILL in everywhere(hers)
    assert knows(hers)


def test_a_visitor_is_not_told_that_everything_is_over(hers: Browser) -> None:
    assert MAY_STILL in everywhere(hers)


def test_somebody_elses_sign_in_does_not_stay_behind(hers: Browser, wire: Wire) -> None:
    """Bob signs in to the app, once, where alice was: she isn't in there any more."""
    person("bob")
    hers.get(f"{APP}/in/")
    hers.get(sign_in_once(hers, "bob", f"{APP}/sso/?next=/in/"))

    assert SignIn.objects.get().user.username == "bob"
    hers.get(sign_in_once(hers, "alice", f"{APP}/sso/?next=/in/&prompt=login"))
    assert SignIn.objects.get().user.username == "alice"
    assert AppSession.objects.count() == 1


def test_a_consumer_that_is_gone_keeps_nobody(hers: Browser, clock: Clock) -> None:
    """A project that has another key can't ask about the sessions of before, so they end."""
    hers.get(f"{APP}/in/")
    AppSession.objects.update(client="the-public-key-of-before")
    clock.advance(61)
    assert is_in(hers)
    clock.advance(700)

    assert "couldn" in said(hers)


def is_in(browser: Browser) -> bool:
    return bool(browser.get(f"{APP}/in/", follow=False).status_code == 200)


def said(browser: Browser) -> str:
    answer: Any = browser.get(f"{APP}/in/", follow=False)
    assert answer.status_code == 403
    return str(answer.content.decode())


@pytest.mark.parametrize("cause", ["log-out", "password", "expired", ""])
def test_a_form_that_was_sent_too_late_is_not_lost_in_silence(hers: Browser, cause: str) -> None:
    hers.get(f"{APP}/in/")
    if cause == "log-out":
        hers.at("sso.test").logout_by_form()
    elif cause == "password":
        alice = User.objects.get(username="alice")
        alice.set_password("another")
        alice.save()
    elif cause == "expired":
        AppSession.objects.update(ends=kit_clock.now() - timedelta(seconds=1))
    else:
        AppSession.objects.all().delete()

    answer = hers.at("app.test").post("/in/", {"text": "a page of it"})

    assert answer.status_code == 403
    assert "What you sent just now wasn" in answer.content.decode()
    assert "next=%2Fin%2F" in answer.content.decode()
