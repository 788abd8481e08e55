"""``authorize/`` at the server: who gets an access token, and what the others are told."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.keys import fingerprint
from sso_kit.server.models import AccessToken
from sso_kit.server.rotation import revoke_key
from tests.kit.clock import Clock
from tests.kit.consumers import policy_of, question
from tests.kit.journeys import APP, FINISH, parameter

pytestmark = pytest.mark.django_db


@pytest.fixture
def alices_tab(alice: User) -> Client:
    tab = Client(headers={"host": "sso.test", "accept": "text/html"})
    tab.force_login(alice)
    return tab


def authorize(tab: Client, token: str) -> Any:
    return tab.get("/server/authorize/", {"token": token})


def test_who_is_signed_in_is_sent_back_with_a_token(app: Consumer, alices_tab: Client) -> None:
    answer = authorize(alices_tab, question(app).sign())

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{APP}{FINISH}?")
    assert parameter(answer["Location"], "access_token")


def test_a_passive_question_about_nobody_is_answered_login_required(app: Consumer) -> None:
    nobodys = Client(headers={"host": "sso.test"})

    answer = authorize(nobodys, question(app, passive=True).sign())

    assert answer["Location"] == f"{APP}{FINISH}?error=login_required"


def test_one_about_somebody_uninvited_is_answered_access_denied(
    app: Consumer, alices_tab: Client
) -> None:
    policy_of(app).set_required_groups([Group.objects.create(name="agents")])

    answer = authorize(alices_tab, question(app, passive=True).sign())

    assert answer["Location"] == f"{APP}{FINISH}?error=access_denied"


@pytest.mark.parametrize("passive", [True, False])
def test_who_is_deactivated_may_not_enter_even_where_they_stay_signed_in(
    app: Consumer, alice: User, alices_tab: Client, settings: Settings, passive: bool
) -> None:
    """Django's usual back end ends their session; another one need not."""
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    alices_tab.force_login(alice)
    User.objects.update(is_active=False)

    answer = authorize(alices_tab, question(app, passive=passive).sign())

    assert answer.status_code == (302 if passive else 403)
    assert not passive or "error=access_denied" in answer["Location"]
    assert not AccessToken.objects.exists()


def test_without_a_token_it_is_a_bad_request(alices_tab: Client) -> None:
    assert alices_tab.get("/server/authorize/").status_code == 400


def test_over_4096_characters_too_though_it_is_signed(app: Consumer, alices_tab: Client) -> None:
    short, long = (question(app, redirect_to=f"{APP}/?{token_hex(n)}").sign() for n in (500, 4000))
    assert len(short) <= 4096 < len(long)

    assert authorize(alices_tab, short).status_code == 302
    assert authorize(alices_tab, long).status_code == 400


def test_a_token_asked_for_with_a_key_that_was_revoked_since_is_worth_nothing(
    app: Consumer, alices_tab: Client
) -> None:
    token = question(app, key=fingerprint(app.private_key)).sign()
    revoke_key(app)

    answer = authorize(alices_tab, token)

    assert answer.status_code == 403
    assert "key was replaced" in answer.content.decode()
    assert not AccessToken.objects.exists()


def test_nor_is_one_that_is_too_old(app: Consumer, alices_tab: Client, clock: Clock) -> None:
    token = question(app).sign()
    clock.advance(601)

    assert authorize(alices_tab, token).status_code == 403
    assert not AccessToken.objects.exists()
