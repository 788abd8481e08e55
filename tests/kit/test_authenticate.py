"""``authenticate/`` at the app: what it takes for an access token, and for an answer."""

from __future__ import annotations

import secrets

import pytest
from django.contrib.auth.models import User, UserManager

from sso_kit.client import views
from sso_kit.client.models import Identity
from sso_kit.errors import ServerUnavailable
from sso_kit.messages import HARDENED
from sso_kit.server.models import AccessToken
from tests.kit.journeys import APP, FINISH, Browser, InProcess, parameter
from tests.kit.urls import PRIVATE_KEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]


def asked_to_verify(back_channel: InProcess) -> int:
    return sum(path == "verify/" for path, *_ in back_channel.seen)


def with_token(finish: str, token: str) -> str:
    return f"{APP}{FINISH}?state={parameter(finish, 'state')}&access_token={token}"


@pytest.mark.parametrize("token", ["unsigned", "garbled.AAAA.BBBB"])
def test_what_the_server_did_not_sign_is_refused_without_asking_it(
    alices: Browser, back_channel: InProcess, token: str
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)

    answer = alices.get(with_token(finish, token), follow=False)

    assert answer.status_code == 400
    assert asked_to_verify(back_channel) == 0


def test_without_a_token_it_says_that_there_is_none(
    alices: Browser, back_channel: InProcess
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)

    page = alices.get(f"{APP}{FINISH}?state={parameter(finish, 'state')}", follow=False)

    assert page.status_code == 400
    assert "lacks the access token" in page.content.decode()


def test_a_token_signed_with_another_key_is_refused_too(
    alices: Browser, back_channel: InProcess
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    bare = HARDENED.read_access_token([PRIVATE_KEY], parameter(finish, "access_token"))

    forged = HARDENED.sign_access_token("another key" * 5, bare)

    assert alices.get(with_token(finish, forged), follow=False).status_code == 400
    assert asked_to_verify(back_channel) == 0


@pytest.mark.parametrize("longer", [False, True])
def test_over_1024_characters_it_is_refused_though_it_is_signed(
    alices: Browser, back_channel: InProcess, longer: bool
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    signed = HARDENED.sign_access_token(PRIVATE_KEY, secrets.token_urlsafe(900 if longer else 600))
    assert (len(signed) > views.MAX_TOKEN_LENGTH) is longer

    answer = alices.get(with_token(finish, signed), follow=False)

    assert answer.status_code == (400 if longer else 403)  # the server doesn't know it
    assert asked_to_verify(back_channel) == (0 if longer else 1)


def test_an_error_as_the_answer_to_a_question_that_was_not_passive_is_refused(
    alices: Browser, back_channel: InProcess
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    state = parameter(finish, "state")

    answer = alices.get(f"{APP}{FINISH}?state={state}&error=login_required", follow=False)

    assert answer.status_code == 400
    assert "nobody asked" in answer.content.decode()


def test_an_error_that_no_question_of_this_browser_asked_for_is_refused(
    back_channel: InProcess,
) -> None:
    answer = Browser().get(f"{APP}{FINISH}?state={'s' * 43}&error=login_required", follow=False)

    assert answer.status_code == 400


def hide(monkeypatch: pytest.MonkeyPatch, person: User) -> None:
    """As projects do whose people are deleted softly."""
    every = UserManager.get_queryset
    hidden = {"pk": person.pk}
    monkeypatch.setattr(
        UserManager, "get_queryset", lambda self: every(self).exclude(**hidden), raising=False
    )


def test_an_account_that_its_manager_hides_is_refused_and_not_sent_round_in_circles(
    alices: Browser, back_channel: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    alices.get(f"{APP}/in/")
    alices.at("app.test").logout_here()
    hide(monkeypatch, Identity.objects.get().user)

    page = alices.get(f"{APP}/in/")

    assert page.status_code == 403
    assert "deactivated" in page.content.decode()
    assert Identity.objects.count() == 1  # no second account in its place


def test_whom_the_servers_manager_hides_after_the_log_in_is_not_told_of(
    alices: Browser, back_channel: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    hide(monkeypatch, AccessToken.objects.get().user)

    assert alices.get(finish).status_code == 403
    assert not Identity.objects.exists()


def test_a_refusal_before_the_server_has_answered_names_the_hand_shake_and_no_state_of_the_page(
    back_channel: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down(*_: object, **__: object) -> str:
        raise ServerUnavailable("The identity server doesn't answer.")

    monkeypatch.setattr(back_channel, "post", down)
    caplog.set_level("INFO", "sso_kit")

    page = Browser().get(f"{APP}/in/?state=open-tickets").content.decode()

    ours = [record for record in caplog.records if record.name == "sso_kit.client"]
    begun, refused = (vars(record)["handshake"] for record in ours)
    assert begun == refused
    assert f"Reference for the log: {begun}<" in page
