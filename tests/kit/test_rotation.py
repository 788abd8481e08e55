"""A new key with an overlap, or at once; by code, by admin action and by command."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from simple_sso.sso_server.models import Consumer

from sso_kit import wire
from sso_kit.exceptions import TokenRefused
from sso_kit.keys import fingerprint
from sso_kit.server import grants
from sso_kit.server.rotation import OVERLAP, revoke_key, rotate
from sso_kit.wire import Purpose
from tests.kit.clock import Clock
from tests.kit.consumers import VERIFIER, another, person, policy_of, question, register
from tests.kit.urls import APP_URL, PRIVATE_KEY, PUBLIC_KEY

pytestmark = pytest.mark.django_db


@pytest.fixture
def app() -> Consumer:
    return register()


def status_of_an_ask_signed_with(key: str) -> int:
    """What the server answers over its back channel."""
    body, _ = wire.write_ask(key, Purpose.REQUEST_TOKEN_ASK, {
        "redirect_to": f"{APP_URL}/sso/authenticate/", "challenge": "c" * 43,
    })  # fmt: skip
    answer = Client().post(
        "/server/request-token/", body, content_type="application/json",
        headers={"host": "sso.test", "x-services-public-key": PUBLIC_KEY},
    )  # fmt: skip
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
    body, nonce = wire.write_ask(PRIVATE_KEY, Purpose.REQUEST_TOKEN_ASK, {
        "redirect_to": APP_URL + "/", "challenge": "c" * 43,
    })  # fmt: skip

    answer = Client().post(
        "/server/request-token/", body, content_type="application/json",
        headers={"host": "sso.test", "x-services-public-key": PUBLIC_KEY},
    ).content.decode()  # fmt: skip

    assert wire.read_answer(PRIVATE_KEY, Purpose.REQUEST_TOKEN_ANSWER, PUBLIC_KEY, nonce, answer)


def test_a_second_rotation_kills_the_first_key(app: Consumer) -> None:
    second = rotate(app)
    rotate(app)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400
    assert status_of_an_ask_signed_with(second) == 200


def test_an_overlap_of_nothing_is_none(app: Consumer) -> None:
    rotate(app, timedelta(0))

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400


def test_an_access_token_survives_a_rotation(app: Consumer) -> None:
    token = grants.issue(question(app), person())
    rotate(app)

    assert grants.redeem(policy_of(app), token, VERIFIER)


def test_in_an_emergency_the_old_key_is_dead_at_once_and_forgotten(app: Consumer) -> None:
    new = revoke_key(app)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400
    assert status_of_an_ask_signed_with(new) == 200
    assert policy_of(app).previous_private_key == ""


def test_in_an_emergency_unspent_tokens_die_with_it_and_nobody_elses(app: Consumer) -> None:
    alice, other = person(), another()
    mine = grants.issue(question(app), alice)
    others = grants.issue(question(other, serial="other"), alice)

    revoke_key(app)

    with pytest.raises(TokenRefused, match="revoked"):
        grants.redeem(policy_of(app), mine, VERIFIER)
    assert grants.redeem(policy_of(other), others, VERIFIER)


def test_an_emergency_after_a_rotation_kills_both_former_keys(app: Consumer) -> None:
    second = rotate(app)
    revoke_key(app)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400
    assert status_of_an_ask_signed_with(second) == 400


@pytest.fixture
def admins(db: None) -> Client:
    browser = Client(headers={"host": "sso.test"})
    browser.force_login(person("root", is_staff=True, is_superuser=True))
    return browser


def act(browser: Client, action: str, consumer: Consumer) -> Any:
    url = reverse("admin:sso_server_consumer_changelist")
    return browser.post(url, {"action": action, "_selected_action": [consumer.pk]}, follow=True)


def test_the_admin_rotates_with_overlap(admins: Client, app: Consumer) -> None:
    page = act(admins, "rotate_key", app)

    app.refresh_from_db()
    assert fingerprint(app.private_key) in page.content.decode()
    assert app.private_key not in page.content.decode()
    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 200


def test_the_admin_revokes_at_once(admins: Client, app: Consumer) -> None:
    act(admins, "revoke_key_now", app)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400


def test_the_admin_never_shows_a_private_key(admins: Client, app: Consumer) -> None:
    for url in (
        reverse("admin:sso_server_consumer_changelist"),
        reverse("admin:sso_server_consumer_change", args=[app.pk]),
    ):
        page = admins.get(url).content.decode()
        assert PRIVATE_KEY not in page
        assert fingerprint(PRIVATE_KEY) in page


def test_the_admin_gives_a_new_consumer_a_policy(admins: Client) -> None:
    answer = admins.post(reverse("admin:sso_server_consumer_add"), {
        "name": "new", "policy-TOTAL_FORMS": "1", "policy-INITIAL_FORMS": "0",
        "policy-0-origins": '["https://new.example"]', "policy-0-granted": "[]",
    })  # fmt: skip

    assert answer.status_code == 302
    assert policy_of(Consumer.objects.get(name="new")).origins == ["https://new.example"]


def change_policy(browser: Client, app: Consumer, origins: str, granted: str) -> int:
    answer = browser.post(reverse("admin:sso_server_consumer_change", args=[app.pk]), {
        "name": app.name, "policy-TOTAL_FORMS": "1", "policy-INITIAL_FORMS": "1",
        "policy-0-id": policy_of(app).pk, "policy-0-consumer": app.pk,
        "initial-policy-0-origins": json.dumps([APP_URL]), "policy-0-origins": origins,
        "initial-policy-0-granted": json.dumps(["groups"]), "policy-0-granted": granted,
    })  # fmt: skip
    return int(answer.status_code)


@pytest.mark.parametrize("origins", ['"https://app.example"', '["nonsense"]', "[1]", "{}", "not json"])
def test_the_admin_refuses_origins_that_are_none(admins: Client, app: Consumer, origins: str) -> None:
    assert change_policy(admins, app, origins, "[]") == 200
    assert policy_of(app).origins == [APP_URL]


@pytest.mark.parametrize("granted", ['"groups"', "[1]", "{}", "7", "true", "not json"])
def test_the_admin_refuses_a_grant_that_is_no_list(admins: Client, app: Consumer, granted: str) -> None:
    assert change_policy(admins, app, "[]", granted) == 200
    assert policy_of(app).granted == ["groups"]


@pytest.mark.parametrize("nothing", ["", "[]", "null"])
def test_the_admin_takes_an_empty_field_for_an_empty_list(
    admins: Client, app: Consumer, nothing: str
) -> None:
    assert change_policy(admins, app, nothing, nothing) == 302
    assert (policy_of(app).origins, policy_of(app).granted) == ([], [])
