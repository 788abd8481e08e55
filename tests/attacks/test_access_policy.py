"""Threat: somebody enters an app that is not for them.

The consumer ``closed`` is for the group ``insiders``. Source: RFC 9700, 2.3 (access token
privilege restriction); CWE-862. Defence: ``sso_kit/server/policy.py``.

What would make this lie: a consumer that lets nobody in. Hence an insider enters.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.attacks import acts, by_hand
from tests.attacks.acts import ALICE
from tests.attacks.pairs import CLOSED_GROUP, CLOSED_ORIGIN, Pair
from tests.support.browser import Browser, Page

Saw = Callable[[str], None]
INSIDER = "user9"
JOIN = """INSERT INTO auth_user_groups (user_id, group_id)
    SELECT auth_user.id, auth_group.id FROM auth_user, auth_group WHERE username = ? AND name = ?"""
LEAVE = "DELETE FROM auth_user_groups"


@pytest.fixture
def insider(kit: Pair) -> str:
    kit.server.rows(LEAVE)
    kit.server.rows(JOIN, INSIDER, CLOSED_GROUP)
    return INSIDER


def authorize(pair: Pair, person: str, browser: Browser | None = None) -> Page:
    """The server's answer to a person who wants to enter the closed app."""
    public, private = pair.keys("closed")
    question = {
        "redirect_to": f"{CLOSED_ORIGIN}/sso/authenticate/", "nonce": "n" * 22,
        "challenge": by_hand.challenge_of("v" * 43),
    }  # fmt: skip
    body = by_hand.write(private, by_hand.SALTS["request-token", "ask"], question)
    answer = acts.post_back_channel(pair, "request-token/", public, body)
    token = by_hand.payload(answer.text)["request_token"]
    browser = acts.sign_in_at_server(pair, person, browser)
    url = f"{pair.server.url}/sso/authorize/?{urlencode({'token': token})}"
    return browser.get(url, follow=False)


def verify(pair: Pair, page: Page) -> acts.Answer:
    token = by_hand.bare_token(acts.parameter(page.location, "access_token"))
    return acts.verify(pair, pair.keys("closed"), token, "v" * 43)


@pytest.mark.threat("not-invited")
def test_who_may_not_enter_gets_a_page_that_says_so(kit: Pair, insider: str, saw: Saw) -> None:
    page = authorize(kit, ALICE)

    assert page.status == 403
    assert "You may not enter this app" in page.body
    assert f"{ALICE} may not enter closed" in page.body
    assert f'href="{CLOSED_ORIGIN}/"' in page.body
    saw("a page that says so, and no token")


@pytest.mark.threat("not-invited")
def test_who_loses_the_right_after_the_token_was_issued_stays_out(kit: Pair, insider: str) -> None:
    page = authorize(kit, insider)
    kit.server.rows(LEAVE)

    answer = verify(kit, page)

    assert answer.status == 403
    assert "may not sign in here" in answer.text


def test_who_may_enter_does(kit: Pair, insider: str) -> None:
    answer = verify(kit, authorize(kit, insider))

    assert answer.status == 200
    assert by_hand.profile(answer.text)["username"] == insider


@pytest.mark.control("not-invited", "access-policy off")
def test_everybody_may_with_access_policy_off(kit: Pair, insider: str, saw: Saw) -> None:
    with kit.without("access-policy"):
        answer = verify(kit, authorize(kit, ALICE))

    assert by_hand.profile(answer.text)["username"] == ALICE
    saw("alice enters")


@pytest.mark.control("not-invited", "stock")
def test_stock_lets_everybody_enter_everything(stock: Pair, saw: Saw) -> None:
    assert acts.begin_by_hand(stock, ALICE)
    saw("no policy exists: everybody enters every app")
