"""Accounts with passwords of the app's own: linked and unlinked by who proves both."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.client.models import AppSession, Identity
from sso_kit.server.models import SignIn
from tests.kit.clock import Clock
from tests.kit.consumers import person
from tests.kit.journeys import APP, FINISH, Browser, InProcess, parameter, without_csrf_middleware
from tests.kit.log_outs import Wire

pytestmark = pytest.mark.django_db(transaction=True)
LINK = f"{APP}/sso/link/"


@pytest.fixture
def lena(
    db: None, app: Consumer, alice: User, back_channel: InProcess, wire: Wire, clock: Clock
) -> User:
    """She has an account of the app's own; ``alice`` is who she is at the server."""
    made: User = person("lena")
    return made


@pytest.fixture
def hers(lena: User) -> Browser:
    browser = Browser()
    browser.at("app.test").force_login(lena)
    return browser


def begin(browser: Browser, what: str = "link", password: str = "password") -> Any:
    return browser.at("app.test").post("/sso/link/", {"what": what, "password": password})


def prove(browser: Browser, began: Any, name: str = "alice") -> Any:
    """Log in at the server, and come back; the page that is shown then."""
    form = browser.walk_until(began["Location"], "/login/")
    browser.at("sso.test").login_by_form(name)
    return browser.get(f"http://sso.test{parameter(form, 'next')}")


def say_yes(browser: Browser, page: Any) -> Any:
    yes = re.search(r'name="yes" value="([^"]+)"', page.content.decode())
    assert yes, page.content.decode()
    return browser.at("app.test").post("/sso/link/", {"yes": yes[1]})


def link(browser: Browser) -> None:
    assert say_yes(browser, prove(browser, begin(browser))).status_code == 200


def test_both_proofs_and_a_yes_link_them(hers: Browser, lena: User, alice: User) -> None:
    page = prove(hers, begin(hers))
    assert "In this app you are lena" in page.content.decode()
    assert not Identity.objects.exists()

    say_yes(hers, page)

    assert Identity.objects.get().user == lena
    browser = Browser()
    browser.sign_in_at_the_server(alice)
    assert browser.get(f"{APP}/in/").content.decode() == "only for lena"


def test_nobody_is_signed_in_by_it_and_no_account_is_made(hers: Browser, lena: User) -> None:
    before = User.objects.count()

    link(hers)

    assert User.objects.count() == before
    assert not AppSession.objects.exists()
    assert not SignIn.objects.exists()
    assert hers.get(f"{APP}/in/").content.decode() == "only for lena"


def test_unlinking_does_not_sign_out_who_is_there_by_the_link(
    hers: Browser, lena: User, clock: Clock
) -> None:
    """The two proofs are of one session at the server; the last yes may take a while."""
    link(hers)
    browser = Browser()
    browser.at("sso.test").login_by_form("alice")
    assert browser.get(f"{APP}/in/").content.decode() == "only for lena"
    clock.advance(5)
    page = prove(browser, begin(browser, "unlink"))
    clock.advance(70)

    assert say_yes(browser, page).status_code == 200
    assert not Identity.objects.exists()
    assert browser.get(f"{APP}/in/", follow=False).status_code == 200
    assert SignIn.objects.count() == 1


def test_both_proofs_unlink_them(hers: Browser, lena: User, clock: Clock) -> None:
    link(hers)
    clock.advance(5)

    say_yes(hers, prove(hers, begin(hers, "unlink")))

    assert not Identity.objects.exists()
    lena.refresh_from_db()
    assert lena.check_password("password")


@pytest.mark.parametrize("what", ["link", "unlink"])
def test_a_wrong_password_does_nothing_and_a_few_end_it(
    hers: Browser, lena: User, what: str
) -> None:
    for _ in range(5):
        assert begin(hers, what, "guess").status_code == 403

    assert begin(hers, what).status_code == 403  # the right one, too late


def test_somebody_who_is_not_signed_in_links_nothing(lena: User) -> None:
    assert begin(Browser()).status_code == 403


def test_an_account_without_a_password_of_its_own_is_not_unlinked(alice: User, lena: User) -> None:
    """Nobody could get into it afterwards."""
    browser = Browser()
    browser.sign_in_at_the_server(alice)
    browser.get(f"{APP}/in/")

    assert begin(browser, "unlink", "").status_code == 403
    assert Identity.objects.exists()


def test_only_who_it_is_linked_to_unlinks_it(hers: Browser, clock: Clock) -> None:
    person("bob")
    link(hers)
    clock.advance(5)

    page = prove(hers, begin(hers, "unlink"), "bob")

    assert page.status_code == 403
    assert "somebody else" in page.content.decode()
    assert Identity.objects.exists()


def test_an_identity_with_an_account_of_its_own_is_not_taken(hers: Browser, alice: User) -> None:
    other = Browser()
    other.sign_in_at_the_server(alice)
    other.get(f"{APP}/in/")
    before = Identity.objects.get()

    page = prove(hers, begin(hers))

    assert page.status_code == 403
    assert "account of its own" in page.content.decode()
    assert Identity.objects.get() == before


def test_a_linked_account_is_not_linked_to_another(hers: Browser, clock: Clock) -> None:
    person("bob")
    link(hers)
    clock.advance(5)

    assert prove(hers, begin(hers), "bob").status_code == 403
    assert Identity.objects.count() == 1


# --- attacks ---


def test_a_hand_shake_that_somebody_else_began_links_nothing(
    hers: Browser, lena: User, alice: User
) -> None:
    """Mallory's own, of which she lets the victim's browser make the last step."""
    mallory = Browser()
    mallory.at("app.test").force_login(person("mallory"))
    began = begin(mallory)
    form = mallory.walk_until(began["Location"], "/login/")
    mallory.at("sso.test").login_by_form("mallory")
    finish = mallory.walk_until(f"http://sso.test{parameter(form, 'next')}", FINISH)

    begin(hers)
    page = hers.get(finish)

    assert page.status_code == 403
    assert not Identity.objects.exists()


def test_a_hand_shake_that_was_begun_to_sign_in_links_nothing(hers: Browser, lena: User) -> None:
    """A visit to the log-in view, in the very browser that has begun to link."""
    begin(hers)
    bob = person("bob")
    hers.at("sso.test").force_login(bob)

    hers.get(f"{APP}/sso/?next=/in/")

    assert not Identity.objects.filter(user=lena).exists()


def test_a_yes_that_another_site_sends_links_nothing(hers: Browser, settings: Settings) -> None:
    page = prove(hers, begin(hers))
    without_csrf_middleware(hers.at("app.test"), settings)

    assert say_yes(hers, page).status_code == 403
    assert begin(hers).status_code == 403
    assert not Identity.objects.exists()


def test_a_look_links_nothing_and_a_yes_counts_once(hers: Browser, clock: Clock) -> None:
    page = prove(hers, begin(hers))
    hers.get(LINK)
    hers.get(f"{LINK}?yes=1")
    assert not Identity.objects.exists()

    say_yes(hers, page)

    assert say_yes(hers, page).status_code == 400


def test_a_yes_that_comes_late_links_nothing(hers: Browser, clock: Clock) -> None:
    page = prove(hers, begin(hers))
    clock.advance(601)

    assert say_yes(hers, page).status_code == 403
    assert not Identity.objects.exists()


def test_a_yes_after_somebody_else_signed_in_links_nothing(hers: Browser) -> None:
    page = prove(hers, begin(hers))
    hers.at("app.test").force_login(person("mallory"))

    assert say_yes(hers, page).status_code == 400
    assert not Identity.objects.exists()


def test_who_is_signed_in_at_the_server_has_to_prove_it_again(hers: Browser, alice: User) -> None:
    """Else whoever finds both open has a second way in for ever."""
    hers.at("sso.test").login_by_form("alice")

    assert hers.walk_until(begin(hers)["Location"], "/login/")


def test_the_two_log_ins_do_not_step_on_each_other(hers: Browser, alice: User) -> None:
    hers.at("sso.test").login_by_form("alice")
    assert hers.get(f"{APP}/in/").content.decode() == "only for lena"
    assert hers.get(f"{APP}/hello/").content.decode() == "front page of lena"

    hers.at("app.test").logout_by_form()

    assert hers.at("sso.test").get("/").content == b"front page of alice"


@pytest.mark.parametrize("what", ["", "everything"])
def test_something_else_is_a_bad_request(hers: Browser, what: str) -> None:
    assert begin(hers, what).status_code == 400
