"""Stock's format, and the two epochs of its time stamps."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime, timedelta

import pytest
from itsdangerous import TimedSerializer, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode, int_to_bytes

from sso_kit.errors import MessageRefused
from sso_kit.messages import STOCK, Purpose
from tests.kit.clock import Clock

KEY = "a-stock-private-key-" * 3
FROM_1970, FROM_2011 = timedelta(0), datetime(2011, 1, 1) - datetime(1970, 1, 1)


def as_stock_writes(payload: object, clock: Clock, epoch: timedelta) -> str:
    """A message by hand, with the time counted as 0.24 or 2.x does."""
    time = base64_encode(int_to_bytes(int(clock.time() - epoch.total_seconds()))).decode()
    text = f"{json.dumps(payload)}.{time}"
    key = hashlib.sha1(b"itsdangerous" + b"signer" + KEY.encode()).digest()
    return f"{text}.{base64_encode(hmac.new(key, text.encode(), hashlib.sha1).digest()).decode()}"


def read(key: str, body: str) -> dict[str, object]:
    return STOCK.read_ask([key], Purpose.VERIFY_ASK, body)[0]


def test_by_hand_and_by_library_are_the_same(clock: Clock) -> None:
    by_hand = as_stock_writes({"a": 1}, clock, FROM_1970)

    assert TimedSerializer(KEY).loads(by_hand) == {"a": 1}


@pytest.mark.parametrize("epoch", [FROM_1970, FROM_2011])
@pytest.mark.parametrize("seconds", [0, 20, -20])
def test_a_fresh_message_is_taken_whichever_epoch(
    clock: Clock, epoch: timedelta, seconds: int
) -> None:
    body = as_stock_writes({"a": 1}, clock, epoch)
    clock.advance(seconds)

    assert read(KEY, body) == {"a": 1}


@pytest.mark.parametrize("epoch", [FROM_1970, FROM_2011])
@pytest.mark.parametrize("seconds", [35, -35, 3600, -3600, 86400 * 400])
def test_a_stale_message_is_refused_whichever_epoch(
    clock: Clock, epoch: timedelta, seconds: int
) -> None:
    body = as_stock_writes({"a": 1}, clock, epoch)
    clock.advance(seconds)

    with pytest.raises(MessageRefused, match="away from this clock"):
        read(KEY, body)


def test_a_message_from_the_end_of_the_calendar_is_stale_and_no_fault(clock: Clock) -> None:
    end = datetime(9999, 12, 31) - datetime.fromtimestamp(clock.time())

    with pytest.raises(MessageRefused, match="away from this clock"):
        read(KEY, as_stock_writes({"a": 1}, clock, -end))


def test_control_itsdangerous_2_takes_a_fresh_message_of_0_24_for_expired(clock: Clock) -> None:
    body = as_stock_writes({"a": 1}, clock, FROM_2011)

    with pytest.raises(Exception, match="Signature age"):
        TimedSerializer(KEY).loads(body, max_age=5)


@pytest.mark.parametrize("payload", [[], "text", None, 3])
def test_a_stock_message_that_is_no_object_is_refused(clock: Clock, payload: object) -> None:
    with pytest.raises(MessageRefused, match="not an object"):
        read(KEY, as_stock_writes(payload, clock, FROM_1970))


@pytest.mark.parametrize("body", ["", "{}", "{}.AAAA.AAAA", "\x00", "é"])
def test_a_forged_stock_message_is_refused(body: str) -> None:
    with pytest.raises(MessageRefused, match="signature"):
        read(KEY, body)


def test_stock_reads_what_we_write() -> None:
    question, _ = STOCK.write_ask(KEY, Purpose.VERIFY_ASK, {"access_token": "abc"})
    answer = STOCK.write_answer(KEY, Purpose.VERIFY_ANSWER, "app", {}, {"a": 1})

    assert TimedSerializer(KEY).loads(question, max_age=5) == {"access_token": "abc"}
    assert TimedSerializer(KEY).loads(answer, max_age=5) == {"a": 1}
    assert URLSafeTimedSerializer(KEY).loads(STOCK.sign_access_token(KEY, "abc")) == "abc"


def test_we_read_the_access_token_that_stock_writes() -> None:
    assert STOCK.read_access_token([KEY], str(URLSafeTimedSerializer(KEY).dumps("abc"))) == "abc"


def test_an_access_token_of_another_key_is_refused() -> None:
    with pytest.raises(MessageRefused, match="damaged"):
        STOCK.read_access_token([KEY], str(URLSafeTimedSerializer("another").dumps("abc")))
