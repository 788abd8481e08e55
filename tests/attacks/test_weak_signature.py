"""Threat: messages signed with SHA-1, as stock's are in spite of what tutorials claim.

Source: RFC 6194 (SHA-1 is not for new designs); stock's ``TimedSerializer(key)`` takes
itsdangerous' default. Signatures are checked here by hand, with hashlib and hmac alone.

What would make this lie: a refusal for another reason than the signature. Hence the same
message passes once it is signed with SHA-256, and the legacy consumer's SHA-1 passes.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attacks import acts, by_hand
from tests.attacks.acts import ALICE, post_back_channel
from tests.attacks.pairs import Pair

Saw = Callable[[str], None]
ASK = by_hand.SALTS["request-token", "ask"]


def question(pair: Pair, consumer: str) -> dict[str, object]:
    return {
        "redirect_to": f"{pair.url_of(consumer)}/sso/authenticate/",
        "challenge": by_hand.challenge_of("any"), "passive": False, "nonce": "n" * 22,
    }  # fmt: skip


@pytest.mark.threat("weak-signature")
def test_every_message_of_a_log_in_is_signed_with_hmac_sha256(kit: Pair, saw: Saw) -> None:
    acts.sign_in(kit, ALICE, site=kit.tapped)

    key = kit.tapped.private_key
    for kind in ("request-token", "verify"):
        exchange = kit.tap.last(kind)
        assert by_hand.fits(exchange.question, key, by_hand.SALTS[kind, "ask"], by_hand.KIT)
        assert by_hand.fits(exchange.answer, key, by_hand.SALTS[kind, "answer"], by_hand.KIT)
    saw("questions and answers are HMAC-SHA256")


@pytest.mark.control("weak-signature", "stock")
def test_stock_signs_with_sha1_whatever_tutorials_claim(stock: Pair, saw: Saw) -> None:
    acts.sign_in(stock, ALICE, site=stock.tapped)

    key = stock.tapped.private_key
    for kind in ("request-token", "verify"):
        exchange = stock.tap.last(kind)
        assert by_hand.fits(exchange.question, key, by_hand.STOCK_SALT, by_hand.STOCK)
        assert by_hand.fits(exchange.answer, key, by_hand.STOCK_SALT, by_hand.STOCK)
    saw("questions and answers are HMAC-SHA1")


@pytest.mark.threat("weak-signature")
def test_a_message_signed_with_sha1_is_refused(kit: Pair) -> None:
    public, private = kit.keys("other")
    message = by_hand.write(
        private, by_hand.STOCK_SALT, question(kit, "other"), scheme=by_hand.STOCK
    )

    answer = post_back_channel(kit, "request-token/", public, message)

    assert answer.status == 400
    assert "signature" in answer.text


@pytest.mark.threat("weak-signature")
def test_a_right_salt_does_not_make_sha1_right(kit: Pair) -> None:
    public, private = kit.keys("other")
    sha1 = by_hand.Scheme("sha1", stamped=False)
    message = by_hand.write(private, ASK, question(kit, "other"), scheme=sha1)

    assert post_back_channel(kit, "request-token/", public, message).status == 400


@pytest.mark.threat("weak-signature")
def test_a_verify_message_does_not_pass_for_another_kind(kit: Pair) -> None:
    public, private = kit.keys("other")
    verify_ask = by_hand.write(private, by_hand.SALTS["verify", "ask"], question(kit, "other"))

    assert post_back_channel(kit, "request-token/", public, verify_ask).status == 400


def test_the_same_message_signed_with_sha256_passes(kit: Pair) -> None:
    public, private = kit.keys("other")
    message = by_hand.write(private, ASK, question(kit, "other"))

    answer = post_back_channel(kit, "request-token/", public, message)

    assert answer.status == 200
    assert by_hand.payload(answer.text)["aud"] == public


@pytest.mark.threat("weak-signature")
def test_sha1_is_taken_from_a_consumer_marked_legacy_and_logged(kit: Pair, saw: Saw) -> None:
    kit.server.role.manage("sso_consumer", "old", "--legacy")
    public, private = kit.keys("old")
    message = by_hand.write(private, by_hand.STOCK_SALT, question(kit, "old"), scheme=by_hand.STOCK)
    before = len(kit.server.log)

    answer = post_back_channel(kit, "request-token/", public, message)

    assert answer.status == 200
    assert by_hand.fits(answer.text, private, by_hand.STOCK_SALT, by_hand.STOCK)
    said = kit.server.log[before:]
    assert "legacy message taken: HMAC-SHA1" in said
    assert '"consumer": "old"' in said
    saw("SHA-1 from a consumer marked legacy only, and logged")
