"""Threat: a recorded back-channel answer, given back to another question.

A man in the middle of the back channel (``tap.py``) records the answer that says "this is
alice". When the client asks about mallory's token, he gives back that one.

Source: RFC 9421, 7.2.2 (signature replay); OpenID Connect Core, 3.1.2.1 (``nonce``) and
3.1.3.7 (``aud``). Defences: ``answer-binding`` and ``freshness`` in
``sso_kit/messages/hardened.py``.

What would make this lie: an answer that is refused since it is old, or since the tap
breaks it. Hence: it is given back within the second, to the letter, and goes through
where the defence is off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.attacks import acts, by_hand
from tests.attacks.acts import ALICE, MALLORY, Answer, post_back_channel
from tests.attacks.pairs import Pair
from tests.attacks.tap import Exchange
from tests.support.browser import Browser

Saw = Callable[[str], None]
ASK = by_hand.SALTS["request-token", "ask"]
VERIFY_ANSWER = by_hand.SALTS["verify", "answer"]
HOUR = 3600


def mallory_signs_in_as_alice(pair: Pair) -> Browser:
    acts.sign_in(pair, ALICE, site=pair.tapped)
    about_alice = pair.tap.last("verify").answer
    with played_back(pair, about_alice):
        return acts.sign_in(pair, MALLORY, site=pair.tapped)


def played_back(pair: Pair, answer: str) -> AbstractContextManager[None]:
    def instead(exchange: Exchange) -> str:
        return answer if "verify" in exchange.path else exchange.answer

    return pair.tap.answering(instead)


@pytest.mark.threat("replayed-answer")
def test_the_answer_about_alice_does_not_sign_mallory_in(kit: Pair, saw: Saw) -> None:
    browser = mallory_signs_in_as_alice(kit)

    assert acts.who(browser, kit.tapped) == ""
    saw("nobody is signed in")


@pytest.mark.threat("replayed-answer")
def test_the_refusal_says_that_the_answer_is_to_another_question(kit: Pair) -> None:
    acts.sign_in(kit, ALICE, site=kit.tapped)
    browser = acts.sign_in_at_server(kit, MALLORY)

    with played_back(kit, kit.tap.last("verify").answer):
        page = browser.get(f"{kit.tapped.url}/in/")

    assert page.status == 400
    assert "to another question" in page.body


@pytest.mark.control("replayed-answer", "answer-binding off")
def test_it_does_with_answer_binding_off(kit: Pair, saw: Saw) -> None:
    with kit.without("answer-binding"):
        browser = mallory_signs_in_as_alice(kit)

    assert acts.who(browser, kit.tapped) == ALICE
    saw("mallory is signed in as alice")


@pytest.mark.control("replayed-answer", "stock")
def test_it_does_on_stock(stock: Pair, saw: Saw) -> None:
    browser = mallory_signs_in_as_alice(stock)

    assert acts.who(browser, stock.tapped) == ALICE
    saw("mallory is signed in as alice")


@pytest.mark.threat("replayed-answer")
def test_an_answer_for_another_consumer_is_refused(kit: Pair) -> None:
    """Signed with the right key and nonce, as if two consumers shared a key."""
    key = kit.tapped.private_key

    def for_another(exchange: Exchange) -> str:
        said = {**by_hand.payload(exchange.answer), "aud": "other-public-key"}
        return (
            by_hand.write(key, VERIFY_ANSWER, said)
            if "verify" in exchange.path
            else exchange.answer
        )

    browser = acts.sign_in_at_server(kit, ALICE)
    with kit.tap.answering(for_another):
        page = browser.get(f"{kit.tapped.url}/in/")

    assert page.status == 400
    assert acts.who(browser, kit.tapped) == ""


def old_answer(pair: Pair, age: float) -> Callable[[Exchange], str]:
    """The right answer to the right question, signed at another time."""

    def instead(exchange: Exchange) -> str:
        if "verify" not in exchange.path:
            return exchange.answer
        said = by_hand.payload(exchange.answer)
        return by_hand.write(pair.tapped.private_key, VERIFY_ANSWER, said, at=time.time() - age)

    return instead


@pytest.mark.threat("stale-message")
@pytest.mark.parametrize("age", [HOUR, -HOUR], ids=["from the past", "from the future"])
def test_an_answer_from_another_time_is_refused(kit: Pair, age: float, saw: Saw) -> None:
    browser = acts.sign_in_at_server(kit, ALICE)
    with kit.tap.answering(old_answer(kit, age)):
        page = browser.get(f"{kit.tapped.url}/in/")

    assert page.status == 400
    assert "away from this clock" in page.body
    saw("refused on both sides")


@pytest.mark.control("stale-message", "freshness off")
def test_it_is_taken_with_freshness_off(kit: Pair) -> None:
    browser = acts.sign_in_at_server(kit, ALICE)
    with kit.without("freshness"), kit.tap.answering(old_answer(kit, HOUR)):
        browser.get(f"{kit.tapped.url}/in/")

    assert acts.who(browser, kit.tapped) == ALICE


@pytest.mark.control("stale-message", "stock")
def test_stock_takes_an_answer_of_last_hour(stock: Pair, saw: Saw) -> None:
    def instead(exchange: Exchange) -> str:
        said, key = by_hand.payload(exchange.answer), stock.tapped.private_key
        hour_ago = time.time() - HOUR
        return by_hand.write(key, by_hand.STOCK_SALT, said, scheme=by_hand.STOCK, at=hour_ago)

    browser = acts.sign_in_at_server(stock, ALICE)
    with stock.tap.answering(instead):
        browser.get(f"{stock.tapped.url}/in/")

    assert acts.who(browser, stock.tapped) == ALICE
    saw("an answer signed an hour ago is taken")


def ask_again(pair: Pair, age: float) -> Answer:
    """A question to the server, signed at another time."""
    public, private = pair.keys("other")
    payload = {"redirect_to": f"{pair.url_of('other')}/x", "challenge": by_hand.challenge_of("any"),
               "nonce": "n" * 22}  # fmt: skip
    message = by_hand.write(private, ASK, payload, at=time.time() - age)
    return post_back_channel(pair, "request-token/", public, message)


@pytest.mark.threat("stale-message")
@pytest.mark.parametrize("age", [60, -60], ids=["from the past", "from the future"])
def test_a_question_from_another_time_is_refused(kit: Pair, age: float) -> None:
    answer = ask_again(kit, age)

    assert answer.status == 400
    assert "away from this clock" in answer.text


@pytest.mark.control("stale-message", "freshness off")
def test_such_a_question_is_answered_with_freshness_off(kit: Pair, saw: Saw) -> None:
    with kit.without("freshness"):
        assert ask_again(kit, HOUR).status == 200
    saw("messages of last hour are taken")
