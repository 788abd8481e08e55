"""A log-out is one with every engine that keeps sessions, also while a request is under way."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as settings_
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.client.models import AppSession
from tests.kit import urls
from tests.kit.journeys import APP, Browser, InProcess
from tests.kit.log_outs import TROUBLE, Wire

pytestmark = pytest.mark.django_db(transaction=True)
DJANGOS = "django.contrib.sessions.backends"
ENGINES = {
    "db": f"{DJANGOS}.db",
    "cached_db": f"{DJANGOS}.cached_db",
    "cache": f"{DJANGOS}.cache",
    "file": f"{DJANGOS}.file",
    "kit": "sso_kit.contrib.sessions",
}


@pytest.fixture(params=ENGINES)
def hers(
    request: pytest.FixtureRequest,
    settings: Settings,
    tmp_path: Any,
    alice: User,
    app: Consumer,
    back_channel: InProcess,
    wire: Wire,
) -> Browser:
    settings.SESSION_ENGINE = ENGINES[request.param]
    settings.SESSION_FILE_PATH = str(tmp_path)
    browser = Browser()
    browser.at("sso.test").login_by_form("alice")
    assert browser.get(f"{APP}/in/").content.decode() == "only for sso.alice"
    return browser


def is_in(browser: Browser) -> bool:
    return bool(browser.get(f"{APP}/in/", follow=False).status_code == 200)


def knows(browser: Browser) -> bool:
    return bool(browser.at("sso.test").get("/").content == b"front page of alice")


def test_a_log_out_ends_both(hers: Browser) -> None:
    assert is_in(hers)
    old = hers.at("app.test").cookies["sessionid"].value

    hers.at("sso.test").logout_by_form()

    assert not is_in(hers)
    assert not knows(hers)
    thief = Client(headers={"host": "app.test"})
    thief.cookies["sessionid"] = old
    assert thief.get("/in/").status_code == 302


def test_what_is_written_a_moment_later_brings_nobody_back(
    hers: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's session: read before the log-out, and written after it, in whatever way."""
    key = hers.at("sso.test").cookies["sessionid"].value
    late = import_module(settings_.SESSION_ENGINE).SessionStore(key)
    late["seen"] = "this page"
    data = dict(late.items())
    hers.at("sso.test").logout_by_form()

    with suppress(UpdateError):
        late.save()
    if "file" in settings_.SESSION_ENGINE:  # between its look at the file and its write
        again = import_module(settings_.SESSION_ENGINE).SessionStore(key)
        again._session_cache = data
        again._session_key = key
        again.save(must_create=True)
    thief = Browser()
    thief.at("sso.test").cookies["sessionid"] = key

    assert thief.at("sso.test").get("/").content == b"front page of nobody"
    assert "/login/" in thief.walk_until(f"{APP}/in/", "/login/")


@pytest.mark.parametrize("host", ["app.test", "sso.test"])
def test_a_session_that_ends_while_a_request_is_under_way_is_no_error_and_stays_ended(
    hers: Browser, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """The view answers, what it wrote into the session is lost, and nobody is signed in."""

    def busy(request: HttpRequest) -> HttpResponse:
        request.session["written"] = "late"
        other = Browser()
        other.at("sso.test").cookies.update(hers.at("sso.test").cookies)
        other.at("sso.test").logout_by_form()
        return HttpResponse("done")

    monkeypatch.setattr(urls.urlpatterns[0], "callback", busy)
    answer = hers.at(host).get("/")
    monkeypatch.undo()

    assert (answer.status_code, answer.content) == (200, b"done")
    assert not is_in(hers)
    assert not knows(hers)


def test_what_comes_back_into_the_store_signs_nobody_in(hers: Browser, settings: Settings) -> None:
    """As a request does whose session was deleted between Django's look and its write."""
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    keys = {host: hers.at(host).cookies["sessionid"].value for host in ("app.test", "sso.test")}
    before = {host: dict(store(key).load()) for host, key in keys.items()}
    hers.at("sso.test").logout_by_form()

    for host, key in keys.items():
        back = store(key)
        back.clear()
        back.update(before[host])
        if settings.SESSION_ENGINE in (ENGINES["cache"], ENGINES["cached_db"]):
            back._session_key = key
            back._cache.set(back.cache_key, back._get_session(no_load=True), 3600)
        browser = Client(headers={"host": host})
        browser.cookies["sessionid"] = key
        assert b"alice" not in browser.get("/").content


@pytest.mark.parametrize("trouble", TROUBLE)
def test_an_app_in_trouble_ends_it_by_itself(
    hers: Browser, wire: Wire, clock: Any, trouble: str
) -> None:
    wire.trouble = trouble
    hers.at("sso.test").logout_by_form()
    assert is_in(hers)

    clock.advance(61)

    assert not is_in(hers)
    assert not AppSession.objects.filter(key="").exists()


@pytest.mark.parametrize("engine", ["cache", "cached_db"])
def test_without_the_tombstone_what_comes_back_signs_in(
    settings: Settings, alice: User, app: Consumer, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """The control: Django's own engines."""
    settings.SESSION_ENGINE = ENGINES[engine]
    browser = Browser()
    browser.at("sso.test").login_by_form("alice")
    key = browser.at("sso.test").cookies["sessionid"].value
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    before = store(key)
    content = before.load()
    browser.at("sso.test").logout_by_form()
    before._cache.set(before.cache_key, content, 3600)
    thief = Client(headers={"host": "sso.test"})
    thief.cookies["sessionid"] = key

    monkeypatch.setattr("sso_kit.server.sessions.is_ended", lambda key: False)
    assert thief.get("/").content == b"front page of alice"

    monkeypatch.undo()
    thief.cookies["sessionid"] = key
    assert thief.get("/").content == b"front page of nobody"
