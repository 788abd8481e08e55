"""Point 18 of the hardening list: attempts are limited per account and per address."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from server_site.people.models import Person

from .actions import is_signed_in, log_in, text


@pytest.fixture(autouse=True)
def limits(settings: Settings, db: None) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "6/10m/ip,3/5m/key"}
    cache.clear()


def fail(visitor: Client, times: int, username: str = "alice", **headers: str) -> None:
    for _ in range(times):
        log_in(visitor, username, "wrong", headers=headers)


def test_after_too_many_failures_the_right_password_is_refused_too(
    visitor: Client, alice: Person
) -> None:
    fail(visitor, 3)

    response = log_in(visitor)

    assert response.status_code == 429
    assert not is_signed_in(visitor)


def test_the_refusal_says_when_to_try_again(visitor: Client, alice: Person) -> None:
    fail(visitor, 3)

    response = log_in(visitor)

    assert "Try again in 5 minutes" in text(response)
    assert 290 < int(response["Retry-After"]) <= 300


def test_the_limit_is_lifted_when_its_time_is_over(
    visitor: Client, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from allauth.core.internal import ratelimit

    fail(visitor, 3)
    now = ratelimit.time.time()
    monkeypatch.setattr(ratelimit.time, "time", lambda: now + 301)

    assert log_in(visitor).status_code == 302


def test_successes_do_not_count(visitor: Client, alice: Person) -> None:
    for _ in range(8):
        assert log_in(visitor).status_code == 302
        visitor.post("/accounts/logout/")


def test_another_account_is_not_held_up(visitor: Client, alice: Person) -> None:
    fail(visitor, 3, "bob")

    assert log_in(visitor).status_code == 302


def test_an_unknown_account_is_limited_like_a_known_one(visitor: Client) -> None:
    fail(visitor, 3, "nobody")

    assert log_in(visitor, "nobody").status_code == 429


def test_an_account_is_limited_across_addresses(visitor: Client, alice: Person) -> None:
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        fail(visitor, 1, **{"x-forwarded-for": address})

    assert log_in(visitor, headers={"x-forwarded-for": "192.0.2.4"}).status_code == 429


def test_an_address_is_limited_across_accounts(visitor: Client, alice: Person) -> None:
    for number in range(6):
        fail(visitor, 1, f"guess{number}", **{"x-forwarded-for": "192.0.2.1"})

    assert log_in(visitor, headers={"x-forwarded-for": "192.0.2.1"}).status_code == 429
    assert log_in(visitor, headers={"x-forwarded-for": "192.0.2.2"}).status_code == 302


def test_an_address_made_up_by_the_client_is_not_believed(visitor: Client, alice: Person) -> None:
    for number in range(6):
        forged = f"198.51.100.{number}, 192.0.2.1"
        fail(visitor, 1, f"guess{number}", **{"x-forwarded-for": forged})

    forged = "198.51.100.99, 192.0.2.1"
    assert log_in(visitor, headers={"x-forwarded-for": forged}).status_code == 429


@pytest.mark.parametrize("port", [1, 8080])
def test_another_port_in_the_host_header_does_not_start_a_new_count(
    visitor: Client, alice: Person, port: int
) -> None:
    fail(visitor, 3, host="SSO.localhost:99")

    response = log_in(visitor, headers={"host": f"sso.localhost:{port}"})

    assert response.status_code == 429


@pytest.mark.parametrize("spelling", ["ALICE", " alice ", "Alice"])
def test_another_spelling_of_the_name_does_not_start_a_new_count(
    visitor: Client, alice: Person, spelling: str
) -> None:
    fail(visitor, 3)

    assert log_in(visitor, spelling).status_code == 429


def test_the_admin_has_no_log_in_form_of_its_own(visitor: Client, alice: Person) -> None:
    form = {"username": "alice", "password": "wrong"}

    response = visitor.post("/admin/login/?next=/admin/", form)

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_guesses_at_the_old_password_are_limited_too(
    alice_signed_in: Client, alice: Person
) -> None:
    form = {"oldpassword": "wrong", "password1": "a-new-one-42", "password2": "a-new-one-42"}

    statuses = [
        alice_signed_in.post("/accounts/password/change/", form).status_code for _ in range(6)
    ]

    assert statuses == [200] * 5 + [429]
