"""Hand-shakes that end with nobody signed in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.back_channel.channel import Answer
from sso_kit.client.handshake import HandShake, Secret
from sso_kit.client.under_way import under_way
from sso_kit.keys import new_nonce, random_token
from sso_kit.server.models import AccessToken
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.consumers import person, policy_of
from tests.kit.journeys import APP, FINISH, Browser, InProcess, parameter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app", "back_channel")]


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
    state, token = parameter(first, "state"), parameter(second, "access_token")
    mixed = f"{APP}{FINISH}?state={state}&access_token={token}"

    assert alices.get(mixed, follow=False).status_code == 403


def test_a_foreign_path_in_next_ends_on_the_front_page(alices: Browser) -> None:
    finish = alices.walk_until(f"{APP}/sso/?next=//evil.example", FINISH)

    assert alices.get(finish, follow=False)["Location"] == "/"


def test_a_form_sent_without_being_signed_in_is_not_replayed(alices: Browser) -> None:
    answer = alices.at("app.test").post("/in/?page=2", {"text": "secret"})

    assert answer.status_code == 302
    assert alices.get(answer["Location"]).content.decode() == "only for sso.alice"
    assert alices.visited[-1] == f"{APP}/in/?page=2"


@pytest.mark.parametrize("host", ["evil.test", "app.test:81", "app.test@evil.test"])
def test_the_return_address_is_never_taken_from_the_request(
    alices: Browser, back_channel: InProcess, host: str, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
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
    monkeypatch.setattr(back_channel, "_send", lambda *_: Answer(200, recorded))

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


def test_who_left_the_group_in_between_does_not_get_in(
    alices: Browser, alice: User, app: Consumer
) -> None:
    """Whoever else is still in it."""
    agents = Group.objects.create(name="agents")
    policy_of(app).set_required_groups([agents])
    agents.user_set.add(alice, person("bob"))
    finish = alices.walk_until(f"{APP}/in/", FINISH)

    agents.user_set.remove(alice)

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
    with under_way(HandShake(Secret(random_token()), new_nonce(), "/")):
        token = urls.client.get_request_token(f"{APP}{FINISH}?access_token=planted")

    answer = alices.get(f"http://sso.test/server/authorize/?token={token}", follow=False)

    assert answer["Location"].count("access_token=") == 1
    assert "planted" not in answer["Location"]
