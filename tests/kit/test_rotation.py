"""A new key with an overlap, or at once; by code, by admin action and by command."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from simple_sso.sso_server.models import Consumer

from sso_kit.errors import TokenRefused
from sso_kit.messages import HARDENED, Purpose
from sso_kit.server.models import RetiredKey
from sso_kit.server.rotation import OVERLAP, revoke_key, rotate
from tests.kit.clock import Clock
from tests.kit.consumers import VERIFIER, another, issue, person, policy_of, question, redeem
from tests.kit.urls import APP_URL, PRIVATE_KEY, PUBLIC_KEY

pytestmark = pytest.mark.django_db


def status_of_an_ask_signed_with(key: str) -> int:
    """What the server answers over its back channel."""
    body, _ = HARDENED.write_ask(
        key,
        Purpose.REQUEST_TOKEN_ASK,
        {
            "redirect_to": f"{APP_URL}/sso/authenticate/",
            "challenge": "c" * 43,
        },
    )
    answer = Client().post(
        "/server/request-token/",
        body,
        content_type="application/json",
        headers={"host": "sso.test", "x-services-public-key": PUBLIC_KEY},
    )
    return int(answer.status_code)


def test_a_rotation_changes_the_stored_key_and_not_the_public_one(app: Consumer) -> None:
    new = rotate(app)

    stored = Consumer.objects.get(pk=app.pk)
    assert stored.private_key == app.private_key == new != PRIVATE_KEY
    assert stored.public_key == PUBLIC_KEY


def test_the_new_key_has_64_characters_that_fit_the_column(app: Consumer) -> None:
    assert len(rotate(app)) == 64
    assert rotate(app) != rotate(app)


def test_during_the_overlap_both_keys_count(app: Consumer) -> None:
    new = rotate(app)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 200
    assert status_of_an_ask_signed_with(new) == 200


def test_after_the_overlap_only_the_new_one_does(app: Consumer, clock: Clock) -> None:
    new = rotate(app)
    clock.advance(OVERLAP.total_seconds() + 1)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400
    assert status_of_an_ask_signed_with(new) == 200


def test_the_answer_is_signed_with_the_key_of_the_question(app: Consumer) -> None:
    """Else a client that doesn't have the new key yet could not read it."""
    rotate(app)
    body, nonce = HARDENED.write_ask(
        PRIVATE_KEY,
        Purpose.REQUEST_TOKEN_ASK,
        {
            "redirect_to": APP_URL + "/",
            "challenge": "c" * 43,
        },
    )

    answer = (
        Client()
        .post(
            "/server/request-token/",
            body,
            content_type="application/json",
            headers={"host": "sso.test", "x-services-public-key": PUBLIC_KEY},
        )
        .content.decode()
    )

    assert HARDENED.read_answer(
        PRIVATE_KEY, Purpose.REQUEST_TOKEN_ANSWER, PUBLIC_KEY, nonce, answer
    )


def test_a_second_rotation_keeps_what_the_first_promised(app: Consumer, clock: Clock) -> None:
    second = rotate(app)
    clock.advance(OVERLAP.total_seconds() / 2)
    third = rotate(app)
    assert [status_of_an_ask_signed_with(key) for key in (PRIVATE_KEY, second, third)] == [200] * 3

    clock.advance(OVERLAP.total_seconds() / 2 + 1)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400
    assert status_of_an_ask_signed_with(second) == status_of_an_ask_signed_with(third) == 200


def test_keys_whose_time_is_over_are_forgotten_by_the_next_rotation(
    app: Consumer, clock: Clock
) -> None:
    rotate(app)
    clock.advance(OVERLAP.total_seconds() + 1)
    rotate(app)

    assert RetiredKey.objects.count() == 1


def test_a_key_that_counts_costs_no_query_for_the_others(
    app: Consumer, django_assert_num_queries: Any
) -> None:
    new, policy = rotate(app), policy_of(app)

    with django_assert_num_queries(0):
        assert next(policy.private_keys()) == new


def test_an_overlap_of_nothing_is_none(app: Consumer) -> None:
    rotate(app, timedelta(0))

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400


def test_an_access_token_survives_a_rotation(app: Consumer) -> None:
    token = issue(question(app), person())
    rotate(app)

    assert redeem(policy_of(app), token, VERIFIER)


def test_in_an_emergency_the_old_key_is_dead_at_once_and_forgotten(app: Consumer) -> None:
    new = revoke_key(app)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400
    assert status_of_an_ask_signed_with(new) == 200
    assert not RetiredKey.objects.exists()


def test_in_an_emergency_unspent_tokens_die_with_it_and_nobody_elses(app: Consumer) -> None:
    alice, other = person(), another()
    mine = issue(question(app), alice)
    others = issue(question(other, serial="other"), alice)

    revoke_key(app)

    with pytest.raises(TokenRefused, match="revoked"):
        redeem(policy_of(app), mine, VERIFIER)
    assert redeem(policy_of(other), others, VERIFIER)


def test_an_emergency_after_a_rotation_kills_both_former_keys(app: Consumer) -> None:
    second = rotate(app)
    revoke_key(app)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400
    assert status_of_an_ask_signed_with(second) == 400
