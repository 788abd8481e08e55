"""The cookie that ties a hand-shake to the browser that began it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory

from sso_kit.client.handshake import (
    COOKIE_PREFIX,
    LIFETIME_SECONDS,
    MOST_AT_ONCE,
    HandShake,
    recall,
)
from sso_kit.keys import challenge_of
from tests.kit.clock import Clock
from tests.kit.journeys import APP, FINISH, Browser, InProcess, cookies_of, parameter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app", "back_channel")]


def test_the_server_is_told_the_challenge_and_never_the_verifier_beforehand(
    alices: Browser, back_channel: InProcess
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    ((_, asked, _),) = back_channel.seen
    (cookie,) = cookies_of(alices).values()
    verifier = signing.loads(cookie, salt="sso-kit/2 hand-shake")[0]

    assert challenge_of(verifier) in asked
    assert verifier not in asked + finish


def test_the_cookie_is_for_the_one_path_and_not_for_scripts(alices: Browser) -> None:
    alices.get(f"{APP}/in/", follow=False)

    jar = alices.at("app.test").cookies
    (name,) = cookies_of(alices)
    assert jar[name]["path"] == FINISH
    assert jar[name]["httponly"]
    assert jar[name]["samesite"] == "Lax"
    assert jar[name]["max-age"] == LIFETIME_SECONDS


def test_where_to_end_is_told_to_nobody_else(alices: Browser, back_channel: InProcess) -> None:
    alices.get(f"{APP}/in/?page=secret")

    said = [*alices.visited[1:-1], *(asked for _, asked, _ in back_channel.seen)]
    assert len(said) == 4
    assert not any("secret" in text for text in said)


def test_a_state_that_merely_begins_like_its_own_is_another(alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    state = parameter(finish, "state")

    answer = alices.get(finish.replace(state, state[:20] + "x" * 23), follow=False)

    assert answer.status_code == 403
    assert "_auth_user_id" not in alices.at("app.test").session


def test_it_is_gone_afterwards(alices: Browser) -> None:
    alices.get(f"{APP}/in/")

    assert not cookies_of(alices)


def test_the_finishing_address_does_not_work_again(alices: Browser) -> None:
    alices.get(f"{APP}/in/")
    finish = alices.visited[2]
    alices.at("app.test").logout()

    again = alices.get(finish)

    assert again.status_code == 403
    assert "sessionid" not in alices.at("app.test").cookies


def test_five_tabs_can_be_open_and_each_ends_where_it_began(alices: Browser) -> None:
    finishes = [alices.walk_until(f"{APP}/in/?tab={tab}", FINISH) for tab in range(MOST_AT_ONCE)]
    assert len(cookies_of(alices)) == MOST_AT_ONCE

    ends = [alices.get(finish, follow=False)["Location"] for finish in reversed(finishes)]

    assert ends == [f"/in/?tab={tab}" for tab in reversed(range(MOST_AT_ONCE))]


def test_a_sixth_tab_takes_the_place_of_the_oldest() -> None:
    """Browsers send the oldest cookie of a path first (RFC 6265, section 5.4)."""
    request, response = RequestFactory().get("/in/"), HttpResponse()
    request.COOKIES = {f"{COOKIE_PREFIX}{number}": "x" for number in range(MOST_AT_ONCE)}

    HandShake.begin("/in/").remember(request, response, FINISH)

    assert [name for name in request.COOKIES if name in response.cookies] == [f"{COOKIE_PREFIX}0"]
    assert response.cookies[f"{COOKIE_PREFIX}0"]["max-age"] == 0


@pytest.mark.parametrize("change", ["cut", "flip", "empty", "anothers", "unsigned"])
def test_a_cookie_that_was_tampered_with_is_none(alices: Browser, alice: User, change: str) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    ((name, value),) = cookies_of(alices).items()
    forged = {
        "cut": value[:-4],
        "flip": value[:-1] + ("A" if value[-1] != "A" else "B"),
        "empty": "",
        "anothers": signing.dumps(["another verifier", "/in/", False], salt="sso-kit/2 hand-shake"),
        "unsigned": "WyJhIiwiLyIsZmFsc2Vd",
    }
    alices.at("app.test").cookies[name] = forged[change]

    answer = alices.get(finish, follow=False)

    assert answer.status_code == 403
    assert "_auth_user_id" not in alices.at("app.test").session


@pytest.mark.parametrize("content", [[], ["v"], ["v", "/", False, 1], "text", {}, None])
def test_a_signed_cookie_of_another_shape_is_none(alices: Browser, content: object) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    (name,) = cookies_of(alices)
    alices.at("app.test").cookies[name] = signing.dumps(content, salt="sso-kit/2 hand-shake")

    assert alices.get(finish, follow=False).status_code == 403


def test_a_cookie_is_remembered_for_eleven_minutes(alices: Browser, clock: Clock) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    request = RequestFactory().get(finish)
    request.COOKIES = cookies_of(alices)
    clock.advance(LIFETIME_SECONDS - 1)
    remembered = recall(request, parameter(finish, "state"))
    clock.advance(2)

    assert remembered is not None
    assert remembered.next == "/in/"
    assert recall(request, parameter(finish, "state")) is None
