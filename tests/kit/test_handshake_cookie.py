"""What ties a hand-shake to the browser that began it: one cookie, however many tabs."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from sso_kit.client.handshake import (
    LIFETIME_SECONDS,
    MOST_FINISHED,
    MOST_SECRETS,
    SALT,
    HandShakes,
    Secret,
)
from sso_kit.client.redirects import MAX_LENGTH
from sso_kit.keys import challenge_of
from sso_kit.server.models import AccessToken
from tests.kit.clock import Clock
from tests.kit.journeys import APP, FINISH, Browser, InProcess, cookies_of, parameter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app", "back_channel")]

HANDSHAKES = HandShakes("a-public-key")
LONGEST_COOKIE_HEADER = 8190  # bytes: gunicorn's and nginx's limit for a line
LONGEST_REQUEST_LINE = 8190


def cookie_header(browser: Browser) -> str:
    jar = browser.at("app.test").cookies
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def test_the_server_is_told_the_challenge_and_never_verifier_or_secret_beforehand(
    alices: Browser, back_channel: InProcess
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    ((_, asked, _),) = back_channel.seen
    (secret,) = cookies_of(alices).values()
    alices.get(finish)
    verifier = re.findall(r'"verifier": ?"([^"]+)"', back_channel.seen[1][1])[0]

    assert challenge_of(verifier) in asked
    assert verifier not in asked + finish
    assert not any(secret in text for _, *texts in back_channel.seen for text in (finish, *texts))


def test_the_cookie_is_for_the_whole_site_and_not_for_scripts(alices: Browser) -> None:
    """A page that begins a hand-shake has to see it, or each tab leaves one of its own."""
    alices.get(f"{APP}/in/", follow=False)

    jar = alices.at("app.test").cookies
    (name,) = cookies_of(alices)
    assert jar[name]["path"] == "/"
    assert jar[name]["httponly"]
    assert jar[name]["samesite"] == "Lax"
    assert not jar[name]["secure"]
    assert jar[name]["max-age"] == LIFETIME_SECONDS


def test_under_https_it_is_one_that_no_other_site_can_plant(alices: Browser) -> None:
    alices.get("https://app.test/in/", follow=False)

    jar = alices.at("app.test").cookies
    (name,) = [name for name in jar if "sso_handshake_" in name]
    assert name.startswith("__Host-sso_handshake_")
    assert jar[name]["secure"]
    assert (jar[name]["path"], jar[name]["domain"]) == ("/", "")


def test_so_it_is_where_a_proxy_does_not_say_that_it_was_https() -> None:
    handshakes, response = HandShakes("k", "https://app.example"), HttpResponse()
    request = RequestFactory().get("/in/")

    handshakes.remember(request, response, handshakes.begin(request, "/in/"))

    (morsel,) = response.cookies.values()
    assert morsel.key.startswith("__Host-")
    assert morsel["secure"]


def test_a_planted_cookie_without_the_prefix_is_none_under_https(alices: Browser) -> None:
    """Bob's hand-shake, written into carol's browser by a page without https, was hers."""
    mallorys = alices.walk_until("https://app.test/in/", FINISH)
    ((name, value),) = [
        (name, morsel.value) for name, morsel in alices.at("app.test").cookies.items()
    ]
    victim = Browser()
    victim.at("app.test").cookies[name.removeprefix("__Host-")] = value

    answer = victim.get(mallorys.replace("http://", "https://"), follow=False)

    assert answer.status_code == 403
    assert "_auth_user_id" not in victim.at("app.test").session


def test_sixty_tabs_end_where_they_wanted_and_keep_one_cookie(alices: Browser) -> None:
    wanted = [f"/in/?tab={tab}" for tab in range(57)]
    wanted += [f"/in/?{secrets.token_hex(MAX_LENGTH)}"[:MAX_LENGTH] for _ in range(3)]
    finishes = [alices.walk_until(f"{APP}{path}", FINISH) for path in wanted]
    assert len(cookies_of(alices)) == 1
    assert len(cookie_header(alices)) < 400

    ends = [alices.get(finish, follow=False)["Location"] for finish in reversed(finishes)]

    assert ends == wanted[::-1]
    assert len(cookie_header(alices)) < 600
    assert max(map(len, alices.visited)) < LONGEST_REQUEST_LINE / 2


def test_tabs_that_were_opened_at_once_have_a_secret_each_and_all_end_well(
    alices: Browser,
) -> None:
    """A restored session: the requests are under way before the first answer is here."""
    jar, answers = alices.at("app.test").cookies, []
    for tab in range(60):
        known = dict(jar.items())
        jar.clear()
        answers.append(alices.get(f"{APP}/in/?tab={tab}", follow=False)["Location"])
        jar.update(known)
    assert len(cookies_of(alices)) == 60

    ends = [alices.get(alices.walk_until(url, FINISH), follow=False)["Location"] for url in answers]

    assert ends == [f"/in/?tab={tab}" for tab in range(60)]


def test_even_then_there_are_never_so_many_that_a_request_becomes_too_large() -> None:
    request, response = RequestFactory().get("/in/"), HttpResponse()
    for _ in range(100):
        HANDSHAKES.remember(request, response, HANDSHAKES.begin(RequestFactory().get("/"), "/in/"))
    given = {name: morsel.value for name, morsel in response.cookies.items()}
    request.COOKIES, response = given, HttpResponse()

    handshake = HANDSHAKES.begin(request, "/in/")
    HANDSHAKES.remember(request, response, handshake)

    dropped = {name for name, morsel in response.cookies.items() if morsel["max-age"] == 0}
    left = {name: value for name, value in given.items() if name not in dropped}
    assert len(given) == 100
    assert len(left) == MOST_SECRETS
    assert str(handshake.secret) in left.values()
    assert len("; ".join(f"{n}={v}" for n, v in left.items())) < LONGEST_COOKIE_HEADER * 0.6


def test_a_browser_remembers_a_bounded_number_of_finished_ones(alices: Browser) -> None:
    for _ in range(MOST_FINISHED + 2):
        alices.get(f"{APP}/in/")
        alices.at("app.test").logout_here()

    (value,) = cookies_of(alices).values()
    assert len(value) == 43 + 7 * MOST_FINISHED


def test_the_finishing_address_does_not_work_again(alices: Browser) -> None:
    alices.get(f"{APP}/in/")
    finish = alices.visited[2]
    alices.at("app.test").logout_here()

    again = alices.get(finish)

    assert again.status_code == 403
    assert "has been used already" in again.content.decode()
    assert "_auth_user_id" not in alices.at("app.test").session


def test_two_clients_of_one_host_keep_out_of_each_others_way() -> None:
    """As two labs on two ports: cookies know no ports."""
    request, response = RequestFactory().get("/in/"), HttpResponse()
    mine, other = HandShakes("one"), HandShakes("another")
    mine.remember(request, response, mine.begin(request, "/in/"))
    mine.mark_checked(request, response)
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}

    assert mine.was_checked(request)
    assert not other.was_checked(request)
    assert other.begin(request, "/").secret not in [mine.begin(request, "/").secret]


@pytest.mark.parametrize("change", ["cut", "flip", "empty", "anothers", "anothers under its name"])
def test_a_cookie_that_was_tampered_with_is_none(alices: Browser, alice: User, change: str) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    ((name, value),) = cookies_of(alices).items()
    forged = {
        "cut": value[:-4],
        "flip": value[:-1] + ("A" if value[-1] != "A" else "B"),
        "empty": "",
        "anothers": "a" * 43,
        "anothers under its name": "a" * 43,
    }
    jar = alices.at("app.test").cookies
    if change == "anothers under its name":
        name = name[:-6] + challenge_of("a" * 43)[:6]
        jar.clear()
    jar[name] = forged[change]

    answer = alices.get(finish, follow=False)

    assert answer.status_code == 403
    assert "_auth_user_id" not in alices.at("app.test").session


def signed(
    secret: Secret, content: object, settings: Any, salt: str = "sso-kit/3 hand-shake"
) -> str:
    return signing.dumps(content, key=secret.value + settings.SECRET_KEY, salt=salt)


@pytest.mark.parametrize(
    "content",
    [[], ["n"], ["n", "/", False, False, 1], "text", {}, None, [1, 2, 3, 4], [None] * 4],
)
def test_a_signed_state_of_another_shape_is_none(
    alices: Browser, settings: Settings, content: object
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    (value,) = cookies_of(alices).values()
    token = parameter(finish, "access_token")
    challenge = parameter(finish, "state").split(".")[0]
    state = f"{challenge}.{signed(Secret(value), content, settings)}"

    page = alices.get(f"{APP}{FINISH}?state={state}&access_token={token}", follow=False)

    assert page.status_code == 403


def test_a_state_is_of_this_browser_this_site_and_this_purpose(
    alices: Browser, settings: Settings
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    ((name, value),) = cookies_of(alices).items()
    mine, request = Secret(value), RequestFactory().get(FINISH)
    request.COOKIES = {name: value}
    client_handshakes = HandShakes("the-apps-public-key")
    handshake = client_handshakes.recall(request, parameter(finish, "state"))
    assert handshake is not None and handshake.next == "/in/"
    content = [handshake.nonce, "/elsewhere/", False, False]
    forged = [
        signed(Secret("b" * 43), content, settings),
        signing.dumps(content, key=value, salt=SALT),
        signing.dumps(content, salt=SALT),
        signed(mine, content, settings, salt="another"),
    ]

    for text in forged:
        assert client_handshakes.recall(request, f"{handshake.challenge}.{text}") is None
    genuine = signed(mine, content, settings)
    assert client_handshakes.recall(request, f"{handshake.challenge}.{genuine}") is not None
    assert client_handshakes.recall(request, f"{'c' * 43}.{genuine}") is None


def test_a_hand_shake_is_remembered_for_eleven_minutes(alices: Browser, clock: Clock) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    handshakes, request = HandShakes("the-apps-public-key"), RequestFactory().get(finish)
    request.COOKIES = cookies_of(alices)
    clock.advance(LIFETIME_SECONDS - 1)
    remembered = handshakes.recall(request, parameter(finish, "state"))
    clock.advance(2)

    assert remembered is not None
    assert remembered.next == "/in/"
    assert handshakes.recall(request, parameter(finish, "state")) is None


def test_a_changed_secret_key_of_the_site_breaks_off_none_that_has_begun(
    alices: Browser, settings: Settings
) -> None:
    handshakes, request = HandShakes("k"), RequestFactory().get("/")
    handshake, response = handshakes.begin(request, "/in/"), HttpResponse()
    handshakes.remember(request, response, handshake)
    request.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]

    assert handshakes.recall(request, handshake.state) == handshake


def lose_the_answer(alices: Browser, finish: str) -> None:
    """The worker that redeems the token dies before the browser hears of it."""
    jar = alices.at("app.test").cookies
    before = {name: morsel.value for name, morsel in jar.items()}
    alices.get(finish, follow=False)
    jar.clear()
    for name, value in before.items():
        jar[name] = value


def test_one_that_was_cut_begins_again_by_itself(alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}/in/?tab=7", FINISH)
    lose_the_answer(alices, finish)

    page = alices.get(finish)

    assert page.content.decode() == "only for sso.alice"
    assert alices.visited[-1] == f"{APP}/in/?tab=7"
    assert not any("/login/" in url for url in alices.visited)


def test_it_does_so_once(alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    lose_the_answer(alices, finish)
    second = alices.walk_until(finish + "&", "/server/authorize/")
    second = alices.walk_until(second, FINISH)
    lose_the_answer(alices, second)

    page = alices.get(second)

    assert page.status_code == 403
    assert "broke off twice" in page.content.decode()


def test_one_whose_token_somebody_else_burnt_does_not(alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    Browser().get(finish)

    page = alices.get(finish)

    assert page.status_code == 403
    assert AccessToken.objects.count() == 1


def test_with_session_binding_off_nothing_of_this_is_needed(
    alices: Browser, settings: Settings
) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["session-binding"]}
    victim = Browser()

    victim.get(finish)

    assert "_auth_user_id" in victim.at("app.test").session
