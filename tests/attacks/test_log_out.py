"""Threats: a log-out that isn't one, and one that somebody else makes.

Source: OpenID Connect Back-Channel Logout 1.0; OWASP ASVS 4.0, V3.3. Defences: the server tells
the apps (``sso_kit/server/telling.py``), which check who says so and when it ended
(``sso_kit/client/ended.py``), and ask by themselves (``sso_kit/client/sessions.py``).

What would make this lie: a browser that has lost its cookies, hence the same one is asked; and an
app that nobody was signed in to, hence who was there before is looked at each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection

import pytest

from lab.machine import waiting
from tests.attacks import acts, by_hand
from tests.attacks.acts import ALICE, MALLORY
from tests.attacks.pairs import Pair, Site
from tests.support.browser import Browser

Saw = Callable[[str], None]
CALLS, CHECK = "log-out-calls", "session-check"
SOON = 5.0  # seconds; the quick client asks every second


@pytest.fixture(scope="module")
def quick(kit: Pair) -> Iterator[Site]:
    """A client that asks every second whether its sessions stand."""
    yield kit.further("quick", CHECK_SECONDS="1")


def sign_out_at_server(pair: Pair, browser: Browser) -> None:
    """With the form of the server's own page, as Django wants it."""
    page = browser.get(f"{pair.server.url}/login/")
    browser.submit(page, {}, f"{pair.server.url}/logout/")
    assert acts.who(browser, pair.server) == ""


def signed_in(pair: Pair, person: str, site: Site) -> Browser:
    browser = acts.sign_in(pair, person, site=site)
    assert acts.who(browser, site) == person
    return browser


def is_out(browser: Browser, site: Site) -> bool:
    return acts.who(browser, site) == ""


@pytest.mark.threat("log-out-that-is-none")
def test_who_signs_out_at_the_server_is_out_of_the_app(kit: Pair, saw: Saw) -> None:
    alices = signed_in(kit, ALICE, kit.client)

    sign_out_at_server(kit, alices)

    assert is_out(alices, kit.client)
    saw("out of the app at once")


@pytest.mark.control("log-out-that-is-none", "stock")
def test_with_stock_the_app_goes_on(stock: Pair, saw: Saw) -> None:
    alices = signed_in(stock, ALICE, stock.client)

    sign_out_at_server(stock, alices)

    assert acts.who(alices, stock.client) == ALICE
    saw("still signed in")


@pytest.mark.control("log-out-that-is-none", "log-out-calls off")
def test_without_the_calls_it_goes_on_until_the_app_asks(kit: Pair, saw: Saw) -> None:
    alices = signed_in(kit, ALICE, kit.client)

    with kit.without(CALLS):
        sign_out_at_server(kit, alices)
        assert acts.who(alices, kit.client) == ALICE
    saw("still signed in, for a minute")


@pytest.mark.threat("log-out-unheard")
def test_an_app_that_was_not_told_asks_by_itself(kit: Pair, quick: Site, saw: Saw) -> None:
    alices = signed_in(kit, ALICE, quick)

    with kit.without(CALLS):
        sign_out_at_server(kit, alices)
        assert waiting.until(lambda: is_out(alices, quick), SOON)
    saw("out as soon as the app has asked")


@pytest.mark.control("log-out-unheard", "session-check off")
def test_without_the_check_it_goes_on_for_ever(kit: Pair, quick: Site, saw: Saw) -> None:
    alices = signed_in(kit, ALICE, quick)

    with kit.without(CALLS, CHECK):
        sign_out_at_server(kit, alices)
        assert not waiting.until(lambda: is_out(alices, quick), SOON / 2)
    saw("still signed in")


def call(site: Site, key: str, **changes: object) -> int:
    """Tell a client that its newest session's sign-in has ended; the status of what it answers."""
    row = "SELECT sign_in, issuer FROM sso_kit_client_appsession ORDER BY id DESC LIMIT 1"
    ((sign_in, issuer),) = site.rows(row)
    said = {
        "aud": site.public_key, "iss": issuer, "event": "session-ended", "session": sign_in,
        "ended": int(time.time() * 1_000_000), "cause": "log-out", "nonce": "n" * 22, **changes,
    }  # fmt: skip
    body = by_hand.write(key, "sso-kit/3 session-ended ask", said)
    port = int(site.url.rpartition(":")[2])
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        headers = {"X-Services-Public-Key": site.public_key, "Content-Type": "application/json"}
        connection.request("POST", "/sso/session-ended/", body, headers)
        return connection.getresponse().status


@pytest.mark.threat("log-out-forged")
def test_a_call_with_another_key_ends_nothing(kit: Pair, saw: Saw) -> None:
    alices = signed_in(kit, ALICE, kit.client)

    assert call(kit.client, "a-key-of-mallorys-own".ljust(50, "0")) == 400

    assert acts.who(alices, kit.client) == ALICE
    saw("400; alice stays")


@pytest.mark.control("log-out-forged", "log-out-signature off")
def test_without_the_signature_anybody_ends_it(kit: Pair, saw: Saw) -> None:
    alices = signed_in(kit, ALICE, kit.client)

    with kit.without("log-out-signature"):
        call(kit.client, "a-key-of-mallorys-own".ljust(50, "0"))
        assert is_out(alices, kit.client)
    saw("alice is out")


def signed_in_again(pair: Pair) -> tuple[Browser, int]:
    """Alice, in the same session of the server; and when her first sign-in began."""
    alices = signed_in(pair, ALICE, pair.client)
    began = "SELECT began FROM sso_kit_client_appsession ORDER BY id DESC LIMIT 1"
    ((first,),) = pair.client.rows(began)
    pair.client.rows("DELETE FROM sso_kit_client_appsession WHERE began = ?", first)
    alices.get(f"{pair.client.url}/in/")
    assert acts.who(alices, pair.client) == ALICE
    return alices, first


@pytest.mark.threat("log-out-replayed")
def test_a_call_that_was_held_back_ends_nothing_newer(kit: Pair, saw: Saw) -> None:
    alices, first = signed_in_again(kit)

    assert call(kit.client, kit.client.private_key, ended=first + 1) == 200

    assert acts.who(alices, kit.client) == ALICE
    saw("confirmed, and ends nothing newer")


@pytest.mark.control("log-out-replayed", "ended-at off")
def test_without_the_time_it_ends_what_came_later(kit: Pair, saw: Saw) -> None:
    alices, first = signed_in_again(kit)

    with kit.without("ended-at"):
        call(kit.client, kit.client.private_key, ended=first + 1)
        assert is_out(alices, kit.client)
    saw("alice is out")


def deactivate(pair: Pair, person: str, active: int = 0) -> None:
    """In the database, so that nobody is told."""
    pair.server.rows("UPDATE auth_user SET is_active = ? WHERE username = ?", active, person)


@pytest.mark.threat("deactivated-stays-in")
def test_who_is_deactivated_is_out(kit: Pair, quick: Site, saw: Saw) -> None:
    mallorys = signed_in(kit, MALLORY, quick)
    deactivate(kit, MALLORY)
    try:
        assert waiting.until(lambda: is_out(mallorys, quick), SOON)
    finally:
        deactivate(kit, MALLORY, 1)
    saw("out as soon as the app has asked")


@pytest.mark.control("deactivated-stays-in", "stock")
def test_with_stock_who_is_deactivated_stays_in(stock: Pair, saw: Saw) -> None:
    mallorys = signed_in(stock, MALLORY, stock.client)
    deactivate(stock, MALLORY)
    try:
        assert acts.who(mallorys, stock.client) == MALLORY
    finally:
        deactivate(stock, MALLORY, 1)
    saw("still signed in")


@pytest.mark.control("deactivated-stays-in", "session-check off")
def test_without_the_check_who_is_deactivated_stays_in(kit: Pair, quick: Site, saw: Saw) -> None:
    mallorys = signed_in(kit, MALLORY, quick)
    deactivate(kit, MALLORY)
    try:
        with kit.without(CHECK):
            assert not waiting.until(lambda: is_out(mallorys, quick), SOON / 2)
    finally:
        deactivate(kit, MALLORY, 1)
    saw("still signed in")
