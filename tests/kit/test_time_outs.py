"""Sessions that aren't used end, and those that have lasted: at the server, and at each app."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit import conf
from sso_kit.client.models import AppSession
from sso_kit.server.models import Ending, Reason, SignIn
from sso_kit.server.sessions import PROOF
from tests.kit.clock import Clock
from tests.kit.consumers import policy_of
from tests.kit.journeys import APP, Browser, InProcess, without_csrf_middleware
from tests.kit.log_outs import Wire, sign_in_once

pytestmark = pytest.mark.django_db(transaction=True)
HERS = "only for sso.alice"
QUIET = {"TELL_AGAIN": False}
CLIENTS = "sso_kit.client.middleware.SessionMiddleware"


@pytest.fixture
def hers(alice: User, app: Consumer, back_channel: InProcess, wire: Wire) -> Browser:
    browser = Browser()
    browser.at("sso.test").login_by_form("alice")
    return browser


def limit(app: Consumer, **limits: int) -> None:
    policy = policy_of(app)
    for name, value in limits.items():
        setattr(policy, name, value)
    policy.save()


def enter(browser: Browser) -> None:
    assert browser.get(f"{APP}/in/").content.decode() == HERS


def is_in(browser: Browser) -> bool:
    return bool(browser.get(f"{APP}/in/", follow=False).status_code == 200)


def says(browser: Browser) -> str:
    page: str = browser.get(f"{APP}/in/", follow=False).content.decode()
    return page


def test_an_app_session_that_is_used_goes_on_and_one_that_is_not_ends(
    hers: Browser, app: Consumer, clock: Clock
) -> None:
    limit(app, idle_seconds=300)
    enter(hers)
    for _ in range(4):
        clock.advance(200)
        assert is_in(hers)

    clock.advance(340)

    assert "used for too long" in says(hers)
    assert Ending.objects.get().reason == Reason.IDLE
    assert hers.get(f"{APP}/in/").content.decode() == HERS  # the server's goes on


def test_it_lasts_no_longer_than_the_consumer_is_given(
    hers: Browser, app: Consumer, clock: Clock
) -> None:
    limit(app, longest_seconds=600)
    enter(hers)
    for _ in range(5):
        clock.advance(100)
        assert is_in(hers)

    clock.advance(120)

    assert not is_in(hers)


def test_an_app_has_limits_of_its_own_and_the_stricter_counts(
    hers: Browser, app: Consumer, clock: Clock, settings: Settings
) -> None:
    limit(app, idle_seconds=3000)
    settings.SSO_KIT = QUIET | {"IDLE_SECONDS": 100}
    enter(hers)
    assert AppSession.objects.get().idle == 100


def test_reading_the_clock_costs_no_write(
    hers: Browser,
    app: Consumer,
    clock: Clock,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    limit(app, idle_seconds=600)
    enter(hers)
    clock.advance(30)

    with django_assert_num_queries(3) as seen:
        is_in(hers)

    assert all(query["sql"].startswith("SELECT") for query in seen.captured_queries)


def test_a_use_is_written_down_once_in_a_while(hers: Browser, app: Consumer, clock: Clock) -> None:
    limit(app, idle_seconds=600)
    enter(hers)
    first = AppSession.objects.get().seen
    clock.advance(61)
    is_in(hers)
    second = AppSession.objects.get().seen
    clock.advance(20)
    is_in(hers)

    assert second > first
    assert AppSession.objects.get().seen == second


def test_the_servers_session_ends_unused(hers: Browser, clock: Clock, settings: Settings) -> None:
    settings.SSO_KIT = QUIET | {"IDLE_SECONDS": 300}
    hers.at("sso.test").login_by_form("alice")
    assert hers.at("sso.test").get("/").content == b"front page of alice"

    clock.advance(340)

    assert hers.at("sso.test").get("/").content == b"front page of nobody"


def test_work_in_an_app_keeps_the_servers_session(
    hers: Browser, clock: Clock, settings: Settings
) -> None:
    settings.SSO_KIT = QUIET | {"IDLE_SECONDS": 300}
    hers.at("sso.test").login_by_form("alice")
    enter(hers)
    for _ in range(6):
        clock.advance(100)
        assert is_in(hers)

    assert hers.at("sso.test").get("/").content == b"front page of alice"


@pytest.mark.parametrize("limit", ["IDLE_SECONDS", "LONGEST_SECONDS"])
def test_a_session_by_another_servers_word_has_as_long_as_any(
    hers: Browser, clock: Clock, settings: Settings, limit: str
) -> None:
    """In a project that is a server, too. Nothing was proved there, but it began then."""
    settings.SSO_KIT = QUIET | {limit: 300}
    hers.at("sso.test").login_by_form("alice")

    enter(hers)
    clock.advance(200)
    assert is_in(hers)
    clock.advance(340)

    assert not is_in(hers)
    assert PROOF not in hers.at("app.test").session


@pytest.mark.parametrize("gap", [100, 200, 290])
def test_however_far_apart_work_in_an_app_keeps_it(
    hers: Browser, clock: Clock, settings: Settings, gap: int
) -> None:
    """The server is told of a use at once, and counts it before it judges."""
    settings.SSO_KIT = QUIET | {"IDLE_SECONDS": 300}
    hers.at("sso.test").login_by_form("alice")
    enter(hers)
    AppSession.objects.update(idle=None)
    for _ in range(4):
        clock.advance(gap)
        assert is_in(hers)
    clock.advance(gap)

    assert hers.at("sso.test").get("/").content == b"front page of alice"


def test_an_app_that_is_not_used_for_too_long_keeps_nothing(
    hers: Browser, clock: Clock, settings: Settings
) -> None:
    """Coming back too late is no use in time."""
    settings.MIDDLEWARE = [CLIENTS, *settings.MIDDLEWARE[1:]]
    settings.SSO_KIT = QUIET | {"IDLE_SECONDS": 300}
    hers.at("sso.test").login_by_form("alice")
    enter(hers)
    AppSession.objects.update(idle=None)
    clock.advance(400)

    assert "used for too long" in says(hers)
    assert Ending.objects.get().reason == Reason.IDLE


class NoLimits:
    """An app's settings, where the server has limits and the app hasn't."""

    def __getattr__(self, name: str) -> Any:
        return (
            (lambda: None) if name in ("idle_seconds", "longest_seconds") else getattr(conf, name)
        )


def test_for_one_app_only_the_servers_limits_are_the_apps(
    alice: User,
    app: Consumer,
    back_channel: InProcess,
    wire: Wire,
    clock: Clock,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is no session of the server's that would end."""
    monkeypatch.setattr("sso_kit.client.sessions.conf", NoLimits())
    settings.SSO_KIT = QUIET | {"IDLE_SECONDS": 600, "LONGEST_SECONDS": 3600}
    settings.MIDDLEWARE = [CLIENTS, *settings.MIDDLEWARE[1:]]
    idle, busy = Browser(), Browser()
    for browser in (idle, busy):
        browser.get(sign_in_once(browser, "alice", f"{APP}/in/"))
    for _ in range(5):
        clock.advance(500)
        assert is_in(busy)

    assert not is_in(idle)
    for _ in range(3):
        clock.advance(500)
        is_in(busy)
    assert not is_in(busy)


def test_the_servers_session_that_ends_takes_its_apps_along(
    hers: Browser, clock: Clock, settings: Settings, wire: Wire
) -> None:
    settings.SSO_KIT = QUIET | {"LONGEST_SECONDS": 500}
    hers.at("sso.test").login_by_form("alice")
    settings.SSO_KIT = QUIET
    enter(hers)
    settings.SSO_KIT = QUIET | {"LONGEST_SECONDS": 500}
    clock.advance(501)

    assert hers.at("sso.test").get("/").content == b"front page of nobody"

    assert Ending.objects.get().reason == Reason.TOO_LONG
    assert Ending.objects.get().told is not None
    assert not is_in(hers)


def test_an_app_that_asks_finds_out_that_the_servers_session_was_not_used(
    hers: Browser, clock: Clock, settings: Settings
) -> None:
    settings.SSO_KIT = QUIET
    enter(hers)
    row = SignIn.objects.get()
    settings.SSO_KIT = QUIET | {"IDLE_SECONDS": 60}
    clock.advance(400)
    AppSession.objects.update(seen=row.seen)

    assert not is_in(hers)


def time_left(browser: Browser, host: str, path: str, **headers: str) -> dict[str, Any]:
    told: dict[str, Any] = browser.at(host).get(path, headers=headers).json()
    return told


LOOKS = {"X-SSO-Looks": "1"}


@pytest.mark.parametrize(
    ("host", "path"), [("app.test", "/sso/time-left/"), ("sso.test", "/server/time-left/")]
)
def test_a_script_asks_without_using_the_session_and_stays_with_a_post(
    hers: Browser, clock: Clock, settings: Settings, host: str, path: str
) -> None:
    settings.SSO_KIT = QUIET | {"IDLE_SECONDS": 300}
    hers.at("sso.test").login_by_form("alice")
    enter(hers)
    for _ in range(3):
        clock.advance(80)
        left = time_left(hers, host, path, **LOOKS)

    assert left["signed_in"] is True
    assert left["may_stay"] is True
    assert 30 <= left["seconds_left"] <= 100
    stayed = hers.at(host).post(path).json()
    assert stayed["seconds_left"] > 250


def test_where_there_is_no_limit_nothing_is_said_of_one(hers: Browser) -> None:
    told = time_left(hers, "sso.test", "/server/time-left/", **LOOKS)

    assert told == {"signed_in": True, "seconds_left": None, "may_stay": False}


def test_a_visitor_is_told_that_nobody_is_signed_in(db: None, back_channel: InProcess) -> None:
    for host, path in (("app.test", "/sso/time-left/"), ("sso.test", "/server/time-left/")):
        told = Client(headers={"host": host}).get(path).json()
        assert told["signed_in"] is False


def test_nobody_stays_by_a_form_of_another_site(hers: Browser, settings: Settings) -> None:
    enter(hers)
    for host, path in (("app.test", "/sso/time-left/"), ("sso.test", "/server/time-left/")):
        assert without_csrf_middleware(hers.at(host), settings).post(path).status_code == 403


def test_a_form_that_comes_too_late_is_refused_with_the_way_back(
    hers: Browser, app: Consumer, clock: Clock
) -> None:
    limit(app, idle_seconds=60)
    enter(hers)
    clock.advance(200)

    answer = hers.at("app.test").post("/in/", {"text": "half a letter"})

    assert answer.status_code == 403
    assert b"wasn&#x27;t taken" in answer.content
    assert b"/sso/?next=%2Fin%2F" in answer.content
