"""What the server says of a person when an access token is redeemed, word for word."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.kit import urls
from tests.kit.journeys import APP, Browser, InProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]


def answer_about(browser: Browser, channel: InProcess) -> dict[str, Any]:
    browser.get(f"{APP}/in/")
    text = next(answer for path, _, answer in channel.seen if path == "verify/")
    content: dict[str, Any] = json.loads(text.rsplit(".", 1)[0])
    return content


def test_it_is_the_profile_and_no_more(
    alice: User, alices: Browser, back_channel: InProcess
) -> None:
    said = answer_about(alices, back_channel)

    assert set(said) == {
        "user", "subject", "iss", "email_verified", "session_expires_in", "session",
        "nonce", "aud", "iat",
    }  # fmt: skip
    assert set(said["user"]) == {
        "username", "email", "first_name", "last_name", "is_active", "is_staff", "is_superuser",
        "extra_data",
    }  # fmt: skip
    assert (said["subject"], said["user"]["email"]) == (str(alice.pk), "alice@people.test")
    assert said["aud"] == urls.PUBLIC_KEY
    assert set(said["session"]) == {"id", "began", "auth_time", "amr", "idle", "lasts"}
    assert 0 < said["session_expires_in"] <= 14 * 24 * 3600


def test_rights_at_the_server_are_not_told(
    alice: User, alices: Browser, back_channel: InProcess
) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)

    said = answer_about(alices, back_channel)

    assert (said["user"]["is_staff"], said["user"]["is_superuser"]) == (False, False)
    assert not User.objects.get(username="sso.alice").is_superuser


@pytest.mark.parametrize(
    ("known", "told"), [(True, True), (False, False), (None, False), ("yes", False), (1, False)]
)
def test_an_address_counts_as_verified_where_the_server_knows_so_only(
    known: object, told: bool
) -> None:
    person: Any = User()
    if known is not None:
        person.email_verified = known

    assert urls.server.get_email_verified(person) is told


def test_a_subject_that_looks_like_a_stock_servers_name_is_refused(
    alices: Browser, back_channel: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a server whose people choose their subject hands out stock-era accounts."""
    monkeypatch.setattr(urls.server, "get_subject", lambda user: "name:bob")

    assert alices.get(f"{APP}/in/").status_code == 400


def test_an_address_that_nobody_verified_is_told_as_such(
    alices: Browser, back_channel: InProcess
) -> None:
    assert answer_about(alices, back_channel)["email_verified"] is False
