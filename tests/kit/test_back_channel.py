"""What the server takes on its back channel: a right question, and nothing that lacks a part.

Each question here is right but for one thing, so that it is this one thing that is refused.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from simple_sso.sso_server.models import Consumer, Token

from sso_kit.keys import challenge_of
from sso_kit.messages import HARDENED, MAX_BODY_BYTES, Purpose
from sso_kit.server.request_tokens import RequestToken, read_request_token
from sso_kit.server.rotation import rotate
from tests.kit import consumers, urls
from tests.kit.consumers import VERIFIER, another, issue, person, question, register
from tests.kit.journeys import APP, FINISH
from tests.kit.urls import PRIVATE_KEY, PUBLIC_KEY

pytestmark = pytest.mark.django_db
REDIRECT = f"{APP}{FINISH}"
RIGHT = {"redirect_to": REDIRECT, "challenge": challenge_of(VERIFIER), "nonce": "n" * 22}


def post(body: str, path: str = "request-token", public_key: str | None = PUBLIC_KEY) -> Any:
    known = {"x-services-public-key": public_key} if public_key is not None else {}
    return Client().post(
        f"/server/{path}/",
        body,
        content_type="application/json",
        headers={"host": "sso.test", **known},
    )


def signed(
    payload: dict[str, Any],
    purpose: Purpose = Purpose.REQUEST_TOKEN_ASK,
    key: str = PRIVATE_KEY,
) -> str:
    return consumers.signed(key, purpose, {"iat": int(time.time()), **payload})


def token_in(answer: Any, key: str = PRIVATE_KEY) -> RequestToken:
    assert answer.status_code == 200, answer.content
    payload = HARDENED.read_answer(
        key, Purpose.REQUEST_TOKEN_ANSWER, PUBLIC_KEY, "n" * 22, answer.content.decode()
    )
    return read_request_token(payload["request_token"])


def test_a_right_question_is_answered_and_leaves_no_row(app: Consumer) -> None:
    token = token_in(post(signed(RIGHT)))

    assert (token.redirect_to, token.challenge) == (REDIRECT, RIGHT["challenge"])
    assert not Token.objects.exists()


def test_each_token_has_128_random_bits_of_its_own(app: Consumer) -> None:
    serials = {token_in(post(signed(RIGHT))).serial for _ in range(20)}

    assert len(serials) == 20
    assert {len(serial) for serial in serials} == {22}


@pytest.mark.parametrize("missing", RIGHT)
def test_each_part_is_needed(app: Consumer, missing: str) -> None:
    answer = post(signed({name: RIGHT[name] for name in RIGHT if name != missing}))

    assert answer.status_code == 400
    assert answer.content


@pytest.mark.parametrize("challenge", ["c" * 42, "c" * 44, "c" * 42 + "=", "c" * 42 + "\n", 43])
def test_a_challenge_of_another_shape_is_none(app: Consumer, challenge: object) -> None:
    assert post(signed(RIGHT | {"challenge": challenge})).status_code == 400


@pytest.mark.parametrize("public_key", [None, "", "another", PUBLIC_KEY.upper(), "k" * 65])
def test_the_header_names_the_app_however_right_the_signature(
    app: Consumer, public_key: str | None
) -> None:
    assert post(signed(RIGHT), public_key=public_key).status_code == 400


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"nonce": None}, "message"), ({"redirect_to": "https://elsewhere.test/"}, "origin")],
)
def test_a_refusal_says_why_to_the_app_too(
    app: Consumer, changes: dict[str, Any], code: str
) -> None:
    assert post(signed(RIGHT | changes))["x-sso-refusal"] == code


@pytest.mark.parametrize("longer", [0, 1, MAX_BODY_BYTES])
def test_a_body_over_16_kib_is_refused_though_it_is_signed(app: Consumer, longer: int) -> None:
    frame = len(signed(RIGHT | {"more": ""}))
    body = signed(RIGHT | {"more": "x" * (MAX_BODY_BYTES - frame + longer)})
    assert len(body) == MAX_BODY_BYTES + longer

    answer = post(body)

    assert answer.status_code == (400 if longer else 200)
    assert not longer or "longer than 16384 bytes" in answer.content.decode()


@pytest.mark.parametrize("said", ["true", 1, [True], None, False])
def test_only_true_makes_a_question_passive(app: Consumer, said: object) -> None:
    assert token_in(post(signed(RIGHT | {"passive": True}))).passive
    assert not token_in(post(signed(RIGHT | {"passive": said}))).passive


def test_a_token_remembers_the_key_that_asked_for_it(app: Consumer) -> None:
    """So that an app that has the old key yet can read what its log-in ends with."""
    body = signed(RIGHT)
    rotate(app)

    token = token_in(post(body))
    alices = Client(headers={"host": "sso.test"})
    alices.force_login(person())
    link = alices.get("/server/authorize/", {"token": token.sign()})["Location"]

    access_token = link.split("access_token=")[1]
    assert HARDENED.read_access_token([PRIVATE_KEY], access_token)


def verify(user: Any, token: str, consumer: Consumer) -> str:
    """The body of the answer about a person's token, asked for with a nonce of their own."""
    fields = {"access_token": token, "verifier": VERIFIER, "nonce": nonce_of(user)}
    body = signed(fields, Purpose.VERIFY_ASK, consumer.private_key)
    return str(post(body, "verify", consumer.public_key).content.decode())


def nonce_of(user: Any) -> str:
    return str(user.username.ljust(22, "-"))


@pytest.mark.django_db(transaction=True)
def test_two_questions_at_once_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alice's is held up while bob's, of another app, is answered."""
    apps = {person("alice"): register(), person("bob"): another()}
    (alice, bob), answers = apps, dict[Any, str]()
    asked, bobs_is_answered = threading.Event(), threading.Event()
    get_user_data = urls.server.get_user_data

    def slow(user: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        if user == alice:
            asked.set()
            assert bobs_is_answered.wait(20)
        return get_user_data(user, *arguments, **options)

    def ask(user: Any) -> None:
        try:
            serial = question(apps[user], serial=user.username)
            answers[user] = verify(user, issue(serial, user), apps[user])
        finally:
            connection.close()

    monkeypatch.setattr(urls.server, "get_user_data", slow)
    first = threading.Thread(target=ask, args=(alice,))
    first.start()
    assert asked.wait(20)
    ask(bob)
    bobs_is_answered.set()
    first.join()

    for user, app in apps.items():
        answer = HARDENED.read_answer(
            app.private_key, Purpose.VERIFY_ANSWER, app.public_key, nonce_of(user), answers[user]
        )
        assert answer["user"]["username"] == f"sso.{user.username}"
