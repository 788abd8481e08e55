"""Threat: a victim is made to use the attacker's account (log-in CSRF, session swapping).

The attacker logs in, stops before the last step, and has the victim open that link. What
the victim then writes, the attacker reads.

Source: RFC 6749, 10.12; RFC 9700, 4.7; CWE-352. Defence: the hand-shake lives in the
browser that began it (``sso_kit/client/handshake.py``) and the server checks its verifier.

What would make this lie: a link that wouldn't work for anybody. Hence the attacker's own
browser opens such a link and is signed in.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attacks import acts
from tests.attacks.acts import ALICE, MALLORY
from tests.attacks.pairs import Pair
from tests.support.browser import Browser

Saw = Callable[[str], None]


@pytest.mark.threat("session-swapping")
def test_an_attackers_link_signs_nobody_in_and_explains_itself(
    kit: Pair, victim: Browser, saw: Saw
) -> None:
    page = victim.get(acts.access_link(kit, MALLORY))

    assert page.status == 403
    assert acts.who(victim, kit.client) == ""
    assert "Nobody was signed in" in page.body
    assert "begun in another browser" in page.body
    assert "don&#x27;t trust it" in page.body
    saw("nobody is signed in, and the page explains")


@pytest.mark.threat("session-swapping")
def test_the_page_offers_the_victim_a_log_in_of_their_own(kit: Pair, victim: Browser) -> None:
    page = victim.get(acts.access_link(kit, MALLORY))

    assert '<a href="/sso/?next=%2F">Sign in again</a>' in page.body


@pytest.mark.threat("session-swapping")
def test_a_victim_who_is_signed_in_stays_who_they_are(kit: Pair, victim: Browser) -> None:
    acts.sign_in(kit, ALICE, victim)

    victim.get(acts.access_link(kit, MALLORY))

    assert acts.who(victim, kit.client) == ALICE


@pytest.mark.threat("session-swapping")
def test_a_hand_shake_of_the_victims_own_does_not_let_the_attackers_link_in(
    kit: Pair, victim: Browser
) -> None:
    """The attacker's token with the victim's own ``state``: the cookie is there, but not its."""
    mine = acts.access_link(kit, ALICE, victim)
    theirs = acts.parameter(acts.access_link(kit, MALLORY), "access_token")

    page = victim.get(acts.with_parameter(mine, "access_token", theirs))

    assert page.status == 403
    assert acts.who(victim, kit.client) == ""


def test_the_attackers_link_works_in_the_attackers_browser(kit: Pair, attacker: Browser) -> None:
    attacker.get(acts.access_link(kit, MALLORY, attacker))

    assert acts.who(attacker, kit.client) == MALLORY


@pytest.mark.control("session-swapping", "session-binding off")
def test_it_signs_the_victim_in_with_session_binding_off(
    kit: Pair, victim: Browser, saw: Saw
) -> None:
    with kit.without("session-binding"):
        victim.get(acts.access_link(kit, MALLORY))

    assert acts.who(victim, kit.client) == MALLORY
    saw("the victim is signed in as mallory")


@pytest.mark.control("session-swapping", "stock")
def test_it_signs_the_victim_in_on_stock(stock: Pair, victim: Browser, saw: Saw) -> None:
    victim.get(acts.access_link(stock, MALLORY))

    assert acts.who(victim, stock.client) == MALLORY
    saw("the victim is signed in as mallory")
