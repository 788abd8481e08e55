"""The signed messages: what is taken, and that nothing else is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import re
import time
from typing import Any

import pytest
from django.core.signing import Signer

from sso_kit.errors import MessageRefused
from sso_kit.keys import random_token
from sso_kit.messages import HARDENED, Purpose
from sso_kit.messages.dialect import FRESH_SECONDS
from tests.kit.clock import Clock
from tests.kit.consumers import signed, signed_text

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

    assert payload.pop("iat") <= time.time()
    assert payload == {"access_token": "abc", "n": [1, None, "ü"], "nonce": nonce}
    assert key == KEY


def test_an_answer_to_this_question_is_taken() -> None:
    body = HARDENED.write_answer(KEY, ANSWER, "app", {"nonce": "nonce"}, {"username": "alice"})

    assert HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)["username"] == "alice"


def test_the_signature_is_hmac_sha256_as_computed_by_hand() -> None:
    body, _ = HARDENED.write_ask(KEY, ASK, {})
    text, signature = body.rsplit(".", 1)
    derived = hashlib.sha256(f"{ASK}signer{KEY}".encode()).digest()
    by_hand = hmac.new(derived, text.encode(), hashlib.sha256).digest()

    assert signature == base64.urlsafe_b64encode(by_hand).rstrip(b"=").decode()


def test_a_sha1_signature_with_the_right_key_and_salt_is_refused() -> None:
    sha1 = Signer(key=KEY, sep=".", salt=ASK, algorithm="sha1", fallback_keys=[])
    body = sha1.sign(json.dumps({"nonce": "n", "iat": int(time.time())}))

    with pytest.raises(MessageRefused, match="signature"):
        HARDENED.read_ask([KEY], ASK, body)


def test_old_keys_of_the_site_itself_sign_nothing(settings: Any) -> None:
    """Django's own signers take what ``SECRET_KEY_FALLBACKS`` signed, unless told not to."""
    settings.SECRET_KEY_FALLBACKS = [OLD_KEY]
    body, _ = HARDENED.write_ask(OLD_KEY, ASK, {})
    control = Signer(key=KEY, sep=".", salt=ASK)

    assert control.unsign(body)
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
    with pytest.raises(MessageRefused, match="not an object"):
        HARDENED.read_ask([KEY], ASK, signed(KEY, ASK, payload))


@pytest.mark.parametrize("text", ["", "{", "{}{}", "[" * 9000, '{"iat": ' + "9" * 5000 + "}"])
def test_a_signed_text_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(MessageRefused, match="not JSON"):
        HARDENED.read_ask([KEY], ASK, signed_text(KEY, ASK, text))


@pytest.mark.parametrize("time", [None, "1", True, 1.5, [], 2**53, -(2**60), 10**400])
def test_a_message_without_a_usable_time_is_refused(time: object) -> None:
    with pytest.raises(MessageRefused, match="when it was written"):
        HARDENED.read_ask([KEY], ASK, signed(KEY, ASK, {"nonce": "n", "iat": time}))


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
    assert re.fullmatch(r"[\w.-]+", HARDENED.sign_access_token(KEY, random_token()), re.ASCII)


def test_an_answer_of_another_key_is_refused() -> None:
    body = HARDENED.write_answer(FOREIGN_KEY, ANSWER, "app", {"nonce": "nonce"}, {})

    with pytest.raises(MessageRefused, match="not signed by it"):
        HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)


def test_the_time_is_the_second_since_1970_as_json_has_it() -> None:
    before = int(time.time())
    body, _ = HARDENED.write_ask(KEY, ASK, {})
    said = json.loads(body.rsplit(".", 1)[0])

    assert type(said["iat"]) is int
    assert before <= said["iat"] <= time.time()


def test_an_answer_to_another_question_is_refused() -> None:
    body = HARDENED.write_answer(KEY, ANSWER, "app", {"nonce": "nonce of another question"}, {})

    with pytest.raises(MessageRefused, match="another question"):
        HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)


def test_an_answer_for_another_consumer_is_refused() -> None:
    body = HARDENED.write_answer(KEY, ANSWER, "another app", {"nonce": "nonce"}, {})

    with pytest.raises(MessageRefused, match="another question"):
        HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)


def test_an_answer_cannot_override_its_own_nonce_audience_or_time() -> None:
    said = {"nonce": "x", "aud": "y", "iat": 0}
    body = HARDENED.write_answer(KEY, ANSWER, "app", {"nonce": "nonce"}, said)

    assert json.loads(body.rsplit(".", 1)[0]).items() >= {"nonce": "nonce", "aud": "app"}.items()
    assert HARDENED.read_answer(KEY, ANSWER, "app", "nonce", body)["iat"] > 0


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
