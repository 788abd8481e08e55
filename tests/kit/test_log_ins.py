"""Which hand-shake somebody logs in for, by the server's own form; and what began a session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core import signing
from django.test import RequestFactory
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.events import Step, step_taken
from sso_kit.server.log_ins import MAX_TOKEN_LENGTH, reference_in
from sso_kit.server.request_tokens import LIFETIME, SALT, RequestToken
from sso_kit.sessions import HOW, how
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import question
from tests.kit.journeys import APP, Browser, CookieClient, InProcess, parameter

pytestmark = pytest.mark.django_db
AUTHORIZE, FORM = "/server/authorize/", "/login/"
RIGHT, WRONG = {"username": "alice", "password": "password"}, "hunter2-typed-by-alice"
NAME = "4b1c9f0e2d7a4c55"  # that a proxy has given a request
OF_LOG_INS = (Step.LOG_IN_SHOWN, Step.LOG_IN_FAILED, Step.LOGGED_IN)
Told = list[tuple[Step, dict[str, Any]]]


@pytest.fixture
def told() -> Iterator[Told]:
    """The steps of log-ins, with their facts; whoever looks at the details finds none."""
    heard: Told = []

    def hear(step: Step, facts: dict[str, Any], details: Any, **_: object) -> None:
        if step in OF_LOG_INS:
            heard.append((step, facts | details()))

    step_taken.connect(hear)
    yield heard
    step_taken.disconnect(hear)


@pytest.fixture(autouse=True)
def form(settings: Settings, tmp_path: Path) -> None:
    """The server's own, as Django's view shows it."""
    (tmp_path / "registration").mkdir()
    (tmp_path / "registration/login.html").write_text("{{ form }}{{ next }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]


@pytest.fixture
def hers(alice: User, app: Consumer, back_channel: InProcess) -> Browser:
    """Alice's browser; she is signed in nowhere."""
    return Browser()


@pytest.fixture
def server(hers: Browser) -> CookieClient:
    """What her browser has of the server."""
    return hers.at("sso.test")


@pytest.fixture
def way(hers: Browser) -> str:
    """The log-in form's address in a hand-shake, without the host."""
    parts = urlsplit(hers.walk_until(f"{APP}/in/", FORM))
    return f"{parts.path}?{parts.query}"


def reference(browser: Browser) -> str:
    """Of the hand-shake that a browser began last, as its log lines have it."""
    asked = next(url for url in reversed(browser.visited) if AUTHORIZE in url)
    values = signing.loads(parameter(asked, "token"), salt=SALT)
    return RequestToken(*values).reference


def form_for(next_url: str) -> str:
    return f"{FORM}?{urlencode({'next': next_url})}"


def post(server: CookieClient, way: str, **typed: str) -> int:
    return int(server.post(way, RIGHT | typed).status_code)


# --- in a hand-shake ---


def test_the_form_of_a_hand_shake_is_told_by_its_id(
    hers: Browser, server: CookieClient, way: str, told: Told
) -> None:
    assert server.get(way).status_code == 200

    assert told == [(Step.LOG_IN_SHOWN, {"handshake": reference(hers), "status": 200})]
    assert len(reference(hers)) == 10


def test_it_is_shown_again_after_a_wrong_password_and_nothing_of_that_is_told(
    hers: Browser, server: CookieClient, way: str, told: Told
) -> None:
    assert post(server, way, username="alice-or-so", password=WRONG) == 200

    assert told == [
        (Step.LOG_IN_FAILED, {"handshake": reference(hers)}),
        (Step.LOG_IN_SHOWN, {"handshake": reference(hers), "status": 200}),
    ]
    assert WRONG not in str(told)
    assert "alice" not in str(told)


def test_nothing_of_what_was_typed_is_in_the_log(
    server: CookieClient, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "sso_kit")

    post(server, way, username="alice-or-so", password=WRONG)

    said = [str(vars(record)) for record in caplog.records if record.name.startswith("sso_kit")]
    assert any(Step.LOG_IN_FAILED.text in each for each in said)
    assert not any(WRONG in each or "alice" in each for each in said)


def test_a_log_in_is_told_with_it_and_begins_the_session(
    hers: Browser, server: CookieClient, way: str, told: Told
) -> None:
    assert post(server, way) == 302

    assert told == [(Step.LOGGED_IN, {"handshake": reference(hers), "user": "alice"})]
    assert how(server.session) == reference(hers)


def test_the_request_that_it_was_is_told_too(
    hers: Browser, server: CookieClient, way: str, told: Told
) -> None:
    server.defaults["HTTP_X_REQUEST_ID"] = NAME

    server.get(way)
    post(server, way, password=WRONG)
    post(server, way)

    assert [facts["request_id"] for _, facts in told] == [NAME] * 4
    assert how(server.session) == reference(hers)


def test_a_form_that_carries_its_next_along_is_one_of_a_hand_shake(
    hers: Browser, server: CookieClient, way: str, told: Told
) -> None:
    next_url = parameter(way, "next")

    post(server, FORM, next=next_url, password=WRONG)
    post(server, FORM, next=next_url)

    assert [step for step, _ in told] == [Step.LOG_IN_FAILED, Step.LOG_IN_SHOWN, Step.LOGGED_IN]
    assert {facts["handshake"] for _, facts in told} == {reference(hers)}


def test_who_logs_in_in_another_tab_is_told_by_the_tabs_own(
    hers: Browser, server: CookieClient, way: str, told: Told
) -> None:
    first = reference(hers)
    second = urlsplit(hers.walk_until(f"{APP}/in/?tab=2", FORM))
    assert reference(hers) != first

    server.get(f"{second.path}?{second.query}")
    post(server, way)

    assert [facts["handshake"] for _, facts in told] == [reference(hers), first]


def test_after_a_hand_shake_the_apps_session_was_begun_by_it(
    hers: Browser, server: CookieClient, way: str
) -> None:
    post(server, way)

    assert hers.get(f"http://sso.test{parameter(way, 'next')}").status_code == 200
    assert how(hers.at("app.test").session) == reference(hers) != ""


def test_a_later_hand_shake_of_the_same_browser_began_the_later_session(
    hers: Browser, server: CookieClient, way: str
) -> None:
    post(server, way)
    hers.get(f"http://sso.test{parameter(way, 'next')}")
    first = reference(hers)
    hers.at("app.test").logout_here()
    hers.get(f"{APP}/in/")

    assert how(hers.at("app.test").session) == reference(hers) != first
    assert how(server.session) == first


# --- without one ---


def test_a_log_in_without_a_hand_shake_was_begun_by_its_request(
    server: CookieClient, told: Told
) -> None:
    server.defaults["HTTP_X_REQUEST_ID"] = NAME

    assert server.get(FORM).status_code == 200
    assert post(server, FORM) == 302

    facts = {"handshake": "", "user": "alice", "request_id": NAME}
    assert told == [(Step.LOGGED_IN, facts)]
    assert how(server.session) == NAME


@pytest.mark.parametrize("name", [None, "odd", "12345678\nforged"])
def test_where_no_proxy_names_requests_nothing_is_known(
    server: CookieClient, name: str | None, told: Told
) -> None:
    if name is not None:
        server.defaults["HTTP_X_REQUEST_ID"] = name

    post(server, FORM)

    assert told == [(Step.LOGGED_IN, {"handshake": "", "user": "alice"})]
    assert how(server.session) == server.session[HOW] == ""


def test_nobodys_session_was_begun_by_anything(server: CookieClient) -> None:
    assert how(server.session) == ""
    assert how({}) == ""


def test_a_wrong_password_without_a_hand_shake_is_of_none(server: CookieClient, told: Told) -> None:
    assert post(server, FORM, password=WRONG) == 200

    assert told == [(Step.LOG_IN_FAILED, {"handshake": ""})]


def test_a_password_that_no_page_asked_for_is_nothing_to_tell(alice: User, told: Told) -> None:
    """A script of the project's, or another program's basic authentication."""
    assert authenticate(username="alice", password=WRONG) is None

    assert told == []


# --- what looks like one ---


def expired(app: Consumer, clock: Clock) -> str:
    token = question(app).sign()
    clock.advance(LIFETIME.total_seconds() + 1)
    return f"{AUTHORIZE}?token={token}"


def tokens(app: Consumer) -> dict[str, str]:
    """A genuine request token, and others by what is wrong with them."""
    genuine = question(app)
    values, token = list(vars(genuine).values()), genuine.sign()
    return {
        "token": token,
        "damaged": token[:-3] + "abc",
        "half": token[: len(token) // 2],
        "other_key": signing.dumps(values, key="another secret key", salt=SALT, compress=True),
        "other_kind": signing.dumps(values, salt="another purpose", compress=True),
        "other_shape": signing.dumps(["too", "few"], salt=SALT, compress=True),
        "long": "a" * 100_000,
        "too_long": "a" * (MAX_TOKEN_LENGTH + 1),
    }


LOOK_ALIKES = {
    "nothing": "",
    "no token": AUTHORIZE,
    "an empty one": f"{AUTHORIZE}?token=",
    "a damaged one": f"{AUTHORIZE}?token={{damaged}}",
    "half of one": f"{AUTHORIZE}?token={{half}}",
    "of another key": f"{AUTHORIZE}?token={{other_key}}",
    "of another kind": f"{AUTHORIZE}?token={{other_kind}}",
    "of another shape": f"{AUTHORIZE}?token={{other_shape}}",
    "by another name": f"{AUTHORIZE}?access_token={{token}}",
    "in the fragment": f"{AUTHORIZE}#token={{token}}",
    "at another site": f"http://elsewhere.test{AUTHORIZE}?token={{token}}",
    "without a scheme": f"//elsewhere.test{AUTHORIZE}?token={{token}}",
    "at another path": f"{AUTHORIZE}../?token={{token}}",
    "at another view": "/server/verify/?token={token}",
    "no address": "http://[",
    "no text": "\x00\u202e",
    "letters of everywhere": f"{AUTHORIZE}?token=пользователь",
    "half a character": f"{AUTHORIZE}?token=%ED%A0%80",
    "huge": f"{AUTHORIZE}?token={{token}}{{long}}",
    "huge, of nothing": "/{long}",
    "just too long": f"{AUTHORIZE}?token={{too_long}}",
    "a script": "javascript:alert(1)",
}


@pytest.mark.parametrize("kind", LOOK_ALIKES)
@pytest.mark.parametrize("at", ["query", "form"])
def test_what_is_no_hand_shake_is_no_error_and_no_step(
    server: CookieClient, app: Consumer, told: Told, kind: str, at: str
) -> None:
    next_url = LOOK_ALIKES[kind].format_map(tokens(app))
    way, hidden = (form_for(next_url), {}) if at == "query" else (FORM, {"next": next_url})

    if at == "query":
        assert server.get(way).status_code == 200
    assert post(server, way, **hidden, password=WRONG) == 200
    assert post(server, way, **hidden) == 302

    assert told == [
        (Step.LOG_IN_FAILED, {"handshake": ""}),
        (Step.LOGGED_IN, {"handshake": "", "user": "alice"}),
    ]


def test_what_they_look_like_is_one(app: Consumer) -> None:
    """Otherwise the test above would find nothing, whatever is asked."""
    right = f"{AUTHORIZE}?token={{token}}&page=2".format_map(tokens(app))

    assert reference_in(RequestFactory().get(form_for(right))) == question(app).reference != ""


def test_nor_is_one_that_is_too_old(
    server: CookieClient, app: Consumer, clock: Clock, told: Told
) -> None:
    way = form_for(expired(app, clock))

    assert server.get(way).status_code == 200
    assert post(server, way) == 302

    assert told == [(Step.LOGGED_IN, {"handshake": "", "user": "alice"})]


def test_nor_is_one_with_thousands_of_parameters(server: CookieClient, told: Told) -> None:
    """Who reads them all has said how many there may be: Django answers 400."""
    way = form_for(f"{AUTHORIZE}?{'&' * 2000}")

    assert server.get(way).status_code == 200
    assert post(server, way) == 302

    assert told == [(Step.LOGGED_IN, {"handshake": "", "user": "alice"})]


# --- on other pages ---


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/no-such-page/", "/server/"])
def test_other_pages_with_a_next_tell_nothing(
    server: CookieClient, way: str, told: Told, path: str
) -> None:
    assert server.get(f"{path}?{urlsplit(way).query}").status_code in (200, 404)

    assert told == []


def test_nor_do_their_forms(server: CookieClient, way: str, told: Told) -> None:
    server.post("/", {"next": parameter(way, "next")})
    server.post("/admin/login/?next=/admin/", {"next": parameter(way, "next")})

    assert Step.LOG_IN_SHOWN not in [step for step, _ in told]


def test_a_form_that_sends_somebody_on_was_not_shown(
    server: CookieClient, alice: User, way: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is signed in already, where a project's view looks for that."""
    monkeypatch.setattr(LoginView, "redirect_authenticated_user", True)
    server.force_login(alice)
    told.clear()

    assert server.get(way).status_code == 302

    assert told == []


def test_a_form_that_turns_somebody_away_was_shown_with_its_status(
    hers: Browser, server: CookieClient, way: str, told: Told
) -> None:
    """A project's own, say, after too many wrong passwords; here a method that it hasn't got."""
    assert server.delete(way).status_code == 405

    assert told == [(Step.LOG_IN_SHOWN, {"handshake": reference(hers), "status": 405})]


def test_a_page_that_does_not_read_its_query_goes_on_whatever_is_in_it(
    server: CookieClient,
) -> None:
    assert server.get(f"/?{'&' * 2000}").status_code == 200


def test_a_server_whose_form_is_nowhere_has_its_other_pages(
    server: CookieClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a hand-shake needs it; the project's own forms don't."""
    monkeypatch.setattr(urls.server, "auth_view_name", "no-such-view")

    assert server.get("/?next=/").status_code == 200
    assert server.post("/", {"page": "2"}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/octet-stream"])
def test_of_what_is_no_form_nothing_is_read(
    server: CookieClient, way: str, told: Told, kind: str
) -> None:
    """A project's log-in by a script reads the body itself."""
    next_url = quote(parameter(way, "next"))

    assert server.post(FORM, f"next={next_url}", content_type=kind).status_code == 200

    assert Step.LOG_IN_SHOWN not in [step for step, _ in told]
