"""The signed messages: what is taken, and that nothing else is."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import time

import pytest
from itsdangerous import TimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from sso_kit.errors import MessageRefused
from sso_kit.messages import HARDENED, Purpose
from sso_kit.messages.dialect import FRESH_SECONDS
from sso_kit.messages.hardened import SIGNER
from tests.kit.clock import Clock

KEY, OLD_KEY, FOREIGN_KEY = "current-" * 8, "previous-" * 7, "foreign-" * 8
ASK, ANSWER = Purpose.VERIFY_ASK, Purpose.VERIFY_ANSWER
MESSAGES = (
    Purpose.REQUEST_TOKEN_ASK,
    Purpose.REQUEST_TOKEN_ANSWER,
    Purpose.VERIFY_ASK,
    Purpose.VERIFY_ANSWER,
)


def test_a_question_comes_back_as_it_was_asked() -> None:
    body, nonce = HARDENED.write_ask(KEY, ASK, {"access_token": "abc", "n": [1, None, "ü"]})

    payload, key = HARDENED.read_ask([KEY], ASK, body)

    assert payload == {"access_token": "abc", "n": [1, None, "ü"], "nonce": nonce}
    assert key == KEY


def test_an_answer_to_this_question_is_taken() -> None:
    body = HARDENED.write_answer(KEY, ANSWER, "app", {"nonce": "nonce"}, {"username": "alice"})

    assert HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)["username"] == "alice"


def test_the_signature_is_hmac_sha256_as_computed_by_hand() -> None:
    body, _ = HARDENED.write_ask(KEY, ASK, {})
    signed, signature = body.rsplit(".", 1)
    derived = hmac.new(KEY.encode(), str(ASK).encode(), hashlib.sha256).digest()
    by_hand = hmac.new(derived, signed.encode(), hashlib.sha256).digest()

    assert signature == base64_encode(by_hand).decode()


def test_a_sha1_signature_with_the_right_key_and_salt_is_refused() -> None:
    body = str(TimedSerializer(KEY, salt=ASK, signer_kwargs={"key_derivation": "hmac"}).dumps({}))

    with pytest.raises(MessageRefused, match="signature"):
        HARDENED.read_ask([KEY], ASK, body)


@pytest.mark.parametrize(("meant", "used"), list(itertools.permutations(MESSAGES, 2)))
def test_a_message_of_one_purpose_is_unusable_as_another(meant: Purpose, used: Purpose) -> None:
    body, _ = HARDENED.write_ask(KEY, meant, {"access_token": "abc"})

    with pytest.raises(MessageRefused):
        HARDENED.read_ask([KEY], used, body)


@pytest.mark.parametrize("purpose", MESSAGES)
def test_an_access_token_is_no_message_and_a_message_no_access_token(purpose: Purpose) -> None:
    body, _ = HARDENED.write_ask(KEY, purpose, {})

    with pytest.raises(MessageRefused):
        HARDENED.read_access_token([KEY], body)
    with pytest.raises(MessageRefused):
        HARDENED.read_ask([KEY], purpose, HARDENED.sign_access_token(KEY, "abc"))


def test_no_single_changed_character_passes() -> None:
    body, _ = HARDENED.write_ask(KEY, ASK, {"a": 1})
    for position in range(len(body) - 1):  # the last holds two bits that base64 ignores
        changed = body[:position] + ("A" if body[position] != "A" else "B") + body[position + 1 :]
        with pytest.raises(MessageRefused):
            HARDENED.read_ask([KEY], ASK, changed)


@pytest.mark.parametrize(
    "body", ["", ".", "..", "{}", "{}.x.y", "null", "\x00", "é.ü.ß", "a" * 20000]
)
def test_garbage_is_refused_with_a_reason(body: str) -> None:
    with pytest.raises(MessageRefused, match="signature"):
        HARDENED.read_ask([KEY], ASK, body)


@pytest.mark.parametrize("payload", [[], "text", 7, None, True])
def test_a_signed_text_that_is_no_object_is_refused(payload: object) -> None:
    body = str(TimedSerializer(KEY, salt=ASK, signer_kwargs=SIGNER).dumps(payload))

    with pytest.raises(MessageRefused, match="not an object"):
        HARDENED.read_ask([KEY], ASK, body)


def test_any_key_of_the_list_opens_a_question_and_is_named() -> None:
    body, _ = HARDENED.write_ask(OLD_KEY, ASK, {})

    assert HARDENED.read_ask([KEY, OLD_KEY], ASK, body)[1] == OLD_KEY


def test_a_key_outside_the_list_opens_nothing() -> None:
    body, _ = HARDENED.write_ask(FOREIGN_KEY, ASK, {})
    for keys in ([], [KEY], [KEY, OLD_KEY]):
        with pytest.raises(MessageRefused):
            HARDENED.read_ask(keys, ASK, body)


def test_any_key_of_the_list_opens_an_access_token() -> None:
    signed = HARDENED.sign_access_token(OLD_KEY, "abc")

    assert HARDENED.read_access_token([KEY, OLD_KEY], signed) == "abc"
    with pytest.raises(MessageRefused):
        HARDENED.read_access_token([KEY], signed)


def test_an_access_token_needs_no_quoting_in_an_address() -> None:
    assert re.fullmatch(r"[\w.-]+", HARDENED.sign_access_token(KEY, "abc~ %/+=&"), re.ASCII)


def test_an_answer_of_another_key_is_refused() -> None:
    body = HARDENED.write_answer(FOREIGN_KEY, ANSWER, "app", {"nonce": "nonce"}, {})

    with pytest.raises(MessageRefused, match="not signed by it"):
        HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)


def test_the_time_is_the_second_since_1970_as_written_by_hand() -> None:
    before = int(time.time())
    body, _ = HARDENED.write_ask(KEY, ASK, {})
    _, written, _ = body.rsplit(".", 2)

    assert before <= int.from_bytes(base64_decode(written), "big") <= time.time()


def test_an_answer_to_another_question_is_refused() -> None:
    body = HARDENED.write_answer(KEY, ANSWER, "app", {"nonce": "nonce of another question"}, {})

    with pytest.raises(MessageRefused, match="another question"):
        HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)


def test_an_answer_for_another_consumer_is_refused() -> None:
    body = HARDENED.write_answer(KEY, ANSWER, "another app", {"nonce": "nonce"}, {})

    with pytest.raises(MessageRefused, match="another question"):
        HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)


def test_an_answer_cannot_override_its_own_nonce_or_audience() -> None:
    body = HARDENED.write_answer(KEY, ANSWER, "app", {"nonce": "nonce"}, {"nonce": "x", "aud": "y"})

    assert json.loads(body.rsplit(".", 2)[0]) == {"nonce": "nonce", "aud": "app"}


def test_an_answer_without_a_nonce_does_not_fit_the_word_none() -> None:
    body = HARDENED.write_answer(KEY, ANSWER, "app", {"nonce": None}, {})

    with pytest.raises(MessageRefused):
        HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)


@pytest.mark.parametrize("seconds", [FRESH_SECONDS - 2, -(FRESH_SECONDS - 2)])
def test_clocks_may_differ_a_little_both_ways(clock: Clock, seconds: int) -> None:
    body, _ = HARDENED.write_ask(KEY, ASK, {})
    clock.advance(seconds)

    assert HARDENED.read_ask([KEY], ASK, body)


@pytest.mark.parametrize("seconds", [FRESH_SECONDS + 2, -(FRESH_SECONDS + 2), 86400, -86400])
def test_a_message_from_the_past_or_the_future_is_refused(clock: Clock, seconds: int) -> None:
    body, _ = HARDENED.write_ask(KEY, ASK, {})
    answer = HARDENED.write_answer(KEY, ANSWER, "app", {"nonce": "nonce"}, {})
    clock.advance(seconds)

    with pytest.raises(MessageRefused, match="away from this clock"):
        HARDENED.read_ask([KEY], ASK, body)
    with pytest.raises(MessageRefused, match="away from this clock"):
        HARDENED.read_answer(KEY, ANSWER, "app", "nonce", answer)


def test_two_questions_have_two_nonces_of_128_bits() -> None:
    nonces = {HARDENED.write_ask(KEY, ASK, {})[1] for _ in range(100)}

    assert len(nonces) == 100
    assert {len(nonce) for nonce in nonces} == {22}
