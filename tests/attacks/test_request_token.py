"""Threats: a request token used twice, or begun by an attacker and finished by a victim.

Source: RFC 9700, 4.5 and 4.7 (code injection, CSRF), RFC 6819, 4.4.1.8 (session fixation).

What would make this lie: the victim's browser never coming to the client, so that there is
nothing to burn. Hence the tests follow it there, and the attacker, who has the verifier
of the hand-shake in a cookie, then tries the very link the victim was sent to.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.core.signing import TimestampSigner, b62_encode

from tests.attacks import acts
from tests.attacks.acts import ALICE, MALLORY
from tests.attacks.pairs import Pair
from tests.support.browser import Browser

Saw = Callable[[str], None]
SECRET_KEY = "twin-server-" + "not-secret-" * 5
ELEVEN_MINUTES = 660


def open_twice(pair: Pair) -> int:
    """The status of the second use of a request token."""
    browser = acts.sign_in_at_server(pair, ALICE)
    link = acts.authorize_link(pair, browser)
    assert "access_token=" in browser.get(link, follow=False).location
    return browser.get(link, follow=False).status


@pytest.mark.threat("request-token-reused")
def test_a_request_token_works_once(kit: Pair, saw: Saw) -> None:
    assert open_twice(kit) == 403
    saw("the second use is refused")


@pytest.mark.control("request-token-reused", "stock")
def test_it_works_again_on_stock(stock: Pair, saw: Saw) -> None:
    assert open_twice(stock) == 302
    saw("the second use gives the access token out again")


def resigned(token: str, age: float) -> str:
    """A genuine request token as if it had been made at another time."""
    value = token.rsplit(":", 2)[0] + ":" + b62_encode(int(time.time() - age))
    signer = TimestampSigner(key=SECRET_KEY, salt="sso-kit/3 request token", fallback_keys=[])
    return f"{value}:{signer.signature(value)}"


@pytest.mark.threat("request-token-reused")
@pytest.mark.parametrize(("age", "status"), [(0, 302), (ELEVEN_MINUTES, 403)])
def test_a_request_token_lives_ten_minutes(kit: Pair, age: float, status: int) -> None:
    browser = acts.sign_in_at_server(kit, ALICE)
    link = acts.authorize_link(kit, browser)
    old = resigned(acts.parameter(link, "token"), age)

    page = browser.get(acts.with_parameter(link, "token", old), follow=False)

    assert page.status == status
    assert ("begun too long ago" in page.body) == (status == 403)


def begun_by_attacker(pair: Pair, attacker: Browser, victim: Browser) -> str:
    """The victim finishes the attacker's hand-shake; where that sent the victim."""
    link = acts.authorize_link(pair, attacker)
    acts.sign_in_at_server(pair, ALICE, victim)
    page = victim.get(link)
    return next(hop.url for hop in page.hops if "access_token=" in hop.url)


@pytest.mark.threat("handshake-handed-over")
def test_a_hand_shake_begun_by_an_attacker_and_finished_by_a_victim_yields_nothing(
    kit: Pair, attacker: Browser, victim: Browser, saw: Saw
) -> None:
    link = begun_by_attacker(kit, attacker, victim)

    page = attacker.get(link)

    assert page.status == 403
    assert "has been used already" in page.body
    assert acts.who(attacker, kit.client) == acts.who(victim, kit.client) == ""
    saw("nobody is signed in, the token is burnt")


@pytest.mark.threat("handshake-handed-over")
def test_the_attackers_request_token_is_spent_afterwards(
    kit: Pair, attacker: Browser, victim: Browser
) -> None:
    link = acts.authorize_link(kit, attacker)
    acts.sign_in_at_server(kit, ALICE, victim).get(link)
    acts.sign_in_at_server(kit, MALLORY, attacker)

    page = attacker.get(link)

    assert page.status == 403
    assert "has been used already" in page.body


@pytest.mark.control("handshake-handed-over", "session-binding, single-use off")
def test_it_yields_the_victims_account_without_the_two_defences(
    kit: Pair, attacker: Browser, victim: Browser, saw: Saw
) -> None:
    with kit.without("session-binding", "single-use"):
        attacker.get(begun_by_attacker(kit, attacker, victim))

    assert acts.who(attacker, kit.client) == ALICE
    saw("the attacker is signed in as alice")


@pytest.mark.control("handshake-handed-over", "stock")
def test_it_yields_the_victims_account_on_stock(
    stock: Pair, attacker: Browser, victim: Browser, saw: Saw
) -> None:
    attacker.get(begun_by_attacker(stock, attacker, victim))

    assert acts.who(attacker, stock.client) == ALICE
    saw("the attacker is signed in as alice")
