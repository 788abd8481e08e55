"""The whole hand-shake, and the cookie that ties it to the browser that began it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory
from simple_sso.sso_server.models import Consumer

from sso_kit.client.handshake import COOKIE_PREFIX, LIFETIME_SECONDS, MOST_AT_ONCE, HandShake, recall
from sso_kit.keys import challenge_of
from sso_kit.server.models import AccessToken
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import person, policy_of, register
from tests.kit.journeys import Browser, InProcess, parameter

pytestmark = pytest.mark.django_db
APP, FINISH = "http://app.test", "/sso/authenticate/"


@pytest.fixture(autouse=True)
def back_channel(monkeypatch: pytest.MonkeyPatch) -> InProcess:
    channel = InProcess(urls.PUBLIC_KEY)
    monkeypatch.setattr(urls.client, "back_channel", channel)
    return channel


@pytest.fixture(autouse=True)
def app() -> Consumer:
    return register()


@pytest.fixture
def alice() -> User:
    return person("alice", first_name="Alice")


@pytest.fixture
def alices(alice: User) -> Browser:
    """Alice's browser; she is signed in at the server."""
    alices = Browser()
    alices.sign_in_at_the_server(alice)
    return alices


def cookies_of(alices: Browser) -> dict[str, str]:
    jar = alices.at("app.test").cookies
    return {name: jar[name].value for name in jar if name.startswith(COOKIE_PREFIX) and jar[name].value}


def test_who_is_signed_in_there_is_signed_in_here(alices: Browser) -> None:
    page = alices.get(f"{APP}/in/?page=2")

    assert page.content.decode() == "only for sso.alice"
    assert alices.visited[-1] == f"{APP}/in/?page=2"


def test_it_takes_three_redirects_and_no_form(alices: Browser) -> None:
    alices.get(f"{APP}/in/")

    assert [url.split("?")[0] for url in alices.visited] == [
        f"{APP}/in/", "http://sso.test/server/authorize/", APP + FINISH, f"{APP}/in/",
    ]  # fmt: skip


def test_who_is_not_is_sent_to_the_log_in_form_and_comes_back(alice: User) -> None:
    alices = Browser()
    form = alices.walk_until(f"{APP}/in/", "/login/")
    alices.sign_in_at_the_server(alice)

    page = alices.get(f"http://sso.test{parameter(form, 'next')}")

    assert page.content.decode() == "only for sso.alice"


def test_groups_come_along_and_are_mapped(alices: Browser, alice: User) -> None:
    alice.groups.add(Group.objects.create(name="agents"))

    alices.get(f"{APP}/in/")

    assert User.objects.get(username="sso.alice").groups.get().name == "helpers"


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
        "cut": value[:-4], "flip": value[:-1] + ("A" if value[-1] != "A" else "B"), "empty": "",
        "anothers": signing.dumps(["another verifier", "/in/", False], salt="sso-kit/2 hand-shake"),
        "unsigned": "WyJhIiwiLyIsZmFsc2Vd",
    }  # fmt: skip
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


def test_somebody_elses_link_logs_nobody_in_and_burns_the_token(alices: Browser) -> None:
    attackers = alices.walk_until(f"{APP}/in/", FINISH)
    victim = Browser()

    answer = victim.get(attackers)

    assert answer.status_code == 403
    assert "begun in another browser" in answer.content.decode()
    assert "_auth_user_id" not in victim.at("app.test").session
    assert AccessToken.objects.get().used is not None
    assert alices.get(attackers).status_code == 403


def test_a_token_of_another_tab_does_not_fit_this_ones_cookie(alices: Browser) -> None:
    """State of one hand-shake, token of another: an injection, RFC 9700, 4.5."""
    first = alices.walk_until(f"{APP}/in/?tab=1", FINISH)
    second = alices.walk_until(f"{APP}/in/?tab=2", FINISH)
    mixed = f"{APP}{FINISH}?state={parameter(first, 'state')}&access_token={parameter(second, 'access_token')}"

    assert alices.get(mixed, follow=False).status_code == 403


def test_a_foreign_path_in_next_ends_on_the_front_page(alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}/sso/?next=//evil.example", FINISH)

    assert alices.get(finish, follow=False)["Location"] == "/"


def test_a_form_sent_without_being_signed_in_is_not_replayed(alices: Browser) -> None:
    answer = alices.at("app.test").post("/in/", {"text": "secret"})

    assert answer.status_code == 302
    assert alices.get(answer["Location"]).content.decode() == "front page of sso.alice"


@pytest.mark.parametrize("host", ["evil.test", "app.test:81", "app.test@evil.test"])
def test_the_return_address_is_never_taken_from_the_request(
    alices: Browser, back_channel: InProcess, host: str, settings: object
) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    alices.at("app.test").get("/in/", headers={"host": host, "x-forwarded-host": host})

    assert all("http://app.test/sso/authenticate/" in asked for _, asked, _ in back_channel.seen)


def test_a_recorded_answer_does_not_fit_another_question(
    alices: Browser, back_channel: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    alices.get(f"{APP}/in/")
    recorded = next(answer for path, _, answer in back_channel.seen if path == "verify/")
    other = Browser()
    other.sign_in_at_the_server(person("mallory"))
    finish = other.walk_until(f"{APP}/in/", FINISH)
    monkeypatch.setattr(back_channel, "_send", lambda *_: (200, recorded))

    answer = other.get(finish, follow=False)

    assert answer.status_code == 400
    assert "another question" in answer.content.decode()


def test_who_may_not_enter_is_told_so_by_the_server(alices: Browser, app: Consumer) -> None:
    policy_of(app).set_required_groups([Group.objects.create(name="agents")])

    page = alices.get(f"{APP}/in/")

    assert page.status_code == 403
    assert "alice may not enter app" in page.content.decode()
    assert not AccessToken.objects.exists()


def test_who_lost_the_right_in_between_does_not_get_in(alices: Browser, app: Consumer) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    policy_of(app).set_required_groups([Group.objects.create(name="agents")])

    assert alices.get(finish).status_code == 403


def test_who_is_deactivated_in_between_does_not_get_in(alices: Browser, alice: User) -> None:
    finish = alices.walk_until(f"{APP}/in/", FINISH)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert alices.get(finish).status_code == 403


def test_a_request_token_is_used_once(alices: Browser) -> None:
    alices.walk_until(f"{APP}/in/", FINISH)
    authorize = next(url for url in alices.visited if "/authorize/" in url)

    again = alices.get(authorize)

    assert again.status_code == 403
    assert "used already" in again.content.decode()


def test_a_request_token_of_a_deleted_consumer_is_refused(alices: Browser, app: Consumer) -> None:
    authorize = alices.walk_until(f"{APP}/in/", "/server/authorize/")
    app.delete()

    assert alices.get(authorize).status_code == 403


def test_an_old_request_token_offers_the_way_back_to_the_app(alices: Browser, clock: Clock) -> None:
    authorize = alices.walk_until(f"{APP}/in/", "/server/authorize/")
    clock.advance(601)

    page = alices.get(authorize)

    assert page.status_code == 403
    assert 'href="http://app.test/"' in page.content.decode()


def test_an_access_token_already_in_the_address_is_replaced(app: Consumer, alices: Browser) -> None:
    token = urls.client.get_request_token(
        f"{APP}{FINISH}?access_token=planted", type("H", (), {"challenge": "c" * 43, "passive": False})()
    )

    answer = alices.get(f"http://sso.test/server/authorize/?token={token}", follow=False)

    assert answer["Location"].count("access_token=") == 1
    assert "planted" not in answer["Location"]


def test_signing_out_here_takes_a_form_and_ends_this_session_only(alices: Browser) -> None:
    alices.get(f"{APP}/in/")

    assert alices.get(f"{APP}/sso/logout/").status_code == 405
    assert alices.at("app.test").post("/sso/logout/")["Location"] == "/"
    assert "_auth_user_id" not in alices.at("app.test").session
    assert "_auth_user_id" in alices.at("sso.test").session
