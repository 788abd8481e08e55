"""Stock's messages at our server, and ours to a stock server: only where each is told so."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Tab
from itsdangerous import TimedSerializer, URLSafeTimedSerializer
from simple_sso.sso_server.models import Consumer

from sso_kit.back_channel.channel import Answer
from sso_kit.client import Client
from sso_kit.client.handshake import HandShake, Secret
from sso_kit.client.under_way import under_way
from sso_kit.errors import MessageRefused
from sso_kit.messages import HARDENED, Purpose
from tests.kit.consumers import issue, policy_of, question
from tests.kit.journeys import APP, FINISH, Browser, InProcess, parameter
from tests.kit.urls import PRIVATE_KEY, PUBLIC_KEY, SERVER_URL

pytestmark = pytest.mark.django_db
REDIRECT = f"{APP}{FINISH}"


def ask(path: str, body: str) -> Any:
    return Tab().post(
        f"/server/{path}/",
        body,
        content_type="application/json",
        headers={"host": "sso.test", "x-services-public-key": PUBLIC_KEY},
    )


def as_stock(path: str, **payload: Any) -> Any:
    return ask(path, str(TimedSerializer(PRIVATE_KEY).dumps(payload)))


@pytest.fixture
def marked(app: Consumer) -> Consumer:
    policy = policy_of(app)
    policy.legacy = True
    policy.save()
    return app


def test_a_consumer_that_is_not_marked_may_not_ask_in_stocks_format(app: Consumer) -> None:
    answer = as_stock("request-token", redirect_to=REDIRECT)

    assert answer.status_code == 400
    assert "signature" in answer.content.decode()


def test_one_that_is_may_and_each_message_is_logged(
    marked: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = as_stock("request-token", redirect_to=REDIRECT)

    assert TimedSerializer(PRIVATE_KEY).loads(answer.content.decode())["request_token"]
    assert caplog.text.count("legacy message taken: HMAC-SHA1") == 1


def test_it_is_told_what_stock_tells_and_no_subject(marked: Consumer, alice: User) -> None:
    token = issue(question(marked, challenge=""), alice)

    answer = as_stock("verify", access_token=token)

    said = TimedSerializer(PRIVATE_KEY).loads(answer.content.decode())
    assert said["username"] == "sso.alice"
    assert not {"subject", "nonce", "aud"} & set(said)


def test_the_access_token_of_a_stock_client_is_signed_as_stock_does(
    marked: Consumer, alices: Browser
) -> None:
    token = question(marked, challenge="").sign()

    finish = alices.walk_until(f"http://sso.test/server/authorize/?token={token}", FINISH)

    assert URLSafeTimedSerializer(PRIVATE_KEY).loads(parameter(finish, "access_token"))


def test_its_modern_messages_are_answered_in_the_modern_format(
    marked: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    payload = {"redirect_to": REDIRECT, "challenge": "c" * 43}
    body, nonce = HARDENED.write_ask(PRIVATE_KEY, Purpose.REQUEST_TOKEN_ASK, payload)

    answer = ask("request-token", body).content.decode()

    assert HARDENED.read_answer(
        PRIVATE_KEY, Purpose.REQUEST_TOKEN_ANSWER, PUBLIC_KEY, nonce, answer
    )
    assert "legacy message taken" not in caplog.text


def handshake() -> HandShake:
    return HandShake(Secret("s" * 43), "n" * 22, "/")


def client(channel: InProcess, **options: Any) -> Client:
    made = Client(SERVER_URL, PUBLIC_KEY, PRIVATE_KEY, base_url=APP, **options)
    made.back_channel = channel
    return made


def test_a_client_that_is_told_so_asks_as_stock_does(marked: Consumer) -> None:
    channel = InProcess(PUBLIC_KEY)
    with under_way(handshake()):
        token = client(channel, legacy_server=True).get_request_token(REDIRECT)

    ((_, body, _),) = channel.seen
    assert token
    assert TimedSerializer(PRIVATE_KEY).loads(body) == {"redirect_to": REDIRECT}
    assert json.loads(body.rsplit(".", 2)[0]) == {"redirect_to": REDIRECT}


def test_one_that_is_not_does_not_take_stocks_answer(
    app: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = InProcess(PUBLIC_KEY)
    stocks = str(TimedSerializer(PRIVATE_KEY).dumps({"request_token": "t"}))
    monkeypatch.setattr(channel, "_send", lambda *_: Answer(200, stocks))

    with pytest.raises(MessageRefused), under_way(handshake()):
        client(channel).get_request_token(REDIRECT)


def test_a_stock_servers_person_is_known_by_name(marked: Consumer, alice: User) -> None:
    token = issue(question(marked, challenge=""), alice)

    with under_way(None):
        account = client(InProcess(PUBLIC_KEY), legacy_server=True).get_user(token)

    assert (account.username, account.sso_identity.subject) == ("sso.alice", "name:sso.alice")


@pytest.mark.parametrize("subject", ["name:alice", None, 7])
def test_one_that_is_not_does_not_take_a_name_for_a_subject(subject: object) -> None:
    with pytest.raises(MessageRefused, match=r"as a stock server's|did not say who"):
        HARDENED.read_person({"user": {"username": "alice"}, "subject": subject})
