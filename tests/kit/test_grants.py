"""An access token works once, soon, for its consumer, in its browser."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.errors import TokenRefused, TokenSpent
from sso_kit.keys import digest
from sso_kit.messages import STOCK
from sso_kit.server import grants
from sso_kit.server.models import AccessToken
from tests.kit.clock import Clock
from tests.kit.consumers import (
    VERIFIER,
    another,
    issue,
    person,
    policy_of,
    question,
    redeem,
    register,
)

pytestmark = pytest.mark.django_db


def test_it_names_the_person_it_was_issued_for(app: Consumer) -> None:
    people = {name: person(name) for name in ("zoe", "alice", "bob")}
    token = issue(question(app), people["alice"])

    assert redeem(policy_of(app), token, VERIFIER).user.username == "alice"


def test_it_is_never_stored_in_clear(app: Consumer) -> None:
    token = issue(question(app), person())

    row = AccessToken.objects.values().get()
    assert row["digest"] == digest(token)
    assert token not in str(row)


def test_it_works_once(app: Consumer) -> None:
    token = issue(question(app), person())
    redeem(policy_of(app), token, VERIFIER)

    with pytest.raises(TokenRefused, match="used already"):
        redeem(policy_of(app), token, VERIFIER)


def test_a_request_token_gives_one_access_token(app: Consumer) -> None:
    issue(question(app), person())

    with pytest.raises(TokenRefused, match="used already"):
        issue(question(app), person("bob"))


def test_it_lives_for_sixty_seconds(app: Consumer, clock: Clock) -> None:
    token = issue(question(app), person())
    clock.advance(59)

    assert redeem(policy_of(app), token, VERIFIER)


def test_it_is_dead_afterwards_and_spent_by_the_attempt(app: Consumer, clock: Clock) -> None:
    token = issue(question(app), person())
    clock.advance(61)

    with pytest.raises(TokenRefused, match="too old"):
        redeem(policy_of(app), token, VERIFIER)
    assert AccessToken.objects.get().used is not None


def test_another_consumer_does_not_know_it_and_does_not_spend_it(app: Consumer) -> None:
    token = issue(question(app), person())

    with pytest.raises(TokenRefused, match="unknown") as refused:
        redeem(policy_of(another()), token, VERIFIER)
    assert not spent(refused)
    assert redeem(policy_of(app), token, VERIFIER)


@pytest.mark.parametrize("verifier", ["another", "", None, 7, [], {}, "\ud800"])
def test_another_browser_gets_nothing_and_spends_it(app: Consumer, verifier: object) -> None:
    token = issue(question(app), person())

    with pytest.raises(TokenRefused, match="another browser"):
        redeem(policy_of(app), token, verifier)
    with pytest.raises(TokenRefused, match="used already"):
        redeem(policy_of(app), token, VERIFIER)


@pytest.mark.parametrize("token", [None, 7, [], {}, "", "unknown", "\x00", "\ud800", "x" * 5000])
def test_what_is_no_token_is_refused(app: Consumer, token: object) -> None:
    with pytest.raises(TokenRefused):
        redeem(policy_of(app), token, VERIFIER)


def test_one_without_a_browser_is_for_legacy_messages_only(app: Consumer) -> None:
    policy = policy_of(app)
    token = issue(question(app, challenge=""), person())
    with pytest.raises(TokenRefused, match="not bound to a browser"):
        redeem(policy, token, None)

    token = issue(question(app, challenge="", serial="second"), person("bob"))
    assert redeem(policy, token, None, STOCK).user.username == "bob"


def test_a_legacy_mark_does_not_unbind_a_bound_token(app: Consumer) -> None:
    alice = person()
    for serial, verifier in (("1", None), ("2", VERIFIER)):
        token = issue(question(app, serial=serial), alice)

        with pytest.raises(TokenRefused, match="another browser"):
            redeem(policy_of(app), token, verifier, STOCK)


def test_logging_out_at_the_server_kills_the_persons_unspent_tokens(app: Consumer) -> None:
    alice, browser = person("alice"), Client()
    hers = issue(question(app), alice)
    his = issue(question(app, serial="his"), person("bob"))
    browser.force_login(alice)

    browser.logout()

    with pytest.raises(TokenRefused, match="revoked"):
        redeem(policy_of(app), hers, VERIFIER)
    assert redeem(policy_of(app), his, VERIFIER)


def spent(error: pytest.ExceptionInfo[TokenRefused]) -> bool:
    return isinstance(error.value, TokenSpent)


def test_who_redeemed_it_before_is_told_apart_from_everybody_else(app: Consumer) -> None:
    """They may begin again: perhaps the first answer never reached them."""
    token = issue(question(app), person())
    redeem(policy_of(app), token, VERIFIER)

    with pytest.raises(TokenRefused) as theirs:
        redeem(policy_of(app), token, VERIFIER)
    with pytest.raises(TokenRefused) as strangers:
        redeem(policy_of(app), token, "another")
    with pytest.raises(TokenRefused) as unknown:
        redeem(policy_of(app), "no such token", VERIFIER)

    assert (spent(theirs), spent(strangers), spent(unknown)) == (True, False, False)
    assert str(theirs.value) == str(strangers.value) == str(unknown.value)


def test_one_that_was_burnt_or_revoked_gives_nobody_another_try(app: Consumer) -> None:
    alice = person()
    burnt, revoked = (issue(question(app, serial=name), alice) for name in ("1", "2"))
    with pytest.raises(TokenRefused):
        redeem(policy_of(app), burnt, "another")
    grants.revoke(AccessToken.objects.all())

    for token in (burnt, revoked):
        with pytest.raises(TokenRefused) as refused:
            redeem(policy_of(app), token, VERIFIER)
        assert not spent(refused)


def test_logging_out_of_one_browser_leaves_the_other_browsers_tokens(app: Consumer) -> None:
    alice, here, there = person(), Client(), Client()
    here.force_login(alice)
    there.force_login(alice)
    token = issue(question(app), alice, there.session.session_key or "")

    here.logout()

    assert redeem(policy_of(app), token, VERIFIER)


def test_the_log_out_of_nobody_in_particular_harms_nobody(app: Consumer) -> None:
    token = issue(question(app), person())
    Client().logout()

    assert redeem(policy_of(app), token, VERIFIER)


@pytest.mark.parametrize("defence", ["single-use", "short-life", "session-binding"])
def test_a_defence_switched_off_in_lab_mode_lets_its_attack_through(
    app: Consumer, clock: Clock, settings: Settings, defence: str
) -> None:
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": [defence]}
    token = issue(question(app), person())
    if defence == "single-use":
        redeem(policy_of(app), token, VERIFIER)
    clock.advance(61 if defence == "short-life" else 0)

    verifier = None if defence == "session-binding" else VERIFIER
    assert redeem(policy_of(app), token, verifier)


def redeem_in_a_thread(
    app: Consumer, token: str, outcomes: list[str], together: threading.Barrier
) -> None:
    try:
        together.wait()
        redeem(policy_of(app), token, VERIFIER)
        outcomes.append("redeemed")
    except TokenRefused:
        outcomes.append("refused")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_redeem_one_token_at_once_one_wins() -> None:
    app, outcomes, together = register(), list[str](), threading.Barrier(8)
    token = issue(question(app), person())
    threads = [
        threading.Thread(target=redeem_in_a_thread, args=(app, token, outcomes, together))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["redeemed"] + ["refused"] * 7
