"""What a person is asked before an app hears of them, and how the app knows that they were."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.client.decorators import login_required
from sso_kit.client.models import AppSession
from sso_kit.messages import Purpose
from sso_kit.server.models import SignIn
from sso_kit.server.sessions import PROOF, USED
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import person, policy_of
from tests.kit.journeys import APP, FINISH, Browser, InProcess, parameter, without_csrf_middleware
from tests.kit.log_outs import Wire, sign_in_once

pytestmark = pytest.mark.django_db(transaction=True)
HERS = "only for sso.alice"
LOG_IN = f"{APP}/sso/?next=/in/"


@pytest.fixture
def hers(alice: User, app: Consumer, back_channel: InProcess, wire: Wire) -> Browser:
    """Alice's browser, signed in at the server by its form a while ago."""
    browser = Browser()
    browser.at("sso.test").login_by_form("alice")
    return browser


def log_in(browser: Browser, name: str, form: str) -> str:
    """Fill in the server's form, and follow the way back; what is shown then."""
    way_back = parameter(form, "next")
    browser.at("sso.test").post("/login/", {"username": name, "password": "password"})
    page: str = browser.get(f"http://sso.test{way_back}").content.decode()
    return page


def test_login_asks_for_the_form_again(hers: Browser, clock: Clock) -> None:
    clock.advance(5)
    form = hers.walk_until(f"{LOG_IN}&prompt=login", "/login/")
    clock.advance(5)

    assert log_in(hers, "alice", form) == HERS


def test_coming_back_without_a_new_log_in_leads_to_the_form_again(
    hers: Browser, clock: Clock
) -> None:
    clock.advance(5)
    form = hers.walk_until(f"{LOG_IN}&prompt=login", "/login/")

    assert hers.walk_until(f"http://sso.test{parameter(form, 'next')}", "/login/")


def test_a_log_in_just_before_is_none_after(hers: Browser) -> None:
    """In the same second."""
    assert hers.walk_until(f"{LOG_IN}&prompt=login", "/login/")


@pytest.mark.parametrize(("age", "asked"), [(30, False), (120, True)])
def test_max_age_asks_for_it_where_the_last_one_is_older(
    hers: Browser, clock: Clock, age: int, asked: bool
) -> None:
    clock.advance(age)
    begin = f"{LOG_IN}&max_age=60"

    if asked:
        form = hers.walk_until(begin, "/login/")
        assert log_in(hers, "alice", form) == HERS
    else:
        assert hers.get(begin).content.decode() == HERS


def test_an_app_finds_out_that_the_wish_was_taken_off_the_way(
    hers: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server, or somebody between, that lets her pass without asking her anything."""
    clock.advance(100)
    from sso_kit.server import prompts

    monkeypatch.setattr(prompts, "still_to_ask", lambda *_: "")

    page = hers.get(f"{LOG_IN}&prompt=login")

    assert page.status_code == 403
    assert "prove who you are once more" in page.content.decode()
    assert not AppSession.objects.exists()


def test_so_it_does_with_max_age(
    hers: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.advance(100)
    from sso_kit.server import prompts

    monkeypatch.setattr(prompts, "still_to_ask", lambda *_: "")

    assert hers.get(f"{LOG_IN}&max_age=60").status_code == 403
    assert hers.get(f"{LOG_IN}&max_age=200").content.decode() == HERS


def test_the_app_knows_when_and_how(hers: Browser) -> None:
    hers.get(f"{APP}/in/")
    row = AppSession.objects.get()

    assert row.amr == "pwd"
    assert row.auth_time > 1_700_000_000


def test_who_proved_nothing_that_is_known_has_no_time(
    alices: Browser, app: Consumer, back_channel: InProcess
) -> None:
    """Signed in before there was a record of it: too long ago for every ``max_age``."""
    session = alices.at("sso.test").session
    for name in (PROOF, USED):
        del session[name]
    session.save()

    assert alices.walk_until(f"{LOG_IN}&max_age=999999999", "/login/")


# --- the chooser ---


def choose(browser: Browser, page: object, name: str = "alice") -> object:
    token = re.search(r'name="token" value="([^"]+)"', page.content.decode())  # type: ignore[attr-defined]  # a response
    assert token
    return browser.at("sso.test").post("/server/authorize/", {"token": token[1], "continue": name})


def test_select_account_shows_who_is_there_and_goes_on_by_a_form(hers: Browser) -> None:
    page = hers.get(f"{LOG_IN}&prompt=select_account")
    assert page.status_code == 200
    assert "Continue as alice" in page.content.decode()
    assert f"form-action 'self' {APP}" in page["Content-Security-Policy"]

    answer = choose(hers, page)

    assert answer.status_code == 302  # type: ignore[attr-defined]  # as above
    assert hers.get(answer["Location"]).content.decode() == HERS  # type: ignore[index]  # as above


def test_a_link_chooses_nothing(hers: Browser) -> None:
    page = hers.get(f"{LOG_IN}&prompt=select_account")
    token = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    assert token

    again = hers.get(f"http://sso.test/server/authorize/?token={token[1]}&continue=alice")

    assert "Continue as alice" in again.content.decode()


def test_another_site_chooses_nothing(hers: Browser, settings: Settings) -> None:
    page = hers.get(f"{LOG_IN}&prompt=select_account")
    without_csrf_middleware(hers.at("sso.test"), settings)

    assert choose(hers, page).status_code == 403  # type: ignore[attr-defined]  # as above


def test_a_choice_of_who_was_there_before_is_asked_again(hers: Browser) -> None:
    """Somebody else has signed in since the page was shown."""
    page = hers.get(f"{LOG_IN}&prompt=select_account")

    answer = choose(hers, page, "bob")

    assert answer.status_code == 200  # type: ignore[attr-defined]  # as above
    assert b"Continue as alice" in answer.content  # type: ignore[attr-defined]  # as above


def test_another_account_is_a_log_in(hers: Browser, clock: Clock) -> None:
    person("bob")
    clock.advance(2)
    page = hers.get(f"{LOG_IN}&prompt=select_account")
    link = re.search(r'href="(/login/[^"]+)"', page.content.decode())
    assert link

    shown = log_in(hers, "bob", f"http://sso.test{link[1]}")

    assert shown == "only for sso.bob"


@pytest.mark.parametrize("prompt", ["select_account", "login"])
def test_the_policy_asks_where_the_app_does_not(
    hers: Browser, app: Consumer, clock: Clock, prompt: str
) -> None:
    policy = policy_of(app)
    policy.prompt = prompt
    policy.save()
    clock.advance(5)

    if prompt == "login":
        assert hers.walk_until(f"{APP}/in/", "/login/")
    else:
        assert "Continue as alice" in hers.get(f"{APP}/in/").content.decode()


def test_a_silent_question_is_answered_silently(hers: Browser, app: Consumer) -> None:
    policy = policy_of(app)
    policy.prompt = "select_account"
    policy.save()

    assert hers.get(f"{APP}/hello/").content.decode() == "front page of nobody"
    assert any("error=interaction_required" in url for url in hers.visited)


def test_who_may_not_enter_can_be_somebody_else(hers: Browser, app: Consumer) -> None:
    from django.contrib.auth.models import Group

    policy_of(app).set_required_groups([Group.objects.create(name="users")])

    assert hers.walk_until(f"{LOG_IN}&prompt=select_account", "/login/")
    assert hers.get(f"{APP}/in/").status_code == 403


# --- for one app only ---


def test_it_serves_one_app_and_leaves_the_server_signed_out(
    alice: User, app: Consumer, back_channel: InProcess
) -> None:
    browser = Browser()

    page = browser.get(sign_in_once(browser, "alice", f"{APP}/in/"))

    assert page.content.decode() == HERS
    assert "_auth_user_id" not in browser.at("sso.test").session
    one = SignIn.objects.get()
    assert (one.session, one.proof.split()[1:]) == (None, ["pwd"])
    assert AppSession.objects.get().amr == "pwd"


def test_alice_stays_alice_at_the_server_although_bob_is_at_the_app(hers: Browser) -> None:
    person("bob")
    page = hers.get(sign_in_once(hers, "bob", f"{APP}/in/"))

    assert page.content.decode() == "only for sso.bob"
    hers.at("app.test").logout_here()
    assert hers.get(f"{APP}/in/").content.decode() == HERS


def test_such_a_session_is_checked_and_ended_like_any_other(
    alice: User, app: Consumer, back_channel: InProcess, clock: Clock, wire: Wire
) -> None:
    browser = Browser()
    browser.get(sign_in_once(browser, "alice", f"{APP}/in/"))
    clock.advance(61)
    assert browser.get(f"{APP}/in/", follow=False).status_code == 200

    alice.is_active = False
    alice.save()

    assert browser.get(f"{APP}/in/", follow=False).status_code == 302


def test_it_is_for_nobody_who_may_not_enter(hers: Browser, app: Consumer) -> None:
    from django.contrib.auth.models import Group

    from sso_kit.errors import AccessDenied

    policy_of(app).set_required_groups([Group.objects.create(name="users")])
    bob = person("bob")

    with pytest.raises(AccessDenied):
        sign_in_once(Browser(), bob.username, f"{APP}/in/")


def test_where_no_app_asks_there_is_nothing_to_do(alice: User) -> None:
    request = RequestFactory().get("/login/")

    for wanted in (
        "",
        "/",
        "/profile/?token=x",
        "https://evil.example/server/authorize/",
        "http://[x",
    ):
        assert urls.server.sign_in_once(request, alice, wanted) is None


# --- what can go wrong ---


@pytest.mark.parametrize("wish", ["prompt=none", "prompt=%00", "max_age=-1", "max_age=" + "9" * 40])
def test_a_wish_in_a_link_that_nobody_knows_is_none(hers: Browser, wish: str) -> None:
    assert hers.get(f"{LOG_IN}&{wish}").content.decode() == HERS


@pytest.mark.parametrize(
    "wish", [{"prompt": "none"}, {"prompt": 1}, {"max_age": -1}, {"max_age": True}, {"max_age": ""}]
)
def test_a_wish_of_an_app_that_nobody_knows_is_refused(
    app: Consumer, wish: dict[str, object]
) -> None:
    from django.test import Client

    from tests.kit.consumers import signed

    question = {
        "redirect_to": f"{APP}{FINISH}", "challenge": "c" * 43, "nonce": "n", "iat": now(), **wish,
    }  # fmt: skip
    answer = Client().post(
        "/server/request-token/",
        signed(urls.PRIVATE_KEY, Purpose.REQUEST_TOKEN_ASK, question),
        content_type="application/json",
        headers={"host": "sso.test", "x-services-public-key": urls.PUBLIC_KEY},
    )

    assert answer.status_code == 400


def now() -> int:
    from sso_kit import clock

    return int(clock.utc().timestamp())


class Apart(Browser):
    """The server's clock is behind the app's."""

    behind = 25

    def get(self, url: str, *, follow: bool = True) -> Any:
        if "sso.test" not in url.split("/")[2]:
            answer = super().get(url, follow=False)
        else:
            self.clock.advance(-self.behind)
            answer = super().get(url, follow=False)
            self.clock.advance(self.behind)
        if answer.status_code != 302 or not follow:
            return answer
        assert len(self.visited) < 40, "redirected for ever"
        return self.get(urljoin(url, answer["Location"]))

    clock: Clock


@pytest.mark.parametrize("max_age", [0, 20])
def test_clocks_apart_and_a_slow_way_are_no_endless_way(
    alice: User,
    app: Consumer,
    back_channel: InProcess,
    wire: Wire,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    max_age: int,
) -> None:
    strict = login_required(max_age=max_age)(urls.inside)
    patterns: list[Any] = list(urls.urlpatterns)
    (pattern,) = [each for each in patterns if str(each.pattern) == "in/"]
    monkeypatch.setattr(pattern, "callback", strict)
    send = back_channel._send

    def send_apart(*question: Any) -> Any:
        clock.advance(-Apart.behind)
        try:
            return send(*question)
        finally:
            clock.advance(Apart.behind)

    monkeypatch.setattr(back_channel, "_send", send_apart)
    browser = Apart()
    browser.clock = clock
    form = browser.walk_until(f"{APP}/in/", "/login/")
    clock.advance(-Apart.behind)
    browser.at("sso.test").login_by_form("alice")
    clock.advance(Apart.behind)
    to_the_page = browser.walk_until(f"http://sso.test{parameter(form, 'next')}", "/in/")
    clock.advance(3)  # it is slow

    assert browser.get(to_the_page).content.decode() == HERS
    again = browser.get(to_the_page, follow=False)
    assert again.status_code == (200 if max_age else 302)
    clock.advance(30)
    assert browser.walk_until(f"{APP}/in/", "/login/")


def test_a_decorator_takes_no_prompt_that_nobody_knows() -> None:
    with pytest.raises(ValueError, match="select_account"):
        login_required(prompt="none")


def test_a_view_that_wants_a_fresh_proof_asks_somebody_who_is_signed_in(
    hers: Browser, clock: Clock, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers.get(f"{APP}/in/")
    strict = login_required(max_age=60)(urls.inside)
    patterns: list[Any] = list(urls.urlpatterns)
    (pattern,) = [each for each in patterns if str(each.pattern) == "in/"]
    monkeypatch.setattr(pattern, "callback", strict)

    assert hers.get(f"{APP}/in/", follow=False).status_code == 200
    clock.advance(61)
    assert hers.walk_until(f"{APP}/in/", "/login/")
